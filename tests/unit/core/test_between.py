"""Between two pictures: every recipe on the way may be rendered, and lies on the straight line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.core.between import between, can_mix, distance, fixed_at
from studio.core.latent import FloatArray, compose_w
from studio.core.mask import mask_to_text
from studio.core.recipe import (
    MAX_SOURCES,
    Recipe,
    Region,
    Source,
    first_problem,
    new_recipe,
    with_edit,
)
from tests.fakes.walks import DIRECTIONS, MODEL, walk_recipes

LAYERS, WIDTH = 6, 5
ZONES = (2, 4)
MEAN = np.linspace(-1, 1, WIDTH, dtype=np.float32)
VECTORS = {
    name: np.random.RandomState(n).randn(WIDTH).astype(np.float32)
    for n, name in enumerate(DIRECTIONS)
}


def w_of(recipe: Recipe) -> FloatArray:
    w_SLD = np.stack([_drawn(source) for source in recipe.sources])
    return compose_w(recipe, w_SLD, mean_D=MEAN, vectors=VECTORS, zones=ZONES)


def _drawn(source: Source) -> FloatArray:
    if source.seed is not None:
        row = np.random.RandomState(source.seed).randn(1, WIDTH).astype(np.float32)
        return np.repeat(row, LAYERS, axis=0)
    from studio.core.recipe import floats_from_text

    assert source.w is not None
    return floats_from_text(source.w).reshape(LAYERS, WIDTH)


@settings(max_examples=50)
@given(walk_recipes(), walk_recipes(), st.floats(0, 1))
def test_what_lies_between_is_a_recipe_on_the_straight_line_of_w(
    one: Recipe, other: Recipe, share: float
) -> None:
    found = between(one, other, share=share)
    assert found is not None
    assert first_problem(found) is None
    line = (1 - share) * w_of(one).astype(np.float64) + share * w_of(other)
    np.testing.assert_allclose(w_of(found), line, atol=2e-5)


@settings(max_examples=50)
@given(walk_recipes(), walk_recipes())
def test_the_ends_are_the_recipes_themselves(one: Recipe, other: Recipe) -> None:
    assert between(one, other, share=0.0) == one
    assert between(one, other, share=1.0) == other


def test_a_direction_that_was_taught_keeps_its_vector() -> None:
    from studio.core.recipe import floats_to_text

    vector = floats_to_text(VECTORS[DIRECTIONS[0]])
    taught = with_edit(new_recipe(MODEL, 1), DIRECTIONS[0], strength=(2.0, 2.0, 2.0), vector=vector)
    found = between(new_recipe(MODEL, 1), taught, share=0.5)
    assert found is not None
    assert (found.edits[0].strength, found.edits[0].vector) == ((1.0, 1.0, 1.0), vector)


def test_more_than_eight_sources_are_said_by_stored_latents() -> None:
    def of_many(first: int) -> Recipe:
        sources = tuple(Source(seed=seed) for seed in range(first, first + MAX_SOURCES))
        return Recipe(model=MODEL, sources=sources)

    one, other = of_many(0), of_many(100)
    assert not can_mix(one, other)
    assert between(one, other, share=0.5) is None
    fixed_one, fixed_other = fixed_at(one, w_of(one)), fixed_at(other, w_of(other))
    found = between(fixed_one, fixed_other, share=0.25)
    assert found is not None
    assert first_problem(found) is None
    np.testing.assert_allclose(w_of(found), 0.75 * w_of(one) + 0.25 * w_of(other), atol=2e-5)


def test_painted_parts_fade_over() -> None:
    plain = new_recipe(MODEL, 1)
    region = Region(kind="mix", mask=mask_to_text(np.full((4, 4), 255, np.uint8)), recipe=plain)
    one, other = replace(plain, regions=(region,)), new_recipe(MODEL, 2)
    found = between(one, other, share=0.25)
    assert found is not None
    assert first_problem(found) is None
    assert [part.strength for part in found.regions] == [0.75]
    many = replace(other, regions=(replace(region, name="other"),) * 16)
    cut = between(one, many, share=0.75)
    assert cut is not None
    assert cut.regions == many.regions


def test_zones_that_were_moved_differently_cannot_be_said_by_sources() -> None:
    moved = Recipe(model=MODEL, sources=(Source(seed=1),), zones=(1, 3))
    assert not can_mix(new_recipe(MODEL, 1), moved)
    assert between(new_recipe(MODEL, 1), moved, share=0.5) is None


def test_pictures_of_two_models_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="models"):
        between(new_recipe(MODEL, 1), new_recipe("cd" * 32, 1), share=0.5)


def test_the_distance_is_per_number() -> None:
    ones = np.ones((3, 4), dtype=np.float32)
    assert distance(ones, ones * 3) == pytest.approx(2.0)
