"""Walks as JSON text, with limits for text that comes from strangers."""

import json
from typing import Any, Final

import msgspec

from studio.core.errors import RecipeError
from studio.core.recipe_json import recipe_from_json, recipe_to_json
from studio.core.walk import Easing, Key, SoundDrive, Walk, first_problem

WALK_SCHEMA: Final = 1
MAX_WALK_BYTES: Final = 16 * 1024 * 1024
_OTHER_WAY: Final = "Make the walk anew, or ask its maker for the file again."


class ReadWalk(msgspec.Struct, frozen=True):
    """A walk that was read.

    Attributes:
        walk: The walk, checked.
        is_newer: Whether a newer program wrote it, and what we do not know was left out.
    """

    walk: Walk
    is_newer: bool = False


class _Head(msgspec.Struct):
    schema: int


class _Key(msgspec.Struct, forbid_unknown_fields=True):
    recipe: msgspec.Raw
    seconds: float
    easing: Easing = "smooth"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    schema: int
    name: str
    keys: list[_Key]
    is_loop: bool = False
    is_even: bool = False
    sound: SoundDrive | None = None


class _NewerKey(msgspec.Struct):
    recipe: msgspec.Raw
    seconds: float
    easing: str = "smooth"


class _NewerFile(msgspec.Struct):
    schema: int
    name: str
    keys: list[_NewerKey]
    is_loop: bool = False
    is_even: bool = False


def walk_to_json(walk: Walk) -> str:
    """Give the walk as one line of JSON with its schema number; equal walks, equal text."""
    fields: dict[str, Any] = {"schema": WALK_SCHEMA, **msgspec.to_builtins(walk)}
    for field, key in zip(fields["keys"], walk.keys, strict=True):
        field["recipe"] = json.loads(recipe_to_json(key.recipe))
    if walk.sound is None:
        del fields["sound"]
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def walk_from_json(text: str | bytes) -> ReadWalk:
    """Read a walk from text that anyone may have written.

    Raises:
        RecipeError: Too large, not JSON, an unknown field in a schema we know, a recipe that is
            none, a number out of range. The sentence says which.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_WALK_BYTES:
        raise RecipeError("The walk is larger than 16 MiB, so it was not read.", _OTHER_WAY)
    try:
        schema = msgspec.json.decode(raw, type=_Head).schema
        if schema < 1:
            raise RecipeError("The walk does not say which schema it follows.", _OTHER_WAY)
        is_newer = schema > WALK_SCHEMA
        read: _File | _NewerFile
        if is_newer:
            read = msgspec.json.decode(raw, type=_NewerFile)
        else:
            read = msgspec.json.decode(raw, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecipeError(f"The walk cannot be read ({error}).", _OTHER_WAY) from error
    walk = Walk(
        name=read.name,
        keys=tuple(_read_key(key) for key in read.keys),
        is_loop=read.is_loop,
        is_even=read.is_even,
        sound=read.sound if isinstance(read, _File) else None,
    )
    if problem := first_problem(walk):
        raise RecipeError(f"The walk does not fit: {problem}.", _OTHER_WAY)
    return ReadWalk(walk, is_newer)


def _read_key(key: _Key | _NewerKey) -> Key:
    easing: Easing = "smooth"
    if key.easing in ("linear", "hold"):
        easing = "linear" if key.easing == "linear" else "hold"
    recipe = recipe_from_json(bytes(key.recipe)).recipe
    return Key(recipe=recipe, seconds=key.seconds, easing=easing)
