"""Mixing: every result is a recipe that may be rendered, and only the named zone changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.changes import Change, describe_change
from studio.core.mixing import (
    alone,
    ruling_source,
    share_of_b,
    swapped,
    take_zone,
    with_mix,
    with_source_a,
    with_source_b,
)
from studio.core.recipe import ZONES, Recipe, Source, Zone, first_problem, new_recipe, with_edit

MODEL = "ab" * 32
LIGHT, MIST = "1" * 16, "2" * 16
shares = st.sampled_from((0.0, 0.25, 1.0))
zones = st.sampled_from(ZONES)


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    sources = [Source(seed=draw(st.integers(0, 4)), shares=(1.0, 1.0, 1.0))]
    for _ in range(draw(st.integers(0, 2))):
        triple = (draw(shares), draw(shares), draw(shares))
        sources.append(Source(seed=draw(st.integers(5, 9)), shares=triple))
    recipe = Recipe(model=MODEL, sources=tuple(sources))
    for direction in (LIGHT, MIST):
        triple = (draw(shares), draw(shares), draw(shares))
        recipe = with_edit(recipe, direction, strength=triple)
    return recipe


def _rules(recipe: Recipe, i: int) -> object:
    """Give all that decides a zone: normed shares by source, truncation, strengths."""
    total = sum(source.shares[i] for source in recipe.sources)
    by_source: dict[object, float] = {}
    for source in recipe.sources:
        if source.shares[i] > 0:
            part = source.shares[i] / total
            by_source[source.seed] = by_source.get(source.seed, 0.0) + part
    edits = {edit.direction: edit.strength[i] for edit in recipe.edits if edit.strength[i]}
    rounded = {seed: round(part, 6) for seed, part in by_source.items()}
    return rounded, recipe.psi[i], edits


@given(recipes(), recipes(), zones)
def test_a_taken_zone_is_as_in_the_other_and_the_rest_as_before(
    mine: Recipe, other: Recipe, zone: Zone
) -> None:
    taken = take_zone(mine, other, zone=zone)
    assert first_problem(taken) is None
    for i, name in enumerate(ZONES):
        source = other if name == zone else mine
        if name == zone and len({s.seed for s in other.sources}) < len(other.sources):
            continue  # a seed twice in the other is merged
        assert _rules(taken, i) == _rules(source, i)


def test_recipes_of_two_models_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="different models"):
        take_zone(new_recipe(MODEL, 1), new_recipe("cd" * 32, 1), zone="coarse")


@given(recipes(), st.floats(0, 1), st.sets(zones, min_size=1))
def test_the_mix_is_what_was_asked(recipe: Recipe, share: float, where: set[Zone]) -> None:
    mixed = with_mix(with_source_b(recipe, Source(seed=77)), share, zones=tuple(where))
    assert first_problem(mixed) is None
    for zone, got in zip(ZONES, share_of_b(mixed), strict=True):
        if zone in where:
            assert got == pytest.approx(share, abs=1e-9)


def test_a_new_source_b_changes_no_picture_yet() -> None:
    recipe = with_source_b(new_recipe(MODEL, 1), Source(seed=2))
    assert share_of_b(recipe) == (0.0, 0.0, 0.0)
    assert ruling_source(recipe, "fine") == 0
    assert ruling_source(with_mix(recipe, 0.9, zones=("fine",)), "fine") == 1


def test_swapping_twice_is_as_before() -> None:
    recipe = with_mix(with_source_b(new_recipe(MODEL, 1), Source(seed=2)), 0.3, zones=("coarse",))
    assert [source.seed for source in swapped(recipe).sources] == [2, 1]
    assert share_of_b(swapped(recipe)) == share_of_b(recipe)
    assert swapped(swapped(recipe)) == recipe
    assert swapped(new_recipe(MODEL, 1)) == new_recipe(MODEL, 1)


def test_a_new_seed_keeps_the_mix() -> None:
    recipe = with_mix(with_source_b(new_recipe(MODEL, 1), Source(seed=2)), 0.3, zones=("coarse",))
    changed = with_source_a(recipe, Source(seed=8))
    assert share_of_b(changed) == share_of_b(recipe)
    assert alone(changed, 0).sources == (Source(seed=8),)


def test_a_mix_of_one_zone_is_told_by_its_name() -> None:
    recipe = with_source_b(new_recipe(MODEL, 1), Source(seed=2))
    fine = with_mix(recipe, 1.0, zones=("fine",))
    assert describe_change(recipe, fine) == Change("mix", "fine", 1.0)
    all_zones = with_mix(recipe, 0.25, zones=ZONES)
    assert describe_change(recipe, all_zones) == Change("mix", "", 0.25)
    assert describe_change(fine, recipe) == Change("mix", "fine", 0.0)
