"""Named styles that come with a model: a recipe each, shown first in the gallery.

`styles.json` in a model folder, and beside it `styles.webp` with their pictures in the same order,
row by row. A style's recipe names its model by hash; seeds and numbers only, so it stays small and
says the same picture on every machine.
"""

from typing import Final

import msgspec

from studio.core.recipe import Recipe

STYLES_FILE: Final = "styles.json"
MAX_STYLES: Final = 24
STYLES_SHEET_FILE: Final = "styles.webp"
STYLES_COLUMNS: Final = 6
STYLES_TILE_PX: Final = 128


class NamedStyle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A name and the recipe that shows it."""

    name: str
    recipe: Recipe


class NamedStyles(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The styles of one model, in the order they are shown."""

    schema: int = 1
    styles: tuple[NamedStyle, ...]
