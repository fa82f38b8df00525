"""Lists an artist's folder: each file once, whatever links and pipes lie in it. Opens no file."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import StudioError

SUFFIXES: Final = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"),
    *(".tif", ".tiff", ".bmp", ".gif", ".avif"),
)
# Pictures that are not read here: they are named, so that nobody looks for them in vain.
FOREIGN_SUFFIXES: Final = (
    *(".heic", ".heif", ".jxl", ".jp2", ".j2k", ".psd", ".psb", ".kra", ".ora", ".xcf", ".clip"),
    *(".svg", ".eps", ".ai", ".pdf", ".exr", ".hdr", ".tga", ".dng", ".cr2", ".cr3", ".nef"),
    *(".arw", ".orf", ".rw2", ".raf"),
)
# reliability.md §3.3 F18.
MAX_DEPTH: Final = 64

_Place = tuple[int, int]


class Found(msgspec.Struct, frozen=True, gc=False):
    """A file of the folder.

    Attributes:
        name: Inside the folder, with `/`; can always be written as UTF-8.
        refused: Why it is not even opened; "" for one that may be.
        like: The file that it is another name of.
        num_bytes: Size of the file.
        changed_ns: When it was last written, in ns since 1970.
    """

    name: str
    refused: str = ""
    like: str | None = None
    num_bytes: int = 0
    changed_ns: int = 0


class FolderWalk:
    """Gives what lies in a folder, file by file, as the system lists it.

    Each (device, inode) is given once, so that links and mounts that lead back end. Hidden
    files and what is no picture by its name are passed over.

    Attributes:
        num_others: How many files were passed over because of their name, so far.
    """

    def __init__(self, folder: Path) -> None:
        """Begin at a folder; a link to one is followed.

        Raises:
            StudioError: There is no such folder, or it cannot be listed.
        """
        self.num_others = 0
        self._folder = folder
        self._seen: dict[_Place, str] = {}
        if not folder.is_dir():
            raise StudioError(
                f"There is no folder called “{shown(folder.name)}”.",
                "Check the folder's name and try again.",
            )
        self._top = folder.resolve()
        status = self._top.stat()
        self._seen[status.st_dev, status.st_ino] = ""
        try:
            os.scandir(self._top).close()
        except OSError as error:
            raise StudioError(
                f"The folder “{shown(folder.name)}” cannot be read.", "Check that you may open it."
            ) from error

    def __iter__(self) -> Iterator[Found]:
        waiting: list[tuple[str, int]] = [("", 0)]
        while waiting:
            name, depth = waiting.pop()
            try:
                entries = os.scandir(self._top / name)
            except OSError as error:
                yield Found(f"{name}/", f"a folder that cannot be opened ({error.strerror})")
                continue
            with entries:
                for entry in entries:
                    found = self._look(entry, name)
                    if isinstance(found, str):
                        if depth < MAX_DEPTH:
                            waiting.append((found, depth + 1))
                        else:
                            yield Found(f"{found}/", f"more than {MAX_DEPTH} folders deep")
                    elif found is not None:
                        yield found

    def _look(self, entry: os.DirEntry[str], inside: str) -> Found | str | None:
        """Give the file, the name of a folder to go into, or None for what is passed over."""
        if entry.name.startswith("."):
            return None
        name = f"{inside}/{entry.name}" if inside else entry.name
        suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 - a Path for each is slow
        is_picture = suffix in SUFFIXES
        try:
            if entry.is_symlink():
                return self._look_at_link(entry, name, is_picture=is_picture)
            if entry.is_dir(follow_symlinks=False):
                return self._look_at_folder(entry, name)
            if not is_picture:
                self.num_others += suffix not in FOREIGN_SUFFIXES
                is_foreign = suffix in FOREIGN_SUFFIXES
                return Found(shown(name), _FOREIGN.format(suffix[1:])) if is_foreign else None
            return self._look_at_file(entry.stat(follow_symlinks=False), name)
        except OSError as error:
            return Found(shown(name), f"cannot be looked at ({error.strerror})")

    def _look_at_folder(self, entry: os.DirEntry[str], name: str) -> Found | str:
        if not _is_text(name):
            return Found(f"{shown(name)}/", "a folder whose name is not text: rename it")
        status = entry.stat(follow_symlinks=False)
        other = self._seen.setdefault((status.st_dev, status.st_ino), name)
        if other != name:
            return Found(f"{name}/", f"the same folder as {other or 'the chosen one'}")
        return name

    def _look_at_link(
        self, entry: os.DirEntry[str], name: str, *, is_picture: bool
    ) -> Found | None:
        try:
            is_folder = entry.is_dir()
            target = Path(entry.path).resolve(strict=True)
        except (OSError, RuntimeError):  # a loop is a RuntimeError before Python 3.13
            return Found(shown(name), "a link that leads nowhere") if is_picture else None
        if not is_folder and not is_picture:
            return None
        if target.is_relative_to(self._top):
            return Found(shown(name), "a link to something in this folder")
        return Found(shown(name), "a link out of the folder: not followed")

    def _look_at_file(self, status: os.stat_result, name: str) -> Found:
        if not stat.S_ISREG(status.st_mode):
            return Found(shown(name), "not a file but a pipe or device")
        if not _is_text(name):
            return Found(shown(name), "its name is not text: rename it")
        found = Found(name, num_bytes=status.st_size, changed_ns=status.st_mtime_ns)
        if status.st_nlink > 1:
            other = self._seen.setdefault((status.st_dev, status.st_ino), name)
            if other != name:
                reason = f"the same file as {other}"
                return msgspec.structs.replace(found, refused=reason, like=other)
        return found


_FOREIGN: Final = "{} is not read here: save it as PNG or JPEG"


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(name: str) -> str:
    """Give a name that can be written: bytes that are not UTF-8 as hex numbers."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
