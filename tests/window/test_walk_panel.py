"""The Walk panel in the whole window: add, choose, move, play, make a film, come back."""

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from studio.app.walk_child import WalkChild
from studio.compose import Composition
from studio.core.errors import StudioError
from studio.core.recipe import new_recipe
from studio.core.recipe_json import recipe_to_json
from studio.export.film import FilmSettings
from studio.ui.drag_types import MIME_RECIPE
from tests.fakes.engine_client import FAKE_HASH
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]


def seeds_of(composition: Composition) -> list[int | None]:
    keys = composition.walking.desk.walk.keys
    return [key.recipe.sources[0].seed for key in keys]


def with_walk(studio: Studio, *seeds: int) -> Composition:
    composition = studio.open()
    for seed in seeds:
        composition.document.edit(new_recipe(FAKE_HASH, seed))
        press(composition, "walk_add")
    return composition


def test_an_empty_walk_is_one_sentence_and_one_button(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    panel = composition.walking.panel
    press(composition, "panel_walk")
    assert panel.empty.isVisible()
    assert not panel.play.isEnabled()
    qtbot.mouseClick(panel.empty.button, Qt.MouseButton.LeftButton)
    assert len(seeds_of(composition)) == 1
    assert panel.timeline.isVisible()


def test_keys_choose_move_time_and_take_out(studio: Studio, qtbot: QtBot) -> None:
    composition = with_walk(studio, 1, 2, 3)
    desk, line = composition.walking.desk, composition.walking.panel.timeline
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Home)
    assert desk.selection == 0
    qtbot.keyClick(line, Qt.Key.Key_Right)
    assert composition.document.recipe == new_recipe(FAKE_HASH, 2)
    qtbot.keyClick(line, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert seeds_of(composition) == [2, 1, 3]
    qtbot.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert seeds_of(composition) == [1, 2, 3]
    desk.select(1)
    qtbot.keyClick(line, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert desk.walk.time_of(1) == 2.1
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    assert seeds_of(composition) == [1, 3]
    assert "2" in line.accessibleDescription()


def test_a_picture_is_dragged_to_another_time(studio: Studio, qtbot: QtBot) -> None:
    composition = with_walk(studio, 1, 2, 3)
    desk, line = composition.walking.desk, composition.walking.panel.timeline
    layout, num_steps = line.lay(), desk.steps[0]
    start, end = (QPoint(round(layout.x_of(at_s)), 50) for at_s in (2.0, 3.0))
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(line, left, pos=start)
    qtbot.mouseMove(line, start + QPoint(8, 0))
    qtbot.mouseMove(line, end)
    qtbot.mouseRelease(line, left, pos=end)
    assert abs(desk.walk.time_of(1) - 3.0) < 0.11
    assert desk.steps[0] == num_steps + 1
    desk.undo()
    assert desk.walk.time_of(1) == 2.0


def test_what_is_dropped_is_added_where_it_falls(studio: Studio) -> None:
    composition = with_walk(studio, 1, 2)
    line = composition.walking.panel.timeline
    mime = QMimeData()
    mime.setData(MIME_RECIPE, recipe_to_json(new_recipe(FAKE_HASH, 9)).encode())
    line._point_at(line.lay().x_of(1.0))
    event = QDropEvent(
        QPointF(line.lay().x_of(1.0), 50),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    line.dropEvent(event)
    assert seeds_of(composition) == [1, 9, 2]
    press(composition, "walk_new")
    assert seeds_of(composition) == []
    composition.walking.panel.dropEvent(event)
    assert seeds_of(composition) == [9]


def test_timing_loop_and_walks_are_set_by_the_panel(studio: Studio, qtbot: QtBot) -> None:
    composition = with_walk(studio, 1, 2)
    desk, panel = composition.walking.desk, composition.walking.panel
    assert not panel.seconds.isEnabled()
    desk.select(0)
    panel.seconds.setValue(3.5)
    panel.easing.setCurrentIndex(2)
    panel.easing.activated.emit(2)
    assert (desk.walk.keys[0].seconds, desk.walk.keys[0].easing) == (3.5, "hold")
    qtbot.mouseClick(panel.loop, Qt.MouseButton.LeftButton)
    assert desk.walk.is_loop
    press(composition, "walk_new")
    assert seeds_of(composition) == []
    press(composition, "walk_add")
    assert panel.walks.count() == 2
    panel.walks.activated.emit(1)
    assert seeds_of(composition) == [1, 2]


def test_the_walk_is_there_after_a_restart(studio: Studio) -> None:
    with_walk(studio, 1, 2, 3)
    studio.close()
    assert seeds_of(studio.open()) == [1, 2, 3]


def test_it_plays_on_the_canvas_and_stops_with_its_picture(studio: Studio, qtbot: QtBot) -> None:
    composition = with_walk(studio, 1, 2)
    player = composition.walking.player
    player.go_to(0.0)
    press(composition, "walk_play")
    assert player.is_playing
    assert composition.walking.panel.play.icon_name == "pause"
    qtbot.waitUntil(lambda: player.at_s > 0)
    press(composition, "walk_play")
    course = composition.walking.course.course
    assert course is not None
    assert composition.document.recipe == course.recipe_at(player.at_s)


def _child(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_film_shows_how_far_it_is_and_where_it_lies(studio: Studio, qtbot: QtBot) -> None:
    composition = with_walk(studio, 1, 2)
    films, row = composition.walking.films, composition.walking.panel.film_row
    films._command = _child(
        "import json\n"
        "for n in (1, 2): print(json.dumps({'stage': 'render', 'done': n, 'total': 2}), flush=True)\n"
        "print(json.dumps({'stage': 'done', 'path': 'x'}))"
    )
    told: list[object] = []
    films.progress_changed.connect(told.append)
    with qtbot.waitSignal(films.made):
        composition.walking.make_film(studio.home / "film.webp", FilmSettings(kind="webp"))
        assert row.make.text() == "Cancel"
    assert len(told) == 4
    assert "film.webp" in row.said.full_text
    assert row.make.text() == "Make film…"


def test_a_film_that_fails_says_the_command_lines_two_sentences(
    studio: Studio, qtbot: QtBot
) -> None:
    composition = with_walk(studio, 1, 2)
    films = composition.walking.films
    films._command = _child(
        "import json, sys\n"
        "print(json.dumps({'error': {'what': 'The disk is full.', 'way_out': 'Free some.'}}), "
        "file=sys.stderr)\nsys.exit(1)"
    )
    with qtbot.waitSignal(films.failed):
        composition.walking.make_film(studio.home / "film.webp", FilmSettings(kind="webp"))
    assert composition.walking.panel.film_row.said.full_text == "The disk is full. Free some."


def test_a_film_that_is_cancelled_ends_its_child(studio: Studio, qtbot: QtBot) -> None:
    composition = with_walk(studio, 1, 2)
    films, row = composition.walking.films, composition.walking.panel.film_row
    films._command = _child("import sys; print('{}', flush=True); sys.stdin.read()")
    composition.walking.make_film(studio.home / "film.webp", FilmSettings(kind="webp"))
    child = films._child
    assert isinstance(child, WalkChild)
    with qtbot.waitSignal(child.destroyed):
        row.make.click()
    assert not films.is_running
    assert "Stopped" in row.said.full_text


def test_a_plan_that_fails_is_said(studio: Studio, tmp_path: Path, qtbot: QtBot) -> None:
    composition = with_walk(studio, 1, 2)
    said: list[StudioError] = []
    composition.walking.course.failed.connect(said.append)
    with qtbot.waitSignal(composition.walking.course.failed, timeout=30_000):
        composition.walking.desk.set_way(is_even=True)
    assert said
    assert composition.walking.course.course is not None
