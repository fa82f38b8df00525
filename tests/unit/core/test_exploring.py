"""Fresh recipes are always good recipes."""

import random

from hypothesis import given
from hypothesis import strategies as st

from studio.core.exploring import fresh_recipe
from studio.core.recipe import first_problem

MODEL = "ab" * 32


@given(st.integers(0, 2**32), st.floats(0, 1.5))
def test_fresh_recipes_keep_the_truncation_and_break_no_rule(number: int, psi: float) -> None:
    recipe = fresh_recipe(MODEL, random.Random(number), psi=(psi, psi, psi))
    assert recipe.psi == (psi, psi, psi)
    assert first_problem(recipe) is None
