"""How many times a picture is made larger for a wished size, and where a recipe says so."""

from typing import Final

import msgspec

from studio.core.recipe import Enlarge, Frame, Recipe, Tile, with_frame

FACTORS: Final[tuple[Enlarge, ...]] = (1, 2, 4, 8, 16)


def factor_for(longer_px: int, wanted_px: int | None) -> Enlarge:
    """Give the smallest factor that reaches the wished longer side, else the largest there is.

    What is then too large is reduced; what is still too small is stretched.

    Args:
        longer_px: Longer side of the picture.
        wanted_px: What it should become, None for as it is.
    """
    if wanted_px is None:
        return 1
    return next((factor for factor in FACTORS if factor * longer_px >= wanted_px), FACTORS[-1])


def with_enlargement(recipe: Recipe, factor: Enlarge) -> Recipe:
    """Give the recipe of the picture made so many times as large; 1 takes the enlargement away."""
    frame = recipe.frame or Frame()
    if frame.enlarge == factor:
        return recipe
    return with_frame(recipe, msgspec.structs.replace(frame, enlarge=factor))


def enlargement_of(recipe: Recipe) -> Enlarge:
    """Give how many times as large the finished picture is made."""
    return recipe.frame.enlarge if recipe.frame is not None else 1


def tile_of(recipe: Recipe) -> Tile:
    """Give which sides of the picture fit their opposite ones."""
    return recipe.frame.tile if recipe.frame is not None else "none"
