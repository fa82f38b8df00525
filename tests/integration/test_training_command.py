"""`studio train`, from a folder of pictures to a model that the engine runs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.model_card import ENCODER_FILE
from studio.engine.session import GeneratorModel
from studio.files.model_folder import read_card

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PATIENCE_S = 400  # an export alone takes a minute on a busy machine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "pictures"
    place.mkdir()
    random = np.random.default_rng(1)
    for number in range(9):
        small = random.integers(0, 256, (3, 4, 3), dtype=np.uint8)
        image = Image.fromarray(small).resize((48, 32), Image.Resampling.BICUBIC)
        image.save(place / f"{number}.png")
    (place / "broken.png").write_bytes(b"?")
    return place


def start(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "studio", "train", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def train(*words: str) -> "tuple[int, str, str]":
    process = start(*words)
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err


def test_a_folder_becomes_a_model_that_opens(folder: Path, studio_home: Path) -> None:
    rights = folder.parent / "rights.json"
    rights.write_text('[{"source": "mine", "licence": "CC0", "credit": "me"}]')
    status, out, err = train(
        str(folder),
        *("--resolution", "16", "--name", "First Try", "--kimg", "0.1", "--threads", "1"),
        *("--rights", str(rights), "--credit", "Pictures by me", "--precision", "fp32"),
    )
    assert status == 0, err
    made = Path(out.strip())
    assert made == studio_home / "models" / "first-try"
    assert "left out: broken.png: not a picture that can be read" in err
    assert "left" in err

    card = read_card(made)
    assert ENCODER_FILE in card.graphs
    assert (card.name, card.family, card.resolution, card.sketch) == ("First Try", "gan", 16, True)
    assert card.export_error is not None
    assert card.export_error < 1e-3
    assert card.rights[0].licence == "CC0"
    assert card.credit == "Pictures by me"
    assert card.training is not None
    assert card.training.kimg == pytest.approx(0.1, abs=0.02)
    assert str(folder) not in (made / "card.json").read_text()
    assert str(folder.parent) not in card.training.command
    model = GeneratorModel.open(made, wish="cpu")
    assert model.provider == "CPU"


def test_json_answers_with_one_document(folder: Path) -> None:
    status, out, err = train(
        str(folder), "--resolution", "16", "--name", "x", "--kimg", "0.05", "--json"
    )
    assert status == 0, err
    answer = json.loads(out)
    assert answer["model"] == "x"
    assert Path(answer["folder"]).is_dir()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent another way there")
def test_ctrl_c_saves_and_resume_goes_on(folder: Path, studio_home: Path) -> None:
    process = start(str(folder), "--resolution", "16", "--name", "Slow", "--kimg", "500")
    deadline = time.monotonic() + PATIENCE_S
    while not list(studio_home.glob("runs/*/events.jsonl")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    events = next(iter(studio_home.glob("runs/*/events.jsonl")))
    while "progress" not in events.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    run = events.parent.name
    assert f"studio train --resume {run}" in err
    saved = sorted(path.name for path in (events.parent / "checkpoints").iterdir())
    status, out, err = train("--resume", run, "--minutes", "0.1")
    assert status == 0, err
    assert Path(out.strip()).name == "slow"
    assert max(path.name for path in (events.parent / "checkpoints").iterdir()) >= saved[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["/nowhere", "--resolution", "16", "--name", "x"], "There is no folder"),
        (["{folder}", "--resolution", "17", "--name", "x"], "not a power of two"),
        (["{folder}", "--resolution", "4096", "--name", "x"], "not a power of two"),
        (["{folder}", "--from", "scratch", "--name", "x"], "--resolution is missing"),
        (["{folder}", "--from", "nowhere", "--name", "x"], "No model with the name"),
        (["{folder}", "--from", "landscapes", "--spec", "s.json", "--name", "x"], "has its size"),
        (["{folder}", "--from", "landscapes", "--name", "x"], "0 usable pictures"),
        (["{folder}", "--resolution", "16"], "needs a folder of pictures and a name"),
        (["{folder}", "--resolution", "128", "--name", "x"], "0 usable pictures"),
        (["--resume", "gone"], "There is no run called"),
        (["{folder}", "--spec", "/nowhere/spec.json", "--name", "x"], "cannot be trained"),
        (
            ["{folder}", "--resolution", "16", "--name", "x", "--rights", "/no"],
            "statement of rights",
        ),
    ],
)
def test_what_cannot_be_trained_is_said_before_the_first_step(
    folder: Path, words: list[str], sentence: str
) -> None:
    status, out, err = train(*(word.format(folder=folder) for word in words))
    assert (status, out) == (1, "")
    assert sentence in err
    assert "Traceback" not in err
