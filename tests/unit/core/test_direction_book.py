"""What the artist did to sliders: order, names, stars, taught ones."""

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.core.direction_book import (
    DirectionBook,
    TaughtDirection,
    arranged,
    clean_name,
    first_problem,
    guests_in,
    moved,
    taught_direction,
    with_note,
    with_taught,
    without_taught,
)
from studio.core.directions import DirectionEntry
from studio.core.recipe import new_recipe, with_edit

MODEL = "ab" * 32
OWN = tuple(DirectionEntry(f"{i:016x}", f"own {i}", ("coarse",), "pca") for i in range(6))
BOOK = DirectionBook(model=MODEL)


def _ids(book: DirectionBook) -> list[str]:
    return [entry.id for entry in arranged(OWN, book)]


def _taught(seed: int, name: str = "mist") -> TaughtDirection:
    vector_D = np.random.RandomState(seed).randn(8).astype(np.float32)
    return taught_direction(vector_D, name=name, zones=("fine",), counts=(2, 1))


def test_starred_ones_come_first_and_keep_their_order() -> None:
    book = with_note(with_note(BOOK, OWN[4].id, is_starred=True), OWN[2].id, is_starred=True)
    assert _ids(book) == [OWN[i].id for i in (2, 4, 0, 1, 3, 5)]


def test_a_taught_slider_stands_before_the_models_own_and_can_go() -> None:
    first, second = _taught(1), _taught(2)
    book = with_taught(with_taught(BOOK, first), second)
    assert _ids(book)[:2] == [second.id, first.id]
    assert first_problem(book) == ""
    assert _ids(without_taught(book, second.id))[0] == first.id


def test_a_new_taught_slider_comes_before_an_order_made_earlier() -> None:
    book = moved(BOOK, OWN[5].id, to=0, shown=_ids(BOOK))
    book = with_taught(book, _taught(3))
    assert _ids(book)[1] == OWN[5].id


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 9), st.booleans()), max_size=12))
def test_moves_and_stars_lose_no_slider(steps: list[tuple[int, int, bool]]) -> None:
    book = BOOK
    for which, to, is_starred in steps:
        book = with_note(book, OWN[which].id, is_starred=is_starred)
        book = moved(book, OWN[which].id, to=to, shown=_ids(book))
        assert sorted(_ids(book)) == sorted(entry.id for entry in OWN)
        stars = [book.note(one).is_starred for one in _ids(book)]
        assert stars == sorted(stars, reverse=True)


def test_a_move_goes_where_it_was_put() -> None:
    book = moved(BOOK, OWN[0].id, to=3, shown=_ids(BOOK))
    assert _ids(book) == [OWN[i].id for i in (1, 2, 3, 0, 4, 5)]


def test_a_slider_left_as_it_came_leaves_no_note() -> None:
    book = with_note(BOOK, OWN[0].id, name="  Light \n of  day ", is_hidden=True)
    assert book.note(OWN[0].id).name == "Light of day"
    assert with_note(book, OWN[0].id, name="", is_hidden=False) == BOOK
    assert len(clean_name("x" * 500)) == 80


def test_a_book_with_a_swapped_vector_is_found() -> None:
    one, other = _taught(1), _taught(2)
    swapped = msgspec.structs.replace(one, vector=other.vector)
    assert first_problem(msgspec.structs.replace(BOOK, taught=(swapped,))) == "vector"


def test_sliders_inside_a_recipe_are_found_with_their_zones() -> None:
    taught = _taught(4)
    recipe = with_edit(
        new_recipe(MODEL, 1),
        taught.id,
        strength=(0.0, 1.0, 0.0),
        vector=taught.vector,
    )
    recipe = with_edit(recipe, OWN[0].id, strength=(1.0, 1.0, 1.0))
    assert [(g.id, g.zones) for g in guests_in(recipe, name="x")] == [(taught.id, ("medium",))]
