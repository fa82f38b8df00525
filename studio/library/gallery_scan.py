"""The gallery's files compared with what the index remembers: the files win, nothing is dropped."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from studio.core.recipe import Recipe
from studio.library.gallery_folder import GalleryFolder, read_sidecar
from studio.library.kept import Entry, unreadable
from studio.library.sidecar import SidecarError, entry_from_sidecar
from studio.opener.recipe_reader import read_recipe_text


class Scan(msgspec.Struct, frozen=True):
    """What the files say.

    Attributes:
        entries: Every kept picture, id → entry.
        changed: The entries that the index does not have in this form.
        num_unclaimed: Objects that no record names: what an interrupted keep left.
    """

    entries: dict[str, Entry]
    changed: tuple[Entry, ...]
    num_unclaimed: int


def scan_gallery(folder: GalleryFolder, remembered: Mapping[str, Entry]) -> Scan:
    """Give what the files say; only records that changed since `remembered` are read.

    A picture whose record is gone or unreadable, or whose object is missing, is there as damaged.

    Raises:
        OSError: A folder cannot be listed.
    """
    objects = folder.object_hashes()
    entries: dict[str, Entry] = {}
    for item_id, (path, stamp) in folder.sidecars().items():
        old = remembered.get(item_id)
        is_known = old is not None and old.stamp == stamp
        entries[item_id] = (
            old if old and is_known else _read(folder, Path(path), stamp=stamp, old=old)
        )
    for item_id, old in remembered.items():
        if item_id not in entries:
            entries[item_id] = old if not old.stamp else _without_record(old, stamp="")
    entries = {
        name: _with_object(folder, entry, objects=objects) for name, entry in entries.items()
    }
    changed = tuple(entry for name, entry in entries.items() if remembered.get(name) is not entry)
    claimed = {entry.kept.object for entry in entries.values()}
    return Scan(entries, changed, len(objects - claimed))


def _read(folder: GalleryFolder, path: Path, *, stamp: str, old: Entry | None) -> Entry:
    try:
        return entry_from_sidecar(read_sidecar(path), item_id=path.stem, stamp=stamp)
    except SidecarError as error:
        object_hash = error.object_hash
    except OSError:
        object_hash = ""
    if old is not None:
        return _without_record(old, stamp)
    recipe = _recipe_inside(folder, object_hash)
    kept = unreadable(path.stem, object_hash=object_hash, recipe=recipe)
    return Entry(kept, stamp=stamp, damage="record")


def _recipe_inside(folder: GalleryFolder, object_hash: str) -> Recipe | None:
    """Give the recipe that the picture itself carries: it outlives a damaged record."""
    content = folder.read_object(object_hash) if object_hash else None
    found = read_recipe_text(content) if content else None
    return found.recipe.recipe if found is not None and found.recipe is not None else None


def _with_object(folder: GalleryFolder, entry: Entry, *, objects: set[str]) -> Entry:
    is_there = entry.kept.object in objects
    if not entry.damage and not is_there:
        return entry.damaged("object")
    if entry.damage == "object" and is_there and folder.read_object(entry.kept.object) is not None:
        return entry.damaged("")  # the artist brought the file back
    return entry


def _without_record(entry: Entry, stamp: str) -> Entry:
    return msgspec.structs.replace(entry.damaged("record"), stamp=stamp)
