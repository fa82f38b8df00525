"""Large pictures in the engine: a tile at a time, between the pictures of the hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.core.recipe import Frame, Recipe, new_recipe, with_frame
from studio.engine.enlarging import Enlarger
from studio.engine.generator import CancelToken
from studio.engine.large_work import LargeWork
from studio.engine.session import GeneratorModel
from studio.files.images import encode_png
from studio.protocol import messages as say
from tests.fakes.procedural_pictures import make_pictures
from tests.fakes.tiny_enlarger import make_tiny_enlarger
from tests.fakes.tiny_model import make_tiny_model
from tests.unit.engine.test_host import Stage


@pytest.fixture(scope="module")
def enlarger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_enlarger(tmp_path_factory.mktemp("resources") / "enlarge")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models"), resolution=16, channels=4)


@pytest.fixture(scope="module")
def model(folder: Path) -> GeneratorModel:
    return GeneratorModel.open(folder, wish="cpu")


@pytest.fixture
def stage(tmp_path: Path, enlarger: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr("studio.engine.enlarging.resources", lambda: enlarger.parent)
    made = Stage(tmp_path / "ring")
    yield made
    made.close()


class Desk:
    """Large work with its answers."""

    def __init__(self, enlarger: Path, *, slot_bytes: int = 3 * 64 * 10) -> None:
        self.events: list[say.Event] = []
        self.parts: list[NDArray[np.uint8]] = []
        self.slot_bytes = slot_bytes
        self.work = LargeWork(self, self.events.append, folder=enlarger)

    def place(self, content: NDArray[np.uint8]) -> int:
        self.parts.append(content.copy())
        return len(self.parts) - 1

    def finish(self, model: GeneratorModel) -> list[say.RowsDone]:
        while self.work.has_work:
            self.work.step(model, gauge=None, cancel=CancelToken())
        return [event for event in self.events if isinstance(event, say.RowsDone)]


def recipe_of(model: GeneratorModel, seed: int) -> Recipe:
    return new_recipe(model.card.model, seed)


def joined(desk: Desk, rows: list[say.RowsDone]) -> NDArray[np.uint8]:
    tops = [(event.top, event.rows) for event in rows]
    assert [top for top, _ in tops] == [0, *np.cumsum([count for _, count in tops])[:-1]]
    return np.concatenate([desk.parts[event.slot] for event in rows])


def test_rows_together_are_the_enlarged_picture(enlarger: Path, model: GeneratorModel) -> None:
    desk, recipe = Desk(enlarger), recipe_of(model, 3)
    desk.work.ask(say.RenderLarge(request_id=5, factor=4, recipe=recipe))
    rows = desk.finish(model)
    wanted = Enlarger(folder=enlarger).enlarge(model.render(recipe), 4)
    assert len(rows) == 7
    assert {(event.width, event.height, event.bits) for event in rows} == {(64, 64, 8)}
    assert np.array_equal(joined(desk, rows).reshape(64, 64, 3), wanted)
    told = [event for event in desk.events if isinstance(event, say.LargeProgress)]
    assert [(event.done, event.total) for event in told] == [(1, 2), (2, 2)]


def test_a_recipe_that_repeats_is_enlarged_as_one(
    enlarger: Path, model: GeneratorModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = recipe_of(model, 3)
    small = model.render(plain)
    monkeypatch.setattr(model, "render", lambda _recipe, cancel: small)
    desk = Desk(enlarger)
    recipe = with_frame(plain, Frame(tile="both"))
    desk.work.ask(say.RenderLarge(request_id=5, factor=2, recipe=recipe))
    made = joined(desk, desk.finish(model)).reshape(32, 32, 3)
    assert np.array_equal(made, Enlarger(folder=enlarger).enlarge(small, 2, wrap="both"))
    assert not np.array_equal(made, Enlarger(folder=enlarger).enlarge(small, 2))


def test_a_kept_picture_is_read_from_its_file_and_16_bits_hold_more_than_8(
    enlarger: Path, model: GeneratorModel, tmp_path: Path
) -> None:
    picture = make_pictures(1, side=16)[0]
    path = tmp_path / "kept.png"
    path.write_bytes(encode_png(picture))
    desk = Desk(enlarger)
    desk.work.ask(say.RenderLarge(request_id=5, factor=2, path=str(path), bits=16))
    levels = joined(desk, desk.finish(model)).view("<u2").reshape(32, 32, 3)
    fine = Enlarger(folder=enlarger).enlarge_float(picture.astype(np.float32) / np.float32(255), 2)
    assert np.abs(levels / 65535 - fine).max() <= 0.5 / 65535 + 1e-7
    assert len(np.unique(levels)) > 256


def test_sixteen_bits_of_a_recipe_come_from_the_graphs_own_floats(
    enlarger: Path, model: GeneratorModel
) -> None:
    desk, recipe = Desk(enlarger), recipe_of(model, 3)
    desk.work.ask(say.RenderLarge(request_id=5, factor=1, recipe=recipe, bits=16))
    levels = joined(desk, desk.finish(model)).view("<u2").reshape(16, 16, 3)
    image = model.generator.image(model.generator.w_of(recipe)[None], 16)[0]
    wanted = np.clip(image.transpose(1, 2, 0) / 2 + 0.5, 0, 1) * 65535
    assert np.abs(levels - wanted).max() < 1
    assert np.abs(levels / 257 - model.render(recipe)).max() <= 0.51
    assert (levels % 257 != 0).any()


def test_a_file_that_is_gone_is_refused_and_the_next_is_made(
    enlarger: Path, model: GeneratorModel, tmp_path: Path
) -> None:
    desk = Desk(enlarger)
    desk.work.ask(say.RenderLarge(request_id=5, factor=2, path=str(tmp_path / "no.png")))
    desk.work.ask(say.RenderLarge(request_id=6, factor=1, recipe=recipe_of(model, 1)))
    rows = desk.finish(model)
    refused = [event for event in desk.events if isinstance(event, say.RequestRefused)]
    assert [event.request_id for event in refused] == [5]
    assert {event.request_id for event in rows} == {6}
    assert np.array_equal(joined(desk, rows).reshape(16, 16, 3), model.render(recipe_of(model, 1)))


def test_what_is_cancelled_does_not_come_begun_or_not(
    enlarger: Path, model: GeneratorModel
) -> None:
    desk = Desk(enlarger)
    for number in (5, 6, 7):
        desk.work.ask(say.RenderLarge(request_id=number, factor=4, recipe=recipe_of(model, number)))
    for _ in range(2):
        desk.work.step(model, gauge=None, cancel=CancelToken())
    desk.work.cancel((5, 7))
    assert {event.request_id for event in desk.finish(model)} == {6}


def test_the_hand_goes_first_and_nothing_starves(enlarger: Path, model: GeneratorModel) -> None:
    desk = Desk(enlarger)
    work = desk.work
    assert not work.is_turn(is_urgent=False, has_job=False)
    work.ask(say.RenderLarge(request_id=5, factor=2, recipe=recipe_of(model, 1)))
    assert work.is_turn(is_urgent=False, has_job=False)
    turns = [work.is_turn(is_urgent=True, has_job=True) for _ in range(22)]
    assert [place for place, is_mine in enumerate(turns) if is_mine] == [10, 21]
    turns = [work.is_turn(is_urgent=False, has_job=True) for _ in range(10)]
    assert [place for place, is_mine in enumerate(turns) if is_mine] == [4, 9]


def test_the_host_makes_pictures_of_the_hand_between_tiles(
    stage: Stage, folder: Path, model: GeneratorModel, enlarger: Path
) -> None:
    stage.open(folder)
    recipe = recipe_of(model, 2)
    stage.send(
        say.RenderLarge(request_id=90, factor=8, recipe=recipe),
        say.Render(request_id=1, recipe=recipe_of(model, 1)),
    )
    whole = np.zeros((128, 128, 3), np.uint8)
    num_seen = 0

    def is_whole(events: list[say.Event]) -> bool:
        return any(
            isinstance(event, say.RowsDone) and event.top + event.rows == 128 for event in events
        )

    def free(events: list[say.Event]) -> bool:
        nonlocal num_seen
        for event in events[num_seen:]:
            if isinstance(event, say.RowsDone):
                whole[event.top : event.top + event.rows] = stage.ring.read(
                    event.slot, width=event.width, height=event.rows
                )
        num_seen = len(events)
        return is_whole(events)

    stage.wait(free)
    wanted: Picture = Enlarger(folder=enlarger).enlarge(model.render(recipe), 8)
    assert np.array_equal(whole, wanted)
    stage.wait(lambda _events: bool(stage.pictures("picture")))


def test_another_model_ends_what_is_being_enlarged(enlarger: Path, model: GeneratorModel) -> None:
    desk = Desk(enlarger)
    desk.work.ask(say.RenderLarge(request_id=90, factor=4, recipe=recipe_of(model, 2)))
    desk.work.ask(say.RenderLarge(request_id=91, factor=4, recipe=recipe_of(model, 3)))
    for _ in range(2):
        desk.work.step(model, gauge=None, cancel=CancelToken())
    desk.work.forget()
    desk.work.ask(say.RenderLarge(request_id=92, factor=2, recipe=recipe_of(model, 4)))
    assert {event.request_id for event in desk.finish(model)} == {92}


def test_the_host_forgets_with_the_model_what_was_asked_of_it(
    tmp_path: Path, folder: Path, model: GeneratorModel
) -> None:
    stage = Stage(tmp_path / "ring", num_slots=1)
    try:
        stage.open(folder)
        stage.send(say.Render(request_id=1, recipe=recipe_of(model, 1)))
        stage.wait(lambda _events: bool(stage.pictures("picture")))
        # The only slot is taken, so that this one waits.
        stage.send(say.RenderLarge(request_id=90, factor=1, recipe=recipe_of(model, 2)))
        stage.send(say.OpenModel(open_id=2, folder=str(folder), wish="cpu"))
        stage.wait_for(say.ModelOpened, 2)
        stage.send(say.RenderLarge(request_id=91, factor=1, recipe=recipe_of(model, 2)))
        stage.send(say.FreeSlot(slot=0))
        rows = stage.wait_for(say.RowsDone)
        assert [event.request_id for event in rows if isinstance(event, say.RowsDone)] == [91]
    finally:
        stage.close()
