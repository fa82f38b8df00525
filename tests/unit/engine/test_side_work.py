"""Units of sliders and taught directions, as the engine works them out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core.directions import direction_id
from studio.core.recipe import Recipe, floats_from_text, new_recipe, with_edit
from studio.core.teaching import Lesson
from studio.engine.session import GeneratorModel
from studio.engine.side_work import SideWork
from studio.engine.visible_change import SLIDER_END, UNIT_RANGE, ChangeGauge, run_through
from studio.protocol import messages as say
from tests.fakes.tiny_model import make_tiny_model


class Eye:
    """Sees every second pixel, large differences less than their size."""

    def embed(self, rgb8_NHWC: NDArray[np.uint8]) -> NDArray[np.float32]:
        seen = np.tanh((rgb8_NHWC[:, ::2, ::2].astype(np.float32) - 128) / 30)
        return np.asarray(seen.reshape(len(seen), -1), np.float32)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> GeneratorModel:
    folder = make_tiny_model(tmp_path_factory.mktemp("models"), resolution=16)
    return GeneratorModel.open(folder, wish="cpu")


def _run(work: SideWork, model: GeneratorModel) -> list[say.Event]:
    events: list[say.Event] = []
    while work.has_work:
        event = work.step(model)
        if event is not None:
            events.append(event)
    return events


def test_the_ends_of_all_sliders_lie_as_far_apart_as_two_pictures(model: GeneratorModel) -> None:
    gauge = ChangeGauge(model, Eye())
    units = run_through(gauge.units())
    wanted = run_through(gauge.wanted_change())
    low, high = UNIT_RANGE
    reached = []
    for entry, step_D in zip(model.directions.entries, model.directions.steps_MD, strict=True):
        change = run_through(gauge.change(step_D, entry.zones, unit=units[entry.id]))
        if low < units[entry.id] < high:
            reached.append(change / wanted)
    assert reached
    assert reached == pytest.approx([1.0] * len(reached), rel=0.15)
    assert SLIDER_END * high <= 5


def test_a_taught_direction_leads_from_one_pile_to_the_other(model: GeneratorModel) -> None:
    """The piles differ along a hidden direction, and in everything else as pictures do."""
    hidden = model.directions.entries[0].id

    def pile(strength: float, seeds: range) -> tuple[Recipe, ...]:
        recipes = (new_recipe(model.card.model, seed) for seed in seeds)
        return tuple(with_edit(r, hidden, strength=(strength,) * 3) for r in recipes)

    lesson = Lesson(pile(2.0, range(6)), pile(-2.0, range(6, 12)))
    work = SideWork(Eye())
    work.take(say.Teach(request_id=7, lesson=lesson))
    (event,) = _run(work, model)
    assert isinstance(event, say.Taught)
    step_D = floats_from_text(event.learned.vector)
    wanted_D = model.directions.steps_MD[0]
    likeness = step_D @ wanted_D / np.linalg.norm(step_D) / np.linalg.norm(wanted_D)
    assert likeness > 0.65
    assert event.learned.hits is not None
    assert event.learned.hits >= 11


def test_a_taught_direction_leaves_another_alone(model: GeneratorModel) -> None:
    first = model.directions.entries[0].id
    more = with_edit(new_recipe(model.card.model, 1), first, strength=(3.0,) * 3)
    lesson = Lesson((more,), (new_recipe(model.card.model, 2),), ("coarse",), (first,))
    work = SideWork(Eye())
    work.take(say.Teach(request_id=1, lesson=lesson))
    (event,) = _run(work, model)
    assert isinstance(event, say.Taught)
    assert event.learned.hits is None, "nothing can be said of one pair"
    step_D = floats_from_text(event.learned.vector)
    assert abs(step_D @ model.directions.steps_MD[0]) < 1e-3
    assert direction_id(step_D)


@pytest.mark.parametrize("kind", ["empty", "equal", "foreign"])
def test_what_cannot_be_taught_is_one_sentence(model: GeneratorModel, kind: str) -> None:
    here, foreign = new_recipe(model.card.model, 1), new_recipe("0" * 64, 1)
    lesson = {
        "empty": Lesson((), ()),
        "equal": Lesson((here,), (here,)),
        "foreign": Lesson((here,), (foreign,)),
    }[kind]
    work = SideWork(Eye())
    work.take(say.Teach(request_id=3, lesson=lesson))
    (event,) = _run(work, model)
    assert isinstance(event, say.RequestRefused)
    assert event.request_id == 3
    assert event.what.endswith(".")


def test_a_lesson_comes_before_units_and_replaces_an_older_one(model: GeneratorModel) -> None:
    one, two = (Lesson((new_recipe(model.card.model, seed),)) for seed in (1, 2))
    work = SideWork(Eye())
    work.take(say.MeasureUnits(request_id=1))
    for _ in range(5):
        assert work.step(model) is None
    work.take(say.Teach(request_id=2, lesson=one))
    assert work.step(model) is None
    for _ in range(60):
        assert work.step(model) is None
    work.take(say.Teach(request_id=4, lesson=one))
    work.take(say.Teach(request_id=3, lesson=two))
    taught, measured = _run(work, model)
    assert isinstance(taught, say.Taught)
    assert taught.request_id == 3
    assert isinstance(measured, say.UnitsMeasured)
    assert set(measured.units) == {entry.id for entry in model.directions.entries}
    work.take(say.MeasureUnits(request_id=5))
    work.forget()
    assert not work.has_work


def test_a_lesson_that_is_given_up_leaves_its_work_to_the_next(model: GeneratorModel) -> None:
    lesson = Lesson((new_recipe(model.card.model, 1),))
    work = SideWork(Eye())
    work.take(say.Teach(request_id=1, lesson=lesson))
    steps = 0
    while work.has_work:
        work.step(model)
        steps += 1
    again = SideWork(Eye())
    for request_id in range(3):
        again.take(say.Teach(request_id=request_id, lesson=lesson))
        for _ in range(50):
            again.step(model)
            steps -= 1
    while again.has_work:
        again.step(model)
        steps -= 1
    assert abs(steps) < 10
