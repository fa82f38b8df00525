"""What the engine's client tells the window: one frozen value per signal."""

from pathlib import Path
from typing import Literal

import msgspec

from studio.core.arrays import Picture
from studio.core.directions import DirectionEntry
from studio.core.errors import StudioError
from studio.core.model_card import ModelCard
from studio.core.nearness import Nearness
from studio.core.recipe import Enlarge, Recipe, Tile

EngineStateKind = Literal["starting", "ready", "opening", "restarting", "failed", "stopped"]
Provider = Literal["CPU", "CUDA"]
Wish = Literal["auto", "cpu", "cuda"]

# What the asker chose to know a request by; a prefix of it cancels a whole group.
Key = tuple[str | int, ...]


class EngineState(msgspec.Struct, frozen=True):
    """What the engine is doing.

    Attributes:
        kind: "ready" means that a model is open and pictures can come.
        sentence: One sentence for the status bar; "" when there is nothing to say.
    """

    kind: EngineStateKind
    sentence: str = ""


class OpenedModel(msgspec.Struct, frozen=True):
    """The model that pictures come from now.

    Attributes:
        folder: Its folder.
        card: Its card.
        directions: Its directions without their vectors, most visible first.
        provider: What really runs it.
        wish: What was asked for.
        fallback_reason: One sentence why `provider` is not what was wished; "" when it is.
        can_spread: Whether tiles, other sizes and mixing in the features are possible.
    """

    folder: Path
    card: ModelCard
    directions: tuple[DirectionEntry, ...]
    provider: Provider
    wish: Wish
    fallback_reason: str = ""
    can_spread: bool = True


class RenderedPicture(msgspec.Struct, frozen=True):
    """A picture for the canvas. `picture` is uint8 [H, W, 3], read-only."""

    recipe: Recipe
    picture: Picture
    is_preview: bool
    engine_ms: float
    request_id: int


class SmallPicture(msgspec.Struct, frozen=True):
    """A small picture for a wall, a strip or a thumbnail. `picture` as in `RenderedPicture`."""

    key: Key
    recipe: Recipe
    picture: Picture


class FullPicture(msgspec.Struct, frozen=True):
    """A full picture to keep or export. `picture` as in `RenderedPicture`.

    `nearness` is None when it was not asked for, or the model brings nothing to compare with.
    """

    key: Key
    recipe: Recipe
    picture: Picture
    provider: Provider
    nearness: Nearness | None = None


class LargePicture(msgspec.Struct, frozen=True):
    """An enlarged picture, read-only: uint8 [H, W, 3]; uint16 where 16 bits were asked for.

    `recipe` is None when it was made from a file.
    """

    key: Key
    recipe: Recipe | None
    picture: Picture
    factor: Enlarge
    provider: Provider
    nearness: Nearness | None = None


class LargeProgress(msgspec.Struct, frozen=True):
    """So much of an enlarged picture is made, in tiles."""

    key: Key
    done: int
    total: int


class LargeWish(msgspec.Struct, frozen=True):
    """What is enlarged, and how; see `protocol.messages.RenderLarge`.

    Attributes:
        recipe: What to make, None to take the picture of a file.
        path: The file of a kept picture.
        tile: Which sides of the file's picture fit their opposite ones.
        wants_alpha: Whether the picture shall be [H, W, 4] where its model knows how opaque it is.
    """

    factor: Enlarge
    recipe: Recipe | None = None
    path: Path | None = None
    tile: Tile = "none"
    bits: Literal[8, 16] = 8
    has_nearness: bool = False
    wants_alpha: bool = False


class RequestFailure(msgspec.Struct, frozen=True):
    """A request that got no picture. `key` is None for the picture on the canvas."""

    key: Key | None
    error: StudioError
