"""The other commands in real processes: models, gallery, doctor, and how all of them fail."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio import __version__
from studio.cli.commands import COMMANDS
from studio.core.recipe import new_recipe
from studio.engine.session import GeneratorModel
from studio.files.home_lock import HomeLock
from studio.library.gallery import Gallery
from tests.fakes.tiny_model import make_tiny_model

Ended = subprocess.CompletedProcess[str]
Call = Callable[..., Ended]

pytestmark = pytest.mark.slow


def call_studio(*words: str | Path, **more: Any) -> Ended:
    """Run the command line to its end."""
    command = [sys.executable, "-m", "studio", *map(str, words)]
    # What is written must meet the buffer that people's terminals and pipes have.
    buffered = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    kinds = {**pipes, "env": buffered, **more}
    return subprocess.run(command, text=True, encoding="utf-8", timeout=120, **kinds)


@pytest.fixture
def studio(studio_home: Path) -> Call:
    """Give the command line with one small model installed."""
    make_tiny_model(studio_home / "models")
    return call_studio


def _told(ended: Ended) -> dict[str, Any]:
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def test_the_version_is_told(studio: Call) -> None:
    assert studio("--version").stdout == f"Latent Studio {__version__}\n"


@pytest.mark.parametrize(
    "name", [*COMMANDS, "models list", "models show", "gallery list", "export layers"]
)
def test_every_help_has_an_example(studio: Call, name: str) -> None:
    ended = studio(*name.split(), "--help")
    assert ended.returncode == 0
    assert re.search(rf"examples:\n  studio {name}", ended.stdout)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from studio.cli.commands import run_command\n"
        "status = run_command(['--help'])\n"
        "heavy = [n for n in ('numpy', 'msgspec', 'onnxruntime', 'PySide6') if n in sys.modules]\n"
        "sys.exit(status or (f'imported {heavy}' if heavy else 0))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_a_word_that_is_no_command_gets_the_nearest(studio: Call) -> None:
    ended = studio("genrate")
    assert ended.returncode == 2
    assert "did you mean “generate”?" in ended.stderr


@pytest.mark.parametrize("words", [("models",), ("gallery",), ("models", "show")])
def test_an_unfinished_call_leaves_with_2(studio: Call, words: tuple[str, ...]) -> None:
    assert studio(*words).returncode == 2


def test_installed_models_are_listed(studio: Call) -> None:
    told = _told(studio("models", "list", "--json"))
    found = {model["id"]: model for model in told["models"]}
    assert found["tiny"]["resolution"] == 64
    assert found["tiny"]["licence"] == "CC0-1.0"
    assert "tiny" in studio("models", "list").stdout


def test_a_broken_model_is_listed_with_its_sentence(studio: Call, studio_home: Path) -> None:
    (studio_home / "models" / "tiny" / "card.json").write_text("{")
    told = _told(studio("models", "list", "--json"))
    broken = {Path(model["folder"]).name: model for model in told["broken"]}
    assert broken["tiny"]["what"]
    assert broken["tiny"]["way_out"]
    assert "tiny cannot be used" in studio("models", "list").stderr


def test_a_model_is_shown_with_rights_and_directions(studio: Call) -> None:
    told = _told(studio("models", "show", "tiny", "--verify", "--json"))
    assert told["card"]["rights"][0]["licence"] == "CC0-1.0"
    assert told["is_verified"] is True
    assert len(told["directions"]) >= 3
    text = studio("models", "show", "tiny").stdout
    assert "Chain of rights" in text
    assert "dawn ↔ dusk" in text


def test_verify_finds_the_changed_file(studio: Call, studio_home: Path) -> None:
    path = studio_home / "models" / "tiny" / "synthesis.onnx"
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    ended = studio("models", "show", "tiny", "--verify")
    assert ended.returncode == 1
    assert "synthesis.onnx" in ended.stderr


def test_an_empty_gallery_is_no_failure(studio: Call) -> None:
    assert _told(studio("gallery", "list", "--json"))["pictures"] == []
    assert studio("gallery", "list").returncode == 0


def test_an_empty_gallery_can_be_rebuilt(studio: Call) -> None:
    assert _told(studio("gallery", "rebuild", "--json"))["schema"] == 1


@pytest.fixture
def kept(studio_home: Path) -> tuple[str, ...]:
    """Keep three pictures of different names; gives their ids, oldest first."""
    model = GeneratorModel.open(make_tiny_model(studio_home / "models"), wish="cpu")
    ids = []
    with Gallery(studio_home) as gallery:
        for seed, name in ((7, "Dawn"), (8, "山水"), (9, "Dusk")):
            recipe = new_recipe(model.card.model, seed)
            picture = model.render(recipe)
            found = gallery.keep(picture, recipe, card=model.card, name=name, provider="CPU")
            ids.append(found.id)
        gallery.set_starred(ids[0], True)
        gallery.move_to_trash(ids[2])
    return tuple(ids)


def test_kept_pictures_are_listed_newest_first_and_found(kept: tuple[str, ...]) -> None:
    told = _told(call_studio("gallery", "list", "--json"))
    assert [picture["name"] for picture in told["pictures"]] == ["山水", "Dawn"]
    assert all(Path(picture["path"]).is_file() for picture in told["pictures"])
    starred = _told(call_studio("gallery", "list", "--starred", "--json"))
    assert [picture["id"] for picture in starred["pictures"]] == [kept[0]]
    found = _told(call_studio("gallery", "list", "--search", "山", "--json"))
    assert [picture["id"] for picture in found["pictures"]] == [kept[1]]
    binned = _told(call_studio("gallery", "list", "--bin", "--json"))
    assert [picture["id"] for picture in binned["pictures"]] == [kept[2]]
    assert "山水" in call_studio("gallery", "list").stdout


def test_an_index_that_is_lost_comes_back_whole(studio_home: Path, kept: tuple[str, ...]) -> None:
    before = _told(call_studio("gallery", "list", "--json"))
    for path in studio_home.glob("index.sqlite*"):
        path.write_bytes(b"rubbish")
    told = _told(call_studio("gallery", "rebuild", "--verify", "--json"))
    assert (told["num_items"], told["num_damaged"]) == (3, 0)
    assert _told(call_studio("gallery", "list", "--json")) == before


def test_a_damaged_picture_is_counted_and_named(studio_home: Path, kept: tuple[str, ...]) -> None:
    with Gallery(studio_home) as gallery:
        path = gallery.picture_path(gallery.get(kept[0]))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-50])
    told = _told(call_studio("gallery", "rebuild", "--verify", "--json"))
    assert told["num_damaged"] == 1
    assert told["damaged"] == [{"id": kept[0], "name": "Dawn"}]
    ended = call_studio("gallery", "rebuild", "--verify")
    assert "1 damaged" in ended.stdout
    assert "“Dawn”" in ended.stderr


def test_no_index_is_rebuilt_under_an_open_window(studio_home: Path, kept: tuple[str, ...]) -> None:
    with HomeLock(studio_home):
        ended = call_studio("gallery", "rebuild")
    assert ended.returncode == 1
    assert "open" in ended.stderr


def test_the_doctor_makes_a_picture_and_says_what_it_ran_on(studio: Call) -> None:
    ended = studio("doctor", "--json")
    told = json.loads(ended.stdout)
    assert told["engine"]["provider"] in {"CPU", "CUDA"}
    assert told["engine"]["picture_ms"] > 0
    assert ended.returncode == (0 if told["is_ready"] else 1)
    missing = [finding["name"] for finding in told["findings"] if finding["state"] == "missing"]
    assert set(missing) <= {"resources", "shipped models"}


def test_the_doctor_misses_a_home_that_cannot_be_written(studio: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    environment = {**os.environ, "STUDIO_HOME": str(tmp_path / "file" / "home")}
    ended = studio("doctor", env=environment)
    assert ended.returncode == 1
    assert "STUDIO_HOME" in ended.stdout


def test_a_reader_that_has_gone_is_no_traceback(studio: Call) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = studio("models", "show", "tiny", stdout=writing)
    finally:
        os.close(writing)
    assert ended.returncode == 1
    assert ended.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_answer_that_cannot_be_written_is_one_sentence(studio: Call) -> None:
    with Path("/dev/full").open("w") as full:
        ended = studio("models", "list", "--json", stdout=full)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "could not be written" in ended.stderr


def test_a_closed_stdout_is_no_traceback(studio: Call, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "studio", "models", "list"]
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *command],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "Traceback" not in ended.stderr


def test_an_unexpected_failure_is_a_sentence_and_its_details_are_kept(
    studio_home: Path, tmp_path: Path
) -> None:
    code = (
        "import sys, studio.cli.commands as commands\n"
        "def fail(words):\n"
        "    raise RuntimeError('planted')\n"
        "commands._run = fail\n"
        "sys.exit(commands.run_command(['doctor']))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "planted" in ended.stderr
    kept = studio_home / "logs" / "command-error.txt"
    assert str(kept) in ended.stderr
    assert "planted" in kept.read_text()
