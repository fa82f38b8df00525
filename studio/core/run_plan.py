"""What is said before a training run starts: where it starts from, how long, how large, is it safe.

`plan.json` in the run folder; made by a dry run on this machine.
"""

from typing import Final, Literal

import msgspec

PLAN_FILE: Final = "plan.json"

Subject = Literal["pictures", "memory", "disk", "test_run", "snapshot"]


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that was looked at before the start.

    Attributes:
        subject: What it was about.
        is_fine: False refuses the start.
        said: One sentence for people.
        way_out: What to do when it is not fine.
    """

    subject: Subject
    is_fine: bool
    said: str
    way_out: str = ""


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A model that a run can start from.

    Attributes:
        id: Folder name of the model.
        name: Its name.
        model: Its hash.
        distance: Kernel distance ×10³ between its pictures and the folder's, None when unknown.
    """

    id: str
    name: str
    model: str
    distance: float | None = None


class RunPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a run would go.

    Attributes:
        start: The model it starts from, None for from scratch.
        why: One sentence: why this one.
        starts: All that it could start from, nearest first.
        num_pictures: Pictures learned from.
        num_held_out: Pictures kept apart to measure with.
        num_squares: Squares learned from.
        resolution: Side of the finished picture in px.
        kimg: Where the run would end, in thousand pictures seen.
        seconds_per_kimg: Measured on this machine.
        seconds: The whole run.
        first_preview_s: Until the first preview that differs from the start.
        memory_bytes: Peak of the trainer.
        disk_bytes: What the run will take.
        batch: Pictures of one step.
        micro_batch: Pictures computed at once.
        checks: What was looked at.
        advice: Sentences worth saying (few pictures, no statement of rights, …).
    """

    schema: int = 1
    start: Start | None
    why: str
    starts: tuple[Start, ...] = ()
    num_pictures: int
    num_held_out: int
    num_squares: int
    resolution: int
    kimg: float
    seconds_per_kimg: float
    seconds: float
    first_preview_s: float
    memory_bytes: int
    disk_bytes: int
    batch: int
    micro_batch: int
    checks: tuple[Check, ...]
    advice: tuple[str, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether the run may start."""
        return all(check.is_fine for check in self.checks)
