"""Named styles: those that come with a model, and those that the artist saved.

Those of a model are a recipe each.

`styles.json` in a model folder, and beside it `styles.webp` with their pictures in the same order,
row by row. A style's recipe names its model by hash; seeds and numbers only, so it stays small and
says the same picture on every machine.
"""

from typing import Final

import msgspec

from studio.core.recipe import ZONES, Recipe, Zone

STYLES_FILE: Final = "styles.json"
MAX_STYLES: Final = 24
MAX_STYLE_NAME: Final = 80
STYLES_SHEET_FILE: Final = "styles.webp"
STYLES_COLUMNS: Final = 6
STYLES_TILE_PX: Final = 128


class NamedStyle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A name and the recipe that shows it."""

    name: str
    recipe: Recipe


class SavedStyle(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A style of the artist's own: a named part of a picture.

    Attributes:
        id: uuid4, hex.
        name: What it is called.
        recipe: The whole picture it was saved from.
        zones: The part that is the style; all three for the whole picture.
        model_name: As on the model's card when it was saved.
        saved_at: Seconds since 1970; the newest are shown first.
    """

    id: str
    name: str
    recipe: Recipe
    zones: tuple[Zone, ...] = ZONES
    model_name: str = ""
    saved_at: float = 0.0


class NamedStyles(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The styles of one model, in the order they are shown."""

    schema: int = 1
    styles: tuple[NamedStyle, ...]
