"""The command line at work on a walk, in a child process: what it says and how it ended."""

import json
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from studio.core.errors import StudioError
from studio.files.places import child_command

_KILL_AFTER_MS: Final = 5000  # a batch of pictures on a slow machine
_MAX_LINE: Final = 64 * 1024 * 1024  # a plan holds one latent for each picture of a walk


class WalkChild(QObject):
    """`studio walk …` as a child; it ends with the window, or when it is cancelled.

    Signals:
        told: Each JSON line as a dict; a whole answer comes once, at the end.
        ended: None when it did its work, else the `StudioError`; once, and not after `cancel`.
    """

    told = Signal(object)
    ended = Signal(object)

    def __init__(
        self,
        words: Sequence[str],
        *,
        is_lines: bool,
        command: Sequence[str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Prepare a child; nothing runs before `start`.

        Args:
            words: What stands behind `studio walk`.
            is_lines: Whether each line is a JSON value of its own.
            command: What to run instead of our own command line, for tests.
            parent: Its owner.
        """
        super().__init__(parent)
        self._is_lines = is_lines
        self._buffer = b""
        self._errors = b""
        self._is_over = False
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("ORT_DISABLE_TELEMETRY", "1")
        self._process.setProcessEnvironment(environment)
        full = [*(command or child_command("walk")), *words]
        self._process.setProgram(full[0])
        self._process.setArguments(full[1:])
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.errorOccurred.connect(self._on_error)
        self._process.finished.connect(self._on_finished)
        self._kill = QTimer(self)
        self._kill.setSingleShot(True)
        self._kill.setInterval(_KILL_AFTER_MS)
        self._kill.timeout.connect(self._process.kill)

    def start(self) -> None:
        """Start it."""
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
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.closeWriteChannel()
            if not self._process.waitForFinished(1000):
                self._process.kill()
                self._process.waitForFinished(1000)

    @Slot()
    def _read(self) -> None:
        self._buffer += bytes(self._process.readAllStandardOutput().data())
        if self._is_lines:
            *lines, self._buffer = self._buffer.split(b"\n")
            for line in lines:
                self._tell(line)
        elif len(self._buffer) > _MAX_LINE:
            self._process.kill()

    @Slot()
    def _read_errors(self) -> None:
        self._errors = (self._errors + bytes(self._process.readAllStandardError().data()))[-4000:]

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(_failed())

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        self._read_errors()
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            if not self._is_lines:
                self._tell(self._buffer)
            self._end(None)
        else:
            self._end(_error_in(self._errors))
        if self._is_over:
            self.deleteLater()

    def _tell(self, raw: bytes) -> None:
        if self._is_over or not raw.strip():
            return
        try:
            value: Any = json.loads(raw)
        except ValueError:
            return
        if isinstance(value, dict):
            self.told.emit(value)

    def _end(self, error: StudioError | None) -> None:
        if not self._is_over:
            self._is_over = True
            self.ended.emit(error)


def _error_in(log: bytes) -> StudioError:
    """Give the two sentences that the command line ended with."""
    lines = [line for line in log.decode("utf-8", "replace").splitlines() if line.strip()]
    for line in reversed(lines):
        try:
            told = json.loads(line)["error"]
            return StudioError(str(told["what"]), str(told["way_out"]))
        except (ValueError, KeyError, TypeError):
            continue
    return _failed()


def _failed() -> StudioError:
    return StudioError("The film could not be made.", "Try again; what is rendered stays.")
