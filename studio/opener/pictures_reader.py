"""Pictures that somebody packed as a zip, to learn from. Runs in the opener child only.

Source: StyleGAN's dataset form, a zip of pictures with a dataset.json beside them; whatever else
lies in the zip is passed over.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from studio.core.errors import StudioError
from studio.files.source_pictures import MAX_FILE_BYTES
from studio.opener.zip_walk import ZipWalk

MAX_PICTURES: Final = 200_000
SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})


class PicturesZip:
    """A zip in which pictures were found.

    Attributes:
        pictures: Suffix and size of each, in the order of their names.

    Raises:
        StudioError: No zip that is allowed, or without pictures.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Check the directory; no picture is decoded here."""
        try:
            self._walk = ZipWalk(file, max_members=MAX_PICTURES)
        except ValueError as error:
            raise StudioError(f"This zip was not opened: {error}.", _UNPACK) from error
        self._names = [name for name in sorted(self._walk.members) if _is_picture(name)]
        if not self._names:
            raise StudioError("There are no pictures in this zip.", "Choose another one.")
        self.pictures = tuple(
            (PurePosixPath(name).suffix.lower(), self._walk.members[name].file_size)
            for name in self._names
        )

    def blocks(self) -> Iterator[bytes]:
        """Give all pictures one after the other, piece by piece; raises `ValueError` as `ZipWalk`."""
        for name in self._names:
            yield from self._walk.blocks(name, max_bytes=MAX_FILE_BYTES)


_UNPACK: Final = "Unpack it yourself, then choose the folder."


def _is_picture(name: str) -> bool:
    path = PurePosixPath(name)
    is_hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not is_hidden
