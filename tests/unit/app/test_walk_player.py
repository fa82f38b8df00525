"""Playing: the newest moment is asked for, one picture at a time; the hand always wins."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from studio.app.document import Document
from studio.app.walk_course import WalkCourse
from studio.app.walk_desk import WalkDesk
from studio.app.walk_player import WalkPlayer
from studio.core.recipe import Recipe, new_recipe
from studio.core.walk import Walk
from studio.library.walk_shelf import SavedWalk, WalkShelf
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient
from tests.fakes.walks import seeds_walk


class Stage:
    """A player on a fake engine that answers only when told, and a clock that stands."""

    def __init__(self, home: Path, walk: Walk) -> None:
        self.now_s = 100.0
        self.engine = FakeEngineClient(is_immediate=True)
        self.engine.open_model(home / "model")
        self.engine._is_immediate = False
        self.document = Document()
        self.desk = WalkDesk(WalkShelf(home))
        self.desk.bring_back(SavedWalk("ab" * 16, walk))
        self.course = WalkCourse(self.desk, self.engine, home=home)
        self.player = WalkPlayer(
            self.course, self.document, engine=self.engine, clock=lambda: self.now_s
        )

    @property
    def asked(self) -> list[Recipe]:
        return [call[1] for call in self.engine.asked if call[0] == "request_picture"]  # type: ignore[misc]

    def at(self, seconds: float) -> None:
        self.now_s = 100.0 + seconds
        self.player.tick()

    def answer(self) -> None:
        self.engine._answer_next()

    def end(self) -> None:
        self.player.stop()
        self.desk.finish()
        self.course.finish()


WALK = seeds_walk(1, 2, 3, model=FAKE_HASH)


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path) -> Stage:
    return Stage(tmp_path, WALK)


def test_times_are_skipped_while_a_picture_is_made(stage: Stage) -> None:
    stage.player.play()
    assert stage.asked == [WALK.keys[0].recipe]
    for seconds in (0.1, 0.2, 0.3):
        stage.at(seconds)
    assert len(stage.asked) == 1
    stage.answer()
    stage.at(1.0)
    assert stage.asked[1:] == [WALK.keys[1].recipe]
    assert stage.document.recipe is None
    stage.end()


def test_at_the_end_it_stops_on_the_last_picture_and_a_loop_goes_round(stage: Stage) -> None:
    stage.player.play()
    stage.answer()
    stage.at(2.5)
    assert not stage.player.is_playing
    assert (stage.player.at_s, stage.document.recipe) == (2.0, WALK.keys[2].recipe)
    stage.desk.set_way(is_loop=True)
    stage.player.go_to(0.0)
    stage.now_s = 100.0
    stage.player.play()
    stage.answer()
    stage.at(7.0)
    assert stage.player.is_playing
    assert stage.player.at_s == pytest.approx(1.0)
    stage.end()


def test_an_edit_from_elsewhere_stops_it_and_stays(stage: Stage) -> None:
    stage.player.play()
    other = new_recipe(FAKE_HASH, 99)
    stage.document.edit(other)
    assert not stage.player.is_playing
    assert stage.document.recipe == other
    stage.end()


def test_scrubbing_is_one_step_of_the_history(stage: Stage) -> None:
    stage.document.edit(new_recipe(FAKE_HASH, 50))
    stage.player.begin_scrub()
    for at_s in (0.2, 0.9, 1.0):
        stage.player.scrub(at_s)
    stage.player.end_scrub()
    assert stage.document.recipe == WALK.keys[1].recipe
    assert len(stage.document.history.nodes) == 2
    stage.end()


def test_a_walk_that_is_emptied_while_it_plays_stops(stage: Stage) -> None:
    stage.player.play()
    for _ in range(3):
        stage.desk.delete(0)
    stage.player.tick()
    assert not stage.player.is_playing
    stage.player.play()
    assert not stage.player.is_playing
    stage.end()


def test_a_walk_without_its_model_can_be_looked_at_but_asks_for_nothing(
    qtbot: QtBot, tmp_path: Path
) -> None:
    walk = replace(seeds_walk(1, 2, model="cd" * 32), is_loop=True)
    stage = Stage(tmp_path, walk)
    stage.player.play()
    stage.at(0.5)
    assert stage.asked == []
    stage.end()
