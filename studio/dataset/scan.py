"""Finds the pictures of a folder. The artist's folder is only ever read."""

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path

from studio.core.errors import StudioError

SUFFIXES = (
    ".jpg",
    ".jpeg",
    ".jpe",
    ".png",
    ".webp",
    ".tif",
    ".tiff",
    ".bmp",
    ".gif",
    ".avif",
    ".jp2",
)


def find_pictures(folder: Path, include: tuple[str, ...] = ()) -> list[Path]:
    """Gives the picture files below `folder`, sorted by their path inside it.

    Args:
        folder: the artist's folder.
        include: file name patterns; empty means all.

    Raises:
        StudioError: there is no such folder, or it cannot be listed.
    """
    if not folder.is_dir():
        raise StudioError(
            f"There is no folder called “{folder.name}”.", "Check the folder's name and try again."
        )
    try:
        found = sorted(_walk(folder), key=lambda path: path.relative_to(folder).as_posix())
    except OSError as error:
        raise StudioError(
            f"The folder “{folder.name}” cannot be read.", "Check that you may open it."
        ) from error
    if include:
        found = [p for p in found if any(fnmatch.fnmatch(p.name, one) for one in include)]
    return found


def _walk(folder: Path) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise error

    for place, folders, names in os.walk(folder, onerror=stop, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and name.lower().endswith(SUFFIXES):
                yield Path(place) / name
