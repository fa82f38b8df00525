"""The artist's own styles on disk: `STUDIO_HOME/styles/<id>.json`, each with its small picture."""

import json
import logging
import re
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.core.errors import RecipeError
from studio.core.named_style import MAX_STYLE_NAME, SavedStyle
from studio.core.recipe import ZONES, Zone
from studio.core.recipe_json import recipe_from_json, recipe_to_json
from studio.files.atomic import storage_error, sync_folder, write_bytes_atomic

FOLDER: Final = "styles"
SCHEMA: Final = 1
MAX_BYTES: Final = 1024 * 1024 + 4096  # a recipe, and the words around it
_ID: Final = re.compile(r"[0-9a-f]{32}")
_FILE_NAME: Final = "the style’s file"
_log = logging.getLogger(__name__)


class _File(msgspec.Struct, kw_only=True):
    """The fields of schema 1; fields of a newer schema are passed over."""

    schema: int
    id: str
    name: str
    zones: tuple[Zone, ...]
    model_name: str
    saved_at: float
    recipe: msgspec.Raw


_decoder = msgspec.json.Decoder(_File)


def read_saved_styles(home: Path) -> tuple[SavedStyle, ...]:
    """Give all that can be read, the newest first; a damaged file is left where it is."""
    found: list[SavedStyle] = []
    for path in sorted((home / FOLDER).glob("*.json")):
        if not _ID.fullmatch(path.stem):
            continue
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ValueError("it is too large")
            found.append(_style_from(path.read_bytes(), style_id=path.stem))
        except (OSError, ValueError, RecursionError, RecipeError) as error:
            _log.warning("a style was left out: %s (%s)", path.name, error)
    return tuple(sorted(found, key=lambda one: (-one.saved_at, one.id)))


def write_saved_style(home: Path, style: SavedStyle, *, thumbnail: bytes | None = None) -> None:
    """Store a style, and its small picture when there is one.

    Raises:
        StorageError: The disk is full, or cannot be written to; what was there stays.
    """
    if thumbnail is not None:
        write_bytes_atomic(thumbnail_path(home, style.id), thumbnail, name=_FILE_NAME)
    write_bytes_atomic(_path(home, style.id), _content_of(style), name=_FILE_NAME)


def remove_saved_style(home: Path, style_id: str) -> None:
    """Remove a style; its small picture stays for as long as the removal may be undone.

    Raises:
        StorageError: The folder cannot be written to.
    """
    path = _path(home, style_id)
    try:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise storage_error(error, path, name=_FILE_NAME) from error


def thumbnail_path(home: Path, style_id: str) -> Path:
    """Give where a style's small picture lies; it need not be there."""
    return home / FOLDER / f"{style_id}.jpg"


def clean_name(name: str) -> str:
    """Give a name that can be stored and shown, "" for none."""
    shown = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(shown.split())[:MAX_STYLE_NAME].strip()


def _path(home: Path, style_id: str) -> Path:
    return home / FOLDER / f"{style_id}.json"


def _content_of(style: SavedStyle) -> bytes:
    fields: dict[str, Any] = {
        "schema": SCHEMA,
        "id": style.id,
        "name": style.name,
        "zones": list(style.zones),
        "model_name": style.model_name,
        "saved_at": style.saved_at,
        "recipe": json.loads(recipe_to_json(style.recipe)),
    }
    return json.dumps(fields, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _style_from(content: bytes, *, style_id: str) -> SavedStyle:
    """Give the style of a file; ValueError or RecipeError when it is not one."""
    fields = _decoder.decode(content)
    zones = tuple(zone for zone in ZONES if zone in fields.zones)
    name = clean_name(fields.name)
    if fields.id != style_id or not zones or not name or fields.schema < 1:
        raise ValueError("it is not what it should be")
    return SavedStyle(
        id=fields.id,
        name=name,
        recipe=recipe_from_json(bytes(fields.recipe)).recipe,
        zones=zones,
        model_name=fields.model_name,
        saved_at=fields.saved_at,
    )
