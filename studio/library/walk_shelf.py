"""The artist's walks on disk: walks/<id>.json, written whole at every change."""

import json
import logging
import re
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import RecipeError
from studio.core.walk import Walk
from studio.core.walk_json import MAX_WALK_BYTES, walk_from_json, walk_to_json
from studio.files.atomic import DISK, Disk, write_bytes_atomic

FOLDER: Final = "walks"
_ID: Final = re.compile(r"[0-9a-f]{32}")
_log: Final = logging.getLogger(__name__)


class SavedWalk(msgspec.Struct, frozen=True):
    """A walk of this studio.

    Attributes:
        id: uuid4, hex.
        walk: The walk.
        sound: Path of the sound that drives it, "" for none; it stays on this computer.
        changed_at: Seconds since 1970.
    """

    id: str
    walk: Walk
    sound: str = ""
    changed_at: float = 0.0


class _File(msgspec.Struct):
    walk: msgspec.Raw
    sound: str = ""
    changed_at: float = 0.0


class WalkShelf:
    """Reads and writes the walks of one home."""

    def __init__(self, home: Path, *, disk: Disk = DISK) -> None:
        self._folder = home / FOLDER
        self._disk = disk

    def read_all(self) -> tuple[SavedWalk, ...]:
        """Give all walks that can be read, the one changed last first; broken ones are left alone."""
        found = []
        for path in self._folder.glob("*.json") if self._folder.is_dir() else ():
            if _ID.fullmatch(path.stem):
                walk = _read(path)
                if walk is not None:
                    found.append(walk)
        return tuple(sorted(found, key=lambda one: (-one.changed_at, one.id)))

    def save(self, saved: SavedWalk) -> None:
        """Store a walk, durable when it returns.

        Raises:
            StorageError: The disk is full, or cannot be written to; the old one is untouched.
        """
        fields = {
            "walk": json.loads(walk_to_json(saved.walk)),
            "sound": saved.sound,
            "changed_at": saved.changed_at,
        }
        content = json.dumps(fields, ensure_ascii=True, allow_nan=False).encode()
        write_bytes_atomic(self._path(saved.id), content, disk=self._disk, name="the walk")

    def remove(self, walk_id: str) -> None:
        """Remove a walk for good; one that is not there is no error. Raises `OSError`."""
        self._disk.remove(self._path(walk_id))

    def _path(self, walk_id: str) -> Path:
        if not _ID.fullmatch(walk_id):
            raise ValueError(f"{walk_id!r} is no id of a walk")
        return self._folder / f"{walk_id}.json"


def _read(path: Path) -> SavedWalk | None:
    try:
        with path.open("rb") as file:
            content = file.read(2 * MAX_WALK_BYTES)
        fields = msgspec.json.decode(content, type=_File)
        walk = walk_from_json(bytes(fields.walk)).walk
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecipeError) as error:
        _log.warning("the walk %s cannot be read: %s", path.stem, error)
        return None
    return SavedWalk(path.stem, walk, fields.sound, fields.changed_at)
