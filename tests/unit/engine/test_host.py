"""The host in this process: commands in, lines out, pictures in the ring."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from studio.core.arrays import Picture, pixel_hash
from studio.core.inversion import LOOK_PX, look_to_text
from studio.core.recipe import Frame, Recipe, new_recipe, with_frame
from studio.core.teaching import Lesson
from studio.engine.host import EngineHost, read_commands
from studio.engine.render_loop import Job, Request
from studio.engine.session import GeneratorModel
from studio.files.places import shipped_models
from studio.protocol import messages as say
from studio.protocol.codec import LineDecoder, encode_line
from studio.protocol.ring import MappedRing
from tests.fakes.tiny_model import add_closeness, make_tiny_model

SLOT_BYTES = 3 * 128 * 128
PATIENCE_S = 20


class Stage:
    """A host on its own thread, with what it said."""

    def __init__(self, ring_path: Path, num_slots: int = 4) -> None:
        ring_path.write_bytes(bytes(num_slots * SLOT_BYTES))
        self.ring_path = ring_path
        self.num_slots = num_slots
        self.ring = MappedRing(ring_path, num_slots=num_slots, slot_bytes=SLOT_BYTES)
        self.events: list[say.Event] = []
        self._changed = threading.Condition()
        self._decoder: LineDecoder[say.Event] = LineDecoder(say.Event)
        self.host = EngineHost(self._hear)
        self.thread = threading.Thread(target=self.host.run, name="host")
        self.thread.start()

    def _hear(self, line: bytes) -> None:
        assert line.endswith(b"\n")
        with self._changed:
            self.events.append(self._decoder.decode(line))
            self._changed.notify_all()

    def send(self, *commands: say.Command) -> None:
        for command in commands:
            self.host.take(command)

    def wait(self, is_there: Callable[[list[say.Event]], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: is_there(self.events), PATIENCE_S), self.events

    def wait_for(self, kind: type, count: int = 1) -> list[say.Event]:
        self.wait(lambda events: sum(isinstance(event, kind) for event in events) >= count)
        return [event for event in self.events if isinstance(event, kind)]

    def open(self, folder: Path, open_id: int = 1) -> None:
        ring = say.UseRing(
            path=str(self.ring_path), num_slots=self.num_slots, slot_bytes=SLOT_BYTES
        )
        self.send(ring, say.OpenModel(open_id=open_id, folder=str(folder), wish="cpu"))
        self.wait_for(say.ModelOpened)

    def pictures(self, *kinds: str) -> list[say.PictureDone]:
        done = [event for event in self.events if isinstance(event, say.PictureDone)]
        return [event for event in done if not kinds or event.kind in kinds]

    def close(self) -> None:
        self.host.close()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models"), resolution=128, channels=6)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    host = Stage(tmp_path / "ring")
    yield host
    host.close()


def recipe(folder: Path, seed: int) -> Recipe:
    return new_recipe(GeneratorModel.open(folder, wish="cpu").card.model, seed)


def test_a_picture_comes_before_what_nobody_waits_for(stage: Stage, folder: Path) -> None:
    stage.open(folder)
    (opened,) = stage.wait_for(say.ModelOpened)
    assert isinstance(opened, say.ModelOpened)
    model = opened.card.model
    stage.send(say.MeasureUnits(request_id=1))
    stage.send(say.Render(request_id=2, recipe=new_recipe(model, 1)))
    stage.wait(lambda events: bool(stage.pictures("picture")))
    assert not [event for event in stage.events if isinstance(event, say.UnitsMeasured)]
    lesson = Lesson((new_recipe("0" * 64, 1),))
    stage.send(say.Teach(request_id=3, lesson=lesson))
    (refused,) = stage.wait_for(say.RequestRefused)
    assert isinstance(refused, say.RequestRefused)
    assert refused.request_id == 3


def test_a_foreign_model_says_that_it_makes_squares_alone(stage: Stage, folder: Path) -> None:
    stage.open(folder)
    (opened,) = stage.wait_for(say.ModelOpened)
    assert isinstance(opened, say.ModelOpened)
    assert not opened.can_spread
    tile = with_frame(new_recipe(opened.card.model, 1), Frame(tile="x"))
    stage.send(say.Render(request_id=2, recipe=tile))
    (refused,) = stage.wait_for(say.RequestRefused)
    assert isinstance(refused, say.RequestRefused)
    assert "square" in refused.what


def test_a_picture_in_the_ring_is_the_picture_of_the_model(stage: Stage, folder: Path) -> None:
    stage.open(folder)
    asked = recipe(folder, 7)
    stage.send(say.Render(request_id=1, recipe=asked))
    stage.wait(lambda _: bool(stage.pictures("picture")))
    preview, full = stage.pictures()
    assert (preview.kind, preview.width, preview.request_id) == ("preview", 64, 1)
    assert (full.kind, full.width, full.height, full.provider) == ("picture", 128, 128, "CPU")
    picture = stage.ring.read(full.slot, width=128, height=128)
    expected = GeneratorModel.open(folder, wish="cpu").render(asked)
    assert pixel_hash(picture) == pixel_hash(expected)


def test_nearness_comes_with_a_full_picture_only_where_it_is_wished(
    stage: Stage, tmp_path: Path
) -> None:
    folder = make_tiny_model(tmp_path, channels=4)
    model = GeneratorModel.open(folder, wish="cpu")
    asked = [new_recipe(model.card.model, seed) for seed in range(6)]
    pictures = [model.render(one) for one in asked]
    add_closeness(folder, pictures, files=[f"{seed}.jpg" for seed in range(6)])
    stage.open(folder)
    stage.send(say.RenderFull(request_id=1, recipe=asked[4]))
    stage.send(say.RenderFull(request_id=2, recipe=asked[4], has_nearness=True))
    stage.wait(lambda _: len(stage.pictures("full")) == 2)
    plain, measured = stage.pictures("full")
    assert plain.nearness is None
    assert measured.nearness is not None
    assert (measured.nearness.file, measured.nearness.is_copy) == ("4.jpg", True)


def test_the_first_word_is_ready_and_the_model_tells_what_runs_it(
    stage: Stage, folder: Path
) -> None:
    stage.open(folder)
    assert isinstance(stage.events[0], say.Ready)
    (opened,) = stage.wait_for(say.ModelOpened)
    assert isinstance(opened, say.ModelOpened)
    assert (opened.provider, opened.wish, opened.fallback_reason) == ("CPU", "cpu", "")
    assert len(opened.directions) == 3


def test_a_folder_that_is_no_model_is_refused_and_the_host_goes_on(
    stage: Stage, folder: Path, tmp_path: Path
) -> None:
    stage.send(say.OpenModel(open_id=5, folder=str(tmp_path)))
    (refused,) = stage.wait_for(say.ModelRefused)
    assert isinstance(refused, say.ModelRefused)
    assert refused.open_id == 5
    assert "card.json" in refused.what
    stage.open(folder, open_id=6)


def test_a_request_without_a_model_is_refused(stage: Stage, folder: Path) -> None:
    stage.send(say.Render(request_id=9, recipe=recipe(folder, 1)))
    (refused,) = stage.wait_for(say.RequestRefused)
    assert isinstance(refused, say.RequestRefused)
    assert (refused.request_id, refused.what) == (9, "No model is open.")


def test_a_recipe_of_another_model_is_refused_and_the_next_is_made(
    stage: Stage, folder: Path
) -> None:
    stage.open(folder)
    stage.send(say.RenderFull(request_id=1, recipe=new_recipe("cd" * 32, 1)))
    stage.send(say.RenderFull(request_id=2, recipe=recipe(folder, 1)))
    stage.wait(lambda _: bool(stage.pictures("full")))
    (refused,) = stage.wait_for(say.RequestRefused)
    assert isinstance(refused, say.RequestRefused)
    assert refused.request_id == 1
    assert stage.pictures("full")[0].request_id == 2


def test_a_slot_is_not_written_again_before_it_is_freed(tmp_path: Path, folder: Path) -> None:
    stage = Stage(tmp_path / "small-ring", num_slots=2)
    try:
        stage.open(folder)
        for number in range(5):
            stage.send(say.RenderFull(request_id=number, recipe=recipe(folder, number)))
        stage.wait(lambda _: len(stage.pictures()) == 2)
        assert sorted(event.slot for event in stage.pictures()) == [0, 1]
        assert not stage.host._slots._free
        for count in (3, 4, 5):
            slot = stage.pictures()[count - 3].slot
            stage.send(say.FreeSlot(slot=slot))
            stage.wait_for(say.PictureDone, count)
            assert stage.pictures()[-1].slot == slot
    finally:
        stage.close()


def test_slots_that_do_not_exist_are_not_believed(stage: Stage, folder: Path) -> None:
    stage.open(folder)
    stage.send(say.FreeSlot(slot=99), say.FreeSlot(slot=-1))
    assert stage.host._slots._free == {0, 1, 2, 3}


def test_small_pictures_that_were_cancelled_do_not_come(tmp_path: Path, folder: Path) -> None:
    stage = Stage(tmp_path / "one-slot", num_slots=1)
    try:
        stage.open(folder)
        for number in range(4):
            stage.send(say.RenderSmall(request_id=number, recipe=recipe(folder, number), size=64))
        stage.wait(lambda _: len(stage.pictures("small")) == 1)
        stage.send(say.CancelSmall(request_ids=(2, 3)))
        for _ in range(4):
            stage.send(say.FreeSlot(slot=0))
        stage.wait(lambda _: {0, 1} <= {event.request_id for event in stage.pictures()})
        stage.send(say.RenderFull(request_id=50, recipe=recipe(folder, 50)), say.FreeSlot(slot=0))
        stage.wait(lambda _: bool(stage.pictures("full")))
        assert [event.request_id for event in stage.pictures("small")] == [0, 1]
    finally:
        stage.close()


def test_a_new_request_ends_the_full_picture_of_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_tiny_model(tmp_path, resolution=128, channels=6)
    stage = Stage(tmp_path / "ring")
    has_begun, may_run = threading.Event(), threading.Event()
    render = stage.host._render

    def render_late(model: GeneratorModel, job: Job) -> list[tuple[Request, Picture]]:
        if job.kind == "picture" and job.requests[0].request_id == 1:
            has_begun.set()
            assert may_run.wait(PATIENCE_S)
        return render(model, job)

    monkeypatch.setattr(stage.host, "_render", render_late)
    try:
        stage.open(folder)
        stage.send(say.Render(request_id=1, recipe=recipe(folder, 1)))
        assert has_begun.wait(PATIENCE_S)
        stage.send(say.Render(request_id=2, recipe=recipe(folder, 2)))
        may_run.set()
        stage.wait(lambda _: bool(stage.pictures("picture")))
        assert [event.request_id for event in stage.pictures("picture")] == [2]
        assert [event.request_id for event in stage.pictures("preview")] == [1, 2]
    finally:
        may_run.set()
        stage.close()


def test_a_line_that_is_no_command_is_refused_and_the_host_goes_on(
    stage: Stage, folder: Path
) -> None:
    reading, writing = os.pipe()
    reader = threading.Thread(target=read_commands, args=(stage.host, reading))
    reader.start()
    os.write(writing, b"\xff\xff\nhello\n" + b"x" * 3_000_000 + b"\n")
    os.write(writing, encode_line(say.OpenModel(open_id=1, folder=str(folder), wish="cpu")))
    stage.wait_for(say.CommandRefused, 3)
    stage.wait_for(say.ModelOpened)
    os.close(writing)
    reader.join(PATIENCE_S)
    stage.thread.join(PATIENCE_S)
    os.close(reading)
    assert not stage.thread.is_alive(), "the end of stdin ends the host"


def test_a_ring_that_is_not_there_is_refused(stage: Stage) -> None:
    stage.send(say.UseRing(path="/none", num_slots=1, slot_bytes=1))
    stage.wait_for(say.CommandRefused)


def test_the_heartbeat_tells_how_long_a_call_lasts(stage: Stage) -> None:
    stage.host.beat()
    (idle,) = stage.wait_for(say.Heartbeat)
    assert isinstance(idle, say.Heartbeat)
    assert idle.busy_ms == 0


def test_a_picture_is_found_before_all_pictures_and_a_model_without_encoder_says_so(
    stage: Stage, folder: Path
) -> None:
    look = np.zeros((LOOK_PX, LOOK_PX, 3), np.uint8)
    stage.open(shipped_models() / "rosettes")
    stage.send(
        say.FindPicture(request_id=1, look=look_to_text(look)),
        say.FindPicture(request_id=2, look="no picture"),
    )
    found = stage.wait_for(say.PictureFound)[0]
    assert isinstance(found, say.PictureFound)
    assert found.request_id == 1
    assert 0 <= found.found.share <= 1
    stage.send(say.FindPicture(request_id=3, look=look_to_text(look), w=found.found.w))
    again = stage.wait_for(say.PictureFound, 2)[1]
    assert isinstance(again, say.PictureFound)
    assert again.found.share == found.found.share
    stage.send(say.OpenModel(open_id=2, folder=str(folder), wish="cpu"))
    stage.wait_for(say.ModelOpened, 2)
    stage.send(say.FindPicture(request_id=4, look=look_to_text(look)))
    refused = stage.wait_for(say.RequestRefused, 2)
    told = [(e.request_id, e.what) for e in refused if isinstance(e, say.RequestRefused)]
    assert told == [
        (2, "The picture did not arrive whole."),
        (4, "The model “Tiny” has no encoder, so it cannot look for your picture."),
    ]
