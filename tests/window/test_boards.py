"""Boards in the whole window: made, filled, opened again, exported."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.compose import Composition
from studio.ui import board_section
from studio.ui.board_menu import fill_board_menu
from studio.ui.drag_types import MIME_ALL_KEPT
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]
LEFT = Qt.MouseButton.LeftButton


def with_boards(studio: Studio, qtbot: QtBot) -> Composition:
    """Open the window with two kept pictures and two boards."""
    composition = studio.open()
    for number in (1, 2):
        press(composition, "dice")
        press(composition, "keep")
        qtbot.waitUntil(lambda number=number: len(composition.desk.items()) == number)  # type: ignore[misc]
    for name in ("Sea", "Anna"):
        composition.desk.boards.make(name)
    composition.window.show_place("gallery")
    return composition


def test_a_board_is_made_and_opened_by_its_command(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    composition = studio.open()
    monkeypatch.setattr(board_section, "ask_board", lambda *_args, **_more: "Sea")
    press(composition, "board_new")
    section = composition.gallery_page.boards
    assert composition.window.place == "gallery"
    assert section.row("Sea").isChecked()
    assert "on this board" in composition.gallery_page.empty.sentence
    assert composition.gallery_panel.boards.currentData() == "Sea"


def test_what_is_dropped_on_a_board_lies_there_and_the_last_one_opens_again(
    studio: Studio, qtbot: QtBot
) -> None:
    composition = with_boards(studio, qtbot)
    row = composition.gallery_page.boards.row("Sea")
    mime = QMimeData()
    ids = "\n".join(kept.id for kept in composition.desk.items())
    mime.setData(MIME_ALL_KEPT, ids.encode())
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    row.dropEvent(QDropEvent(QPointF(5, 5), copy, mime, LEFT, none))
    qtbot.waitUntil(lambda: composition.desk.boards.counts == {"Sea": 2, "Anna": 0})
    qtbot.mouseClick(composition.gallery_page.boards.row("Anna"), LEFT)
    assert composition.gallery_page.model.rowCount() == 0
    qtbot.mouseClick(row, LEFT)
    assert composition.gallery_page.model.rowCount() == 2
    studio.close()
    again = studio.open()
    assert again.desk.boards.present == "Sea"
    assert again.gallery_page.model.rowCount() == 2


def test_the_menu_of_a_picture_ticks_its_boards(studio: Studio, qtbot: QtBot) -> None:
    composition = with_boards(studio, qtbot)
    boards, items = composition.desk.boards, composition.desk.items()
    boards.put(items[:1], "Sea")
    qtbot.waitUntil(lambda: boards.counts["Sea"] == 1)
    for chosen, ticks in ((composition.desk.items()[:1], [True, False]), (items, [False, False])):
        menu = QMenu(composition.window)
        fill_board_menu(menu, boards, items=chosen)
        assert [action.isChecked() for action in menu.actions()[:2]] == ticks
        if ticks[0]:
            menu.actions()[0].trigger()
            qtbot.waitUntil(lambda: boards.counts["Sea"] == 0)
        menu.deleteLater()


def test_a_board_is_exported_as_a_set(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    composition = with_boards(studio, qtbot)
    export = composition.preferences.values.export
    composition.preferences.change(export=replace(export, folder=str(tmp_path), template="{n}"))
    composition.desk.boards.put(composition.desk.items(), "Sea")
    qtbot.waitUntil(lambda: composition.desk.boards.counts["Sea"] == 2)
    composition.desk.boards.choose("Sea")
    with qtbot.waitSignal(composition.exporter.exported):
        press(composition, "board_export")
    assert sorted(path.name for path in (tmp_path / "Sea").iterdir()) == ["001.png", "002.png"]


def test_delete_removes_a_board_and_undo_brings_it_back(studio: Studio, qtbot: QtBot) -> None:
    composition = with_boards(studio, qtbot)
    boards = composition.desk.boards
    boards.put(composition.desk.items(), "Sea")
    qtbot.waitUntil(lambda: boards.counts["Sea"] == 2)
    qtbot.keyClick(composition.gallery_page.boards.row("Sea"), Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: list(boards.counts) == ["Anna"])
    composition.window.toast.button.click()
    qtbot.waitUntil(lambda: boards.counts == {"Anna": 0, "Sea": 2})
