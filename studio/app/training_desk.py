"""The training that the window shows: from a folder to a run, and runs found again."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.folder_desk import FolderDesk, FolderState
from studio.app.training_folder import RunEntry, RunFolder, list_runs, read_run
from studio.app.training_run import RunState, TrainingRun, error_of
from studio.core.errors import StudioError, TrainingError
from studio.core.run_plan import RunPlan
from studio.files.atomic import write_bytes_atomic
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import JOB_FILE, ModelWish, RunJob

Phase = Literal[
    "nothing", "scanning", "reported", "planning", "planned", "starting", "running", "paused",
    "waiting", "stopping", "making", "finished", "failed",
]  # fmt: skip

ALIVE: Final[frozenset[Phase]] = frozenset({"starting", "running", "paused", "waiting", "stopping"})


class DeskState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the Train place shows.

    Attributes:
        phase: What is going on.
        folder: The artist's folder and what was decided about it.
        run: The run, once there is one.
        error: Why it does not go on.
        log: What the process that failed wrote last.
        runs: All runs on disk.
    """

    phase: Phase = "nothing"
    folder: FolderState = FolderState()
    run: RunState | None = None
    error: StudioError | None = None
    log: str = ""
    runs: tuple[RunEntry, ...] = ()

    @property
    def is_training(self) -> bool:
        """Whether a trainer is at work."""
        return self.phase in ALIVE


class TrainingDesk(QObject):
    """Holds the state of the Train place; one folder and one run at a time.

    Signals:
        changed: The new `DeskState`.
        refused: `StudioError` for a wish that cannot be met now.
    """

    changed = Signal(object)
    refused = Signal(object)

    def __init__(
        self,
        home: Path,
        *,
        models: Sequence[Path],
        taken: Callable[[], tuple[str, ...]],
        parent: QObject | None = None,
    ) -> None:
        """Start with nothing.

        Args:
            home: Where runs are stored.
            models: Folders of models to start from, the shipped ones first.
            taken: Gives the ids of models that are in use in other folders than the home's.
            parent: Its owner.
        """
        super().__init__(parent)
        self._home, self._taken = home, taken
        self._state = DeskState()
        self._disk = Background(self)
        self._run: TrainingRun | None = None
        self.folder = FolderDesk(home, models=models, parent=self)
        self.folder.changed.connect(self._on_folder)
        self.folder.start_due.connect(self.start)
        self.folder.refused.connect(self.refused)

    @property
    def state(self) -> DeskState:
        """Everything as it is now."""
        return self._state

    @property
    def run(self) -> TrainingRun | None:
        """The run that is watched."""
        return self._run

    # ---------------------------------------------------------------- beginning

    def open_folder(self, source: Path) -> None:
        """Look at an artist's folder; refused while a training is at work."""
        if self._state.is_training:
            self.refused.emit(
                TrainingError(
                    "A training is at work already.", "Stop it first, or wait until it is done."
                )
            )
            return
        self._leave_run()
        self.folder.open(source)

    def look_again(self) -> None:
        """Scan the same folder anew, for a new run."""
        source = self._state.folder.source
        if source is not None:
            self.open_folder(source)

    def leave(self) -> None:
        """Show nothing, so that another folder can be chosen; a run goes on."""
        self._leave_run()
        self.folder.leave()

    @Slot()
    def start(self) -> None:
        """Start the run, after a plan when there is none that is up to date."""
        state = self._state.folder
        if self._run is not None or not self.folder.wish_start():
            return
        assert state.plan is not None
        assert state.run is not None
        folder, content = state.run, encode_line(self._job(state, state.plan))
        self.folder.lock(True)
        self._change(phase="starting", error=None)

        def begin(_nothing: object) -> None:
            self._watch(folder).start()

        def fail(error: StudioError) -> None:
            self.folder.lock(False)
            self._change(phase="planned", error=error)

        self._disk.run(lambda: write_bytes_atomic(folder / JOB_FILE, content), begin, failed=fail)

    # ---------------------------------------------------------------- runs

    def go_on(self) -> None:
        """Go on: after a pause, or with a run whose trainer has left."""
        if self._run is None:
            return
        if self._state.phase == "paused":
            self._run.go_on()
        elif self._state.phase in ("finished", "failed"):
            self._run.start()

    def attach(self, folder: Path) -> None:
        """Show a run that is on the disk; the one shown before goes on."""
        if folder == self._state.folder.run:
            return
        self._leave_run()

        def take(found: RunFolder) -> None:
            self.folder.show(found)
            if found.job is not None:
                self._watch(found.folder)

        self._disk.run(lambda: read_run(folder), take, failed=self.refused.emit)

    def find_runs(self, *, attaches: bool = False) -> None:
        """Look for runs on the disk; `attaches` shows the one at work, or the newest."""
        home = self._home

        def take(runs: tuple[RunEntry, ...]) -> None:
            self._change(runs=runs)
            if attaches and runs and self._state.phase == "nothing":
                self.attach(runs[0].folder)

        self._disk.run(lambda: list_runs(home), take, failed=self.refused.emit)

    def give_way(self) -> None:
        """Say that the hand moves on the canvas."""
        if self._run is not None:
            self._run.give_way()

    def finish(self) -> None:
        """End scan and plan, and stop watching; for the end of the program."""
        self.folder.finish()
        if self._run is not None:
            self._run.finish()
        self._disk.finish()

    # ---------------------------------------------------------------- inside

    def _watch(self, folder: Path) -> TrainingRun:
        run = self._run = TrainingRun(folder, parent=self)
        run.changed.connect(self._on_run)
        run.failed.connect(self.refused)
        return run

    def _leave_run(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.changed.disconnect(self._on_run)
            run.finish()
            run.deleteLater()
        self._change(run=None)

    @Slot(object)
    def _on_run(self, state: RunState) -> None:
        was_training = self._state.is_training
        error = error_of(state)
        log = state.log if error is not None else ""
        self._change(run=state, phase=phase_of(state), error=error, log=log)
        if was_training and not self._state.is_training:
            self.find_runs()

    @Slot(object)
    def _on_folder(self, state: FolderState) -> None:
        if self._run is None and self._state.phase != "starting":
            self._change(folder=state, phase=state.phase, error=state.error, log=state.log)
        else:
            self._change(folder=state)

    def _job(self, state: FolderState, plan: RunPlan) -> RunJob:
        begin = f" --from {plan.start.id}" if plan.start is not None else ""
        wish = ModelWish(
            name=state.name, command=f"studio train FOLDER{begin} --name “{state.name}”"
        )
        # The trainer adds the chain of rights: the start's, and what the artist stated.
        return RunJob(
            wish=wish, is_detached=True, models=str(self._home / "models"), taken=self._taken()
        )

    def _change(self, **changes: Any) -> None:
        state = msgspec.structs.replace(self._state, **changes)
        if state != self._state:
            self._state = state
            self.changed.emit(state)


def phase_of(state: RunState) -> Phase:
    """Give what a run is doing, from its events and from whether its trainer is alive."""
    told = state.view.phase
    if state.is_starting or (state.is_alive and told in ("starting", "failed")):
        return "starting"
    if told == "finished" and state.is_alive and state.view.end != "stopped":
        return "making"
    if told in ("finished", "made"):
        return "finished"
    if not state.is_alive:
        return "failed"
    if state.is_stopping:
        return "stopping"
    return "paused" if told == "paused" else "waiting" if told == "waiting" else "running"
