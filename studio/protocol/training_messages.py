"""What a trainer is asked to do, what it tells, and what may be said to it while it works.

A job is a JSON file in a run folder. Events are lines of `events.jsonl`, mirrored on the
trainer's stdout. Commands are files `commands/<number>.json`, put there atomically and
taken in the order of their numbers.
"""

from typing import Final, Literal

import msgspec

from studio.core.model_card import Right
from studio.protocol.codec import Message

JOB_FILE: Final = "job.json"
SPEC_FILE: Final = "spec.json"
EVENTS_FILE: Final = "events.jsonl"
COMMANDS_FOLDER: Final = "commands"
LOCK_FILE: Final = "lock"
CHECKPOINTS_FOLDER: Final = "checkpoints"
SAMPLES_FOLDER: Final = "samples"
PICTURES_FILE: Final = "pictures.npy"
REFERENCE_FILE: Final = "reference.safetensors"

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
    """

    wish: ModelWish
    threads: int | None = None
    minutes: float | None = None
    is_detached: bool = False


class ExportJob(Message, frozen=True, tag="export"):
    """Write the run's newest checkpoint as a model below `models`.

    Attributes:
        wish: What to call it.
        models: Folder of models.
        taken: Ids that are in use in other folders of models.
    """

    wish: ModelWish
    models: str
    taken: tuple[str, ...] = ()


class SealJob(Message, frozen=True, tag="seal"):
    """Put what the engine measured on the card of a model folder."""

    folder: str
    export_error: float


Job = RunJob | ExportJob | SealJob

# ---------------------------------------------------------------------------------- commands


class Pause(Message, frozen=True, tag="pause"):
    """Rest after the present step, keeping everything in memory."""


class Continue(Message, frozen=True, tag="continue"):
    """Go on after a pause."""


class Stop(Message, frozen=True, tag="stop"):
    """Save after the present step and leave."""


TrainerCommand = Pause | Continue | Stop

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
    """The trainer leaves; everything is saved."""

    kimg: float
    reason: Literal["done", "time", "stopped"]


class Exported(Message, frozen=True, tag="exported"):
    """The model folder is written; `reference` is what torch makes of eight seeds."""

    folder: str
    reference: str


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
    | Exported
    | Failed
)
