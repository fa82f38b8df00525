"""The piles a slider is taught from, on disk: `STUDIO_HOME/piles/<model hash>.json`."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import RecipeError
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_from_json, recipe_to_json
from studio.core.teaching import MAX_PILE
from studio.files.atomic import write_bytes_atomic

FOLDER: Final = "piles"
SCHEMA: Final = 1
MAX_BYTES: Final = 64 * 1024 * 1024  # two full piles of the largest recipes are half of it
Pile = tuple[Recipe, ...]
_log = logging.getLogger(__name__)


class _File(msgspec.Struct, kw_only=True):
    """The fields of schema 1; fields of a newer schema are passed over."""

    schema: int
    more: tuple[msgspec.Raw, ...]
    less: tuple[msgspec.Raw, ...]


def read_piles(home: Path, model: str) -> tuple[Pile, Pile]:
    """Give the piles "more" and "less" of a model, empty ones before the first; never raises.

    What is damaged or of another model is left out: piles are quickly made again.
    """
    path = _path(home, model)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is too large")
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return (), ()
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("%s was left out: %s", path.name, type(error).__name__)
        return (), ()
    return _recipes(found.more, model), _recipes(found.less, model)


def write_piles(home: Path, model: str, *, more: Sequence[Recipe], less: Sequence[Recipe]) -> None:
    """Store the piles of a model.

    Raises:
        StorageError: The disk is full, or cannot be written to; what was there stays.
    """
    fields = {
        "schema": SCHEMA,
        "more": [json.loads(recipe_to_json(recipe)) for recipe in more],
        "less": [json.loads(recipe_to_json(recipe)) for recipe in less],
    }
    write_bytes_atomic(_path(home, model), json.dumps(fields).encode(), name="the piles’ file")


def _path(home: Path, model: str) -> Path:
    return home / FOLDER / f"{model}.json"


def _recipes(raws: Sequence[msgspec.Raw], model: str) -> Pile:
    recipes: list[Recipe] = []
    for raw in raws[:MAX_PILE]:
        try:
            recipe = recipe_from_json(bytes(raw)).recipe
        except (RecipeError, ValueError, RecursionError):
            _log.warning("a picture of a pile was left out: its recipe is damaged")
            continue
        if recipe.model == model and recipe not in recipes:
            recipes.append(recipe)
    return tuple(recipes)
