"""The engine's child process: lines in, lines out, and a watch over its heartbeat."""

import logging
from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, QProcess, QTimer, Signal, Slot

from studio.protocol import messages as say
from studio.protocol.codec import LineDecoder, ProtocolError, encode_line

_logger = logging.getLogger(__name__)


class WatchLimits(msgspec.Struct, frozen=True):
    """How long an engine may be silent or busy before it counts as hung.

    Attributes:
        tick_ms: How often we look. Silence is counted in looks, not in time, so that a window that
            was stopped itself does not blame the engine.
        silent_ticks: Looks without any event.
        start_ticks: Looks before the first event: a cold disk reads the runtime for a while.
        busy_ms: One call of the runtime; reliability.md F21: 30 s on a CPU.
        busy_cuda_ms: The same on a graphics card.
    """

    tick_ms: int = 1000
    silent_ticks: int = 10
    start_ticks: int = 60
    busy_ms: float = 30_000.0
    busy_cuda_ms: float = 10_000.0


class EngineProcess(QObject):
    """One life of the engine. After `died` it is of no use.

    Signals:
        event_received: Each event but heartbeats, in order.
        died: A phrase for the log; emitted once, and not after `stop`.
    """

    event_received = Signal(object)
    died = Signal(object)

    def __init__(
        self, command: Sequence[str], *, limits: WatchLimits, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._limits = limits
        self._decoder: LineDecoder[say.Event] = LineDecoder(say.Event)
        self._silent_ticks = 0
        self._allowed_ticks = limits.start_ticks
        self._is_over = False
        self.is_on_cuda = False
        self._process = QProcess(self)
        self._process.setProgram(command[0])
        self._process.setArguments(list(command[1:]))
        self._process.readyReadStandardOutput.connect(self._read_events)
        self._process.readyReadStandardError.connect(self._read_log)
        self._process.errorOccurred.connect(self._notice_error)
        self._process.finished.connect(self._notice_end)
        self._watch = QTimer(self)
        self._watch.setInterval(limits.tick_ms)
        self._watch.timeout.connect(self._look)

    @property
    def process_id(self) -> int:
        """The child's process id, 0 when it does not run."""
        return int(self._process.processId())

    def start(self) -> None:
        """Start the child."""
        self._process.start()
        self._watch.start()

    def send(self, command: say.Command) -> None:
        """Send a command; one to an engine that has died is lost."""
        if not self._is_over:
            self._process.write(encode_line(command))

    def stop(self) -> None:
        """End the child by closing its stdin; one that does not listen is killed."""
        self._finish_watch()
        self._process.closeWriteChannel()
        is_running = self._process.state() != QProcess.ProcessState.NotRunning
        # The promise is one second from the end of stdin.
        if is_running and not self._process.waitForFinished(1200):
            self._process.kill()
            self._process.waitForFinished(1000)

    @Slot()
    def _read_events(self) -> None:
        chunk = bytes(self._process.readAllStandardOutput().data())
        self._silent_ticks = 0
        self._allowed_ticks = self._limits.silent_ticks
        for event in self._decoder.feed(chunk):
            if self._is_over:
                return
            if isinstance(event, ProtocolError):
                self._end(f"it said something that is not understood: {event.what}")
            elif isinstance(event, say.Heartbeat):
                self._judge(event.busy_ms)
            else:
                self.event_received.emit(event)

    @Slot()
    def _read_log(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        for line in text.splitlines():
            _logger.debug("engine: %s", line)

    @Slot()
    def _look(self) -> None:
        self._silent_ticks += 1
        if self._silent_ticks > self._allowed_ticks:
            self._end("it is silent")

    def _judge(self, busy_ms: float) -> None:
        limits = self._limits
        if busy_ms > (limits.busy_cuda_ms if self.is_on_cuda else limits.busy_ms):
            self._end("it does not come back from a call")

    @Slot(QProcess.ProcessError)
    def _notice_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end("it cannot be started")

    @Slot(int, QProcess.ExitStatus)
    def _notice_end(self, status: int, how: QProcess.ExitStatus) -> None:
        is_crash = how == QProcess.ExitStatus.CrashExit
        self._end("it was killed or crashed" if is_crash else f"it left with status {status}")

    def _end(self, why: str) -> None:
        if self._is_over:
            return
        self._finish_watch()
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(1000)
        _logger.warning("engine: %s", why)
        self.died.emit(why)

    def _finish_watch(self) -> None:
        self._is_over = True
        self._watch.stop()
