"""What the window and the engine say to each other.

Commands go to the engine's stdin, events come from its stdout. Pictures travel in the ring
(`protocol/ring.py`); a message only names the slot.
"""

from typing import Literal

from studio.core.directions import DirectionEntry
from studio.core.inversion import FoundPicture
from studio.core.lever_weights import LeverWeights
from studio.core.levers import Lever
from studio.core.model_card import ModelCard
from studio.core.nearness import Nearness
from studio.core.recipe import Enlarge, Recipe, Tile
from studio.core.teaching import Learned, Lesson
from studio.protocol.codec import Message

Wish = Literal["auto", "cpu", "cuda"]
Provider = Literal["CPU", "CUDA"]
PictureKind = Literal["preview", "picture", "small", "full"]

# ---------------------------------------------------------------------------------- commands


class UseRing(Message, frozen=True, tag="use_ring"):
    """Put pictures into this ring file from now on; every slot of it is free."""

    path: str
    num_slots: int
    slot_bytes: int


class OpenModel(Message, frozen=True, tag="open_model"):
    """Open a model folder; what was asked before and is not done is forgotten."""

    open_id: int
    folder: str
    wish: Wish = "auto"


class Render(Message, frozen=True, tag="render"):
    """Make the picture of the canvas; it replaces an older request that is not done."""

    request_id: int
    recipe: Recipe


class RenderSmall(Message, frozen=True, tag="render_small"):
    """Make a small picture when there is time. `size` is the side in px that is enough."""

    request_id: int
    recipe: Recipe
    size: int


class CancelSmall(Message, frozen=True, tag="cancel_small"):
    """Forget these small requests; those that are done already are sent all the same."""

    request_ids: tuple[int, ...]


class RenderFull(Message, frozen=True, tag="render_full"):
    """Make a full picture that is never skipped; measure its nearness when that is wished."""

    request_id: int
    recipe: Recipe
    has_nearness: bool = False


class FindPicture(Message, frozen=True, tag="find_picture"):
    """Find a picture from outside in the latent space; it goes before all pictures.

    Attributes:
        request_id: Its number.
        look: The picture, see `core.inversion.look_to_text`.
        w: None to find it; a latent to be told only how near that one comes.
    """

    request_id: int
    look: str
    w: str | None = None


class RenderLarge(Message, frozen=True, tag="render_large"):
    """Make a picture and enlarge it, a tile at a time between other work; answered by `RowsDone`.

    Attributes:
        request_id: Its number.
        factor: 1, 2, 4, 8 or 16 times as large.
        recipe: What to make, None to take the picture of a file.
        path: The file of a kept picture, "" with a recipe.
        tile: Which sides of the picture fit their opposite ones.
        bits: 8, or 16 for [height, width, 3] of little-endian 16 bits from the graph's own floats.
        has_nearness: As for a full picture; never with a file.
        wants_alpha: Whether the rows shall say how opaque the picture is, where its model knows.
    """

    request_id: int
    factor: Enlarge
    recipe: Recipe | None = None
    path: str = ""
    tile: Tile = "none"
    bits: Literal[8, 16] = 8
    has_nearness: bool = False
    wants_alpha: bool = False


class CancelLarge(Message, frozen=True, tag="cancel_large"):
    """Forget these requests for large pictures; rows that were sent already stay without an end."""

    request_ids: tuple[int, ...]


class FreeSlot(Message, frozen=True, tag="free_slot"):
    """The picture in this slot was copied; the slot may be written again."""

    slot: int


class MeasureUnits(Message, frozen=True, tag="measure_units"):
    """Measure how much each direction of the open model is seen, when no picture waits."""

    request_id: int


class Teach(Message, frozen=True, tag="teach"):
    """Make a direction from two piles of recipes; it replaces an older request that is not done."""

    request_id: int
    lesson: Lesson


class WeighLevers(Message, frozen=True, tag="weigh_levers"):
    """Say how unusual a picture becomes with some levers; it replaces an older request."""

    request_id: int
    recipe: Recipe
    levers: tuple[Lever, ...]


Command = (
    UseRing
    | OpenModel
    | Render
    | RenderSmall
    | CancelSmall
    | RenderFull
    | FindPicture
    | RenderLarge
    | CancelLarge
    | FreeSlot
    | MeasureUnits
    | Teach
    | WeighLevers
)

# ------------------------------------------------------------------------------------ events


class Ready(Message, frozen=True, tag="ready"):
    """The engine can take commands. `runtime` is ONNX Runtime's version."""

    runtime: str


class ModelOpened(Message, frozen=True, tag="model_opened"):
    """The model is open, checked against its card; see `app.engine_payloads.OpenedModel`.

    `can_spread`: tiles, other sizes and mixing in the features are possible with its graph.
    """

    open_id: int
    card: ModelCard
    directions: tuple[DirectionEntry, ...]
    provider: Provider
    wish: Wish
    fallback_reason: str
    can_spread: bool = True


class ModelRefused(Message, frozen=True, tag="model_refused"):
    """The model cannot be opened; none is open now."""

    open_id: int
    what: str
    way_out: str


class PictureDone(Message, frozen=True, tag="picture_done"):
    """A picture lies in a slot: uint8 [height, width, 3].

    Attributes:
        request_id: Of the request that it answers.
        kind: "preview" when the full picture of the same request follows or was overtaken.
        slot: Its slot, the reader's until `FreeSlot`.
        width: In px.
        height: In px.
        engine_ms: From the recipe to the picture in the ring.
        provider: What ran the graph.
        nearness: What a full picture is nearest to, when that was wished and the model brings
            what it learned from.
    """

    request_id: int
    kind: PictureKind
    slot: int
    width: int
    height: int
    engine_ms: float
    provider: Provider
    nearness: Nearness | None = None


class UnitsMeasured(Message, frozen=True, tag="units_measured"):
    """Direction id → how many σ one unit of its slider is."""

    request_id: int
    units: dict[str, float]


class Taught(Message, frozen=True, tag="taught"):
    """A direction was made from two piles."""

    request_id: int
    learned: Learned


class LeversWeighed(Message, frozen=True, tag="levers_weighed"):
    """How unusual a picture becomes with levers."""

    request_id: int
    weights: LeverWeights


class PictureFound(Message, frozen=True, tag="picture_found"):
    """Where a picture was found, and how near that comes."""

    request_id: int
    found: FoundPicture


class LargeProgress(Message, frozen=True, tag="large_progress"):
    """So much of a large picture is made, in tiles."""

    request_id: int
    done: int
    total: int


class RowsDone(Message, frozen=True, tag="rows_done"):
    """Some rows of a large picture lie in a slot, from the top down and without a gap.

    Attributes:
        request_id: Of the request that it answers.
        slot: The slot, the reader's until `FreeSlot`.
        top: First of the rows.
        rows: How many; the last ones end the picture.
        width: Of the whole picture in px.
        height: Of the whole picture in px, with what `has_alpha` adds.
        bits: 8 or 16 for each colour.
        provider: What ran the model's graph.
        has_alpha: Whether the lower half of the rows says, in grey, how opaque the upper half is.
        nearness: With the last rows, as of a full picture.
    """

    request_id: int
    slot: int
    top: int
    rows: int
    width: int
    height: int
    bits: Literal[8, 16]
    provider: Provider
    nearness: Nearness | None = None
    has_alpha: bool = False


class RequestRefused(Message, frozen=True, tag="request_refused"):
    """A request gets no answer but this."""

    request_id: int
    what: str
    way_out: str


class CommandRefused(Message, frozen=True, tag="command_refused"):
    """A line on stdin was no command; the engine goes on."""

    what: str


class Heartbeat(Message, frozen=True, tag="heartbeat"):
    """The engine lives. `busy_ms` is how long the call that runs now has lasted, 0 when none."""

    busy_ms: float


Event = (
    Ready
    | ModelOpened
    | ModelRefused
    | PictureDone
    | UnitsMeasured
    | Taught
    | LeversWeighed
    | PictureFound
    | LargeProgress
    | RowsDone
    | RequestRefused
    | CommandRefused
    | Heartbeat
)
