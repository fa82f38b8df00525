"""Pictures that were sent to another program: `STUDIO_HOME/handoff/<name>/`, with a record of each.

A folder holds the files that were sent and `handoff.json`. The artist may put more into it (an .xcf, a
sketch); nothing of that is ever changed or removed.
"""

import contextlib
import hashlib
import json
import logging
import time
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.core.errors import RecipeError
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_from_json, recipe_to_json
from studio.files.atomic import write_bytes_atomic

FOLDER: Final = "handoff"
RECORD: Final = "handoff.json"
SCHEMA: Final = 1
MAX_RECORD_BYTES: Final = 64 * 1024 * 1024  # a hundred recipes with masks
# How long a folder is looked at for what comes back, and how long untouched files stay.
WATCHED_S: Final = 14 * 24 * 3600.0
KEPT_S: Final = 30 * 24 * 3600.0
# Of .ora, .kra and .psd the merged picture inside is read.
PICTURE_SUFFIXES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".ora", ".kra", ".psd"}
)
_log = logging.getLogger(__name__)


class SentPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One picture that was sent.

    Attributes:
        file: Name of the file in its folder.
        sha256: Of the file as it was written, hex.
        recipe: What made the picture.
        model_name: As on its model's card, for when that is gone.
        credit: The line that every export carries.
        kept: Id of the kept picture that it is, None when it was not kept.
    """

    file: str
    sha256: str
    recipe: Recipe
    model_name: str = ""
    credit: str = ""
    kept: str | None = None


class Handoff(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent at one time to one program.

    Attributes:
        folder: Where it lies.
        program: Name of the program, for people.
        sent_at: Seconds since 1970.
        pictures: What was sent, one at least.
        settings: How they were exported, as one text.
        seen: Pixel hashes of what was sent and of what came back: neither comes back again.
    """

    folder: Path
    program: str
    sent_at: float
    pictures: tuple[SentPicture, ...]
    settings: str = ""
    seen: tuple[str, ...] = ()

    def picture_of(self, name: str) -> SentPicture:
        """Give the picture that a file was made from: of the same name, or of the likest one."""
        return max(self.pictures, key=lambda one: (one.file == name, _alike(one.file, name)))


class _SentFields(msgspec.Struct, kw_only=True):
    file: str
    sha256: str
    recipe: msgspec.Raw
    model_name: str = ""
    credit: str = ""
    kept: str | None = None


class _Fields(msgspec.Struct, kw_only=True):
    """The fields of schema 1; fields of a newer schema are passed over."""

    schema: int
    program: str
    sent_at: float
    pictures: tuple[_SentFields, ...]
    settings: str = ""
    seen: tuple[str, ...] = ()


_decoder = msgspec.json.Decoder(_Fields)


def write_handoff(handoff: Handoff) -> None:
    """Store the record of a hand-off beside its files.

    Raises:
        StorageError: It could not be written.
    """
    pictures = []
    for one in handoff.pictures:
        fields: dict[str, Any] = msgspec.to_builtins(one)
        pictures.append(fields | {"recipe": json.loads(recipe_to_json(one.recipe))})
    content = {
        "schema": SCHEMA,
        "program": handoff.program,
        "sent_at": handoff.sent_at,
        "settings": handoff.settings,
        "pictures": pictures,
        "seen": list(handoff.seen),
    }
    encoded = json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    write_bytes_atomic(handoff.folder / RECORD, encoded)


def read_handoffs(home: Path) -> tuple[Handoff, ...]:
    """Give all hand-offs that can be read, the newest first; others are left where they are."""
    found = []
    for folder in sorted((home / FOLDER).glob("*")):
        path = folder / RECORD
        if not path.is_file() or folder.is_symlink():
            continue
        try:
            if path.stat().st_size > MAX_RECORD_BYTES:
                raise ValueError("it is too large")
            found.append(_handoff_from(path.read_bytes(), folder))
        except (OSError, ValueError, RecursionError, RecipeError) as error:
            _log.warning("a hand-off was left out: %s (%s)", folder.name, error)
    return tuple(sorted(found, key=lambda one: -one.sent_at))


def list_pictures(folder: Path) -> dict[Path, str]:
    """Give the picture files of a hand-off, each with a stamp that any writing changes."""
    found: dict[Path, str] = {}
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            is_hidden = path.name.startswith(".") or path.name.endswith("~")
            if is_hidden or path.suffix.lower() not in PICTURE_SUFFIXES:
                continue
            if stamp := stamp_of(path):
                found[path] = stamp
    return found


def stamp_of(path: Path) -> str:
    """Give inode, size and time of a regular file, "" for everything else."""
    try:
        status = path.lstat()
    except OSError:
        return ""
    if path.is_symlink() or not path.is_file():
        return ""
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}"


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file, "" when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def is_untouched(handoff: Handoff) -> bool:
    """Say whether all that was sent still lies there as it was written."""
    return all(digest_of(handoff.folder / one.file) == one.sha256 for one in handoff.pictures)


def remove_untouched(home: Path, *, now: float | None = None) -> int:
    """Remove hand-offs of 30 days and more to which nobody did anything; gives how many."""
    count = 0
    for handoff in read_handoffs(home):
        is_old = (time.time() if now is None else now) - handoff.sent_at > KEPT_S
        ours = {RECORD, *(one.file for one in handoff.pictures)}
        try:
            is_alone = {path.name for path in handoff.folder.iterdir()} == ours
            if not (is_old and is_alone and is_untouched(handoff)):
                continue
            for name in ours:
                (handoff.folder / name).unlink()
            handoff.folder.rmdir()
            count += 1
        except OSError as error:
            _log.warning("an old hand-off stays: %s", type(error).__name__)
    return count


def _handoff_from(content: bytes, folder: Path) -> Handoff:
    fields = _decoder.decode(content)
    pictures = tuple(
        SentPicture(
            file=one.file,
            sha256=one.sha256,
            recipe=recipe_from_json(bytes(one.recipe)).recipe,
            model_name=one.model_name,
            credit=one.credit,
            kept=one.kept,
        )
        for one in fields.pictures
    )
    if not pictures or fields.schema < 1 or any(Path(p.file).name != p.file for p in pictures):
        raise ValueError("it is not what it should be")
    return Handoff(
        folder=folder,
        program=fields.program,
        sent_at=fields.sent_at,
        pictures=pictures,
        settings=fields.settings,
        seen=fields.seen,
    )


def _alike(one: str, other: str) -> int:
    """Give how many letters two names begin with in common."""
    count = 0
    for left, right in zip(one.casefold(), other.casefold(), strict=False):
        if left != right:
            break
        count += 1
    return count
