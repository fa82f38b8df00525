"""The command line at work on a walk, in a child process: what it says and how it ended."""

import json
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, QProcess

from studio.app.child_process import ChildProcess
from studio.core.errors import StudioError
from studio.files.places import child_command

_KILL_AFTER_MS: Final = 5000  # a batch of pictures on a slow machine
_MAX_LINE: Final = 64 * 1024 * 1024  # a plan holds one latent for each picture of a walk


class WalkChild(ChildProcess):
    """`studio walk …` as a child.

    `told` gives each JSON line as a dict; a whole answer comes once, at the end.
    """

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
        full = [*(command or child_command("walk")), *words]
        super().__init__(full, kill_after_ms=_KILL_AFTER_MS, parent=parent)
        self._is_lines = is_lines
        self._buffer = b""

    def _take(self, chunk: bytes) -> None:
        self._buffer += chunk
        if self._is_lines:
            *lines, self._buffer = self._buffer.split(b"\n")
            for line in lines:
                self._tell(line)
        elif len(self._buffer) > _MAX_LINE:
            self._process.kill()

    def _not_started(self) -> StudioError:
        return _failed()

    def _outcome(self, status: int, how: QProcess.ExitStatus) -> StudioError | None:
        if status != 0 or how != QProcess.ExitStatus.NormalExit:
            return _error_in(self.log)
        if not self._is_lines:
            self._tell(self._buffer)
        return None

    def _tell(self, raw: bytes) -> None:
        if self._is_over or not raw.strip():
            return
        try:
            value: Any = json.loads(raw)
        except ValueError:
            return
        if isinstance(value, dict):
            self.told.emit(value)


def _error_in(log: str) -> StudioError:
    """Give the two sentences that the command line ended with."""
    lines = [line for line in log.splitlines() if line.strip()]
    for line in reversed(lines):
        try:
            told = json.loads(line)["error"]
            return StudioError(str(told["what"]), str(told["way_out"]))
        except (ValueError, KeyError, TypeError):
            continue
    return _failed()


def _failed() -> StudioError:
    return StudioError("The film could not be made.", "Try again; what is rendered stays.")
