"""Recipes to look around with."""

import random

import msgspec

from studio.core.recipe import MAX_SEED, Recipe, Triple, new_recipe


def fresh_recipe(model: str, random_source: random.Random, *, psi: Triple) -> Recipe:
    """Give the recipe of a random seed at a truncation."""
    recipe = new_recipe(model, random_source.randint(0, MAX_SEED))
    return msgspec.structs.replace(recipe, psi=psi)
