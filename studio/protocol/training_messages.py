"""What a trainer is asked to do, what it tells, and what may be said to it while it works.

A job is a JSON file in a run folder. Events are lines of `events.jsonl`, mirrored on the trainer's
stdout. Commands are files `commands/<number>.json`, put there atomically and taken by number.
"""

from typing import Final, Literal

import msgspec

from studio.core.model_card import Right
from studio.core.snapshot import Snapshot
from studio.protocol.codec import Message
from studio.protocol.convert_messages import Converting, ConvertJob
from studio.protocol.refine_messages import Refined, RefineJob

JOB_FILE: Final = "job.json"
SPEC_FILE: Final = "spec.json"
EVENTS_FILE: Final = "events.jsonl"
COMMANDS_FOLDER: Final = "commands"
LOCK_FILE: Final = "lock"
TRAINER_LOG: Final = "trainer.log"  # what trainers wrote on stderr
CHECKPOINTS_FOLDER: Final = "checkpoints"
SAMPLES_FOLDER: Final = "samples"
PICTURES_FILE: Final = "pictures.npy"
REFERENCE_FILE: Final = "reference.safetensors"
HELD_OUT_FILE: Final = "held_out.npy"
START_FILE: Final = "start.safetensors"
START_CARD_FILE: Final = "start_card.json"

# -------------------------------------------------------------------------------------- jobs


class ModelWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the maker of a model says about it; the rest is read from the run.

    Attributes:
        name: Shown in the window.
        rights: The chain of rights of what it learned from.
        credit: The line that every export carries.
        command: How it was trained, without the paths of a machine.
        direction_names: Direction id → name.
    """

    name: str
    rights: tuple[Right, ...] = ()
    credit: str = ""
    command: str = ""
    direction_names: dict[str, str] = {}


class RunJob(Message, frozen=True, tag="run"):
    """Train in this folder, from its newest checkpoint or from nothing.

    Attributes:
        wish: What the model will be called.
        threads: Torch threads; None leaves it to the machine, or to the checkpoint.
        minutes: The clock's limit for all sittings together; None trains to the spec's
            end. At the very first start the growth plan is fitted to it.
        is_detached: True keeps the run going when its starter leaves.
        models: Folder of models into which the finished model is put at the end; None makes
            none. A run that was stopped makes none either.
        taken: Ids that are in use in other folders of models.
    """

    wish: ModelWish
    threads: int | None = None
    minutes: float | None = None
    is_detached: bool = False
    models: str | None = None
    taken: tuple[str, ...] = ()


class ExportJob(Message, frozen=True, tag="export"):
    """Write a run's snapshot or checkpoint as a model below `models`, proved by the engine.

    Attributes:
        wish: What to call it. The chain of rights and the credit of what the run started from
            are added; without `rights` the artist's statement about the folder is taken.
        models: Folder of models.
        taken: Ids that are in use in other folders of models.
        images: Which snapshot, by the pictures it had seen; None takes the best one, and the
            newest checkpoint when none was scored.
        nearness: How near to the artist's pictures, 0…1: weights between the start (0) and
            the snapshot (1).
        zones: The same for the coarse, the medium and the fine zone each, in place of
            `nearness`; None takes that for all.
        is_quick: True leaves out what takes minutes (directions, closeness, sheets), to look
            at a snapshot on the canvas; such a folder is not for keeping.
    """

    wish: ModelWish
    models: str
    taken: tuple[str, ...] = ()
    images: int | None = None
    nearness: float = 1.0
    zones: tuple[float, float, float] | None = None
    is_quick: bool = False


class BlendJob(Message, frozen=True, tag="blend"):
    """Make a model between two of one lineage; nothing is trained.

    Attributes:
        wish: What to call it; rights and credits of both are added.
        first, second: Folders of the two.
        shares: Of the second in the coarse, the medium and the fine zone, 0…1.
        models, taken: As in `ExportJob`.
    """

    wish: ModelWish
    first: str
    second: str
    shares: tuple[float, float, float]
    models: str
    taken: tuple[str, ...] = ()


class ScanJob(Message, frozen=True, tag="scan"):
    """Look at a picture folder; writes `report.json` and thumbnails into the run folder.

    Attributes:
        folder: The artist's folder, only read.
        resolution: The finished picture's side in px, which says what is too small.
    """

    folder: str
    resolution: int = 128


class PlanJob(Message, frozen=True, tag="plan"):
    """Prepare the pictures, choose a start, try a few steps; writes `plan.json` and the spec.

    Attributes:
        folder: The artist's folder, only read; `report.json` and `choices.json` say how.
        models: Folders of models to start from, the shipped ones first.
        start: Id of the wished start; None takes the nearest, "scratch" none.
        name: What the model will be called.
        resolution: Of a run from scratch, in px; a start brings its own.
        threads: Torch threads; None leaves it to the machine.
        kimg: The wished end, in thousand pictures; None lets pictures and machine decide.
    """

    folder: str
    models: tuple[str, ...]
    name: str
    start: str | None = None
    resolution: int = 128
    threads: int | None = None
    kimg: float | None = None


class SheetJob(Message, frozen=True, tag="sheet"):
    """Draw the same latents from every snapshot, to compare them.

    Attributes:
        seeds: Up to 20 seeds.
        file: Name of the sheet in each snapshot's folder, ending in `.webp`.
        psi: Truncation.
    """

    seeds: tuple[int, ...]
    file: str
    psi: float = 0.7


Job = RunJob | ExportJob | ScanJob | PlanJob | SheetJob | RefineJob | BlendJob | ConvertJob

# ---------------------------------------------------------------------------------- commands


class Pause(Message, frozen=True, tag="pause"):
    """Rest after the present step, keeping everything in memory."""


class Continue(Message, frozen=True, tag="continue"):
    """Go on after a pause."""


class Stop(Message, frozen=True, tag="stop"):
    """Save after the present step and leave."""


class Yield(Message, frozen=True, tag="yield"):
    """The hand moves on the canvas: rest between two micro-batches for so long, in seconds.

    The next one prolongs it; nothing is saved for it, nothing in the weights depends on it.
    """

    seconds: float = 1.0


class TakeSnapshot(Message, frozen=True, tag="take_snapshot"):
    """Take a snapshot after the present step, besides the planned ones."""


TrainerCommand = Pause | Continue | Stop | Yield | TakeSnapshot

# ------------------------------------------------------------------------------------ events


class Planned(Message, frozen=True, tag="planned"):
    """The growth plan was fitted to the clock: where the run will end."""

    kimg: float
    images_per_s: dict[int, float]


class Started(Message, frozen=True, tag="started"):
    """The first step is about to begin, `kimg` images into the run."""

    kimg: float
    total_kimg: float
    num_pictures: int
    threads: int


class Progress(Message, frozen=True, tag="progress"):
    """How far the run is; losses are means since the last such message."""

    kimg: float
    total_kimg: float
    resolution: int
    images_per_s: float
    seconds: float
    seconds_left: float | None
    critic_loss: float | None
    generator_loss: float | None
    real_score: float
    fake_score: float
    real_penalty: float | None = None
    fake_penalty: float | None = None
    num_skipped: int = 0


class Saved(Message, frozen=True, tag="saved"):
    """A checkpoint is safe on the disk."""

    kimg: float


class Sampled(Message, frozen=True, tag="sampled"):
    """A sample grid was written; `file` is relative to the run folder."""

    kimg: float
    file: str


class Acknowledged(Message, frozen=True, tag="acknowledged"):
    """The command with this number was read."""

    number: int


class Paused(Message, frozen=True, tag="paused"):
    """The trainer rests."""

    kimg: float


class Continued(Message, frozen=True, tag="continued"):
    """The trainer goes on after a pause."""

    kimg: float


class RolledBack(Message, frozen=True, tag="rolled_back"):
    """Numbers were no longer finite: the run went back, with half the step size."""

    from_kimg: float
    to_kimg: float


class Finished(Message, frozen=True, tag="finished"):
    """Training has ended and is saved. "best" means it will not get better.

    When the job names a folder of models, the model is made next and `Exported` follows.
    """

    kimg: float
    reason: Literal["done", "time", "stopped", "best"]


class EncoderFitted(Message, frozen=True, tag="encoder_fitted"):
    """How far the encoder of the model that is being made is fitted, 0…1: most of its making."""

    share: float


class Exported(Message, frozen=True, tag="exported"):
    """The model is in its folder, proved; `reference` is what torch makes of eight seeds."""

    folder: str
    reference: str


class Scanning(Message, frozen=True, tag="scanning"):
    """How far a scan is. `num_found` rises while folders are still being listed."""

    num_found: int
    num_read: int


class Scanned(Message, frozen=True, tag="scanned"):
    """The report is written; `file` is relative to the run folder."""

    file: str


class Preparing(Message, frozen=True, tag="preparing"):
    """A plan is being made: what is done at the moment, and how far it is (0…1)."""

    what: Literal["pictures", "starts", "test_run"]
    share: float


class PlanReady(Message, frozen=True, tag="plan_ready"):
    """The plan is written; `file` is relative to the run folder."""

    file: str


class SnapshotTaken(Message, frozen=True, tag="snapshot_taken"):
    """A snapshot is on the disk; told again with scores once it was measured."""

    snapshot: Snapshot
    is_best: bool = False


class Gauged(Message, frozen=True, tag="gauged"):
    """What the controllers read, once a gauge interval.

    Attributes:
        kimg: Where the run is.
        overfit: Hold-out gauge: 0 none, 1 total; None without held-out pictures.
        winning: How often the critic is right about which picture is real, −1…1.
        penalty_share: Penalties as a share of the critic's loss.
        yielded: Share of the time since the last one that was given to the hand, 0…1.
    """

    kimg: float
    overfit: float | None
    winning: float
    penalty_share: float
    yielded: float = 0.0


class Adapted(Message, frozen=True, tag="adapted"):
    """A controller changed something; `what` is one sentence for people."""

    kimg: float
    what: str


class Waiting(Message, frozen=True, tag="waiting"):
    """The run waits by itself and goes on by itself."""

    why: Literal["disk"]
    need_bytes: int


class SheetDrawn(Message, frozen=True, tag="sheet_drawn"):
    """Every snapshot has the wished sheet; `file` is its name in each snapshot's folder."""

    file: str


class Failed(Message, frozen=True, tag="failed"):
    """The job ended with an error, said as to a person."""

    what: str
    way_out: str


TrainerEvent = (
    Planned
    | Started
    | Progress
    | Saved
    | Sampled
    | Acknowledged
    | Paused
    | Continued
    | RolledBack
    | Finished
    | EncoderFitted
    | Converting
    | Exported
    | Scanning
    | Scanned
    | Preparing
    | PlanReady
    | SnapshotTaken
    | Gauged
    | Adapted
    | Waiting
    | SheetDrawn
    | Refined
    | Failed
)
