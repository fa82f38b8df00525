"""A training run that goes on in its own process: started, found again, watched, steered."""

import time
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from studio.app.background import Background
from studio.app.training_folder import read_snapshots
from studio.app.training_view import EventTail, RunView, fold
from studio.core.errors import StudioError, TrainingError
from studio.files.atomic import write_bytes_atomic
from studio.files.places import child_command
from studio.files.run_lock import is_locked
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import (
    CHECKPOINTS_FOLDER,
    COMMANDS_FOLDER,
    EVENTS_FILE,
    LOCK_FILE,
    TRAINER_LOG,
    Continue,
    Pause,
    Stop,
    TakeSnapshot,
    TrainerCommand,
    Yield,
)

LOOK_MS: Final = 250
LOOK_SELDOM_MS: Final = 2000  # at a run that has ended: the command line may go on with it
YIELD_EVERY_MS: Final = 500
_YIELD_S: Final = 1.0
_START_PATIENCE_S: Final = 60.0  # a cold disk reads torch for a while before the lock is taken
_MAX_LOG_BYTES: Final = 4000
_ENDS: Final = ("finished", "made", "failed")


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it is now.

    Attributes:
        view: What its events say.
        is_alive: Whether a trainer holds its lock.
        is_stopping: Whether it was asked to save and leave.
        is_pausing: Whether it was asked to rest and does not yet.
        is_starting: Whether a trainer was started and has not said anything yet.
        saved_at: When the newest checkpoint was written, seconds since 1970, 0 before the first.
        log: End of what a trainer that died wrote on stderr.
    """

    view: RunView = RunView()
    is_alive: bool = False
    is_stopping: bool = False
    is_pausing: bool = False
    is_starting: bool = False
    saved_at: float = 0.0
    log: str = ""


class _Look(msgspec.Struct, frozen=True):
    view: RunView
    is_alive: bool
    saved_at: float
    log: str


class TrainingRun(QObject):
    """Watches one run folder and puts commands into it.

    Signals:
        changed: `RunState`, only when it differs from the one before; the first one always.
        failed: `StudioError`; a command could not be given, or the events not be read.
    """

    changed = Signal(object)
    failed = Signal(object)

    def __init__(self, folder: Path, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self._state: RunState | None = None
        self._view: RunView | None = None  # touched by the reading thread only
        self._tail = EventTail(folder / EVENTS_FILE)
        self._reader, self._writer = Background(self), Background(self)
        self._last_number = 0
        self._last_yield_ms = 0.0
        self._started_at: float | None = None
        self._begun_seconds = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.look()

    @property
    def state(self) -> RunState:
        """The run as it was seen last."""
        return self._state or RunState()

    # ---------------------------------------------------------------- steering

    def start(self) -> None:
        """Start the trainer; it goes on when this program ends."""
        process = QProcess()
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("ORT_DISABLE_TELEMETRY", "1")
        process.setProcessEnvironment(environment)
        program, *words = child_command("trainer", str(self.folder))
        process.setProgram(program)
        process.setArguments(words)
        process.setStandardInputFile(QProcess.nullDevice())
        process.setStandardOutputFile(QProcess.nullDevice())
        process.setStandardErrorFile(str(self.folder / TRAINER_LOG))
        # PySide6 6.12 gives a bool here, its stubs say a tuple.
        started: object = process.startDetached()
        if not (started[0] if isinstance(started, tuple) else started):
            self.failed.emit(
                TrainingError("The trainer cannot be started.", "Install the program again.")
            )
            return
        self._started_at = time.monotonic()
        self._put(msgspec.structs.replace(self.state, is_starting=True, is_stopping=False, log=""))
        self._timer.setInterval(LOOK_MS)

    def pause(self) -> None:
        """Let it rest, keeping everything in memory."""
        self._put(msgspec.structs.replace(self.state, is_pausing=True))
        self._send(Pause())

    def go_on(self) -> None:
        """End its rest."""
        self._put(msgspec.structs.replace(self.state, is_pausing=False))
        self._send(Continue())

    def stop(self) -> None:
        """Let it save and leave."""
        self._put(msgspec.structs.replace(self.state, is_stopping=True))
        self._send(Stop())

    def take_snapshot(self) -> None:
        """Let it take a snapshot besides the planned ones."""
        self._send(TakeSnapshot())

    def give_way(self) -> None:
        """Say that the hand moves: training rests for a second. At most twice a second."""
        now_ms = time.monotonic() * 1000
        view = self.state.view
        if not self.state.is_alive or view.phase != "running":
            return
        if now_ms - self._last_yield_ms >= YIELD_EVERY_MS:
            self._last_yield_ms = now_ms
            self._send(Yield(seconds=_YIELD_S))

    def finish(self) -> None:
        """Stop watching; commands that were given are on the disk when it returns."""
        self._timer.stop()
        self._writer.finish()
        self._reader.finish()

    def _send(self, command: TrainerCommand) -> None:
        # Numbered by the clock: the command line gives commands, too.
        self._last_number = max(self._last_number + 1, time.time_ns() // 1_000_000)
        path = self.folder / COMMANDS_FOLDER / f"{self._last_number}.json"
        line = encode_line(command)
        self._writer.run(
            lambda: write_bytes_atomic(path, line, name="the wish to the trainer"),
            _nothing,
            failed=self.failed.emit,
        )

    # ---------------------------------------------------------------- watching

    @Slot()
    def look(self) -> None:
        """Look at the folder, off this thread; does nothing while a look is under way."""
        if self._reader.num_waiting == 0:
            self._reader.run(self._read, self._take, failed=self.failed.emit)

    def _read(self) -> _Look:
        # Whether it lives comes first: what it told before its death is then surely read.
        is_alive = is_locked(self.folder / LOCK_FILE)
        if self._view is None:  # what the plan took before the run tells of nothing
            self._view = RunView(snapshots=read_snapshots(self.folder))
        for event in self._tail.read():
            self._view = fold(self._view, event)
        log = "" if is_alive else _end_of(self.folder / TRAINER_LOG)
        return _Look(self._view, is_alive, _time_of(self.folder / CHECKPOINTS_FOLDER), log)

    def _take(self, look: _Look) -> None:
        before = self.state
        is_starting = before.is_starting and not look.is_alive and not self._is_late(look)
        if look.is_alive or not is_starting:
            self._started_at = None
        phase = look.view.phase
        self._put(
            RunState(
                view=look.view,
                is_alive=look.is_alive,
                is_stopping=before.is_stopping and look.is_alive,
                is_pausing=before.is_pausing and phase == "running" and look.is_alive,
                is_starting=is_starting,
                saved_at=look.saved_at,
                log=look.log,
            )
        )
        self._timer.setInterval(LOOK_MS if look.is_alive or is_starting else LOOK_SELDOM_MS)

    def _is_late(self, look: _Look) -> bool:
        """Say whether a trainer that was started must have come and gone."""
        has_told = look.view is not self.state.view and look.view.phase in _ENDS
        waited_s = time.monotonic() - (self._started_at or 0.0)
        return has_told or waited_s > _START_PATIENCE_S

    def _put(self, state: RunState) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit(state)


def _time_of(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _MAX_LOG_BYTES))
            return file.read(_MAX_LOG_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _nothing(_result: object) -> None:
    """A command was put; the trainer's own event says that it was read."""


def error_of(state: RunState) -> StudioError | None:
    """Give why a run does not go on though it should, None when all is well."""
    view = state.view
    if state.is_alive or state.is_starting:
        return None
    if view.failure is not None:
        return TrainingError(*view.failure)
    if view.phase == "finished" and view.end != "stopped":
        return TrainingError("The model was not made.", "Make it: the training itself is safe.")
    if view.phase in ("running", "paused", "waiting", "starting"):
        return TrainingError(
            "The trainer ended unexpectedly.",
            "Go on: nothing that was saved is lost.",
        )
    return None
