"""Where generated pictures go: names that are free, and checks before any work is done."""

import os
from pathlib import Path
from typing import Final

from studio.core.errors import StorageError
from studio.export.stills import Format
from studio.files.atomic import storage_error

FORMAT_BY_SUFFIX: Final[dict[str, Format]] = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".avif": "avif",
}


def plan_file(path: Path, *, force: bool) -> Path:
    """Give the one file to write, checked.

    Raises:
        StorageError: Its folder is missing or read-only, it is a folder, or it exists and `force`
            is not set.
    """
    if is_folder(path):
        raise StorageError(f"“{path}” is a folder.", "Give a file name behind it with --out.")
    _check_folder(path.parent)
    if exists(path) and not force:
        raise StorageError(
            f"“{path.name}” is already there and was not touched.",
            "Give another name with --out, or add --force to replace it.",
        )
    return path


def plan_folder(folder: Path, stems: list[str], *, suffix: str, force: bool) -> list[Path]:
    """Give a free file name in a folder for each stem; a taken name gets `-2` or higher.

    The folder itself may be missing, as long as the one above it is there.

    Args:
        folder: Where the pictures go.
        stems: Names without suffix, in order; the same stem may come twice.
        suffix: With its dot.
        force: Replace what was there before, but never a picture of this call.

    Raises:
        StorageError: The folder cannot be written to, or it is a file.
    """
    if exists(folder) and not folder.is_dir():
        raise StorageError(f"“{folder}” is a file, not a folder.", "Name a folder with --out.")
    _check_folder(folder if exists(folder) else folder.parent)
    taken: set[str] = set()
    paths = []
    for stem in stems:
        name, number = f"{stem}{suffix}", 1
        while name in taken or (not force and exists(folder / name)):
            number += 1
            name = f"{stem}-{number}{suffix}"
        taken.add(name)
        paths.append(folder / name)
    return paths


def exists(path: Path) -> bool:
    """Say whether a name is taken.

    Raises:
        StorageError: The disk does not tell, for example because the name is too long.
    """
    try:
        return path.exists()
    except OSError as error:
        raise storage_error(error, path) from error


def is_folder(path: Path) -> bool:
    """Say whether it is a folder; a name that cannot be one is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _check_folder(folder: Path) -> None:
    if not is_folder(folder):
        raise StorageError(
            f"The folder “{folder}” does not exist.", "Make it first, or name another with --out."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(
            f"The folder “{folder}” cannot be written to.",
            "Choose another folder with --out, or allow writing there.",
        )
