"""Rendered pictures of a film that is not done: after a stop or a kill they are not made again.

cache/films/<plan>/000001.png   `plan` is the SHA-256 of everything that decides the pictures
"""

import contextlib
import hashlib
import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from studio.core.arrays import Picture
from studio.core.errors import PictureError
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_to_json
from studio.files.atomic import UNSYNCED, Disk, write_bytes_atomic
from studio.files.images import decode_picture

FOLDER: Final = Path("cache") / "films"
# Half an hour at 256 px; older films' pictures go first.
MAX_KEPT_BYTES: Final = 2 * 1024**3


def plan_key(recipes: Sequence[Recipe], *, provider: str, extra: str = "") -> str:
    """Give the name of a film's pictures: equal only when every picture is.

    Args:
        recipes: One for each picture.
        provider: What renders them; another one rounds differently.
        extra: What else decides the pixels.
    """
    digest = hashlib.sha256(f"{provider}\n{extra}\n".encode())
    for recipe in recipes:
        digest.update(recipe_to_json(recipe).encode() + b"\n")
    return digest.hexdigest()


class FrameCache:
    """The pictures of one film. Any thread may put; a picture is there whole or not at all."""

    def __init__(self, home: Path, key: str, *, disk: Disk = UNSYNCED) -> None:
        """Find what is there.

        Args:
            home: STUDIO_HOME.
            key: Of `plan_key`.
            disk: What carries out the steps.
        """
        self.folder = home / FOLDER / key[:32]
        self._disk = disk

    def missing(self, count: int) -> list[int]:
        """Give which of the pictures 0…count-1 have to be made."""
        there = {path.name for path in self.folder.glob("*.png")} if self.folder.is_dir() else set()
        return [place for place in range(count) if _name(place) not in there]

    def put(self, place: int, picture: Picture) -> None:
        """Store a picture.

        Raises:
            StorageError: The disk is full, or cannot be written to.
        """
        target = io.BytesIO()
        Image.fromarray(picture).save(target, "PNG", compress_level=1)
        path = self.folder / _name(place)
        write_bytes_atomic(path, target.getvalue(), disk=self._disk, name="a picture of the film")

    def read(self, place: int) -> Picture | None:
        """Give a picture; None, and it counts as missing from then on, when it is damaged."""
        path = self.folder / _name(place)
        try:
            return decode_picture(path.read_bytes())
        except (OSError, PictureError):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None

    def remove(self) -> None:
        """Forget the pictures: the film is done."""
        shutil.rmtree(self.folder, ignore_errors=True)


def trim_cache(home: Path, *, besides: Path | None = None, limit: int = MAX_KEPT_BYTES) -> None:
    """Remove the oldest films' pictures until the others take less than `limit` bytes."""
    root = home / FOLDER
    folders = [folder for folder in root.glob("*") if folder.is_dir() and folder != besides]
    sizes = {folder: _size_of(folder) for folder in folders}
    total = sum(sizes.values())
    for folder in sorted(folders, key=lambda one: one.stat().st_mtime):
        if total <= limit:
            return
        shutil.rmtree(folder, ignore_errors=True)
        total -= sizes[folder]


def _size_of(folder: Path) -> int:
    total = 0
    for file in folder.iterdir():
        with contextlib.suppress(OSError):
            total += file.stat().st_size
    return total


def _name(place: int) -> str:
    return f"{place + 1:06d}.png"
