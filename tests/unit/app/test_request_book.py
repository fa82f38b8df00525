"""What is asked and not answered, through answers, cancelling and a new engine."""

from studio.app.request_book import Asked, RequestBook
from studio.core.recipe import Recipe, new_recipe
from studio.protocol import messages as say

MODEL, OTHER = "ab" * 32, "cd" * 32


def recipe(seed: int, model: str = MODEL) -> Recipe:
    return new_recipe(model, seed)


def number_of(command: say.Command) -> int:
    assert isinstance(command, say.Render | say.RenderSmall | say.RenderFull)
    return command.request_id


def test_an_answer_finds_its_request_once() -> None:
    book = RequestBook()
    number = number_of(book.ask_full(("keep", 1), recipe(1)))
    assert book.has_full
    assert book.answer(number) == Asked("full", recipe(1), ("keep", 1))
    assert book.answer(number) is None
    assert not book.has_full


def test_the_wish_for_nearness_survives_a_new_engine() -> None:
    book = RequestBook()
    book.ask_full(("keep", 1), recipe(1), has_nearness=True)
    book.ask_full(("export", 1), recipe(2))
    again = book.ask_again(MODEL)
    assert [one.has_nearness for one in again if isinstance(one, say.RenderFull)] == [True, False]


def test_a_preview_leaves_its_request_open() -> None:
    book = RequestBook()
    number = number_of(book.ask_canvas(recipe(1)))
    assert book.answer(number, is_last=False) == Asked("canvas", recipe(1))
    assert book.answer(number) == Asked("canvas", recipe(1))


def test_an_answer_to_an_older_canvas_request_is_given_and_older_ones_are_closed() -> None:
    book = RequestBook()
    first, second, third = (number_of(book.ask_canvas(recipe(seed))) for seed in (1, 2, 3))
    assert book.answer(second) == Asked("canvas", recipe(2))
    assert book.answer(first) is None
    assert book.answer(third) == Asked("canvas", recipe(3))


def test_a_second_request_of_a_key_replaces_the_first() -> None:
    book = RequestBook()
    (first,) = book.ask_small(("wall", 1), recipe(1), size=64)
    cancel, second = book.ask_small(("wall", 1), recipe(2), size=64)
    assert cancel == say.CancelSmall(request_ids=(number_of(first),))
    assert book.answer(number_of(first)) is None
    assert book.answer(number_of(second)) == Asked("small", recipe(2), ("wall", 1), 64)


def test_cancelling_takes_only_what_is_meant() -> None:
    book = RequestBook()
    numbers = {
        key: number_of(book.ask_small(key, recipe(1), size=64)[-1])
        for key in [("wall", 1), ("wall", 2), ("strip", 1)]
    }
    (cancel,) = book.cancel_small(lambda key: key[0] == "wall")
    assert cancel == say.CancelSmall(request_ids=(numbers["wall", 1], numbers["wall", 2]))
    assert book.cancel_small(lambda key: key[0] == "wall") == []
    assert book.answer(numbers["strip", 1]) is not None


def test_a_new_engine_is_asked_again_for_all_that_waits_and_for_the_canvas() -> None:
    book = RequestBook()
    canvas = number_of(book.ask_canvas(recipe(1)))
    book.ask_small(("wall", 1), recipe(2), size=64)
    book.ask_full(("keep", 1), recipe(3))
    assert book.answer(canvas), "the canvas has its picture, and still gets it again"
    render, small, full = book.ask_again(MODEL)
    assert isinstance(render, say.Render)
    assert isinstance(small, say.RenderSmall)
    assert isinstance(full, say.RenderFull)
    assert (render.recipe, small.recipe, full.recipe) == (recipe(1), recipe(2), recipe(3))
    assert number_of(render) > canvas, "old answers cannot be taken for new ones"


def test_the_canvas_of_another_model_is_not_asked_again() -> None:
    book = RequestBook()
    book.ask_canvas(recipe(1, OTHER))
    assert book.ask_again(MODEL) == []


def test_leaving_a_model_forgets_everything() -> None:
    book = RequestBook()
    number = number_of(book.ask_canvas(recipe(1)))
    book.forget_model()
    assert book.answer(number) is None
    assert book.canvas is None
    assert book.ask_again(MODEL) == []
