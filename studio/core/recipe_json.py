"""Recipes as JSON text, with limits for text that comes from strangers."""

import json
import math
from typing import Any, Final, NoReturn

import msgspec

from studio.core.errors import RecipeError
from studio.core.recipe import Recipe, first_problem

# Schema 2 adds frame and regions. A recipe without either is written as schema 1, which older
# programs read.
RECIPE_SCHEMA: Final = 2
_SINCE_2: Final = ("frame", "regions")
MAX_RECIPE_BYTES: Final = 1024 * 1024
MAX_STRING_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 32
_OTHER_WAY: Final = "Open the picture itself, or ask its maker for the recipe again."


class ReadRecipe(msgspec.Struct, frozen=True):
    """A recipe that was read, and whether a newer program wrote more than we know.

    Attributes:
        recipe: The recipe, checked.
        unknown_fields: Names of top-level fields of a newer schema that were left out.
    """

    recipe: Recipe
    unknown_fields: tuple[str, ...] = ()


def recipe_to_json(recipe: Recipe) -> str:
    """Give the recipe as one line of JSON with its schema number; equal recipes, equal text."""
    fields = _without_empty(msgspec.to_builtins(recipe))
    for region in fields.get("regions", ()):
        region["recipe"] = _without_empty(region["recipe"])
    schema = RECIPE_SCHEMA if any(name in fields for name in _SINCE_2) else 1
    fields = {"schema": schema, **fields}
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def recipe_from_json(text: str | bytes) -> ReadRecipe:
    """Read a recipe from text that anyone may have written.

    Raises:
        RecipeError: Too large, too deep, not JSON, an unknown field in a schema we know, a number
            out of range or not finite. The sentence says which.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_RECIPE_BYTES:
        raise RecipeError("The recipe is larger than 1 MiB, so it was not read.", _OTHER_WAY)
    if _depth(raw) > MAX_DEPTH:
        raise RecipeError("The recipe is nested too deeply, so it was not read.", _OTHER_WAY)
    fields = _parse(raw)
    schema = fields.pop("schema", None)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise RecipeError("The recipe does not say which schema it follows.", _OTHER_WAY)
    unknown: tuple[str, ...] = ()
    if schema > RECIPE_SCHEMA:
        known = {field.name for field in msgspec.structs.fields(Recipe)}
        unknown = tuple(sorted(set(fields) - known))
        fields = {name: value for name, value in fields.items() if name in known}
    if schema == 1 and any(name in fields for name in _SINCE_2):
        raise RecipeError(
            "The recipe does not fit: schema 1 has no frame and no regions.", _OTHER_WAY
        )
    return ReadRecipe(_checked(fields), unknown)


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what schema 1 does not have, where it says nothing."""
    return {name: value for name, value in fields.items() if value or name not in _SINCE_2}


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(raw, parse_constant=_refuse_constant, parse_int=_short_int)
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"The recipe is not valid JSON ({error}).", _OTHER_WAY) from error
    if not isinstance(fields, dict):
        raise RecipeError("The recipe is not a JSON object.", _OTHER_WAY)
    _refuse_long_strings(fields)
    return fields


def _checked(fields: dict[str, Any]) -> Recipe:
    try:
        recipe = msgspec.convert(fields, Recipe)
    except msgspec.ValidationError as error:
        raise RecipeError(f"The recipe does not fit: {error}.", _OTHER_WAY) from error
    if problem := first_problem(recipe):
        raise RecipeError(f"The recipe does not fit: {problem}.", _OTHER_WAY)
    return recipe


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _short_int(digits: str) -> int:
    if len(digits) > 18:
        raise ValueError("a number has more than 18 digits")
    return int(digits)


def _refuse_long_strings(value: object) -> None:
    if isinstance(value, str) and len(value) > MAX_STRING_BYTES:
        raise RecipeError("The recipe holds a text of more than 64 KiB.", _OTHER_WAY)
    if isinstance(value, float) and not math.isfinite(value):
        raise RecipeError("The recipe holds a number that is not finite.", _OTHER_WAY)
    if isinstance(value, dict):
        for item in value.values():
            _refuse_long_strings(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_long_strings(item)


def _depth(raw: bytes) -> int:
    """Give how deep brackets nest outside of strings, before any parser sees the text."""
    depth = deepest = 0
    in_string = escaped = False
    for byte in raw:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
