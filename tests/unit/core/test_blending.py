"""The pad's maths: nearer is more, the ends are pure, and a point is found again from its shares."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.blending import (
    blended,
    main_source,
    point_of,
    positions,
    shares_at,
    shares_of,
    with_added,
    without,
)
from studio.core.recipe import MAX_SOURCES, ZONES, Recipe, Source, first_problem, new_recipe

MODEL = "ab" * 32
counts = st.integers(3, MAX_SOURCES)
inside = st.tuples(st.floats(0, 0.95), st.floats(0, 2 * math.pi)).map(
    lambda polar: (polar[0] * math.cos(polar[1]), polar[0] * math.sin(polar[1]))
)


def of(count: int) -> Recipe:
    sources = tuple(Source(seed=seed, shares=(1.0, 0.5, 0.25)) for seed in range(count))
    return Recipe(model=MODEL, sources=sources)


@given(inside, counts)
def test_the_nearer_a_source_the_larger_its_share(point: tuple[float, float], count: int) -> None:
    shares = shares_at(point, count)
    assert sum(shares) == pytest.approx(1.0, abs=0.001)
    by_distance = sorted(range(count), key=lambda n: math.dist(point, positions(count)[n]))
    assert list(shares) == sorted(shares, reverse=True) or [
        shares[n] for n in by_distance
    ] == sorted(shares, reverse=True)


@given(counts)
def test_at_a_source_there_is_nothing_else_and_in_the_middle_all_are_even(count: int) -> None:
    for place, at in enumerate(positions(count)):
        assert shares_at(at, count) == tuple(float(n == place) for n in range(count))
    assert shares_at((0.0, 0.0), count) == pytest.approx([1 / count] * count, abs=0.001)


@given(inside, counts)
def test_a_point_is_found_again_from_its_shares(point: tuple[float, float], count: int) -> None:
    found = shares_at(point_of(shares_at(point, count)), count)
    assert max(abs(a - b) for a, b in zip(found, shares_at(point, count), strict=True)) < 0.13


@given(inside, counts, st.sampled_from(ZONES))
def test_only_the_chosen_zone_is_blended(point: tuple[float, float], count: int, zone: str) -> None:
    chosen = tuple(one for one in ZONES if one == zone)
    recipe = of(count)
    mixed = blended(recipe, shares_at(point, count), zones=chosen)
    assert first_problem(mixed) is None
    for name in ZONES:
        wanted = shares_at(point, count) if name == zone else shares_of(recipe, name)
        assert shares_of(mixed, name) == pytest.approx(wanted, abs=0.001)


def test_sources_are_added_up_to_eight_and_taken_away_down_to_one() -> None:
    recipe = new_recipe(MODEL, 0)
    for seed in range(1, MAX_SOURCES):
        recipe = with_added(recipe, Source(seed=seed), zones=("fine",))
        assert first_problem(recipe) is None
        assert shares_of(recipe, "fine")[-1] == pytest.approx(1 / (seed + 1), abs=0.001)
        assert shares_of(recipe, "coarse") == (1.0, *[0.0] * seed)
    with pytest.raises(ValueError, match="8"):
        with_added(recipe, Source(seed=99), zones=ZONES)
    assert main_source(recipe).seed == 0
    while len(recipe.sources) > 1:
        recipe = without(recipe, 0)
        assert first_problem(recipe) is None, "the zones that it ruled alone have another source"
    assert without(recipe, 0) == recipe
