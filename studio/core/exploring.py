"""Recipes to look around with: fresh ones, and ones near to one that is liked."""

import random
from collections.abc import Sequence
from typing import Final

import msgspec

from studio.core.recipe import (
    MAX_SEED,
    Recipe,
    Source,
    Triple,
    new_recipe,
    strength_of,
    with_edit,
)

# Far enough that two neighbours differ at a glance, near enough that the scene stays.
MIX_SHARES: Final = (0.15, 0.35)
NUM_MOVED: Final = 3
MOVE_SIGMA: Final = 0.8
MOVE_LIMIT: Final = 3.0


def fresh_recipe(model: str, random_source: random.Random, *, psi: Triple) -> Recipe:
    """Give the recipe of a random seed at a truncation."""
    recipe = new_recipe(model, random_source.randint(0, MAX_SEED))
    return msgspec.structs.replace(recipe, psi=psi)


def nearby_recipe(
    recipe: Recipe, random_source: random.Random, *, directions: Sequence[str]
) -> Recipe:
    """Give a recipe whose picture resembles that of another.

    A single source is mixed with a little of a random one; with more sources their mix stays. A few
    of the directions are moved a little, so that the sliders show what is different.
    """
    nearby = recipe
    if len(recipe.sources) == 1:
        share = random_source.uniform(*MIX_SHARES)
        main = msgspec.structs.replace(recipe.sources[0], shares=(1 - share,) * 3)
        other = Source(seed=random_source.randint(0, MAX_SEED), shares=(share,) * 3)
        nearby = msgspec.structs.replace(recipe, sources=(main, other))
    vector_by_id = {edit.direction: edit.vector for edit in recipe.edits}
    for direction in random_source.sample(list(directions), min(NUM_MOVED, len(directions))):
        by = random_source.gauss(0.0, MOVE_SIGMA)
        moved = tuple(
            round(min(max(value + by, -MOVE_LIMIT), MOVE_LIMIT), 2)
            for value in strength_of(recipe, direction)
        )
        nearby = with_edit(
            nearby,
            direction,
            strength=(moved[0], moved[1], moved[2]),
            vector=vector_by_id.get(direction),
        )
    return nearby
