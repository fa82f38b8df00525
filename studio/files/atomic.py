"""The one way to write: after any interruption a name holds the old or the new bytes, whole.

Temp file beside the target, fsync, rename, fsync of the folder (reliability.md §3.2).
"""

import contextlib
import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from studio.core.errors import DiskFullError, StorageError

TEMP_PREFIX = ".part-"


class Disk:
    """The steps that storage is made of, one method each, in the terms of the file system.

    Tests put faults in place of single steps; everything else uses `DISK`. Every method raises
    `OSError` as the file system does.
    """

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it; their names survive a power cut."""
        if folder.is_dir():
            return
        self.make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        self.sync_folder(folder.parent)

    def create(self, path: Path) -> BinaryIO:
        """Open a new file for writing; a file of that name must not exist."""
        return path.open("xb")

    def sync(self, file: BinaryIO) -> None:
        """Wait until the file's bytes are on the disk."""
        file.flush()
        os.fsync(file.fileno())

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name; what had that name before is gone in the same instant."""
        old.replace(new)

    def name_first(self, old: Path, new: Path) -> None:
        """Give a file a name that nothing has; `FileExistsError` when something has it.

        A second program that wants the same name in the same instant gets another. Where there
        are no hard links (FAT), asking and renaming are two steps, and it could get the same.
        """
        try:
            new.hardlink_to(old)
        except FileExistsError:
            raise
        except OSError:
            if new.exists() or new.is_symlink():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(new)) from None
            old.replace(new)
        else:
            old.unlink()

    def remove(self, path: Path) -> None:
        """Remove a file; one that is not there is no error."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in this folder durable; nothing where folders cannot be opened."""
        if os.name == "nt":
            return  # Windows gives no handle for a folder; its rename is journalled
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class _UnsyncedDisk(Disk):
    """A disk that is not waited for: after a power cut a file may be missing or empty."""

    def sync(self, file: BinaryIO) -> None:
        """Hand the bytes to the system."""
        file.flush()

    def sync_folder(self, folder: Path) -> None:
        """Do nothing."""


DISK: Final = Disk()
# Only for what can be made again and is read with a doubt: thumbnails.
UNSYNCED: Final = _UnsyncedDisk()


def write_atomic(
    path: Path,
    write: Callable[[BinaryIO], None],
    *,
    disk: Disk = DISK,
    name: str = "",
    is_new: bool = False,
) -> None:
    """Write a file so that its name never holds half of it, and it survives a power cut.

    Args:
        path: Final name; missing folders are made.
        write: Called once with the open temp file.
        disk: What carries out the steps.
        name: What an error calls the file, "the picture"; "" takes its own name.
        is_new: The name must not be taken.

    Raises:
        FileExistsError: `is_new`, and the name is taken.
        StorageError: No space, no permission or a failing disk; the old file is untouched and
            nothing is left behind. A failed fsync is never tried again on the same file.
    """
    temp = path.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}")
    try:
        disk.make_folder(path.parent)
        with disk.create(temp) as file:
            write(file)
            disk.sync(file)
        (disk.name_first if is_new else disk.rename)(temp, path)
        disk.sync_folder(path.parent)
    except OSError as error:
        # The same error comes from a file where a folder should be: that is not a taken name.
        if is_new and isinstance(error, FileExistsError) and os.path.lexists(path):
            raise
        raise storage_error(error, path, name=name) from error
    finally:
        # A folder that is gone or read-only has nothing to tidy.
        with contextlib.suppress(OSError):
            temp.unlink(missing_ok=True)


def write_bytes_atomic(
    path: Path, content: bytes, *, disk: Disk = DISK, name: str = "", is_new: bool = False
) -> None:
    """Write bytes as `write_atomic` does; raises what it raises."""

    def write(file: BinaryIO) -> None:
        file.write(content)

    write_atomic(path, write, disk=disk, name=name, is_new=is_new)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder durable; does nothing where folders cannot be opened."""
    DISK.sync_folder(folder)


def remove_parts(folder: Path) -> int:
    """Remove what interrupted writes left in a folder, and give how many there were.

    Only for folders that are the studio's own, while nobody writes to them.
    """
    parts = list(folder.glob(f"{TEMP_PREFIX}*")) if folder.is_dir() else []
    for part in parts:
        with contextlib.suppress(OSError):
            part.unlink()
    return len(parts)


def storage_error(error: OSError, path: Path, *, name: str = "") -> StorageError:
    """Give the sentence for an error of the file system; `name` as in `write_atomic`."""
    place = path.parent.name or str(path.parent)
    shown = name or f"“{path.name}”"
    where = "" if name else f" in “{place}”"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(
            f"The disk is full: {shown} was not saved{where}.",
            "Free some space, then try again; what was saved before is untouched.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        folder = "The studio's folder" if name else f"The folder “{place}”"
        return StorageError(
            f"{folder} cannot be written to.",
            "Choose another folder, or allow writing there.",
        )
    reason = error.strerror or type(error).__name__
    return StorageError(
        f"{shown[0].upper()}{shown[1:]} could not be saved{where} ({reason}).",
        "Check that the disk is connected and healthy, then try again.",
    )
