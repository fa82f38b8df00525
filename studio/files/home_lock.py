"""One window for each STUDIO_HOME: a kernel lock, which dies with its process."""

import contextlib
import errno
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from studio.core.errors import StorageError
from studio.files.atomic import DISK, storage_error

LOCK_FILE: Final = "lock"


class HomeLock:
    """The right to be the one window of a home. There is never a stale one to remove by hand.

    A home that cannot be written to needs no lock where none can be had: its windows only read.

    Raises:
        StorageError: Another window has it, or the home cannot be made.
    """

    def __init__(self, home: Path) -> None:
        path = home / LOCK_FILE
        self._descriptor = _open(path)
        if self._descriptor is None:
            return
        try:
            _lock(self._descriptor)
        except OSError as error:
            self.release()
            raise StorageError(
                "Latent Studio is open already.", "Use the window that is open, or close it first."
            ) from error

    def release(self) -> None:
        """Give the lock back; the end of the process does the same."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _open(path: Path) -> int | None:
    """Give the lock file, opened; None where nothing can be written and there is none."""
    try:
        DISK.make_folder(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise storage_error(error, path) from error
    try:
        return os.open(path, os.O_RDONLY)
    except OSError:
        return None


def is_writable(folder: Path) -> bool:
    """Whether a file can really be made in a folder (made, if missing): asked of the disk itself."""
    probe = folder / f".part-probe-{os.getpid()}"
    try:
        DISK.make_folder(folder)
        probe.touch()
    except OSError:
        return False
    with contextlib.suppress(OSError):
        probe.unlink()
    return True


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
