"""The record beside each kept picture, `items/<id>.json`: the truth about it, one small file."""

import json
import re
from typing import Any, Final

import msgspec

from studio.core.errors import RecipeError
from studio.core.nearness import Nearness
from studio.core.recipe_json import recipe_from_json, recipe_to_json
from studio.library.kept import Entry, Kept

# Schema 2 adds nearness, 3 what the picture was bred from, 4 its boards, 5 what it was
# painted in. A record without them is written as the schema before, which older programs read.
SIDECAR_SCHEMA: Final = 5
MAX_SIDECAR_BYTES: Final = 2 * 1024 * 1024
_OBJECT: Final = re.compile(rb'"object"\s*:\s*"([0-9a-f]{64})"')


class SidecarError(Exception):
    """A record cannot be read. `object_hash` is what could be saved from it, "" if nothing."""

    def __init__(self, reason: str, object_hash: str = "") -> None:
        super().__init__(reason)
        self.object_hash = object_hash


class _Sidecar(msgspec.Struct, kw_only=True):
    """The fields of schema 5; fields of a newer schema are passed over."""

    schema: int
    id: str
    sequence: int
    kept_at: float
    name: str
    starred: bool
    tags: tuple[str, ...]
    boards: tuple[str, ...] = ()
    object: str
    pixel_hash: str
    width: int
    height: int
    model: str
    model_name: str
    seed_text: str
    recipe: msgspec.Raw
    provider: str
    credit: str = ""
    parent: str | None
    made_from: tuple[msgspec.Raw, ...] = ()
    nearness: Nearness | None = None
    painted_in: str = ""
    trashed_at: float | None
    trashed_age_s: float


_decoder = msgspec.json.Decoder(_Sidecar)


def sidecar_from_entry(entry: Entry) -> bytes:
    """Give the record as JSON, readable by people."""
    kept = entry.kept
    schema = _schema_of(kept)
    fields: dict[str, Any] = {"schema": schema, **msgspec.to_builtins(kept)}
    del fields["is_damaged"]  # what is found out on reading, not a fact about the picture
    if kept.nearness is None:
        del fields["nearness"]
    fields["recipe"] = json.loads(recipe_to_json(kept.recipe))
    fields["made_from"] = [json.loads(recipe_to_json(recipe)) for recipe in kept.made_from]
    if not kept.made_from:
        del fields["made_from"]
    if not kept.boards:
        del fields["boards"]
    if not kept.painted_in:
        del fields["painted_in"]
    fields |= {"trashed_at": entry.trashed_at, "trashed_age_s": entry.trashed_age_s}
    return json.dumps(fields, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def entry_from_sidecar(content: bytes, *, item_id: str, stamp: str = "") -> Entry:
    """Give the entry of a record.

    Args:
        content: The file.
        item_id: What the file's name says.
        stamp: The file's time and size.

    Raises:
        SidecarError: Damaged, or the record of another picture.
    """
    found = _OBJECT.search(content)
    object_hash = found.group(1).decode() if found else ""
    try:
        fields = _decoder.decode(content)
        recipe = recipe_from_json(bytes(fields.recipe)).recipe
        made_from = tuple(recipe_from_json(bytes(raw)).recipe for raw in fields.made_from)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RecipeError) as error:
        raise SidecarError(str(error), object_hash) from error
    if fields.id != item_id or object_hash != fields.object or fields.schema < 1:
        raise SidecarError("it is the record of another picture", object_hash)
    kept = Kept(
        id=fields.id,
        sequence=fields.sequence,
        kept_at=fields.kept_at,
        name=fields.name,
        starred=fields.starred,
        tags=fields.tags,
        boards=fields.boards,
        object=fields.object,
        pixel_hash=fields.pixel_hash,
        width=fields.width,
        height=fields.height,
        model=fields.model,
        model_name=fields.model_name,
        seed_text=fields.seed_text,
        recipe=recipe,
        provider=fields.provider,
        credit=fields.credit,
        parent=fields.parent,
        made_from=made_from,
        nearness=fields.nearness,
        painted_in=fields.painted_in,
    )
    return Entry(kept, fields.trashed_at, fields.trashed_age_s, fields.schema, stamp)


def _schema_of(kept: Kept) -> int:
    """Give the lowest schema that can say all of it."""
    if kept.painted_in:
        return 5
    if kept.boards:
        return 4
    if kept.made_from:
        return 3
    return 1 if kept.nearness is None else 2
