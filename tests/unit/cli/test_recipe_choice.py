"""From the words of a call to recipes."""

import argparse

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.cli.frame_choice import FrameWish, read_beyond, read_shape
from studio.cli.recipe_choice import Wishes, build_recipes, find_direction, seeds_from, seeds_text
from studio.core.directions import DirectionEntry
from studio.core.errors import RecipeError
from studio.core.mixing import share_of_b
from studio.core.recipe import (
    MAX_SEED,
    Frame,
    Recipe,
    Region,
    first_problem,
    new_recipe,
    strength_of,
    with_edit,
)
from tests.fakes.recipes import MASKS

MODEL, OTHER = "ab" * 32, "cd" * 32
DIRECTIONS = (
    DirectionEntry("0" * 15 + "1", "dawn ↔ dusk", ("coarse", "fine"), "pca"),
    DirectionEntry("0" * 15 + "2", "dawn", ("medium",), "sefa"),
    DirectionEntry("0" * 15 + "3", "calm ↔ storm", ("fine",), "sefa"),
)


def _build(base: Recipe | None = None, **wishes: object) -> list[Recipe]:
    wish = Wishes(**{"seeds": () if base else (7,), **wishes})  # type: ignore[arg-type]
    return build_recipes(base, wish, model=MODEL, directions=DIRECTIONS)


def test_plain_seeds_give_plain_recipes() -> None:
    assert _build(seeds=(7, 9)) == [new_recipe(MODEL, 7), new_recipe(MODEL, 9)]


def test_the_second_seed_rules_the_zones_it_was_given_and_no_other() -> None:
    assert share_of_b(_build(mix=12, mix_zones=("coarse", "fine"))[0]) == (1, 0, 1)


def test_mixing_into_a_mix_replaces_its_second_seed() -> None:
    first = _build(mix=12, mix_zones=("coarse",))[0]
    again = _build(first, mix=13, mix_zones=("fine",))[0]
    assert [source.seed for source in again.sources] == [7, 13]
    assert share_of_b(again) == (0, 0, 1)


def test_an_edit_acts_in_the_directions_own_zones() -> None:
    recipe = _build(edits=(("calm", 2.0),))[0]
    assert strength_of(recipe, DIRECTIONS[2].id) == (0, 0, 2)


def test_what_a_call_does_not_say_stays_as_the_recipe_has_it() -> None:
    base = with_edit(new_recipe(MODEL, 3, psi=0.9), DIRECTIONS[0].id, strength=(1, 1, 1))
    assert _build(base) == [base]
    other_seed = _build(base, seeds=(4,))[0]
    assert other_seed.edits == base.edits
    assert other_seed.psi == base.psi
    assert other_seed.sources[0].seed == 4


def test_a_recipe_of_another_model_becomes_this_ones() -> None:
    painted = msgspec.structs.replace(
        new_recipe(OTHER, 3),
        regions=(Region(kind="mix", mask=MASKS[0], recipe=new_recipe(OTHER, 4)),),
    )
    assert _build(painted)[0].model == MODEL
    assert first_problem(_build(painted)[0]) is None


def test_a_frame_is_what_the_words_say_and_stays_where_they_say_nothing() -> None:
    assert _build(frame=FrameWish(tile="both"))[0].frame == Frame(tile="both")
    wide = _build(frame=FrameWish(size=read_shape("2:1")), seeds=(7, 9))
    assert [recipe.frame for recipe in wide] == [
        Frame(size=(8, 4), beyond=8),
        Frame(size=(8, 4), beyond=10),
    ]
    same = _build(frame=FrameWish(size=(6, 4), beyond=read_beyond("same")))[0]
    assert same.frame == Frame(size=(6, 4))
    assert _build(same)[0].frame == same.frame
    assert _build(same, frame=FrameWish(size=(4, 4)))[0].frame is None
    assert _build(frame=FrameWish(size=(4, 4)))[0] == new_recipe(MODEL, 7)


@pytest.mark.parametrize(
    ("text", "cells"),
    [("2:1", (8, 4)), ("3:2", (6, 4)), ("1:2", (4, 8)), ("1:1", (4, 4)), ("12x4", (12, 4)), ("8 × 8", (8, 8))],
)  # fmt: skip
def test_a_shape_is_read(text: str, cells: tuple[int, int]) -> None:
    assert read_shape(text) == cells


@pytest.mark.parametrize("text", ["", "2", "0:1", "9:1", "3x8", "17x4", "9x8", "a:b", "-2:1"])
def test_a_shape_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        read_shape(text)


@given(st.integers(0, MAX_SEED), st.integers(1, 50), st.floats(0, 1.5))
def test_every_call_gives_recipes_that_break_no_rule(seed: int, count: int, psi: float) -> None:
    recipes = _build(seeds=seeds_from(seed, count), psi=psi, mix=1, edits=(("calm", -5.0),))
    assert len(recipes) == count
    assert all(first_problem(recipe) is None for recipe in recipes)


def test_after_the_last_seed_comes_the_first() -> None:
    assert seeds_from(MAX_SEED, 2) == (MAX_SEED, 0)


def test_the_seeds_of_a_sheet_are_told_in_its_order() -> None:
    assert seeds_text(_build(seeds=(7, 8, 9))) == "seeds 7 to 9"
    assert seeds_text(_build(seeds=(9, 8, 7))) == "seeds 9, 8, 7"
    assert seeds_text(_build(seeds=(MAX_SEED, 0, 1))) == f"seeds {MAX_SEED}, 0, 1"


@pytest.mark.parametrize(
    ("name", "place"), [("dawn", 1), ("DAWN ↔ dusk", 0), ("storm", 2), ("0" * 15 + "3", 2)]
)
def test_a_direction_is_found_by_id_name_or_part(name: str, place: int) -> None:
    assert find_direction(name, DIRECTIONS) is DIRECTIONS[place]


@pytest.mark.parametrize(("name", "words"), [("↔", "more than one"), ("rain", "no direction")])
def test_a_direction_that_is_not_clear_is_refused(name: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        find_direction(name, DIRECTIONS)
