"""A kernel lock that says whether a trainer works in a run folder.

The kernel lets go of it when the process ends, however it ends.
"""

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from studio.core.errors import RunBusyError

# Who asks `is_locked` holds the lock for an instant; that must not look like another trainer.
_TRIES: Final = 20
_PAUSE_S: Final = 0.025


class RunLock:
    """Holds `lock` in a run folder from `with` to its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def __enter__(self) -> None:
        """Takes the lock.

        Raises:
            RunBusyError: another trainer holds it.
        """
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        for _ in range(_TRIES):
            if _take(handle):
                break
            time.sleep(_PAUSE_S)
        else:
            os.close(handle)
            raise RunBusyError(
                "Another trainer is at work on this run.", "Stop that one, or wait until it ends."
            )
        self._handle = handle

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Gives the lock back; the file stays, so that nobody locks another one."""
        assert self._handle is not None
        os.close(self._handle)
        self._handle = None


def is_locked(path: Path) -> bool:
    """Says whether a trainer holds the lock; False when the file is missing."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _take(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
