"""`studio generate` as people and scripts call it: real processes, real graphs, real files."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.core.arrays import pixel_hash
from studio.core.recipe import new_recipe
from studio.core.recipe_json import recipe_to_json
from studio.files.deep_images import decode_png16, decode_tiff
from tests.fakes.tiny_model import make_tiny_model

Ended = subprocess.CompletedProcess[str]
Call = Callable[..., Ended]

pytestmark = pytest.mark.slow


@pytest.fixture
def studio(studio_home: Path, tmp_path: Path) -> Call:
    """Give the command line, run in a folder of its own with one small model installed."""
    make_tiny_model(studio_home / "models")

    def call(*words: str | Path) -> Ended:
        command = [sys.executable, "-m", "studio", *map(str, words)]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=60
        )

    return call


def _told(ended: Ended) -> dict[str, Any]:
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def _refused(ended: Ended, *words: str, status: int = 1) -> None:
    """Check that a call failed with a sentence and a way out, and nothing else."""
    assert ended.returncode == status, (ended.stdout, ended.stderr)
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 2, ended.stderr
    for word in words:
        assert word in ended.stderr


def _make(studio: Call, tmp_path: Path, *words: str | Path) -> dict[str, Any]:
    return _told(studio("generate", "--model", "tiny", "--json", *words))


def test_a_seed_gives_a_picture_with_its_recipe(studio: Call, tmp_path: Path) -> None:
    told = _make(studio, tmp_path, "--seed", "7", "--out", "a.png")
    assert told["provider"]["got"] == "CPU"
    assert [picture["seed"] for picture in told["pictures"]] == [7]
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (64, 64)
        assert "latent-studio.recipe" in picture.info
        pixels = np.asarray(picture.convert("RGB"))
    assert pixel_hash(pixels) == told["pictures"][0]["pixel_hash"]


def test_the_same_seed_gives_the_same_pixels_alone_and_among_others(
    studio: Call, tmp_path: Path
) -> None:
    alone = _make(studio, tmp_path, "--seed", "7", "--out", "a.png")
    among = _make(studio, tmp_path, "--seed", "5-9", "--out", "many")
    by_seed = {picture["seed"]: picture["pixel_hash"] for picture in among["pictures"]}
    assert by_seed[7] == alone["pictures"][0]["pixel_hash"]
    assert len(set(by_seed.values())) == 5


def test_a_picture_gives_its_recipe_back_and_the_same_pixels_again(
    studio: Call, tmp_path: Path
) -> None:
    words = ("--seed", "7", "--psi", "0.9", "--mix", "12", "--zones", "fine", "--edit", "dawn=2")
    first = _make(studio, tmp_path, *words, "--out", "a.png")["pictures"][0]
    again = _make(studio, tmp_path, "--recipe", "a.png", "--out", "b.png")["pictures"][0]
    assert again["recipe"] == first["recipe"]
    assert again["pixel_hash"] == first["pixel_hash"]
    plain = _make(studio, tmp_path, "--seed", "7", "--psi", "0.9", "--out", "c.png")["pictures"][0]
    assert plain["pixel_hash"] != first["pixel_hash"]


def test_a_recipe_file_finds_its_model_by_itself(studio: Call, tmp_path: Path) -> None:
    first = _make(studio, tmp_path, "--seed", "7", "--out", "a.png")
    recipe = new_recipe(first["model"]["hash"], 7)
    (tmp_path / "r.json").write_text(recipe_to_json(recipe))
    again = _told(studio("generate", "--recipe", "r.json", "--out", "b.png", "--json"))
    assert again["pictures"][0]["pixel_hash"] == first["pictures"][0]["pixel_hash"]


def test_names_come_from_the_seed_and_never_take_a_taken_one(studio: Call, tmp_path: Path) -> None:
    for _ in range(2):
        _make(studio, tmp_path, "--seed", "7")
    assert {path.name for path in tmp_path.glob("*.png")} == {
        "tiny-seed-7.png",
        "tiny-seed-7-2.png",
    }


def test_a_name_that_ends_in_a_slash_is_a_folder(studio: Call, tmp_path: Path) -> None:
    _make(studio, tmp_path, "--seed", "7", "--out", "new/")
    assert (tmp_path / "new" / "tiny-seed-7.png").is_file()


def test_a_sheet_is_one_file_with_every_picture(studio: Call, tmp_path: Path) -> None:
    told = _make(studio, tmp_path, "--count", "5", "--seed", "1", "--sheet", "--out", "s.png")
    assert len(told["pictures"]) == 5
    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.size[0] > 3 * 64
        assert sheet.size[1] > 2 * 64


@pytest.mark.parametrize(
    ("name", "kind"), [("a.jpg", "JPEG"), ("a.webp", "WEBP"), ("a.PNG", "PNG")]
)
def test_the_name_decides_the_format(studio: Call, tmp_path: Path, name: str, kind: str) -> None:
    _make(studio, tmp_path, "--seed", "7", "--out", name)
    with Image.open(tmp_path / name) as picture:
        assert picture.format == kind


def test_a_picture_without_its_recipe_on_request(studio: Call, tmp_path: Path) -> None:
    _make(studio, tmp_path, "--seed", "7", "--no-recipe", "--size", "32", "--out", "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (32, 32)
        assert "latent-studio.recipe" not in picture.info
    _refused(studio("generate", "--recipe", "a.png"), "carries no recipe")


def test_without_json_the_path_stands_alone_on_stdout(studio: Call) -> None:
    ended = studio("generate", "--model", "tiny", "--seed", "7", "--out", "a.png")
    assert (ended.returncode, ended.stdout) == (0, "a.png\n")


def test_a_random_seed_is_said(studio: Call) -> None:
    ended = studio("generate", "--model", "tiny", "--out", "a.png")
    assert ended.stderr.startswith("Seed ")


def test_cuda_that_is_not_there_is_told_and_the_picture_is_made(
    studio: Call, tmp_path: Path
) -> None:
    words = ("generate", "--model", "tiny", "--provider", "cuda", "--seed", "7", "--out", "a.png")
    ended = studio(*words)
    assert ended.returncode == 0
    if "on the CUDA" not in ended.stderr:
        assert "Running on the CPU" in ended.stderr
    assert (tmp_path / "a.png").is_file()


def _recipe(**changes: object) -> str:
    fields = {"schema": 1, "model": "ab" * 32, "sources": [{"seed": 7}]}
    return json.dumps({**fields, **changes})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (_recipe(), "model"),
        (_recipe(colour=1), "unknown field"),
        (_recipe(sources=[{"seed": -1}]), "seed"),
        (_recipe(psi=[9, 9, 9]), "truncation"),
        (_recipe(psi=[float("nan")] * 3), "NaN"),
        ("{" + '"a":[' * 5000, "nested"),
        (" {" + " " * 2_000_000 + "}", "1 MiB"),
        ("{", "JSON"),
        ("not a recipe", ""),
        ("", ""),
    ],
    ids=[
        "not installed",
        "unknown",
        "range",
        "psi",
        "nan",
        "deep",
        "huge",
        "cut",
        "foreign",
        "empty",
    ],
)
def test_a_bad_recipe_is_one_sentence(studio: Call, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "r.json").write_text(text)
    _refused(studio("generate", "--recipe", "r.json"), words)
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model", "nosuch"), "nosuch"),
        (("--recipe", "missing.png"), "no file"),
        (("--out", "missing/deep/a.png"), "does not exist"),
        (("--out", "there.png"), "already there"),
        (("--out", "z" * 300), "could not be saved"),
        (("--edit", "nosuch=1"), "no direction"),
        (("--edit", "↔=1"), "more than one"),
        (("--count", "3", "--out", "there.txt"), "is a file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    studio: Call, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "there.png").write_bytes(b"mine")
    (tmp_path / "there.txt").write_bytes(b"mine")
    model = () if "--model" in words or "--recipe" in words else ("--model", "tiny")
    _refused(studio("generate", "--seed", "7", *model, *words), said)
    assert (tmp_path / "there.png").read_bytes() == b"mine"


@pytest.mark.parametrize(
    "words",
    [
        ("--count", "0"),
        ("--count", "-1"),
        ("--seed", "x"),
        ("--seed", "2147483648"),
        ("--psi", "nan"),
        ("--psi", "2"),
        ("--size", "9"),
        ("--provider", "tpu"),
        ("--zones", "fine"),
        ("--out", "a.gif"),
        ("--out", "a.png", "--format", "jpeg"),
        ("--out", "a.png", "--count", "3"),
        ("--seed", "1-3", "--count", "2"),
        ("--nosuch",),
    ],
)
def test_a_wrong_call_leaves_with_2_and_a_pointer_to_the_help(
    studio: Call, words: tuple[str, ...]
) -> None:
    seed = () if "--seed" in words else ("--seed", "7")
    ended = studio("generate", "--model", "tiny", *seed, *words)
    _refused(ended, "--help", status=2)


def test_failures_for_programs_are_json(studio: Call) -> None:
    ended = studio("generate", "--model", "nosuch", "--json")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert set(json.loads(ended.stderr)["error"]) == {"what", "way_out"}


def test_a_larger_size_is_enlarged_and_made_again_from_its_own_file(
    studio: Call, tmp_path: Path
) -> None:
    told = _make(studio, tmp_path, "--seed", "7", "--size", "100", "--out", "a.png")
    (made,) = told["pictures"]
    assert made["enlarged"] == 2
    assert made["recipe"]["frame"]["enlarge"] == 2
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (100, 100)
    _make(studio, tmp_path, "--recipe", "a.png", "--out", "b.png")
    _make(studio, tmp_path, "--recipe", "a.png", "--size", "100", "--out", "c.png")
    with Image.open(tmp_path / "b.png") as picture:
        assert picture.size == (128, 128)
    with Image.open(tmp_path / "a.png") as first, Image.open(tmp_path / "c.png") as again:
        assert np.array_equal(np.asarray(first), np.asarray(again))
    plain = _make(studio, tmp_path, "--seed", "7", "--out", "d.png")
    assert plain["pictures"][0]["enlarged"] == 1
    assert plain["pictures"][0]["pixel_hash"] == made["pixel_hash"]


def test_sixteen_bits_and_new_formats_by_the_names_end(studio: Call, tmp_path: Path) -> None:
    for name in ("a.png", "a.tif", "a.avif"):
        _make(studio, tmp_path, "--seed", "7", "--bits", "16", "--size", "80", "--out", name)
    deep = decode_tiff((tmp_path / "a.tif").read_bytes())
    assert deep.shape == (80, 80, 3)
    assert deep.dtype == np.uint16
    assert np.array_equal(decode_png16((tmp_path / "a.png").read_bytes()), deep)
    assert (deep % 257 != 0).any()
    with Image.open(tmp_path / "a.avif") as picture:
        assert picture.size == (80, 80)
    _make(studio, tmp_path, "--recipe", "a.avif", "--out", "b.png")


def test_a_damaged_model_is_one_sentence(studio: Call, studio_home: Path) -> None:
    path = studio_home / "models" / "tiny" / "synthesis.onnx"
    path.write_bytes(path.read_bytes()[:-100])
    _refused(studio("generate", "--model", "tiny", "--seed", "7"), "synthesis.onnx")


def test_force_replaces(studio: Call, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"old")
    _make(studio, tmp_path, "--seed", "7", "--out", "a.png", "--force")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (64, 64)


def test_a_model_may_be_named_by_its_folder(studio: Call, tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path / "elsewhere", name="Other", weight_seed=2)
    told = _told(studio("generate", "--model", folder, "--seed", "7", "--json"))
    assert told["model"]["name"] == "Other"


def test_the_generator_meets_neither_qt_nor_torch(studio_home: Path, tmp_path: Path) -> None:
    make_tiny_model(studio_home / "models")
    code = (
        "import sys\n"
        "from studio.cli.commands import run_command\n"
        "status = run_command(['generate', '--model', 'tiny', '--seed', '7', '--json'])\n"
        "heavy = [name for name in ('PySide6', 'torch', 'onnx', 'pyqtgraph') if name in sys.modules]\n"
        "sys.exit(status or (f'imported {heavy}' if heavy else 0))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr


def test_stopping_in_the_middle_leaves_whole_pictures_only(
    studio_home: Path, tmp_path: Path
) -> None:
    import signal

    make_tiny_model(studio_home / "models")
    words = ["generate", "--model", "tiny", "--seed", "1", "--count", "3000", "--out", "many"]
    child = subprocess.Popen(
        [sys.executable, "-m", "studio", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    folder = tmp_path / "many"
    while child.poll() is None and len(list(folder.glob("*.png"))) < 5:
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "Stopped." in said
    assert "Traceback" not in said
    pictures = list(folder.iterdir())
    assert 5 <= len(pictures) < 3000
    for path in pictures:
        with Image.open(path) as picture:
            picture.load()
