"""Boards: in each picture's record, so that index and list can be made anew."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.library.boards import BOARDS_FILE, MAX_NAME, BoardList, all_boards, board_name
from studio.library.gallery import Gallery
from studio.library.gallery_index import INDEX_FILE
from tests.fakes.galleries import keep_one


def test_boards_survive_the_loss_of_index_and_list(tmp_path: Path) -> None:
    with Gallery(tmp_path) as gallery:
        first = keep_one(gallery, 1)
        gallery.new_boards = ("Sea",)
        second = keep_one(gallery, 2)
        gallery.set_boards(first.id, ["Sea", "  For\nAnna ", "Sea", ""])
        BoardList(tmp_path).write(("Sea", "Empty"))
    (tmp_path / INDEX_FILE).unlink()
    (tmp_path / BOARDS_FILE).unlink()
    with Gallery(tmp_path) as again:
        assert again.get(first.id).boards == ("Sea", "For Anna")
        assert again.get(second.id).boards == ("Sea",)
        assert [kept.id for kept in again.items("anna")] == [first.id]
        used = tuple(name for kept in again.items() for name in kept.boards)
    assert all_boards(BoardList(tmp_path).read(), used) == ("For Anna", "Sea")


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b"[" * 9999])
def test_a_broken_list_is_an_empty_one(content: bytes, tmp_path: Path) -> None:
    (tmp_path / BOARDS_FILE).write_bytes(content)
    assert BoardList(tmp_path).read() == ()


def test_the_artists_order_stays(tmp_path: Path) -> None:
    boards = BoardList(tmp_path)
    boards.write(("b", "a", "海"))
    assert boards.read() == ("b", "a", "海")
    assert all_boards(boards.read(), ("A", "c")) == ("b", "a", "海", "c")


@given(st.text(max_size=200))
def test_a_name_fits_on_a_line(text: str) -> None:
    name = board_name(text)
    assert len(name) <= MAX_NAME
    assert name == name.strip()
    assert name.isprintable()
    assert board_name(name) == name
