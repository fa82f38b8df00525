"""The gallery's files: immutable objects named by their content, and a record beside each picture.

objects/<aa>/<sha256>   a PNG, never changed
items/<id>.json         the record, see `library.sidecar`
trash/<id>.json         the same, for what is in the bin
"""

import hashlib
import os
import re
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import StorageError
from studio.files.atomic import DISK, Disk, remove_parts, storage_error, write_bytes_atomic
from studio.library.kept import Entry
from studio.library.sidecar import MAX_SIDECAR_BYTES, sidecar_from_entry

OBJECTS: Final = "objects"
ITEMS: Final = "items"
TRASH: Final = "trash"
THUMBNAILS: Final = "cache/thumbnails"
_SUFFIX: Final = ".json"
_ID: Final = re.compile("[0-9a-f]{32}")
# What errors call the files: their own names say nothing to people.
_PICTURE: Final = "the picture"
_RECORD: Final = "what you changed"


class GalleryFolder:
    """Reads and writes the files of one gallery; knows nothing of an index."""

    def __init__(self, home: Path, disk: Disk = DISK) -> None:
        self.home = home
        self._disk = disk

    def object_path(self, object_hash: str) -> Path:
        """Give where an object lies, whether it is there or not."""
        return self.home / OBJECTS / object_hash[:2] / (object_hash or "missing")

    def thumbnail_path(self, object_hash: str) -> Path:
        """Give where the small picture of an object lies, whether it is there or not."""
        return self.home / THUMBNAILS / object_hash[:2] / f"{object_hash}.jpg"

    def write_object(self, content: bytes) -> str:
        """Store an object, durable when it returns, and give its hash.

        Raises:
            StorageError: It could not be stored.
        """
        object_hash = hashlib.sha256(content).hexdigest()
        path = self.object_path(object_hash)
        if self.read_object(object_hash) == content:
            try:  # perhaps left by an interrupted keep, before its sync
                self._disk.sync_folder(path.parent)
            except OSError as error:
                raise storage_error(error, path, name=_PICTURE) from error
        else:
            write_bytes_atomic(path, content, disk=self._disk, name=_PICTURE)
        return object_hash

    def read_object(self, object_hash: str) -> bytes | None:
        """Give an object's bytes, None when it is missing or is not what its name says."""
        try:
            content = self.object_path(object_hash).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == object_hash else None

    def write_thumbnail(self, object_hash: str, content: bytes) -> Path:
        """Store the small picture of an object.

        Raises:
            StorageError: It could not be stored.
        """
        path = self.thumbnail_path(object_hash)
        write_bytes_atomic(path, content, disk=self._disk)
        return path

    def write_entry(self, entry: Entry) -> Entry:
        """Store a record, durable when it returns; gives the entry with its stamp.

        Raises:
            StorageError: It could not be stored; the old record is untouched.
        """
        name = f"{entry.kept.id}{_SUFFIX}"
        there = self.home / TRASH / name
        path = there if there.exists() else self.home / ITEMS / name
        write_bytes_atomic(path, sidecar_from_entry(entry), disk=self._disk, name=_RECORD)
        # The bin is told by the record's own words; where it lies is only for people who look.
        wanted = self.home / (ITEMS if entry.trashed_at is None else TRASH) / name
        if wanted != path:
            self._move(path, wanted)
        return msgspec.structs.replace(entry, stamp=stamp_of(wanted.stat()))

    def _move(self, path: Path, wanted: Path) -> None:
        try:
            self._disk.make_folder(wanted.parent)
            self._disk.rename(path, wanted)
            self._disk.sync_folder(wanted.parent)
            self._disk.sync_folder(path.parent)
        except OSError as error:
            raise storage_error(error, wanted, name=_RECORD) from error

    def sidecars(self) -> dict[str, tuple[str, str]]:
        """Give every record there is: id → its path and stamp."""
        # Texts: at every start there are thousands, of which hardly one is opened.
        found: dict[str, tuple[str, str]] = {}
        for folder in (self.home / TRASH, self.home / ITEMS):
            try:
                with os.scandir(folder) as listing:
                    for file in listing:
                        item_id = file.name.removesuffix(_SUFFIX)
                        if item_id != file.name and is_id(item_id):
                            found[item_id] = (file.path, stamp_of(file.stat()))
            except FileNotFoundError:
                continue
        return found

    def object_hashes(self) -> set[str]:
        """Give the names of all objects there are."""
        found: set[str] = set()
        root = self.home / OBJECTS
        for folder in root.iterdir() if root.is_dir() else ():
            if folder.is_dir():
                with os.scandir(folder) as listing:
                    found.update(file.name for file in listing if len(file.name) == 64)
        return found

    def remove_sidecar(self, item_id: str) -> None:
        """Remove a record for good; raises `StorageError`."""
        for folder in (self.home / TRASH, self.home / ITEMS):
            self._remove(folder / f"{item_id}{_SUFFIX}")

    def remove_object(self, object_hash: str) -> None:
        """Remove an object that no record names any more; raises `StorageError`."""
        self._remove(self.object_path(object_hash))
        self._remove(self.thumbnail_path(object_hash))

    def _remove(self, path: Path) -> None:
        try:
            if path.exists():
                self._disk.remove(path)
                self._disk.sync_folder(path.parent)
        except OSError as error:
            raise StorageError(
                f"A picture in the bin could not be removed ({error.strerror}).",
                "Check that the folder of the studio can be written to.",
            ) from error

    def remove_parts(self) -> int:
        """Remove what interrupted writes left; only while no other process keeps pictures."""
        folders = [self.home, self.home / ITEMS, self.home / TRASH]
        for root in (self.home / OBJECTS, self.home / THUMBNAILS):
            folders += [folder for folder in root.glob("*") if folder.is_dir()]
        return sum(remove_parts(folder) for folder in folders)


def read_sidecar(path: Path) -> bytes:
    """Give the bytes of a record, cut where no record of ours is that long.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return file.read(MAX_SIDECAR_BYTES)


def stamp_of(status: os.stat_result) -> str:
    """Give what tells one version of a record from another without reading it."""
    return f"{status.st_mtime_ns}-{status.st_size}"


def is_id(text: str) -> bool:
    """Whether a text is an id of ours: 32 hex digits."""
    return _ID.fullmatch(text) is not None
