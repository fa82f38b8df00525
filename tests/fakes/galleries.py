"""Small pictures to keep, and galleries that write as one must not."""

from pathlib import Path

import msgspec
import numpy as np

from studio.core.arrays import Picture
from studio.core.model_card import ModelCard
from studio.core.recipe import Recipe, new_recipe
from studio.library.gallery import Gallery, Kept
from studio.library.gallery_folder import ITEMS, GalleryFolder
from studio.library.kept import Entry
from studio.library.sidecar import sidecar_from_entry

MODEL = "ab" * 32
CARD = ModelCard(
    id="hills",
    name="Hills",
    family="gan",
    model=MODEL,
    resolution=32,
    z=8,
    w=8,
    layers=8,
    zones=(2, 4),
    graphs={},
    credit="Made from public pictures.",
)


def picture_of(seed: int, side: int = 32) -> Picture:
    """Give a picture that depends on the seed; it does not compress, as a real one would not."""
    levels = np.random.RandomState(seed).randint(0, 256, (side, side, 3)).astype(np.uint8)
    levels.flags.writeable = False
    return levels


def recipe_of(seed: int) -> Recipe:
    """Give the recipe of a seed."""
    return new_recipe(MODEL, seed)


def keep_one(gallery: Gallery, seed: int, name: str = "") -> Kept:
    """Keep the picture of a seed."""
    return gallery.keep(picture_of(seed), recipe_of(seed), card=CARD, name=name, provider="CPU")


class _NaiveFolder(GalleryFolder):
    """Writes straight onto the final name, in pieces, without waiting for the disk."""

    def write_object(self, content: bytes) -> str:
        import hashlib

        object_hash = hashlib.sha256(content).hexdigest()
        _write_in_pieces(self.object_path(object_hash), content)
        return object_hash

    def write_entry(self, entry: Entry) -> Entry:
        path = self.home / ITEMS / f"{entry.kept.id}.json"
        _write_in_pieces(path, sidecar_from_entry(entry))
        return entry


def _write_in_pieces(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=0) as file:
        for begin in range(0, len(content), 64):
            file.write(content[begin : begin + 64])


class NaiveGallery(Gallery):
    """The planted fault: final names at once, and the index before the files."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._folder = _NaiveFolder(home)

    def _store(self, entry: Entry) -> None:
        self._shelf.remember(msgspec.structs.replace(entry, stamp="first"))
        super()._store(entry)
