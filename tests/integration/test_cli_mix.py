"""`studio mix`: a mix is what its parts are, a sheet has each where it belongs, errors are sentences."""

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from studio.cli.commands import run_command
from studio.core.arrays import pixel_hash
from studio.core.recipe import Frame, new_recipe
from studio.core.recipe_json import recipe_to_json
from studio.files.images import read_picture
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.slow


class Terminal:
    """The command line in a folder with two small models."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.model = make_tiny_model(home / "models", resolution=64)
        make_tiny_model(home / "models", name="Other", weight_seed=2)
        self._capsys = capsys

    def call(self, *words: str) -> tuple[int, str, str]:
        status = run_command(["mix", *words])
        told = self._capsys.readouterr()
        return status, told.out, told.err

    def told(self, *words: str) -> dict[str, Any]:
        status, out, _ = self.call("--model", "tiny", "--json", *words)
        assert status == 0
        fields: dict[str, Any] = json.loads(out)
        return fields


@pytest.fixture
def terminal(
    studio_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return Terminal(studio_home, capsys)


def _hash_of(told: dict[str, Any]) -> str:
    found: str = told["pictures"][0]["pixel_hash"]
    return found


def test_the_ends_of_a_mix_are_its_parts_and_between_is_neither(terminal: Terminal) -> None:
    plain = [_hash_of(terminal.told(seed, seed, "--out", f"{seed}.png")) for seed in ("7", "12")]
    ends = [
        _hash_of(terminal.told("7", "12", "--share", share, "--out", f"end{share}.png"))
        for share in ("0", "1")
    ]
    assert ends == plain
    part = terminal.told("7.png", "12", "--share", "0.4", "--zones", "coarse,medium")
    assert _hash_of(part) not in plain
    sources = part["pictures"][0]["recipe"]["sources"]
    assert [(one["seed"], one["shares"]) for one in sources] == [
        (7, [0.6, 0.6, 1.0]),
        (12, [0.4, 0.4, 0.0]),
    ]
    assert pixel_hash(read_picture(Path(part["path"]))) == _hash_of(part)


def test_a_sheet_has_every_picture_where_it_belongs(terminal: Terminal) -> None:
    told = terminal.told("--rows", "1,2", "--columns", "2", "3-4", "--out", "sheet.png")
    assert (told["num_rows"], told["num_columns"], told["zones"]) == (2, 3, ["fine"])
    sheet = read_picture(Path(told["path"]))
    assert sheet.shape == (2 * 2 + 3 * 64 + 6 + 2, 2 * 2 + 4 * 64 + 6 + 2 * 2, 3)

    def at(row: int, column: int) -> NDArray[np.uint8]:
        """Give a picture; 0 is the head."""
        top, left = (2 if n == 0 else 2 + 64 + 6 + (n - 1) * 66 for n in (row, column))
        return sheet[top : top + 64, left : left + 64]

    hashes = [picture["pixel_hash"] for picture in told["pictures"]]
    assert [pixel_hash(at(row, column)) for row in (1, 2) for column in (1, 2, 3)] == hashes
    wide = Path("wide.json")
    framed = msgspec.structs.replace(new_recipe(told["model"]["hash"], 2), frame=Frame(size=(8, 4)))
    wide.write_text(recipe_to_json(framed))
    squares = terminal.told("--rows", "wide.json", "--columns", "3", "--out", "squares.png")
    assert squares["pictures"][0]["pixel_hash"] == hashes[4], "a wide picture is mixed as a square"
    assert hashes[3] == pixel_hash(at(2, 0)) == pixel_hash(at(0, 1)), "2 with itself is 2"
    sources = told["pictures"][2]["recipe"]["sources"]
    assert [(one["seed"], one["shares"]) for one in sources] == [
        (1, [1.0, 1.0, 0.0]),
        (4, [0.0, 0.0, 1.0]),
    ]


def test_what_cannot_be_mixed_is_one_sentence(terminal: Terminal, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.json"
    foreign.write_text(recipe_to_json(new_recipe("cd" * 32, 5)))
    status, out, err = terminal.call("--model", "tiny", "7", "foreign.json")
    assert (status, out) == (1, "")
    assert "“foreign.json” was made with another model than “Tiny”." in err
    assert terminal.call("nosuch.png", "7")[0] == 1
    for words in (
        ("7",),
        ("7", "8", "9"),
        ("--rows", "1"),
        ("1", "2", "--rows", "1", "--columns", "2"),
        ("--rows", "1", "--columns", "2", "--share", "0.5"),
        ("1", "9-2"),
        ("1-3", "4"),
        ("1", "2", "--out", "x.gif"),
        ("--rows", "1-17", "--columns", "2"),
    ):
        status, out, err = terminal.call("--model", "tiny", *words)
        assert (status, out, len(err.strip().splitlines())) == (2, "", 2), (words, err)
    assert not list(tmp_path.glob("*.png"))
