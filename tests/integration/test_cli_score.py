"""`studio score` in a real process: a small model, a folder of pictures, a card that is written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.files.model_folder import read_card
from studio.files.source_pictures import encode_picture
from tests.fakes.procedural_pictures import make_pictures
from tests.fakes.tiny_model import make_tiny_model

Ended = subprocess.CompletedProcess[str]
pytestmark = pytest.mark.slow


def _score(*words: str | Path) -> Ended:
    command = [sys.executable, "-m", "studio", "score", *map(str, words)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=170,
        env=dict(os.environ),
        check=False,
    )


def _fill(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number, picture in enumerate(make_pictures(count, side=32)):
        (folder / f"{number}.png").write_bytes(encode_picture(picture, "PNG"))
    return folder


def test_a_models_scores_stand_beside_their_floors_and_on_its_card(
    studio_home: Path, tmp_path: Path
) -> None:
    model = make_tiny_model(studio_home / "models", resolution=16)
    folder = _fill(tmp_path / "hills", 20)
    ended = _score(model.name, folder, "--n", "16", "--card", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    figures = told["figures"]
    assert {"likeness", "likeness_random", "density", "variety", "sliced_16", "copies", "stairs"} == set(figures)  # fmt: skip
    assert figures["likeness"]["value"] > figures["likeness"]["floor"]
    assert figures["likeness"]["n"] == 10
    assert told["copies"]["count"] == 0
    assert told["copies"]["interval"][1] > 0.1
    card = read_card(model)
    assert card.scores["likeness"].phi == "phi-1"
    assert card.scores["likeness"].value == pytest.approx(figures["likeness"]["value"], rel=1e-3)
    assert card.scores["sliced_16"].phi is None


def test_what_cannot_be_scored_is_said_in_a_sentence(studio_home: Path, tmp_path: Path) -> None:
    model = make_tiny_model(studio_home / "models", resolution=16)
    few = _fill(tmp_path / "few", 9)
    for words, said in (
        ((model.name, few), "has 9 usable pictures"),
        ((model.name, tmp_path / "nowhere"), "nowhere"),
        (("strange", few), "strange"),
    ):
        ended = _score(*words)
        assert ended.returncode == 1
        assert said in ended.stderr
        assert len([line for line in ended.stderr.splitlines() if "files read" not in line]) == 2
        assert ended.stdout == ""


@pytest.mark.parametrize("words", [("landscapes",), (), ("landscapes", "--check", ".")])
def test_a_wrong_call_is_no_failure(words: tuple[str, ...]) -> None:
    ended = _score(*words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "studio score --help" in ended.stderr
