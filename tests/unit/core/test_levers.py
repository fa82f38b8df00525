"""Levers: what they move, and where they end."""

from hypothesis import given
from hypothesis import strategies as st

from studio.core.directions import DirectionEntry
from studio.core.levers import Lever, levers_of, room, with_levers
from studio.core.recipe import (
    MAX_STRENGTH,
    ZONES,
    first_problem,
    new_recipe,
    strength_of,
    with_edit,
)

MODEL = "ab" * 32
ONE, TWO = "1" * 16, "2" * 16
strengths = st.floats(-20, 20, allow_nan=False)


def entry(direction: str, *zones: str) -> DirectionEntry:
    return DirectionEntry(direction, "light", zones, "pca")


def test_there_is_a_lever_for_each_chosen_zone_that_a_direction_was_found_for() -> None:
    entries = (entry(ONE, *ZONES), entry(TWO, "fine"))
    assert levers_of(entries, zones=("medium", "fine")) == (
        Lever(ONE, "medium"),
        Lever(ONE, "fine"),
        Lever(TWO, "fine"),
    )
    assert levers_of(entries, zones=()) == ()


@given(begin=st.tuples(*[st.floats(-5, 5)] * 3), by=st.tuples(strengths, strengths))
def test_moved_levers_give_a_recipe_that_holds_and_leave_other_zones_alone(
    begin: tuple[float, float, float], by: tuple[float, float]
) -> None:
    recipe = with_edit(new_recipe(MODEL, 1), ONE, strength=begin)
    levers = (Lever(ONE, "medium"), Lever(TWO, "coarse"))
    moved = with_levers(recipe, levers, strengths=by)
    assert first_problem(moved) is None
    assert strength_of(moved, ONE)[0] == begin[0]
    assert strength_of(moved, ONE)[2] == begin[2]
    assert strength_of(moved, TWO)[1:] == (0.0, 0.0)
    low, high = room(recipe, levers[0])
    wanted = begin[1] + min(max(by[0], low), high)
    assert abs(strength_of(moved, ONE)[1] - wanted) < 1e-3
    assert abs(strength_of(moved, TWO)[0]) <= MAX_STRENGTH


def test_levers_that_do_not_move_leave_the_recipe_as_it_is() -> None:
    recipe = with_edit(new_recipe(MODEL, 1), ONE, strength=(1.0, 0.0, 0.0))
    assert with_levers(recipe, (Lever(ONE, "coarse"),), strengths=(0.0,)) == recipe


def test_a_taught_direction_takes_its_vector_along() -> None:
    moved = with_levers(
        new_recipe(MODEL, 1), (Lever(TWO, "coarse", vector="AAAA"),), strengths=(1.0,)
    )
    assert moved.edits[0].vector == "AAAA"
