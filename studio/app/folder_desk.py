"""An artist's folder on its way to a run: scan, report, choices, plan."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.background import Background
from studio.app.trainer_child import TrainerChild
from studio.app.training_folder import (
    PREFLIGHT_FILE,
    RUNS_FOLDER,
    SCAN_FILE,
    FolderSummary,
    RunFolder,
    read_plan,
    read_report,
    remove_run,
    summarise,
)
from studio.core.errors import StudioError
from studio.core.folder_report import CHOICES_FILE, FileReport, FolderChoices
from studio.core.run_plan import RunPlan
from studio.files.atomic import write_bytes_atomic
from studio.files.places import child_command
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import (
    PlanJob,
    Preparing,
    ScanJob,
    Scanning,
    TrainerEvent,
)

FolderPhase = Literal["nothing", "scanning", "reported", "planning", "planned"]

PLAN_AFTER_MS: Final = 1500  # after the last choice
_RESOLUTION: Final = 128


class FolderState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the folder.

    Attributes:
        phase: What is going on.
        run: The run folder that was made for it.
        source: The artist's folder; None when nothing remembers it.
        name: What the model is or will be called.
        start: Id of the wished start, "scratch", or None for the nearest.
        num_found: Files found by the scan so far.
        num_read: Files looked at so far.
        summary: What was found, counted.
        choices: What the artist decided.
        preparing: How far the plan is.
        plan: How the run would go.
        is_plan_old: Whether something was decided since the plan was begun.
        will_start: Whether the run starts as soon as the plan is made.
        error: Why scan or plan failed.
        log: What the child that failed wrote last.
    """

    phase: FolderPhase = "nothing"
    run: Path | None = None
    source: Path | None = None
    name: str = ""
    start: str | None = None
    num_found: int = 0
    num_read: int = 0
    summary: FolderSummary | None = None
    choices: FolderChoices = FolderChoices()
    preparing: Preparing | None = None
    plan: RunPlan | None = None
    is_plan_old: bool = False
    will_start: bool = False
    error: StudioError | None = None
    log: str = ""


class FolderDesk(QObject):
    """Holds one folder and the children that look at it.

    Signals:
        changed: The new `FolderState`.
        start_due: The plan that a wished start waited for is made, and is fine.
        refused: `StudioError`; a choice could not be stored.
    """

    changed = Signal(object)
    start_due = Signal()
    refused = Signal(object)

    def __init__(
        self, home: Path, *, models: Sequence[Path], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._home, self._models = home, tuple(models)
        self._state = FolderState()
        self._is_locked = False
        self._disk = Background(self)
        self._child: TrainerChild | None = None
        self._plan_later = QTimer(self)
        self._plan_later.setSingleShot(True)
        self._plan_later.setInterval(PLAN_AFTER_MS)
        self._plan_later.timeout.connect(self.plan)

    @property
    def state(self) -> FolderState:
        """Everything as it is now."""
        return self._state

    def open(self, source: Path) -> None:
        """Look at a folder; the one before is let go."""
        self.leave()
        folder = self._home / RUNS_FOLDER / secrets.token_hex(6)
        self._put(FolderState(phase="scanning", run=folder, source=source, name=source.name))
        job = ScanJob(folder=str(source), resolution=_RESOLUTION)
        self._begin_job(folder, SCAN_FILE, job=job)

    def show(self, found: RunFolder) -> None:
        """Show what a run folder on the disk holds; of a run that was started nothing can change."""
        self.leave()
        summary, phase = found.summary, "nothing"
        if summary is not None:
            phase = "reported" if found.plan is None else "planned"
        self._is_locked = found.job is not None
        self._put(
            FolderState(
                phase=phase,  # type: ignore[arg-type]
                run=found.folder,
                source=found.source,
                name=found.name,
                start=found.start,
                summary=summary,
                choices=summary.choices if summary is not None else FolderChoices(),
                plan=found.plan,
            )
        )

    def leave(self) -> None:
        """Let go of the folder; what was made for it and never started is removed."""
        self._plan_later.stop()
        self._end_child()
        folder, was_locked, self._is_locked = self._state.run, self._is_locked, False
        if folder is not None and not was_locked:
            self._disk.run(lambda: remove_run(folder), _nothing, failed=self.refused.emit)
        self._put(FolderState())

    def lock(self, is_locked: bool) -> None:
        """Let nothing be changed any more, because the run has been started; or again."""
        self._is_locked = is_locked
        self._plan_later.stop()

    def cancel(self) -> None:
        """End a scan or the making of a plan."""
        if self._state.phase == "scanning":
            self.leave()
        elif self._state.phase == "planning":
            self._end_child()
            self._change(phase="reported", preparing=None, will_start=False, is_plan_old=True)

    # ---------------------------------------------------------------- choices

    def decide(self, **changes: Any) -> None:
        """Change some of the `FolderChoices` by name."""
        choices = msgspec.structs.replace(self._state.choices, **changes)
        summary, folder = self._state.summary, self._state.run
        if choices == self._state.choices or folder is None or summary is None or self._is_locked:
            return
        report, content = summary.report, msgspec.json.encode(choices)

        def work() -> FolderSummary:
            write_bytes_atomic(folder / CHOICES_FILE, content)
            return summarise(report, choices)

        self._change(choices=choices)
        self._disk.run(work, self._take_summary, failed=self.refused.emit)
        if set(changes) != {"right"}:
            self._outdate()

    def overrule(self, files: Sequence[FileReport], is_used: bool | None) -> None:
        """Use files or leave them out against the report; None takes back what was decided."""
        overruled = dict(self._state.choices.overruled)
        for file in files:
            if is_used is None or is_used == file.is_used:
                overruled.pop(file.file, None)
            else:
                overruled[file.file] = is_used
        self.decide(overruled=overruled)

    def rename(self, name: str) -> None:
        """Call the model otherwise; an empty name changes nothing."""
        if name.strip() and not self._is_locked:
            self._change(name=name.strip())

    def choose_start(self, start: str | None) -> None:
        """Start from another model: its id, "scratch", or None for the nearest."""
        if start != self._state.start and not self._is_locked:
            self._change(start=start)
            self._outdate()

    def _outdate(self) -> None:
        """Make a new plan a moment after the last choice."""
        if self._state.phase in ("reported", "planning", "planned"):
            self._change(is_plan_old=True)
            self._plan_later.start()

    # ---------------------------------------------------------------- plan

    @Slot()
    def plan(self) -> None:
        """Make a dry run; does nothing while there are too few pictures."""
        state = self._state
        can_plan = state.phase in ("reported", "planned", "planning") and not self._is_locked
        if not can_plan or state.run is None or state.source is None:
            return
        self._plan_later.stop()
        if state.summary is None or not state.summary.is_enough:
            self._change(will_start=False)
            return
        self._end_child()
        self._change(phase="planning", preparing=None, error=None, is_plan_old=False)
        job = PlanJob(
            folder=str(state.source),
            models=tuple(str(folder) for folder in self._models),
            name=state.name,
            start=state.start,
            resolution=_RESOLUTION,
        )
        self._begin_job(state.run, PREFLIGHT_FILE, job=job)

    def wish_start(self) -> bool:
        """Say whether a run can start now; if not, it is told by `start_due` when it can."""
        state = self._state
        if state.phase == "planned" and state.plan is not None and not state.is_plan_old:
            return state.plan.is_fine
        if state.phase in ("reported", "planning", "planned"):
            self._change(will_start=True)
            if state.phase != "planning" or state.is_plan_old:
                self.plan()
        return False

    def finish(self) -> None:
        """End what is under way; for the end of the program."""
        self._plan_later.stop()
        if self._child is not None:
            self._child.finish()
        self._disk.finish()

    # ---------------------------------------------------------------- children

    def _begin_job(self, folder: Path, file: str, *, job: ScanJob | PlanJob) -> None:
        path, line = folder / file, encode_line(job)
        child = self._child = TrainerChild(child_command("trainer", str(path)), parent=self)
        child.told.connect(self._on_told)
        child.ended.connect(self._on_ended)

        def begin(_nothing: object) -> None:
            if child is self._child:
                child.start()

        # One thread, in order: choices that were made before are on the disk before the job.
        self._disk.run(lambda: write_bytes_atomic(path, line), begin, failed=self._on_job_failed)

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.told.disconnect(self._on_told)
            child.cancel()

    @Slot(object)
    def _on_told(self, event: TrainerEvent) -> None:
        if isinstance(event, Scanning):
            self._change(num_found=event.num_found, num_read=event.num_read)
        elif isinstance(event, Preparing):
            self._change(preparing=event)

    @Slot(object)
    def _on_ended(self, error: StudioError | None) -> None:
        child, self._child = self._child, None
        folder, choices = self._state.run, self._state.choices
        if child is not None:
            self._change(log=child.log.strip())
            child.deleteLater()
        if error is not None or folder is None:
            self._on_job_failed(error)
        elif self._state.phase == "scanning":
            self._disk.run(
                lambda: summarise(read_report(folder), choices),
                self._take_scan,
                failed=self._on_job_failed,
            )
        else:
            self._disk.run(lambda: read_plan(folder), self._take_plan, failed=self._on_job_failed)

    def _on_job_failed(self, error: StudioError | None) -> None:
        has_summary = self._state.summary is not None
        self._change(
            phase="reported" if has_summary else "nothing",
            error=error,
            preparing=None,
            will_start=False,
        )

    def _take_scan(self, summary: FolderSummary) -> None:
        if self._state.phase == "scanning":
            self._change(phase="reported", summary=summary, error=None)
            self.plan()

    def _take_summary(self, summary: FolderSummary) -> None:
        if summary.choices == self._state.choices:
            self._change(summary=summary)

    def _take_plan(self, plan: RunPlan) -> None:
        if self._state.phase != "planning":
            return
        is_due = self._state.will_start and not self._state.is_plan_old
        self._change(phase="planned", plan=plan, preparing=None, will_start=False)
        if is_due and plan.is_fine:
            self.start_due.emit()

    def _change(self, **changes: Any) -> None:
        self._put(msgspec.structs.replace(self._state, **changes))

    def _put(self, state: FolderState) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit(state)


def _nothing(_result: object) -> None:
    """A folder that was removed is nobody's concern."""
