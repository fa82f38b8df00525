"""Piles on disk: what was written comes back; damage costs the damaged pictures, never the start."""

import json
from pathlib import Path

import pytest

from studio.core.recipe import new_recipe
from studio.files.teaching_piles import FOLDER, read_piles, write_piles

MODEL = "ab" * 32
ONE, TWO = new_recipe(MODEL, 1), new_recipe(MODEL, 2)


def path_of(home: Path) -> Path:
    return home / FOLDER / f"{MODEL}.json"


def test_piles_come_back_in_their_order_and_are_of_one_model(tmp_path: Path) -> None:
    assert read_piles(tmp_path, MODEL) == ((), ())
    write_piles(tmp_path, MODEL, more=[TWO, ONE], less=[new_recipe("cd" * 32, 3)])
    assert read_piles(tmp_path, MODEL) == ((TWO, ONE), ())
    assert read_piles(tmp_path, "cd" * 32) == ((), ())


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"schema": 1, "more": 3, "less": []}'])
def test_a_damaged_file_gives_empty_piles(tmp_path: Path, content: bytes) -> None:
    write_piles(tmp_path, MODEL, more=[ONE], less=[])
    path_of(tmp_path).write_bytes(content)
    assert read_piles(tmp_path, MODEL) == ((), ())


def test_a_damaged_picture_is_left_out_alone(tmp_path: Path) -> None:
    write_piles(tmp_path, MODEL, more=[ONE, TWO], less=[])
    fields = json.loads(path_of(tmp_path).read_bytes())
    fields["more"][0] = {"schema": 1, "nothing": True}
    path_of(tmp_path).write_text(json.dumps(fields), encoding="utf-8")
    assert read_piles(tmp_path, MODEL) == ((TWO,), ())
