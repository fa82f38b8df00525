"""`studio walk` with a real graph: films from seeds, files and kept pictures, stopped and gone on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from studio.cli import film_run
from studio.cli.commands import run_command
from studio.core.arrays import Picture
from studio.core.enlargement import enlargement_of
from studio.core.errors import DiskFullError
from studio.core.recipe import new_recipe
from studio.core.walk_json import walk_from_json
from studio.engine.enlarging import Enlarger
from studio.engine.session import GeneratorModel
from studio.files.images import read_picture
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.tiny_model import make_tiny_model

Call = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.slow


@pytest.fixture
def model(studio_home: Path) -> GeneratorModel:
    return GeneratorModel.open(make_tiny_model(studio_home / "models"))


@pytest.fixture
def walk(model: GeneratorModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def call(*words: str) -> dict[str, Any]:
        full = ["walk", "--model", "tiny", "--fps", "10", "--json", *words]
        assert run_command(full) == 0, capsys.readouterr().err
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return call


def played(path: Path) -> list[Picture]:
    with Image.open(path) as image:
        return [np.asarray(one.convert("RGB")) for one in ImageSequence.Iterator(image)]


def test_a_loop_begins_with_its_picture_and_closes(
    walk: Call, model: GeneratorModel, tmp_path: Path
) -> None:
    out = tmp_path / "loop.webp"
    told = walk("--seeds", "1,5", "--loop", "--even", "--quality", "100", "--out", str(out))
    assert (told["num_pictures"], told["num_rendered"], told["loop_closes"]) == (40, 40, True)
    pictures = played(out)
    assert len(pictures) == 40
    hash_of_model = model.card.model
    for place, seed in ((0, 1), (20, 5)):
        expected = model.render(new_recipe(hash_of_model, seed))
        assert np.array_equal(pictures[place], expected)


def test_a_film_that_was_stopped_goes_on_where_it_was(
    walk: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--from", "1", "--via", "3", "--to", "5", "--seconds", "2")
    straight = walk(*words, "--out", str(tmp_path / "straight"))

    def full(*_args: object, **_more: object) -> None:
        raise DiskFullError("The disk is full.", "Free some space.")

    with monkeypatch.context() as patched:
        patched.setattr(film_run, "write_film", full)
        out = tmp_path / "again"
        assert run_command(["walk", "--model", "tiny", "--fps", "10", *words, "--out", str(out)])
        assert not out.exists()
    told = walk(*words, "--out", str(tmp_path / "again"))
    assert (straight["num_rendered"], told["num_rendered"]) == (20, 0)
    for path in sorted((tmp_path / "straight").iterdir()):
        again = tmp_path / "again" / path.name
        assert np.array_equal(read_picture(path), read_picture(again))


def test_a_walk_comes_back_from_its_file_and_from_a_picture_of_its_film(
    walk: Call, tmp_path: Path
) -> None:
    saved = tmp_path / "walk.json"
    frames = tmp_path / "frames"
    told = walk(
        "--seeds", "1,2", "--each", "0.5", "--easing", "linear", "--name", "Dusk",
        "--save", str(saved), "--out", str(frames),
    )  # fmt: skip
    assert walk_from_json(saved.read_bytes()).walk.name == "Dusk"
    again = walk("--walk", str(saved), "--out", str(tmp_path / "again"))
    assert again["walk"] == told["walk"]
    middle = sorted(frames.iterdir())[2]
    on = walk("--from", str(middle), "--to", "2", "--seconds", "0.3", "--out", str(tmp_path / "on"))
    assert on["walk"]["keys"][0]["recipe"]["sources"][1]["seed"] == 2


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--seeds", "1", "--out", "x.webp"], 2),
        (["--from", "1", "--out", "x.webp"], 2),
        (["--seeds", "1,2", "--out", "x.avi"], 2),
        (["--seeds", "1,2", "--direction", "mist", "--out", "x.webp"], 2),
        (["--from", "nothing", "--to", "2", "--out", "x.webp"], 1),
        (["--walk", "missing.json", "--out", "x.webp"], 1),
        (["--seeds", "1,2", "--sound", "missing.wav", "--out", "x.webp"], 1),
        (["--seeds", "1,2", "--fps", "60", "--out", "x.gif"], 1),
    ],
)
def test_a_wrong_call_is_two_sentences_and_no_file(
    words: list[str],
    status: int,
    model: GeneratorModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    assert run_command(["walk", *words]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 2
    assert {path for path in set(tmp_path.rglob("*")) - before if path.suffix} == set()


def test_a_large_film_is_enlarged_by_the_network_as_a_still_is(
    walk: Call, model: GeneratorModel, tmp_path: Path
) -> None:
    out = tmp_path / "large"
    walk("--seeds", "1,5", "--each", "0.2", "--size", "128", "--out", str(out))
    first = min(out.iterdir())
    still = Enlarger().enlarge(model.render(new_recipe(model.card.model, 1)), 2)
    assert np.array_equal(read_picture(first), still)
    found = read_recipe_text(first.read_bytes()).recipe
    assert found is not None
    assert enlargement_of(found.recipe) == 2
