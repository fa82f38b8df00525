"""A zip of pictures becomes a folder of ours: under our own names, member by member, with limits.

The zip is read in the opener child. What was unpacked is remembered, so that a zip is unpacked once.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import StudioError
from studio.core.model_card import slug
from studio.files.atomic import DISK, UNSYNCED, storage_error, write_atomic, write_bytes_atomic
from studio.opener.answer import MAX_LINE_BYTES, PicturesAnswer
from studio.opener.kinds import HEAD_BYTES, kind_of
from studio.opener.limited_child import ChildFailedError, LimitedChild, StoppedError
from studio.opener.open_file import OpenFile

CACHE: Final = "cache/datasets"
MAX_ZIP_BYTES: Final = 64 * 1024 * 1024 * 1024
_DONE: Final = ".whole"
_KEPT: Final = 3
_TAIL_BYTES: Final = 1024 * 1024
_SILENCE_S: Final = 60.0
_UNPACK: Final = "Unpack it yourself, then choose the folder."


def folder_of(path: Path, home: Path, *, is_stopping: Callable[[], bool] | None = None) -> Path:
    """Give the folder to read pictures from: the one that was named, or what a zip unpacks to.

    Args:
        path: A folder, or a zip of pictures as StyleGAN's tools make it.
        home: `STUDIO_HOME`, whose cache holds what was unpacked.
        is_stopping: Asked all the time.

    Raises:
        StudioError: No such folder and no such zip, one that is not allowed, no room, or it is not
            wanted any more.
    """
    if not path.is_file():
        return path
    with OpenFile(path, noun="zip", max_bytes=MAX_ZIP_BYTES) as file:
        if kind_of(file.head(HEAD_BYTES)) != "zip":
            raise StudioError(
                f"“{path.name}” is neither a folder nor a zip of pictures.", "Choose a folder."
            )
        # The folder's name is what a model of it is called at first.
        target = home / CACHE / _key_of(file) / slug(path.stem)
        if not (target / _DONE).is_file():
            _make_room(target.parent)
            _unpack(file, target, is_stopping=is_stopping)
    return target


def _key_of(file: OpenFile) -> str:
    """Give a name for what a zip holds: its directory, at its end, has every file's checksum."""
    digest = hashlib.sha256(str(file.num_bytes).encode())
    os.lseek(file.descriptor, max(0, file.num_bytes - _TAIL_BYTES), os.SEEK_SET)
    digest.update(os.read(file.descriptor, _TAIL_BYTES))
    os.lseek(file.descriptor, 0, os.SEEK_SET)
    return digest.hexdigest()[:24]


def _make_room(target: Path) -> None:
    """Remove a half of this zip, and all but the newest others: they can be unpacked again."""
    shutil.rmtree(target, ignore_errors=True)
    with contextlib.suppress(OSError):
        others = sorted(target.parent.iterdir(), key=lambda path: path.stat().st_mtime)
        for old in others[: max(0, len(others) - _KEPT + 1)]:
            shutil.rmtree(old, ignore_errors=True)


def _unpack(file: OpenFile, target: Path, *, is_stopping: Callable[[], bool] | None) -> None:
    child = LimitedChild(
        ["opener", "pictures"],
        descriptor=file.descriptor,
        silence_s=_SILENCE_S,
        is_stopping=is_stopping,
    )
    try:
        DISK.make_folder(target)
        with child:
            answer = _answer(child.line(MAX_LINE_BYTES))
            for number, (suffix, size) in enumerate(answer.pictures):
                _write(target / f"{number:06d}{suffix}", child.blocks(size))
            write_bytes_atomic(target / _DONE, b"")
    except StoppedError as error:
        raise StudioError("The zip was not unpacked to its end.", "Open it again.") from error
    except ChildFailedError as error:
        raise StudioError("The zip is damaged: reading it failed.", _UNPACK) from error
    except OSError as error:
        raise storage_error(error, target) from error


def _write(path: Path, blocks: Iterator[bytes]) -> None:
    # Not waited for: what a power cut takes is unpacked again, because the mark of the whole is missing.
    write_atomic(path, lambda file: file.writelines(blocks), disk=UNSYNCED, name="the picture")


def _answer(line: bytes) -> PicturesAnswer:
    """Give what the child says; its words are checked as a stranger's would be."""
    try:
        answer = msgspec.json.decode(line, type=PicturesAnswer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StudioError("The zip is damaged: reading it failed.", _UNPACK) from error
    if answer.refused is not None:
        raise StudioError(answer.refused.what, answer.refused.way_out)
    if any(not suffix[1:].isalnum() or suffix[:1] != "." for suffix, _ in answer.pictures):
        raise StudioError("The zip is damaged: reading it failed.", _UNPACK)
    return answer
