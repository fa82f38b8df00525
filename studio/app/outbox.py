"""Pictures on their way to other programs: a real file for each, dragged or copied.

The files lie in `STUDIO_HOME/drag`, not in /tmp, which sandboxed programs cannot see. Targets read
late, so nothing is removed at the end of a drag; `clear` does it at the next start.
"""

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColorSpace, QImage

from studio.core.arrays import Picture, pixel_hash
from studio.core.model_card import ModelCard
from studio.core.recipe import Recipe
from studio.export.file_names import safe_name
from studio.export.stills import StillSettings, save_still
from studio.files.atomic import write_bytes_atomic
from studio.library.gallery import Gallery, Kept

FOLDER: Final = "drag"
PASTED_NAME: Final = ".pasted.png"  # no file of the artist is called so


class Outbox:
    """Makes the files. Each call writes at most one; 256 px take some 10 ms."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def clear(self) -> None:
        """Remove what earlier sessions left; only while this window has the home's lock."""
        for folder in self._folder.glob("*"):
            for file in folder.glob("*"):
                with contextlib.suppress(OSError):
                    file.unlink()
            with contextlib.suppress(OSError):
                folder.rmdir()

    def file_of_picture(
        self, picture: Picture, recipe: Recipe, *, card: ModelCard, name: str
    ) -> Path:
        """Give a PNG of a picture with its recipe; the same one for the same picture and name.

        Raises:
            StorageError: It could not be written.
        """
        folder = self._folder / pixel_hash(picture)[:16]
        path = folder / f"{safe_name(name)}.png"
        if path.is_file():
            return path
        return save_still(path, picture, recipe=recipe, card=card, settings=StillSettings())

    def file_of_kept(self, gallery: Gallery, kept: Kept) -> Path:
        """Give a PNG of a kept picture with a name for people: a copy, its object stays our own.

        Raises:
            StorageError: The picture is damaged, or the file could not be written.
        """
        path = self._folder / kept.object[:16] / f"{safe_name(kept.name)}.png"
        if path.is_file():
            return path
        content = gallery.read_picture_file(kept)
        # No hard link: a program that saves in place would change the object itself.
        write_bytes_atomic(path, content)
        return path


def pasted_path(home: Path, content: bytes) -> Path:
    """Give where the bytes of a pasted picture lie while they are looked at; `clear` removes them."""
    return home / FOLDER / hashlib.sha256(content).hexdigest()[:16] / PASTED_NAME


def to_clipboard_image(picture: Picture) -> QImage:
    """Give an image of its own (ARGB32, sRGB): the form that every program pastes."""
    rows, columns = picture.shape[:2]
    shared = QImage(picture.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    image = shared.convertToFormat(QImage.Format.Format_ARGB32)
    image.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    return image


def picture_mime(
    path: Path, picture: Picture | None = None, *, extra: Mapping[str, bytes] | None = None
) -> QMimeData:
    """Give what is dragged or copied: the file, the image when given, and formats of our own."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    if picture is not None:
        mime.setImageData(to_clipboard_image(picture))
    for kind, content in (extra or {}).items():
        mime.setData(kind, content)
    return mime
