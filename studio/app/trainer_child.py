"""One short job in a child process: what it tells, how it ended, and how to end it early."""

import logging
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from studio.core.errors import StudioError, TrainingError
from studio.protocol.codec import LineDecoder, ProtocolError
from studio.protocol.training_messages import Failed, TrainerEvent

_KILL_AFTER_MS: Final = 500  # a scan promises to end within this
_MAX_LOG_CHARS: Final = 4000
_logger = logging.getLogger(__name__)


class TrainerChild(QObject):
    """A trainer at work on one short job.

    The end of its stdin asks it to leave; one that does not is killed.

    Signals:
        told: Each `TrainerEvent`, in order.
        ended: None when it did its job, else the `StudioError`; once, and not after `cancel`.
    """

    told = Signal(object)
    ended = Signal(object)

    def __init__(self, command: Sequence[str], *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._decoder: LineDecoder[TrainerEvent] = LineDecoder(TrainerEvent)
        self._error: StudioError | None = None
        self._is_over = False
        self.log = ""  # the end of stderr
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("ORT_DISABLE_TELEMETRY", "1")
        self._process.setProcessEnvironment(environment)
        self._process.setProgram(command[0])
        self._process.setArguments(list(command[1:]))
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._read_log)
        self._process.errorOccurred.connect(self._on_error)
        self._process.finished.connect(self._on_finished)
        self._kill = QTimer(self)
        self._kill.setSingleShot(True)
        self._kill.setInterval(_KILL_AFTER_MS)
        self._kill.timeout.connect(self._process.kill)

    def start(self) -> None:
        """Start the child."""
        self._process.start()

    def cancel(self) -> None:
        """End it early; nothing is told any more, and it deletes itself when it has gone."""
        self._is_over = True
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self.deleteLater()
            return
        self._process.closeWriteChannel()
        self._kill.start()

    def finish(self) -> None:
        """End it and wait until it has gone; for the end of the program."""
        self._is_over = True
        self._kill.stop()
        if self._process.state() == QProcess.ProcessState.NotRunning:
            return
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(_KILL_AFTER_MS):
            self._process.kill()
            self._process.waitForFinished(1000)

    @Slot()
    def _read(self) -> None:
        chunk = bytes(self._process.readAllStandardOutput().data())
        for event in self._decoder.feed(chunk):
            if self._is_over:
                return
            if isinstance(event, Failed):
                self._error = TrainingError(event.what, event.way_out)
            elif isinstance(event, ProtocolError):
                _logger.warning("trainer: %s", event.what)
            else:
                self.told.emit(event)

    @Slot()
    def _read_log(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        self.log = (self.log + text)[-_MAX_LOG_CHARS:]

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(TrainingError("The trainer cannot be started.", "Install the program again."))

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, status: int, _how: QProcess.ExitStatus) -> None:
        self._kill.stop()
        self._read()
        self._read_log()
        if self._is_over:
            self.deleteLater()
            return
        error = self._error
        if error is None and status != 0:
            error = TrainingError(
                f"The trainer ended unexpectedly (status {status}).", "Try again."
            )
        self._end(error)

    def _end(self, error: StudioError | None) -> None:
        if not self._is_over:
            self._is_over = True
            self.ended.emit(error)
