"""A new run from a model: the folder looked at, the start chosen, the plan shown."""

import argparse
from pathlib import Path
from typing import Final, Self

import msgspec

from studio.cli.model_choice import choose_model, open_library
from studio.cli.new_run import new_folder, read_rights, write_job
from studio.cli.output import count_of, note
from studio.cli.progress import Progress, time_text
from studio.cli.trainer import do_job
from studio.core.errors import TrainingError
from studio.core.folder_report import (
    CHOICES_FILE,
    REPORT_FILE,
    FolderChoices,
    FolderReport,
    is_used,
)
from studio.core.run_plan import PLAN_FILE, RunPlan
from studio.dataset.packed import folder_of
from studio.files.atomic import write_bytes_atomic
from studio.files.places import shipped_models, studio_home
from studio.protocol.training_messages import (
    ModelWish,
    PlanJob,
    Preparing,
    ScanJob,
    Scanning,
    TrainerEvent,
)

MAX_NAMED: Final = 10
_DOING: Final = {
    "pictures": "cutting squares",
    "starts": "choosing a start",
    "test_run": "trying a few steps",
}


def begin_from_model(args: argparse.Namespace, *, start: str) -> Path:
    """Gives the folder of a new run that starts from a model; says how it would go.

    Args:
        args: of `studio train`.
        start: a model's id, name, hash or folder, or "auto".

    Raises:
        StudioError: a folder, a model or a statement that cannot be used, or a check that
            refuses the start.
    """
    folder = folder_of(args.folder.expanduser().absolute(), studio_home())
    rights = read_rights(args.rights)
    # A wrong name is said before the folder is read.
    wished = None if start == "auto" else choose_model(open_library(), start).card
    place = new_folder()
    scan = ScanJob(folder=str(folder))
    if wished is not None:
        scan = msgspec.structs.replace(scan, resolution=wished.resolution)
    _scan(place, scan, is_silent=args.json)
    choices = FolderChoices(right=rights[0] if rights else None)
    write_bytes_atomic(place / CHOICES_FILE, msgspec.json.encode(choices))
    job = PlanJob(
        folder=str(folder),
        models=(str(shipped_models()), str(studio_home() / "models")),
        name=args.name,
        start=None if start == "auto" else start,
        threads=args.threads,
        kimg=args.kimg,
    )
    with _Stages(is_silent=args.json) as stages:
        do_job(place, job, name="preflight", show=stages.show)
    plan = read_plan(place)
    tell_plan(plan)
    wish = ModelWish(
        name=args.name, rights=rights, credit=args.credit, command=_command(args, plan)
    )
    write_job(place, wish, args=args)
    return place


def read_plan(place: Path) -> RunPlan:
    """Gives the plan of a run.

    Raises:
        TrainingError: there is none, or it is damaged.
    """
    try:
        return msgspec.json.decode((place / PLAN_FILE).read_bytes(), type=RunPlan)
    except (OSError, msgspec.MsgspecError) as error:
        raise TrainingError(
            f"The plan of the run “{place.name}” cannot be read.", "Start the training again."
        ) from error


def tell_plan(plan: RunPlan) -> None:
    """Says how a run would go.

    Raises:
        TrainingError: a check refuses the start.
    """
    note(plan.why)
    held = f"; {plan.num_held_out} pictures are held out" if plan.num_held_out else ""
    note(
        f"{count_of(plan.num_pictures, 'picture')}, {count_of(plan.num_squares, 'square')} of "
        f"{plan.resolution} px{held}"
    )
    note(
        f"Plan: {plan.kimg:g} thousand pictures in about {time_text(plan.seconds)} "
        f"({plan.seconds_per_kimg:.0f} s per thousand), first preview after "
        f"{time_text(plan.first_preview_s)}, {plan.memory_bytes / 1e9:.1f} GB of memory, "
        f"{plan.disk_bytes / 1e9:.1f} GB of disk; batch {plan.batch}, {plan.micro_batch} at once"
    )
    for sentence in plan.advice:
        note(f"  {sentence}")
    for check in plan.checks:
        if not check.is_fine:
            raise TrainingError(check.said, check.way_out)


def tell_report(report: FolderReport) -> None:
    """Says what is left out of a folder, and why."""
    left_out = [one for one in report.files if not is_used(one, FolderChoices())]
    for one in left_out[:MAX_NAMED]:
        note(f"  left out: {one.file}: {one.reason}")
    if len(left_out) > MAX_NAMED:
        note(f"  … and {len(left_out) - MAX_NAMED} more (`studio dataset check` names them all)")


def _scan(place: Path, job: ScanJob, *, is_silent: bool) -> None:
    with _Stages(is_silent=is_silent) as stages:
        do_job(place, job, name="scan", show=stages.show)
    try:
        report = msgspec.json.decode((place / REPORT_FILE).read_bytes(), type=FolderReport)
    except (OSError, msgspec.MsgspecError) as error:
        raise TrainingError("The folder could not be looked at.", "Try again.") from error
    tell_report(report)


class _Stages:
    """A bar for each thing that is done before the start."""

    def __init__(self, *, is_silent: bool) -> None:
        self._is_silent = is_silent
        self._what = ""
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def show(self, event: TrainerEvent) -> None:
        """Shows how far it is."""
        match event:
            case Scanning():
                self._advance("files looked at", event.num_read, total=max(event.num_found, 1))
            case Preparing():
                self._advance(f"% {_DOING[event.what]}", round(100 * event.share), total=100)
            case _:
                pass

    def _advance(self, what: str, done: int, *, total: int) -> None:
        if what != self._what or self._bar is None:
            self._close()
            self._what, self._bar = what, Progress(what, total, is_silent=self._is_silent)
        if done > self._bar.num_done:
            self._bar.advance(done - self._bar.num_done)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _command(args: argparse.Namespace, plan: RunPlan) -> str:
    start = "scratch" if plan.start is None else plan.start.id
    words = ["studio train FOLDER", f"--from {start}", f"--name “{args.name}”"]
    if args.minutes:
        words.append(f"--minutes {args.minutes:g}")
    else:
        words.append(f"--kimg {plan.kimg:g}")
    return " ".join(words)
