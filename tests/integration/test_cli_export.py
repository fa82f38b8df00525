"""`studio export`: kept pictures, boards, files with a recipe and seeds, as files of every kind."""

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from psd_tools import PSDImage

from studio.cli.commands import run_command
from studio.cli.export_settings import KINDS
from studio.core.arrays import pixel_hash
from studio.core.lineage import Lineage
from studio.core.recipe import Recipe, new_recipe
from studio.core.recipe_json import recipe_to_json
from studio.engine.session import GeneratorModel
from studio.files.deep_images import decode_png16, decode_tiff
from studio.files.images import decode_picture
from studio.files.model_folder import read_card
from studio.library.gallery import Gallery, Kept
from studio.opener.merged_preview import unwrapped
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.galleries import CARD, keep_one, picture_of
from tests.fakes.painted_recipes import painted
from tests.fakes.tiny_model import make_tiny_model

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def model(studio_home: Path) -> str:
    """Install one small model and give its hash."""
    return read_card(make_tiny_model(studio_home / "models", resolution=64)).model


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder that the calls are made in."""
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def told(capsys: Capture, *words: str) -> dict[str, Any]:
    status = run_command(["export", *words, "--model", "tiny", "--json"])
    captured = capsys.readouterr()
    assert (status, captured.err) == (0, "")
    answer: dict[str, Any] = json.loads(captured.out)
    return answer


def refused(capsys: Capture, *words: str, status: int = 1) -> str:
    assert run_command(["export", *words]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 2
    return captured.err


def recipe_in(path: Path) -> Recipe | None:
    found = read_recipe_text(unwrapped(path.read_bytes()))
    assert found.refused is None
    return None if found.recipe is None else found.recipe.recipe


def written(path: Path, recipe: Recipe) -> str:
    path.write_text(recipe_to_json(recipe), encoding="utf-8")
    return str(path)


# ---------------------------------------------------------------------------------- pictures


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_is_written_as_every_kind(
    kind: str, model: str, studio_home: Path, out: Path, capsys: Capture
) -> None:
    (one,) = told(capsys, "pictures", "--seed", "7", "--psi", "0.5", "--format", kind)["pictures"]
    path = Path(one["path"])
    assert path.parent == out
    recipe = new_recipe(model, 7, psi=0.5)
    assert recipe_in(path) == recipe
    engine = GeneratorModel.open(studio_home / "models" / "tiny")
    made, content = engine.render(recipe), path.read_bytes()
    if kind.endswith("16"):
        deep = decode_png16(content) if kind == "png16" else decode_tiff(content)
        fine = engine.render_fine(recipe)
        assert fine is not None
        assert np.array_equal(deep, np.rint(fine * np.float32(65535)).astype(np.uint16))
    elif kind in ("jpeg", "webp", "avif"):
        assert decode_picture(content).shape == made.shape
    else:
        assert np.array_equal(decode_picture(unwrapped(content)), made)


def test_files_ids_boards_and_seeds_come_in_the_order_of_the_call(
    model: str, studio_home: Path, out: Path, capsys: Capture
) -> None:
    with Gallery(studio_home) as gallery:
        kept = [keep_one(gallery, seed, f"hill {seed}") for seed in (1, 2)]
        gallery.set_boards(kept[1].id, ["Sea"])
        picture = gallery.picture_path(kept[0]).read_bytes()
    (out / "dropped.png").write_bytes(picture)
    recipe = written(out / "mine.json", new_recipe(model, 5))
    answer = told(
        capsys, "pictures", recipe, kept[0].id[:8], "--board", "sea", "--seed", "9",
        "--template", "{n} {name}", "--out", "set",
    )  # fmt: skip
    names = [Path(one["path"]).name for one in answer["pictures"]]
    assert names == ["001 mine.png", "002 hill 1.png", "003 hill 2.png", "004 Seed 9.png"]
    assert [one["id"] for one in answer["pictures"]] == [None, kept[0].id, kept[1].id, None]
    assert np.array_equal(decode_picture((out / "set" / names[1]).read_bytes()), picture_of(1))
    assert "is not installed" in refused(capsys, "pictures", "dropped.png")


def test_a_file_is_not_written_over_unless_forced(model: str, out: Path, capsys: Capture) -> None:
    words = ("pictures", "--seed", "7", "--format", "psd", "--template", "a")
    first = Path(told(capsys, *words)["pictures"][0]["path"])
    first.write_bytes(b"mine")
    assert Path(told(capsys, *words)["pictures"][0]["path"]).name == "a-2.psd"
    assert first.read_bytes() == b"mine"
    assert told(capsys, *words, "--force")["pictures"][0]["path"] == str(first)
    assert recipe_in(first) == new_recipe(model, 7)


@pytest.mark.parametrize("kind", ["png", "ora"])
def test_a_kept_picture_is_enlarged_and_says_so(
    kind: str, model: str, studio_home: Path, out: Path, capsys: Capture
) -> None:
    with Gallery(studio_home) as gallery:
        kept = keep_one(gallery, 3)
    (one,) = told(capsys, "pictures", kept.id, "--size", "48", "--format", kind)["pictures"]
    assert one["enlarged"] == 2
    content = unwrapped(Path(one["path"]).read_bytes())
    assert decode_picture(content).shape == (48, 48, 3)
    found = recipe_in(Path(one["path"]))
    assert found is not None
    assert found.frame is not None
    assert found.frame.enlarge == 2


def test_without_recipe_none_is_inside(model: str, out: Path, capsys: Capture) -> None:
    for kind in ("png", "psd", "ora"):
        answer = told(capsys, "pictures", "--seed", "7", "--format", kind, "--no-recipe")
        assert recipe_in(Path(answer["pictures"][0]["path"])) is None


def test_what_is_written_before_a_failure_stays_and_is_counted(
    model: str, out: Path, capsys: Capture
) -> None:
    good = written(out / "good.json", new_recipe(model, 5))
    bad = written(out / "bad.json", new_recipe("cd" * 32, 5))
    assert run_command(["export", "pictures", good, bad, "--out", "set"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "1 picture." in captured.err
    assert "not installed" in captured.err
    assert len(list((out / "set").iterdir())) == 1


# ---------------------------------------------------------------------------------- layers


def keep_painted(gallery: Gallery, recipe: Recipe, *, painted_in: str = "") -> Kept:
    lineage = Lineage(painted_in=painted_in)
    card = msgspec.structs.replace(CARD, model=recipe.model)
    return gallery.keep(
        picture_of(1, 64), recipe, card=card, name="Bay", provider="CPU", lineage=lineage
    )


def test_a_painted_picture_becomes_layers_that_look_like_the_render(
    model: str, studio_home: Path, out: Path, capsys: Capture
) -> None:
    recipe = painted(model)
    answer = told(capsys, "layers", written(out / "bay.json", recipe), "--out", "bay.psd")
    (one,) = answer["pictures"]
    assert one["difference"] <= 1
    names = [layer["name"] for layer in one["layers"]]
    assert names == ["Base", "Sky 天空", 'Rock <"&', "Kept 3", "Mixed in 4"]
    assert [layer["is_visible"] for layer in one["layers"]] == [True, True, True, False, True]
    content = (out / "bay.psd").read_bytes()
    made = GeneratorModel.open(studio_home / "models" / "tiny").render(recipe)
    assert np.array_equal(decode_picture(content), made)
    assert read_recipe_text(content).pixel_hash == pixel_hash(made)
    (group,) = PSDImage.open(io.BytesIO(content))
    assert group.name == "bay"


def test_several_pictures_lie_in_one_file_the_first_on_top(
    model: str, studio_home: Path, out: Path, capsys: Capture
) -> None:
    with Gallery(studio_home) as gallery:
        kept = keep_painted(gallery, painted(model))
    answer = told(
        capsys, "layers", kept.id, "--seed", "3,4", "--size", "96", "--out", "a", "--format", "psd"
    )
    assert Path(answer["path"]) == out / "a.psd"
    file = PSDImage.open(out / "a.psd")
    assert file.size == (96, 96)
    assert [one.name for one in file] == ["Seed 4", "Seed 3", "Bay"]
    assert len(list(file[2])) == 5  # type: ignore[call-overload]
    found = recipe_in(out / "a.psd")
    assert found is not None
    assert len(found.regions) == 4
    assert found.frame is not None
    assert found.frame.enlarge == 2


def test_a_picture_that_was_painted_over_is_one_layer_as_it_is(
    model: str, studio_home: Path, out: Path, capsys: Capture
) -> None:
    with Gallery(studio_home) as gallery:
        kept = keep_painted(gallery, painted(model), painted_in="Krita")
    (one,) = told(capsys, "layers", kept.id, "--out", "a.ora")["pictures"]
    assert [layer["name"] for layer in one["layers"]] == ["Bay"]
    seen = decode_picture(unwrapped((out / "a.ora").read_bytes()))
    assert np.array_equal(seen, picture_of(1, 64))


def test_layers_of_a_model_that_is_gone_are_one_sentence(
    studio_home: Path, out: Path, capsys: Capture
) -> None:
    with Gallery(studio_home) as gallery:
        kept = keep_painted(gallery, painted("cd" * 32))
    assert "is not installed" in refused(capsys, "layers", kept.id, "--out", "a.psd")
    assert "is not installed" in refused(capsys, "pictures", kept.id, "--format", "ora")
    told(capsys, "pictures", kept.id)


def test_too_large_a_file_is_refused_before_it_is_made(
    model: str, out: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.export.layers.MAX_PIXELS_IN_ALL", 64 * 64 * 4)
    path = written(out / "bay.json", painted(model))
    monkeypatch.setattr(GeneratorModel, "render", None)
    assert "Choose fewer" in refused(capsys, "layers", path, "--out", "a.psd")


# ---------------------------------------------------------------------------------- wrong calls


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ([], 2),
        (["pictures"], 2),
        (["layers", "--seed", "3", "--out", "a.png"], 2),
        (["layers", "--seed", "3", "--out", "a.psd", "--format", "ora"], 2),
        (["pictures", "--seed", "3", "--format", "gif"], 2),
        (["pictures", "missing.png"], 1),
        (["pictures", "abcdef12"], 1),
        (["pictures", "--board", "None"], 1),
        (["pictures", "--seed", "3", "--out", "no/such/folder"], 1),
        (["layers", "--seed", "3", "--out", "no/such.psd"], 1),
        (["layers", "--seed", "3", "--out", "taken.psd"], 1),
    ],
)
def test_a_wrong_call_is_two_sentences(
    words: list[str], status: int, model: str, out: Path, capsys: Capture
) -> None:
    (out / "taken.psd").write_bytes(b"mine")
    refused(capsys, *words, status=status)
    assert [path.name for path in out.iterdir()] == ["taken.psd"]
    assert (out / "taken.psd").read_bytes() == b"mine"
