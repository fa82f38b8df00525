"""`studio recipe`, `studio import`, `studio provenance`: what a picture says, kept and taken out."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.cli.commands import run_command
from studio.core.recipe import Recipe, new_recipe
from studio.engine.session import GeneratorModel
from studio.export.stills import Format, StillSettings, save_still
from studio.files.images import decode_picture
from studio.library.gallery import Gallery
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.changed_copies import jpeg_bytes, resized
from tests.fakes.tiny_model import make_tiny_model

Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.slow


@pytest.fixture
def model(studio_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GeneratorModel:
    monkeypatch.chdir(tmp_path)
    folder = make_tiny_model(studio_home / "models")
    return GeneratorModel.open(folder, wish="cpu")


def made(model: GeneratorModel, name: str, kind: Format = "png", **fields: Any) -> Path:
    recipe = new_recipe(model.card.model, 7)
    settings = StillSettings(format=kind, **fields)
    return save_still(
        Path(name), model.render(recipe), recipe=recipe, card=model.card, settings=settings
    )


def told(capsys: Capture, *words: str | Path) -> dict[str, Any]:
    status = run_command([*map(str, words), "--json"])
    captured = capsys.readouterr()
    assert (status, captured.err) == (0, "")
    answer: dict[str, Any] = json.loads(captured.out)
    return answer


def failed(capsys: Capture, *words: str | Path) -> str:
    assert run_command([*map(str, words)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "tiff", "avif"])
def test_a_picture_of_any_kind_is_shown_stripped_and_says_nothing_more(
    model: GeneratorModel, capsys: Capture, kind: Format
) -> None:
    path = made(model, "张 x", kind)
    shown = told(capsys, "recipe", "show", path)
    assert shown["recipe"]["sources"][0]["seed"] == 7
    assert shown["is_unchanged"] == (kind in ("png", "tiff"))
    out = Path(f"out{path.suffix}")
    assert told(capsys, "recipe", "strip", path, "--out", out)["credit"] == ""  # its data is free
    assert read_recipe_text(out.read_bytes()).recipe is None
    for secret in (model.card.model[:10], "Seed", "studio:", model.card.credit):
        assert secret.encode() not in out.read_bytes()
        assert secret.encode("utf-16-be") not in out.read_bytes()
    np.testing.assert_array_equal(
        decode_picture(out.read_bytes()), decode_picture(path.read_bytes())
    )
    assert told(capsys, "recipe", "show", out)["recipe"] is None
    assert "already there" in failed(capsys, "recipe", "strip", path, "--out", out)


def test_name_rights_and_signature_go_in_from_the_command_line(
    model: GeneratorModel, capsys: Capture
) -> None:
    sign = ["--sign"] if _can_sign() else []
    words = ["--creator", "张伟", "--rights", "© 2026", "--no-training", *sign]
    told(capsys, "generate", "--model", "tiny", "--seed", "3", "--out", "a.png", *words)
    content = Path("a.png").read_bytes()
    for said in ("<rdf:li>张伟</rdf:li>", "© 2026; ", "DMI-PROHIBITED-AIMLTRAINING"):
        assert said.encode() in content
    answer = told(capsys, "provenance", "a.png")
    assert (answer["credentials"] is not None) == bool(sign)


def test_imported_pictures_are_kept_once_and_copies_are_found(
    model: GeneratorModel, capsys: Capture, studio_home: Path
) -> None:
    path, lossy = made(model, "hill.png"), made(model, "lossy", "jpeg", quality=80)
    before = path.read_bytes()
    files = told(capsys, "import", path, lossy)["files"]
    assert [one["status"] for one in files] == ["kept", "there"]
    assert files[0]["says"] == "kept. Every pixel is as in the file."
    assert path.read_bytes() == before
    Path("copy.jpg").write_bytes(jpeg_bytes(resized(decode_picture(before))))
    (copy,) = told(capsys, "import", "copy.jpg")["files"]
    assert (copy["status"], copy["id"]) == ("looks", files[0]["id"])
    assert "not identical (resized)" in copy["says"]
    with Gallery(studio_home) as gallery:
        (kept,) = gallery.items()
        assert (kept.name, kept.recipe) == ("hill", new_recipe(model.card.model, 7))


def test_what_cannot_be_imported_is_a_sentence_and_the_others_come_in(
    model: GeneratorModel, capsys: Capture
) -> None:
    stranger = Recipe(model="c" * 64, sources=new_recipe("c" * 64, 1).sources)
    pixels = model.render(new_recipe(model.card.model, 1))
    save_still(
        Path("theirs.png"), pixels, recipe=stranger, card=model.card, settings=StillSettings()
    )
    Image.new("RGB", (40, 40), (3, 200, 40)).save("green.png")
    Path("text.png").write_text("no picture")
    files = ["theirs.png", "green.png", "text.png", "gone.png", str(made(model, "mine.png"))]
    assert run_command(["import", *files]) == 1
    captured = capsys.readouterr()
    assert captured.out == "mine.png: kept. Every pixel is as in the file.\n"
    lines = captured.err.splitlines()
    assert len(lines) == 4
    assert "Its model (cccccccccc) is not on this computer. Install the model" in lines[0]
    assert "carries no recipe, and no kept picture looks like it" in lines[1]


@pytest.mark.parametrize("suffix", ["pdf", "png", "html", "txt"])
def test_a_sheet_is_one_page_of_each_kind(
    model: GeneratorModel, capsys: Capture, suffix: str
) -> None:
    path = made(model, "hill.png", is_signed=_can_sign())
    answer = told(capsys, "provenance", path, "--out", f"sheet.{suffix}")
    assert answer["credit"] == model.card.credit
    assert answer["found_by"] == "recipe"
    if _can_sign():
        assert answer["credentials"]["is_sound"]
    content = Path(f"sheet.{suffix}").read_bytes()
    if suffix in ("html", "txt"):
        assert model.card.model in content.decode()
        assert str(Path.cwd()) not in content.decode()
    elif suffix == "png":
        assert decode_picture(content).shape == (1754, 1240, 3)
    else:
        assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") == 1


def test_wrong_sheets_are_sentences(model: GeneratorModel, capsys: Capture) -> None:
    path = made(model, "hill.png")
    assert "PDF, PNG, HTML or text" in failed(capsys, "provenance", path, "--out", "sheet.docx")
    assert "There is no picture “nope”" in failed(capsys, "provenance", "nope")
    broken = bytearray(path.read_bytes())
    broken[broken.index(b"IDAT") + 30] ^= 1
    Path("broken.png").write_bytes(broken)
    assert "damaged" in failed(capsys, "provenance", "broken.png")
    Image.new("RGB", (40, 40)).save("plain.png")
    assert "carries no recipe" in failed(capsys, "provenance", "plain.png")


def _can_sign() -> bool:
    from studio.opener.credentials_reader import has_c2pa

    return has_c2pa()
