"""Names that every file system takes, from any template and any words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.export.file_names import (
    MAX_NAME_BYTES,
    NameFields,
    file_name,
    free_path,
    safe_name,
)

FIELDS = NameFields(name="Dawn", seed="7+12", model="Hills", made_at=1.7e9, number=4)


def test_a_template_is_filled_in() -> None:
    assert file_name("{model}-{seed}", FIELDS) == "Hills-7+12"
    assert file_name("{n}_{name}_{date}", FIELDS).startswith("004_Dawn_2023-11-1")
    assert file_name("{other}{", FIELDS) == "{other}{"
    assert file_name("{name.__class__}", FIELDS) == "{name.__class__}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("a/b\\c:d*e?f", "a b c d e f"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Lpt1", "_Lpt1"),
        ("  x.  ", "x"),
        ("a\nb\x00c", "a b c"),
        ("", "picture"),
        ("...", "picture"),
        ("e\u0301", "\u00e9"),
        ("\ud800", "picture"),
    ],
)
def test_what_no_file_system_takes_is_left_out(text: str, expected: str) -> None:
    assert safe_name(text) == expected


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_words_give_a_name_that_can_be_made(template: str, name: str) -> None:
    found = file_name(template, NameFields(name=name, seed=name, model=name))
    assert 1 <= len(found.encode()) <= MAX_NAME_BYTES
    assert not set(found) & set('<>:"/\\|?*\n\r\t\x00')
    assert found == found.strip(". ")
    assert safe_name(found) == found


@given(st.text(min_size=1, max_size=100))
def test_the_name_can_really_be_made(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = free_path(tmp_path_factory.getbasetemp() / f"{safe_name(name)}.png")
    assert path.parent == tmp_path_factory.getbasetemp()
    path.touch()
    assert free_path(path) != path
    assert isinstance(path, Path)
