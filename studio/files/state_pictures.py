"""Small pictures of the history's states on disk: a cache, to be seen before a model is open."""

import contextlib
import hashlib
from pathlib import Path
from typing import Final

from studio.core.arrays import Picture
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_to_json
from studio.files.atomic import UNSYNCED, write_bytes_atomic
from studio.files.images import encode_thumbnail

_FOLDER: Final = Path("cache") / "states"
# More than a history holds (`core.history.MAX_NODES`): at 2 KB each some 12 MB.
MAX_FILES: Final = 6000
_SIDE_PX: Final = 64


def state_picture_path(home: Path, recipe: Recipe) -> Path:
    """Give where the small picture of a recipe lies; it need not be there."""
    digest = hashlib.sha256(recipe_to_json(recipe).encode()).hexdigest()
    return home / _FOLDER / f"{digest[:40]}.jpg"


def write_state_picture(home: Path, recipe: Recipe, *, picture: Picture) -> None:
    """Store a small picture, unless it is there.

    Raises:
        StorageError: It could not be stored.
    """
    path = state_picture_path(home, recipe)
    if not path.is_file():
        write_bytes_atomic(path, encode_thumbnail(picture, _SIDE_PX), disk=UNSYNCED)


def prune_state_pictures(home: Path, most: int = MAX_FILES) -> int:
    """Remove the oldest beyond a number; gives how many went."""
    found: list[tuple[float, Path]] = []
    with contextlib.suppress(OSError):
        found = [(path.stat().st_mtime, path) for path in (home / _FOLDER).glob("*.jpg")]
    gone = sorted(found)[: max(0, len(found) - most)]
    for _, path in gone:
        with contextlib.suppress(OSError):  # another program holds it: it goes the next time
            path.unlink()
    return len(gone)
