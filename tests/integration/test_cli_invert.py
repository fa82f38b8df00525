"""`studio invert`: any picture is found or refused in a sentence, and what is written is what was measured."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.cli.commands import run_command
from studio.core.arrays import pixel_hash
from studio.core.recipe import new_recipe
from studio.core.recipe_json import recipe_from_json
from studio.engine.session import GeneratorModel
from studio.files.images import encode_png, read_picture
from studio.files.places import shipped_models
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.slow

ROSETTES = shipped_models() / "rosettes"


@pytest.fixture(autouse=True)
def place(studio_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_tiny_model(studio_home / "models")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = run_command(["invert", *words])
    told = capsys.readouterr()
    return status, told.out, told.err


def strange_pictures(folder: Path) -> list[str]:
    """Pictures as artists have them, odd ones first."""
    colour = Image.effect_noise((48, 32), 60).convert("RGB")
    colour.convert("L").save(folder / "grey.png")
    colour.convert("CMYK").save(folder / "print.jpg")
    colour.resize((1, 1)).save(folder / "dot.png")
    Image.new("RGB", (30_000, 6), (200, 60, 20)).save(folder / "long.png")
    colour.save(folder / "film.gif", save_all=True, append_images=[colour.rotate(90)])
    colour.convert("RGBA").save(folder / "alpha.webp")
    return [
        "grey.png", "print.jpg", "dot.png", "long.png", "film.gif", "alpha.webp"
    ]  # fmt: skip


def test_every_kind_of_picture_is_found_and_broken_ones_give_a_sentence(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = strange_pictures(place)
    (place / "broken.png").write_bytes((place / "grey.png").read_bytes()[:60])
    (place / "words.jpg").write_text("no picture")
    status, out, err = call(
        capsys, *names, "broken.png", "words.jpg", "--model", "rosettes", "--json"
    )
    assert status == 1
    assert err == ""
    pictures: list[dict[str, Any]] = json.loads(out)["pictures"]
    for name, fields in zip(names, pictures[:-2], strict=True):
        made = read_picture(Path(fields["path"]))
        assert fields["source"] == name
        assert pixel_hash(made) == fields["pixel_hash"]
        assert 0 <= fields["share"] <= 1
        assert fields["sentence"].endswith(".")
    for fields in pictures[-2:]:
        assert fields["error"]["what"].endswith(".")
    assert not list(place.glob("*broken*in*"))


def test_its_own_picture_is_found_near_and_refining_is_said(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = GeneratorModel.open(ROSETTES, wish="cpu")
    picture = model.render(new_recipe(model.card.model, 12))
    (place / "own.png").write_bytes(encode_png(picture))
    words = ("own.png", "--model", "rosettes")
    status, out, _ = call(capsys, *words, "--json", "--out", "found.png")
    assert status == 0
    plain = json.loads(out)["pictures"][0]
    assert plain["share"] < 0.7
    recipe = recipe_from_json(json.dumps(plain["recipe"])).recipe
    assert pixel_hash(model.render(recipe)) == plain["pixel_hash"]
    status, out, err = call(capsys, *words, "--refine", "1", "--out", "refined.png")
    assert (status, out) == (0, "refined.png\n")
    assert "before refining; 0 is the same)" in err
    # How far a second goes depends on the machine; it never goes away from the picture.
    found, refined = (read_picture(place / name) for name in ("found.png", "refined.png"))
    away = [float(np.abs(one.astype(float) - picture).mean()) for one in (found, refined)]
    assert away[1] <= away[0] + 1


def test_wrong_calls_and_models_without_an_encoder_are_told(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "a.png").write_bytes(encode_png(np.zeros((8, 8, 3), np.uint8)))
    status, _, err = call(capsys, "a.png", "--model", "tiny")
    assert status == 1
    assert "has no encoder" in err
    assert call(capsys, "a.png", "a.png", "--out", "one.png")[0] == 2
    assert call(capsys, "a.png", "--out", "one.jpg")[0] == 2
    assert call(capsys, "a.png", "--refine", "0")[0] == 2
