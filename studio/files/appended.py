"""Writing by appending, for journals: what stands there is never touched again."""

import contextlib
import errno
import os
from pathlib import Path

from studio.core.errors import StorageError
from studio.files.atomic import storage_error


class AppendedFile:
    """A file that only grows: what was appended stands, whatever happens to later bytes.

    Frames in it must say themselves whether they are whole (`files.frames`). `append` and `sync`
    may be called from different threads.
    """

    def __init__(self, path: Path) -> None:
        """Open the file at its end.

        Raises:
            StorageError: It cannot be opened for writing.
        """
        self.path = path
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise storage_error(error, path) from error

    def append(self, content: bytes) -> None:
        """Hand bytes to the system: they outlive this process, but not yet a power cut.

        Raises:
            StorageError: No space or a failing disk; a part of the bytes may stand at the end.
        """
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except (OSError, ValueError) as error:
            raise _append_error(error, self.path) from error

    def append_whole(self, content: bytes) -> None:
        """Hand bytes to the system, all or none of them; only for a file with one writer.

        Raises:
            StorageError: No space or a failing disk; the file ends where it ended before.
        """
        try:
            before = os.fstat(self._file.fileno()).st_size
        except (OSError, ValueError) as error:
            raise _append_error(error, self.path) from error
        try:
            self.append(content)
        except StorageError:
            with contextlib.suppress(OSError, ValueError):
                self._file.truncate(before)
            raise

    def sync(self) -> None:
        """Make all that was appended outlive a power cut.

        Raises:
            StorageError: A failing disk.
        """
        try:
            os.fsync(self._file.fileno())
        except (OSError, ValueError) as error:
            raise _append_error(error, self.path) from error

    def fileno(self) -> int:
        """Give the file's number, for a child process that appends to it."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file; does nothing the second time."""
        with contextlib.suppress(OSError):
            self._file.close()


def _append_error(error: OSError | ValueError, path: Path) -> StorageError:
    if isinstance(error, ValueError):  # Python's word for a closed file
        error = OSError(errno.EBADF, os.strerror(errno.EBADF))
    return storage_error(error, path)
