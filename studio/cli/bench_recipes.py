"""Recipes as a hand makes them, for the bench."""

import itertools
from collections.abc import Iterator

from studio.core.directions import DirectionSet
from studio.core.recipe import Recipe, new_recipe, with_edit


def moving_strips(model: str, directions: DirectionSet) -> Iterator[list[Recipe]]:
    """Give the recipes of strips as they are drawn when a hand rests: seven each, −3 to +3."""
    for start, entry in zip(
        moving_recipes(model, directions), itertools.cycle(directions.entries), strict=False
    ):
        yield [with_edit(start, entry.id, strength=(float(place),) * 3) for place in range(-3, 4)]


def moving_recipes(model: str, directions: DirectionSet) -> Iterator[Recipe]:
    """Give recipes as a hand on a slider makes them, no two alike, for ever."""
    direction = directions.entries[0].id
    start = new_recipe(model, 1)
    for step in itertools.count(1):
        strength = (step * 0.37) % 6.0 - 3.0
        yield with_edit(start, direction, strength=(strength,) * 3)
