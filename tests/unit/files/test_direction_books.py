"""The books of sliders on disk: nothing is lost by damage, by a newer program or by two writers."""

from functools import partial
from pathlib import Path

import msgspec
import pytest

from studio.core.direction_book import DirectionBook, with_note
from studio.core.errors import StorageError
from studio.files.direction_books import book_path, read_book, update_book

MODEL = "cd" * 32
ONE, OTHER = "1" * 16, "2" * 16


def _name(home: Path, direction: str, name: str) -> DirectionBook:
    return update_book(home, MODEL, change=partial(with_note, direction=direction, name=name))


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    assert read_book(tmp_path, MODEL).book == DirectionBook(model=MODEL)
    _name(tmp_path, ONE, "Light")
    written = _name(tmp_path, OTHER, "Mist")
    assert written.note(ONE).name == "Light"
    assert read_book(tmp_path, MODEL).book == written


@pytest.mark.parametrize("damage", [b"{", b"", b"[]", b'{"schema": 1, "model": "x"}', b"\xff\xfe"])
def test_a_damaged_book_is_set_aside_and_the_good_copy_taken(tmp_path: Path, damage: bytes) -> None:
    _name(tmp_path, ONE, "Light")
    book_path(tmp_path, MODEL).write_bytes(damage)
    found = read_book(tmp_path, MODEL)
    assert found.book.note(ONE).name == "Light"
    assert found.note is not None
    assert read_book(tmp_path, MODEL).note is None, "said once"
    assert _name(tmp_path, OTHER, "Mist").note(ONE).name == "Light"
    assert [p.read_bytes() for p in (tmp_path / "directions").glob("*damaged*")] == [damage]


def test_without_a_good_copy_the_models_own_are_shown(tmp_path: Path) -> None:
    path = book_path(tmp_path, MODEL)
    path.parent.mkdir()
    for _ in range(2):
        path.write_bytes(b"no book")
        found = read_book(tmp_path, MODEL)
        assert found.book == DirectionBook(model=MODEL)
        assert found.note is not None
    assert len(list(path.parent.glob("*damaged*"))) == 2


def test_a_newer_programs_book_is_read_and_left_alone(tmp_path: Path) -> None:
    _name(tmp_path, ONE, "Light")
    path = book_path(tmp_path, MODEL)
    fields = {**msgspec.json.decode(path.read_bytes()), "schema": 2, "colours": {ONE: "red"}}
    content = msgspec.json.encode(fields)
    path.write_bytes(content)
    assert read_book(tmp_path, MODEL).book.note(ONE).name == "Light"
    with pytest.raises(StorageError):
        _name(tmp_path, OTHER, "Mist")
    assert path.read_bytes() == content
