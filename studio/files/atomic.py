"""The one way to write: after any interruption a name holds the old or the new bytes, whole.

Temp file beside the target, fsync, rename, fsync of the folder (reliability.md §3.2).
"""

import contextlib
import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from studio.core.errors import StorageError

TEMP_PREFIX = ".part-"


def write_atomic(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Write a file so that its name never holds half of it, and it survives a power cut.

    Args:
        path: Final name; missing folders are made.
        write: Called once with the open temp file.

    Raises:
        StorageError: No space, no permission or a failing disk; the old file is untouched and
            nothing is left behind. A failed fsync is never tried again on the same file.
    """
    temp = path.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temp.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temp.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise storage_error(error, path) from error
    finally:
        # A folder that is gone or read-only has nothing to tidy.
        with contextlib.suppress(OSError):
            temp.unlink(missing_ok=True)


def write_bytes_atomic(path: Path, content: bytes) -> None:
    """Write bytes as `write_atomic` does; raises `StorageError` like it."""

    def write(file: BinaryIO) -> None:
        file.write(content)

    write_atomic(path, write)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder durable; does nothing where folders cannot be opened."""
    if os.name == "nt":
        return  # Windows gives no handle for a folder; its rename is journalled
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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

    def sync(self) -> None:
        """Make all that was appended outlive a power cut.

        Raises:
            StorageError: A failing disk.
        """
        try:
            os.fsync(self._file.fileno())
        except (OSError, ValueError) as error:
            raise _append_error(error, self.path) from error

    def close(self) -> None:
        """Close the file; does nothing the second time."""
        with contextlib.suppress(OSError):
            self._file.close()


def _append_error(error: OSError | ValueError, path: Path) -> StorageError:
    is_closed = isinstance(error, ValueError)
    return storage_error(OSError(errno.EBADF, "closed") if is_closed else error, path)


def storage_error(error: OSError, path: Path) -> StorageError:
    """Give the sentence for an error of the file system."""
    place = path.parent.name or str(path.parent)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            f"The disk is full: “{path.name}” was not saved in “{place}”.",
            "Free some space, then try again; what was saved before is untouched.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageError(
            f"The folder “{place}” cannot be written to.",
            "Choose another folder, or allow writing there.",
        )
    reason = error.strerror or type(error).__name__
    return StorageError(
        f"“{path.name}” could not be saved in “{place}” ({reason}).",
        "Check that the disk is connected and healthy, then try again.",
    )
