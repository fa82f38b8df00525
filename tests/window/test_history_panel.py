"""The History panel: a click goes there, branches stay, only rows in sight are rendered."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from studio.core.changes import Change
from studio.core.recipe import Recipe, new_recipe, with_edit
from studio.ui import history_view
from studio.ui.change_words import say_ago, say_change, signed
from studio.ui.history_panel import HistoryPanel
from studio.ui.theme import tokens_of
from tests.fakes.engine_client import FAKE_HASH
from tests.window.panel_parts import Studio

LEFT = Qt.MouseButton.LeftButton


def _panel(studio: Studio, qtbot: QtBot) -> HistoryPanel:
    panel = HistoryPanel(studio.document, studio.engine)
    qtbot.addWidget(panel)
    panel.resize(280, 300)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_a_click_goes_there_and_nothing_is_lost(tmp_path: Path, qtbot: QtBot) -> None:
    studio = Studio(tmp_path)
    for seed in (1, 2, 3):
        studio.document.edit(new_recipe(FAKE_HASH, seed))
    panel = _panel(studio, qtbot)
    place = panel.view.visualRect(panel.model.index(2)).center()
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=place)
    assert studio.recipe == new_recipe(FAKE_HASH, 1)
    assert panel.view.currentIndex().row() == 2
    studio.document.edit(new_recipe(FAKE_HASH, 9))
    assert panel.model.rowCount() == 5
    studio.document.undo()
    assert panel.view.currentIndex().row() == 3


def test_the_keyboard_alone_is_enough(tmp_path: Path, qtbot: QtBot) -> None:
    studio = Studio(tmp_path)
    studio.document.edit(new_recipe(FAKE_HASH, 1))
    panel = _panel(studio, qtbot)
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert studio.recipe == new_recipe(FAKE_HASH, 7)


def test_only_rows_in_sight_are_rendered(tmp_path: Path, qtbot: QtBot) -> None:
    studio = Studio(tmp_path)
    for seed in range(100):
        studio.document.edit(new_recipe(FAKE_HASH, seed + 10))
    studio.engine.asked.clear()
    panel = _panel(studio, qtbot)
    qtbot.waitUntil(lambda: len(studio.asked_small) > 0)
    panel.view.viewport().repaint()
    assert len(studio.asked_small) <= 10


def test_changes_are_said_in_a_few_words(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    names = {studio.ids[0]: "Mist"}
    assert say_change(Change("direction", studio.ids[0], -1.0), names) == "Mist −1.0"
    assert say_change(Change("seed", "1846302917"), names) == "Seed 1\u202f846\u202f302\u202f917"
    assert say_change(Change("mix", value=0.35), names) == "35 % from B"
    assert say_change(Change("mix", "fine", 1.0), names) == "Fine from B"
    assert say_change(Change("mix", "fine", 0.0), names) == "Fine from A"
    assert say_change(Change("mix", "coarse", 0.35), names) == "Coarse 35 % from B"
    assert say_change(Change("truncation", value=0.7, num_more=1), names).endswith("and more")
    assert [signed(0.0), signed(2), signed(-0.25)] == ["0.0", "+2.0", "−0.25"]
    assert [say_ago(s) for s in (3, 65, 7300, 200_000)] == ["now", "1 min", "2 h", "2 d"]


def test_kept_states_are_marked(tmp_path: Path, qtbot: QtBot) -> None:
    from studio.app.history_model import KEPT_ROLE

    studio = Studio(tmp_path)
    moved = with_edit(studio.recipe, studio.ids[0], strength=(1, 1, 1))
    studio.document.edit(moved)
    panel = _panel(studio, qtbot)
    panel.set_kept(frozenset({moved}))
    assert [panel.model.index(row).data(KEPT_ROLE) for row in range(2)] == [True, False]


def test_a_state_is_dragged_away_as_a_recipe(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(tmp_path)
    studio.document.edit(new_recipe(FAKE_HASH, 1))
    panel = _panel(studio, qtbot)
    taken: list[Recipe] = []
    monkeypatch.setattr(
        history_view, "drag_recipe", lambda _view, recipe, image: taken.append(recipe)
    )
    start = panel.view.visualRect(panel.model.index(1)).center()
    assert panel.model.index(1).flags() & Qt.ItemFlag.ItemIsDragEnabled
    qtbot.mousePress(panel.view.viewport(), LEFT, pos=start)
    panel.view.startDrag(Qt.DropAction.CopyAction)
    assert taken == [new_recipe(FAKE_HASH, 7)]
    assert studio.recipe == new_recipe(FAKE_HASH, 1)


def test_the_row_with_the_keyboard_is_framed_and_not_filled(tmp_path: Path, qtbot: QtBot) -> None:
    studio = Studio(tmp_path)
    studio.document.edit(new_recipe(FAKE_HASH, 1))
    panel = _panel(studio, qtbot)
    panel.activateWindow()
    panel.view.setFocus()
    qtbot.waitUntil(panel.view.hasFocus)
    row = panel.view.visualRect(panel.model.index(0))
    seen = panel.view.viewport().grab().toImage()
    accent = QColor(tokens_of(panel.palette()).accent)
    assert seen.pixelColor(row.center().x(), row.top()) == accent
    assert seen.pixelColor(row.right() - 8, row.center().y()) != accent
