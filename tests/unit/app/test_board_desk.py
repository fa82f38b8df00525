"""Boards: what is laid there lies there, names are one whatever their capitals, nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.app.item_models import GalleryModel
from studio.library.boards import BoardList
from tests.window.panel_parts import Shelf


@pytest.fixture
def shelf(tmp_path: Path, qtbot: QtBot) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "home", 4)
    yield shelf
    shelf.close()


def names_on(shelf: Shelf, board: str) -> set[str]:
    return {kept.name for kept in shelf.desk.boards.items(board)}


def settle(shelf: Shelf, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: shelf.desk._worker.num_waiting == 0)


def test_pictures_lie_on_several_boards_and_are_taken_off(shelf: Shelf, qtbot: QtBot) -> None:
    boards, items = shelf.desk.boards, shelf.desk.items()
    assert (boards.make(" Sea\n"), boards.make("sea"), boards.make(" ")) == ("Sea", "Sea", "")
    boards.make("Anna")
    boards.put(items[:2], "Sea")
    boards.put_ids([items[0].id, "nothing"], "Anna")
    settle(shelf, qtbot)
    assert boards.counts == {"Sea": 2, "Anna": 1}
    boards.take(items[:1], "Sea")
    settle(shelf, qtbot)
    assert names_on(shelf, "Sea") == {"seed 2"}
    assert names_on(shelf, "Anna") == {"seed 3"}


def test_an_open_board_narrows_every_view_and_takes_what_is_kept(
    shelf: Shelf, qtbot: QtBot
) -> None:
    boards, model = shelf.desk.boards, GalleryModel(shelf.desk)
    boards.make("Sea")
    boards.choose("SEA")
    assert (boards.present, model.rowCount()) == ("Sea", 0)
    shelf.keep(9)
    assert [model.item(row).name for row in range(model.rowCount())] == ["seed 9"]
    assert shelf.desk.counts().total == 1
    boards.choose("")
    assert model.rowCount() == 5
    shelf.keep(10)
    assert boards.counts == {"Sea": 1}


def test_a_new_name_keeps_the_pictures_and_a_taken_one_joins(shelf: Shelf, qtbot: QtBot) -> None:
    boards, items = shelf.desk.boards, shelf.desk.items()
    for name, part in (("Sea", items[:2]), ("Hills", items[2:3])):
        boards.make(name)
        boards.put(part, name)
    settle(shelf, qtbot)
    boards.choose("Sea")
    boards.rename("Sea", "The sea")
    settle(shelf, qtbot)
    assert boards.counts == {"The sea": 2, "Hills": 1}
    assert boards.present == "The sea"
    boards.rename("The sea", "hills")
    settle(shelf, qtbot)
    assert boards.counts == {"Hills": 3}
    assert boards.present == "Hills"
    boards.rename("Hills", "HILLS")
    settle(shelf, qtbot)
    assert list(boards.counts) == ["HILLS"]


def test_a_removed_board_leaves_its_pictures_and_can_come_back(shelf: Shelf, qtbot: QtBot) -> None:
    boards, items = shelf.desk.boards, shelf.desk.items()
    boards.make("Sea")
    boards.put(items[:2], "Sea")
    settle(shelf, qtbot)
    boards.choose("Sea")
    removed = boards.remove("Sea")
    settle(shelf, qtbot)
    assert (boards.counts, boards.present) == ({}, "")
    assert len(shelf.desk.items()) == 4
    boards.bring_back(removed)
    settle(shelf, qtbot)
    assert boards.counts == {"Sea": 2}
    assert BoardList(shelf.gallery.home).read() == ("Sea",)
