"""A child process at work for the window: started, asked to leave, and killed when it does not."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from studio.core.errors import StudioError

_LONGEST_WAIT_MS: Final = 1000  # at the end of the program
_MAX_LOG_BYTES: Final = 4000


class ChildProcess(QObject):
    """A child whose stdout is read by a subclass; it ends with the window, or when it is cancelled.

    The end of its stdin asks it to leave; one that does not is killed.

    Signals:
        told: What the subclass reads from stdout, in order.
        ended: None when it did its work, else the `StudioError`; once, and not after `cancel`.
    """

    told = Signal(object)
    ended = Signal(object)

    def __init__(
        self, command: Sequence[str], *, kill_after_ms: int, parent: QObject | None = None
    ) -> None:
        """Prepare a child; nothing runs before `start`.

        Args:
            command: Program and words.
            kill_after_ms: How long it may take to leave when it is cancelled.
            parent: Its owner.
        """
        super().__init__(parent)
        self._errors = b""
        self._is_over = False
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("ORT_DISABLE_TELEMETRY", "1")
        self._process.setProcessEnvironment(environment)
        self._process.setProgram(command[0])
        self._process.setArguments(list(command[1:]))
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.errorOccurred.connect(self._on_error)
        self._process.finished.connect(self._on_finished)
        self._kill = QTimer(self)
        self._kill.setSingleShot(True)
        self._kill.setInterval(kill_after_ms)
        self._kill.timeout.connect(self._process.kill)

    @property
    def log(self) -> str:
        """The end of its stderr."""
        return self._errors.decode("utf-8", "replace")

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
        if not self._process.waitForFinished(min(self._kill.interval(), _LONGEST_WAIT_MS)):
            self._process.kill()
            self._process.waitForFinished(_LONGEST_WAIT_MS)

    # ------------------------------------------------------------------- for the subclass

    @abstractmethod
    def _take(self, chunk: bytes) -> None:
        """Take what came on stdout; tell of it unless the child is over."""

    @abstractmethod
    def _not_started(self) -> StudioError:
        """Give the sentences for a child that cannot be started."""

    @abstractmethod
    def _outcome(self, status: int, how: QProcess.ExitStatus) -> StudioError | None:
        """Give why its work is not done, None when it is; all of stdout was taken before."""

    # ---------------------------------------------------------------------------- inside

    @Slot()
    def _read(self) -> None:
        self._take(bytes(self._process.readAllStandardOutput().data()))

    @Slot()
    def _read_errors(self) -> None:
        self._errors += bytes(self._process.readAllStandardError().data())
        self._errors = self._errors[-_MAX_LOG_BYTES:]

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(self._not_started())

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, status: int, how: QProcess.ExitStatus) -> None:
        self._kill.stop()
        self._read()
        self._read_errors()
        if self._is_over:
            self.deleteLater()
        else:
            self._end(self._outcome(status, how))

    def _end(self, error: StudioError | None) -> None:
        if not self._is_over:
            self._is_over = True
            self.ended.emit(error)
