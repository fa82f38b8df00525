"""Variations and children break no rule, and zones that were not chosen stay to the last bit."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.breeding import Sheet, child, recipe_on, variation
from studio.core.mixing import TooManySourcesError, share_of_b, take_zone
from studio.core.recipe import (
    MAX_SOURCES,
    ZONES,
    Recipe,
    Source,
    Zone,
    first_problem,
    new_recipe,
    strength_of,
    with_edit,
)

MODEL = "ab" * 32
DIRECTIONS = tuple(f"{number:016x}" for number in range(12))
zone_sets = st.sets(st.sampled_from(ZONES), min_size=1).map(
    lambda found: tuple(zone for zone in ZONES if zone in found)
)


def grown(chance: random.Random, num_steps: int, zones: tuple[Zone, ...]) -> Recipe:
    """Give what many generations of variations lead to."""
    recipe = new_recipe(MODEL, 7)
    for _ in range(num_steps):
        recipe = variation(recipe, chance, spread=0.5, zones=zones, directions=DIRECTIONS)
    return recipe


def _zone(recipe: Recipe, zone: Zone) -> object:
    """Give all that decides a zone, as it is written."""
    i = ZONES.index(zone)
    sources = [(one.seed, one.shares[i]) for one in recipe.sources if one.shares[i]]
    edits = {edit.direction: edit.strength[i] for edit in recipe.edits if edit.strength[i]}
    return sources, recipe.psi[i], edits


@given(st.integers(0, 2**32), st.integers(0, 12), zone_sets, zone_sets)
def test_generations_of_variations_change_only_the_chosen_zones(
    number: int, num_steps: int, before: tuple[Zone, ...], zones: tuple[Zone, ...]
) -> None:
    chance = random.Random(number)
    recipe = grown(chance, num_steps, before)
    near = variation(recipe, chance, spread=0.5, zones=zones, directions=DIRECTIONS)
    assert first_problem(near) is None
    for zone in ZONES:
        assert (_zone(near, zone) == _zone(recipe, zone)) == (zone not in zones)


@given(st.integers(0, 2**32), st.integers(2, 8), zone_sets, zone_sets)
def test_children_take_the_chosen_zones_from_their_parents(
    number: int, num_parents: int, before: tuple[Zone, ...], zones: tuple[Zone, ...]
) -> None:
    chance = random.Random(number)
    parents = [grown(chance, n, before) for n in range(num_parents)]
    born = child(parents, chance, spread=0.4, zones=zones, directions=DIRECTIONS)
    assert first_problem(born) is None
    for zone in ZONES:
        if zone not in zones:
            assert _zone(born, zone) == _zone(parents[0], zone)


def test_a_child_without_mutation_has_each_zone_of_one_parent_or_between_two() -> None:
    parents = [new_recipe(MODEL, 1, psi=0.5), new_recipe(MODEL, 2, psi=1.0)]
    chance = random.Random(4)
    seen = set()
    for _ in range(40):
        born = child(parents, chance, spread=0.0, zones=ZONES, directions=DIRECTIONS)
        seeds = [{one.seed for one in born.sources if one.shares[i] > 0} for i in range(len(ZONES))]
        assert set.union(*seeds) == {1, 2}, "both parents are in every child"
        seen.add(tuple(map(tuple, seeds)))
    assert len(seen) > 5


def test_another_spread_gives_the_same_variations_nearer_or_farther() -> None:
    parent = new_recipe(MODEL, 7)
    for direction in DIRECTIONS:
        parent = with_edit(parent, direction, strength=(4.0, 4.0, 4.0))
    sheet = Sheet("nearby", MODEL, parents=(parent,), spread=0.2)
    wide = msgspec.structs.replace(sheet, spread=0.8)
    near, far = (recipe_on(one, 5, directions=DIRECTIONS) for one in (sheet, wide))
    assert near == recipe_on(sheet, 5, directions=DIRECTIONS)
    assert [one.seed for one in near.sources] == [one.seed for one in far.sources]
    assert share_of_b(near)[0] * 4 == pytest.approx(share_of_b(far)[0], abs=0.001)
    none = recipe_on(msgspec.structs.replace(sheet, spread=0.0), 5, directions=DIRECTIONS)
    assert none == parent, "no spread, no change; a strong edit stays strong"


def test_a_taught_direction_travels_along() -> None:
    recipe = with_edit(new_recipe(MODEL, 7), DIRECTIONS[0], strength=(1, 1, 1), vector="AAAAAA==")
    near = variation(
        recipe, random.Random(1), spread=0.3, zones=("fine",), directions=DIRECTIONS[:1]
    )
    assert near.edits[0].vector == "AAAAAA=="
    assert strength_of(near, DIRECTIONS[0])[:2] == (1, 1)


@given(st.floats(0.05, 0.95), st.sampled_from(ZONES))
def test_a_zone_taken_in_part_is_mixed(share: float, zone: Zone) -> None:
    mine = with_edit(new_recipe(MODEL, 1, psi=0.5), DIRECTIONS[0], strength=(1.0, 1.0, 1.0))
    other = with_edit(new_recipe(MODEL, 2, psi=1.0), DIRECTIONS[0], strength=(3.0, 3.0, 3.0))
    taken = take_zone(mine, other, zone=zone, share=share)
    i = ZONES.index(zone)
    assert first_problem(taken) is None
    assert share_of_b(taken)[i] == pytest.approx(share, abs=1e-5)
    assert taken.psi[i] == pytest.approx(0.5 + share * 0.5, abs=1e-3)
    assert strength_of(taken, DIRECTIONS[0])[i] == pytest.approx(1 + 2 * share, abs=1e-3)
    for name in ZONES:
        assert name == zone or _zone(taken, name) == _zone(mine, name)
    assert take_zone(mine, other, zone=zone, share=0.0) == mine


def test_nine_sources_are_refused_by_name() -> None:
    thin = Source(seed=1, shares=(1.0, 1.0, 1.0))
    many = tuple(msgspec.structs.replace(thin, seed=seed) for seed in range(MAX_SOURCES))
    full = Recipe(model=MODEL, sources=many)
    with pytest.raises(TooManySourcesError):
        take_zone(full, new_recipe(MODEL, 99), zone="fine", share=0.5)
    near = variation(full, random.Random(2), spread=0.4, zones=("fine",), directions=DIRECTIONS)
    assert first_problem(near) is None
    assert near.sources == full.sources, "every source is needed by a zone that stays"
