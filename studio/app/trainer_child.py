"""One short job in a child process: what it tells, how it ended, and how to end it early."""

import logging
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QProcess

from studio.app.child_process import ChildProcess
from studio.core.errors import StudioError, TrainingError
from studio.protocol.codec import LineDecoder, ProtocolError
from studio.protocol.training_messages import Failed, TrainerEvent

_KILL_AFTER_MS: Final = 500  # a scan promises to end within this
_logger = logging.getLogger(__name__)


class TrainerChild(ChildProcess):
    """A trainer at work on one short job; `told` gives each `TrainerEvent`."""

    def __init__(self, command: Sequence[str], *, parent: QObject | None = None) -> None:
        super().__init__(command, kill_after_ms=_KILL_AFTER_MS, parent=parent)
        self._decoder: LineDecoder[TrainerEvent] = LineDecoder(TrainerEvent)
        self._error: StudioError | None = None

    def _take(self, chunk: bytes) -> None:
        for event in self._decoder.feed(chunk):
            if self._is_over:
                return
            if isinstance(event, Failed):
                self._error = TrainingError(event.what, event.way_out)
            elif isinstance(event, ProtocolError):
                _logger.warning("trainer: %s", event.what)
            else:
                self.told.emit(event)

    def _not_started(self) -> StudioError:
        return TrainingError("The trainer cannot be started.", "Install the program again.")

    def _outcome(self, status: int, how: QProcess.ExitStatus) -> StudioError | None:  # noqa: ARG002
        if self._error is None and status != 0:
            return TrainingError(f"The trainer ended unexpectedly (status {status}).", "Try again.")
        return self._error
