"""What is known of an artist's folder and of the run folder made for it; read off the window's thread."""

import shutil
import time
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from studio.core.errors import TrainingError
from studio.core.folder_report import (
    CHOICES_FILE,
    REPORT_FILE,
    CropWay,
    FileReport,
    Finding,
    FolderChoices,
    FolderReport,
    is_used,
)
from studio.core.run_plan import PLAN_FILE, RunPlan
from studio.core.snapshot import SNAPSHOT_FILE, SNAPSHOTS_FOLDER, Snapshot
from studio.core.training_spec import CropSpec
from studio.dataset.prepare import MIN_PICTURES
from studio.dataset.squares import choose_squares
from studio.files.run_lock import is_locked
from studio.protocol.codec import LineDecoder, ProtocolError
from studio.protocol.training_messages import (
    EVENTS_FILE,
    JOB_FILE,
    LOCK_FILE,
    PlanJob,
    RunJob,
    ScanJob,
)

RUNS_FOLDER: Final = "runs"
SCAN_FILE: Final = "scan.json"
PREFLIGHT_FILE: Final = "preflight.json"
MIN_USED: Final = MIN_PICTURES
NUM_SHOWN: Final = 4
_LEFT_OVER_S: Final = 86_400.0

T = TypeVar("T")


class FolderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A report together with what the artist decided, counted.

    Attributes:
        report: What the scan found.
        choices: What the artist decided.
        num_used: Pictures that are learned from.
        num_squares: Squares these make.
        shown: A few used pictures that have thumbnails.
        files_by_finding: All files that are not simply good.
        num_used_by_finding: How many of these are used.
    """

    report: FolderReport
    choices: FolderChoices
    num_used: int
    num_squares: int
    shown: tuple[FileReport, ...]
    files_by_finding: dict[Finding, tuple[FileReport, ...]]
    num_used_by_finding: dict[Finding, int]

    @property
    def is_enough(self) -> bool:
        """Whether a run can be planned at all."""
        return self.num_used >= MIN_USED


class RunFolder(msgspec.Struct, frozen=True, kw_only=True):
    """What a run folder on disk holds; None for what is not there.

    Attributes:
        folder: The run folder.
        source: The artist's folder; it may be gone.
        name: What the model is or will be called.
        summary: What is known of the artist's folder.
        plan: How the run would go, or went.
        start: Id of the start that was wished, None for the nearest.
        job: What the trainer was asked to do; None for a run that was never started.
    """

    folder: Path
    source: Path | None = None
    name: str = ""
    summary: FolderSummary | None = None
    plan: RunPlan | None = None
    start: str | None = None
    job: RunJob | None = None


class RunEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One run in the list of all."""

    folder: Path
    name: str
    is_alive: bool
    was_started: bool
    changed_at: float


def summarise(report: FolderReport, choices: FolderChoices) -> FolderSummary:
    """Count a report under some choices; some 100 ms for 100,000 files."""
    num_used = num_squares = 0
    shown: list[FileReport] = []
    files: dict[Finding, list[FileReport]] = {}
    used: dict[Finding, int] = {}
    for file in report.files:
        is_in = is_used(file, choices)
        if is_in:
            num_used += 1
            num_squares += file.num_squares if choices.crop == "several" else 1
            if len(shown) < NUM_SHOWN and file.thumbnail is not None:
                shown.append(file)
        if file.finding != "good":
            files.setdefault(file.finding, []).append(file)
            used[file.finding] = used.get(file.finding, 0) + is_in
    return FolderSummary(
        report=report,
        choices=choices,
        num_used=num_used,
        num_squares=num_squares,
        shown=tuple(shown),
        files_by_finding={key: tuple(found) for key, found in files.items()},
        num_used_by_finding=used,
    )


def squares_of(file: FileReport, crop: CropWay) -> tuple[tuple[float, float, float, float], ...]:
    """Give where squares are cut, each (left, top, width, height) as shares of the picture.

    With "pad" the one square is larger than the picture: its edges lie beyond 0…1.
    """
    width, height = file.width, file.height
    if not width or not height:
        return ()
    return tuple(
        (one.left / width, one.top / height, one.side / width, one.side / height)
        for one in choose_squares(
            file.file, width, height=height, crops=CropSpec(), way=crop, focus=file.focus
        )
    )


def read_report(run: Path) -> FolderReport:
    """Read what a scan wrote.

    Raises:
        TrainingError: It is missing or damaged.
    """
    report = _read(run / REPORT_FILE, FolderReport)
    if report is None:
        raise TrainingError("What was found in the folder cannot be read.", "Look at it again.")
    return report


def read_plan(run: Path) -> RunPlan:
    """Read what a dry run wrote.

    Raises:
        TrainingError: It is missing or damaged.
    """
    plan = _read(run / PLAN_FILE, RunPlan)
    if plan is None:
        raise TrainingError("The plan of the training cannot be read.", "Try again.")
    return plan


def read_snapshots(run: Path) -> tuple[Snapshot, ...]:
    """Read the snapshots that lie in a run folder, oldest first; a damaged one is left out."""
    files = (run / SNAPSHOTS_FOLDER).glob(f"*/{SNAPSHOT_FILE}")
    found = [snapshot for file in files if (snapshot := _read(file, Snapshot)) is not None]
    return tuple(sorted(found, key=lambda snapshot: snapshot.images))


def read_run(folder: Path) -> RunFolder:
    """Read everything that a run folder holds; what is damaged counts as missing."""
    scan = _decode(folder / SCAN_FILE, ScanJob)
    planned = _decode(folder / PREFLIGHT_FILE, PlanJob)
    job = _decode(folder / JOB_FILE, RunJob)
    report = _read(folder / REPORT_FILE, FolderReport)
    choices = _read(folder / CHOICES_FILE, FolderChoices) or FolderChoices()
    place = scan.folder if scan else planned.folder if planned else ""
    source = Path(place) if place else None
    name = job.wish.name if job else planned.name if planned else source.name if source else ""
    return RunFolder(
        folder=folder,
        source=source,
        name=name,
        summary=summarise(report, choices) if report is not None else None,
        plan=_read(folder / PLAN_FILE, RunPlan),
        start=planned.start if planned else None,
        job=job,
    )


def list_runs(home: Path) -> tuple[RunEntry, ...]:
    """Give all runs, those that are alive first, then the newest first.

    A scan that never came to an end is nothing to come back to: its folder goes after a day.
    """
    entries = []
    folders = sorted((home / RUNS_FOLDER).glob("*")) if (home / RUNS_FOLDER).is_dir() else []
    for folder in folders:
        was_started = (folder / JOB_FILE).is_file()
        if not was_started and not (folder / REPORT_FILE).is_file():
            if time.time() - _time_of(folder / SCAN_FILE) > _LEFT_OVER_S:
                remove_run(folder)
            continue
        job = _decode(folder / JOB_FILE, RunJob)
        scan = _decode(folder / SCAN_FILE, ScanJob)
        name = job.wish.name if job else Path(scan.folder).name if scan else folder.name
        entries.append(
            RunEntry(
                folder=folder,
                name=name,
                is_alive=_is_alive(folder),
                was_started=was_started,
                changed_at=_changed_at(folder),
            )
        )
    return tuple(sorted(entries, key=lambda entry: (not entry.is_alive, -entry.changed_at)))


def remove_run(folder: Path) -> None:
    """Remove a run folder that was never started; one that a trainer works in stays."""
    if not (folder / JOB_FILE).exists() and not _is_alive(folder):
        shutil.rmtree(folder, ignore_errors=True)


def _is_alive(folder: Path) -> bool:
    try:
        return is_locked(folder / LOCK_FILE)
    except OSError:
        return False


def _changed_at(folder: Path) -> float:
    names = (EVENTS_FILE, JOB_FILE, CHOICES_FILE, REPORT_FILE)
    return max(_time_of(folder / name) for name in names if (folder / name).exists())


def _time_of(path: Path) -> float:
    """Give when a file was written, seconds since 1970; now when it is not there."""
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None


def _decode(path: Path, kind: type[T]) -> T | None:
    decoder: LineDecoder[Any] = LineDecoder(kind)
    try:
        found: T = decoder.decode(path.read_bytes())
    except (OSError, ProtocolError):
        return None
    return found
