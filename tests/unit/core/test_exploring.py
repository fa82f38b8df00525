"""Fresh and nearby recipes are always good recipes."""

import random

from hypothesis import given
from hypothesis import strategies as st

from studio.core.exploring import MOVE_LIMIT, fresh_recipe, nearby_recipe
from studio.core.recipe import Recipe, first_problem, new_recipe, strength_of, with_edit

MODEL = "ab" * 32
DIRECTIONS = tuple(f"{number:016x}" for number in range(12))


@given(st.integers(0, 2**32), st.floats(0, 1.5))
def test_fresh_recipes_keep_the_truncation_and_break_no_rule(number: int, psi: float) -> None:
    recipe = fresh_recipe(MODEL, random.Random(number), psi=(psi, psi, psi))
    assert recipe.psi == (psi, psi, psi)
    assert first_problem(recipe) is None


@given(st.integers(0, 2**32), st.integers(0, 12), st.integers(1, 12))
def test_nearby_recipes_of_nearby_recipes_break_no_rule(
    number: int, num_directions: int, num_steps: int
) -> None:
    source = random.Random(number)
    recipe: Recipe = new_recipe(MODEL, 7)
    for _ in range(num_steps):
        near = nearby_recipe(recipe, source, directions=DIRECTIONS[:num_directions])
        assert first_problem(near) is None
        assert near.psi == recipe.psi
        assert near.sources[0].seed == 7
        recipe = near
    assert len(recipe.sources) == 2
    assert all(abs(strength_of(recipe, name)[0]) <= MOVE_LIMIT for name in DIRECTIONS)


def test_a_nearby_recipe_keeps_a_taught_direction_and_is_another_one() -> None:
    recipe = with_edit(new_recipe(MODEL, 7), DIRECTIONS[0], strength=(1, 1, 1), vector="AAAAAA==")
    near = nearby_recipe(recipe, random.Random(1), directions=DIRECTIONS[:1])
    assert near != recipe
    assert near.edits[0].vector == "AAAAAA=="
