"""`studio gallery` with boards: listed, filled, exported as a set."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.cli.commands import run_command
from studio.library.gallery import Gallery
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.galleries import keep_one, recipe_of


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert run_command(["gallery", *words, "--json"]) == 0, capsys.readouterr().err
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_a_board_is_filled_listed_and_exported(
    studio_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Gallery(studio_home) as gallery:
        kept = [keep_one(gallery, seed, f"hill {seed}") for seed in (1, 2, 3)]
    ids = [one.id[:8] for one in kept]
    assert told(capsys, "board", "Sea", "--add", ids[0], "--add", ids[1])["num_pictures"] == 2
    assert told(capsys, "board", "SEA", "--take", ids[0])["name"] == "Sea"
    told(capsys, "board", "Empty")
    boards = told(capsys, "boards")["boards"]
    assert boards == [{"name": "Sea", "num_pictures": 1}, {"name": "Empty", "num_pictures": 0}]
    listed = told(capsys, "list", "--board", "sea")["pictures"]
    assert [one["id"] for one in listed] == [kept[1].id]
    out = tmp_path / "set"
    told(capsys, "export", "--board", "Sea", "--out", str(out), "--template", "{n} {name}")
    assert [path.name for path in out.iterdir()] == ["001 hill 2.png"]
    found = read_recipe_text((out / "001 hill 2.png").read_bytes()).recipe
    assert found is not None
    assert found.recipe == recipe_of(2)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["board", "  "], 2),
        (["board", "Sea", "--add", "nothing"], 1),
        (["export", "--board", "Sea", "--out", "x"], 1),
    ],
)
def test_a_wrong_call_is_two_sentences(
    words: list[str],
    status: int,
    studio_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command(["gallery", *words]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 2
    assert list(tmp_path.glob("x*")) == []
