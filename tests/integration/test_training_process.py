"""The trainer as a process: told by files, killed, resumed, and left alone by its starter."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from studio.core.training_spec import Stage, TrainingSpec, resolutions_to
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import Continue, ModelWish, Pause, RunJob, Stop
from studio.training.batches import Batches, read_pictures
from studio.training.loop import Loop
from studio.training.priority import LESS
from studio.training.state import TrainingState
from tests.integration.trainer_process import PATIENCE_S, Trainer, last_tensors

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="kill -9 and flock are POSIX"),
]


def make_run(folder: Path, *, kimg: float, is_detached: bool = False) -> Path:
    folder.mkdir(parents=True)
    table = dict.fromkeys(resolutions_to(32), 8)
    spec = TrainingSpec(
        resolution=32,
        z_dim=8,
        w_dim=8,
        channels=table,
        critic_channels=table,
        stages=(Stage(0, 16, 1.0), Stage(0.06, 32, 1.0)),
        kimg=kimg,
        batch=4,
        penalty_every=4,
    )
    (folder / "spec.json").write_bytes(msgspec.json.encode(spec))
    pictures = np.random.default_rng(3).integers(0, 256, (11, 32, 32, 3), dtype=np.uint8)
    np.save(folder / "pictures.npy", pictures)
    job = RunJob(wish=ModelWish(name="Trial"), threads=1, is_detached=is_detached)
    (folder / "job.json").write_bytes(encode_line(job))
    return folder


@pytest.fixture
def trainers() -> Iterator[list[Trainer]]:
    started: list[Trainer] = []
    yield started
    for trainer in started:
        trainer.end()


def tensors_of_a_whole_run(run: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Train to the end in this process, without a clock, a save or a stop."""
    torch.set_num_threads(1)
    spec = msgspec.json.decode((run / "spec.json").read_bytes(), type=TrainingSpec)
    state = TrainingState(spec)
    batches = Batches(read_pictures(run / "pictures.npy"), seed=spec.seed)
    loop = Loop(state, batches)
    while state.kimg < spec.kimg:
        loop.step()
    return {name: value.detach().numpy() for name, value in state.tensors().items()}


def images_saved(run: Path) -> int:
    folders = sorted((run / "checkpoints").glob("[0-9]*"))
    return int(folders[-1].name) if folders else 0


def test_a_run_killed_at_any_moment_ends_bit_for_bit_as_if_it_never_was(
    tmp_path: Path, trainers: list[Trainer]
) -> None:
    run = make_run(tmp_path / "killed", kimg=0.16)
    expected = tensors_of_a_whole_run(run)
    first = Trainer(run)
    trainers.append(first)
    first.wait_for("started")
    first.command(1, Pause())  # a pause saves, wherever it falls
    first.wait_for("saved")
    first.command(2, Continue())
    first.wait_for("continued")
    time.sleep(0.1)  # some steps that the kill takes back
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    assert 0 <= images_saved(run) < 160

    second = Trainer(run)
    trainers.append(second)
    assert second.wait_for("started")["kimg"] == images_saved(run) / 1000
    second.wait_for("finished")
    assert second.process.wait(PATIENCE_S) == 0

    found = last_tensors(run)
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        assert np.array_equal(value, found[name]), name


def test_commands_are_acknowledged_and_obeyed(tmp_path: Path, trainers: list[Trainer]) -> None:
    trainer = Trainer(make_run(tmp_path / "run", kimg=1000))
    trainers.append(trainer)
    trainer.wait_for("started")
    begin = time.monotonic()
    trainer.command(1, Pause())
    trainer.wait_for("acknowledged")
    assert time.monotonic() - begin < 2  # 100 ms on a machine that has nothing else to do
    rested = trainer.wait_for("paused")["kimg"]
    trainer.command(2, Continue())
    assert trainer.wait_for("continued")["kimg"] == rested
    nicer = min(19, os.getpriority(os.PRIO_PROCESS, 0) + LESS)
    assert os.getpriority(os.PRIO_PROCESS, trainer.process.pid) == nicer
    trainer.command(3, Stop())
    assert trainer.wait_for("finished")["reason"] == "stopped"
    assert trainer.process.wait(PATIENCE_S) == 0
    assert [event["number"] for event in trainer.events("acknowledged")] == [1, 2, 3]
    assert trainer.events("saved")


def test_nonsense_among_the_commands_is_passed_over(
    tmp_path: Path, trainers: list[Trainer]
) -> None:
    trainer = Trainer(make_run(tmp_path / "run", kimg=1000))
    trainers.append(trainer)
    trainer.wait_for("started")
    (trainer.run / "commands" / "000001.json").write_text('{"type": "explode"}')
    trainer.command(2, Stop())
    assert trainer.wait_for("finished")["reason"] == "stopped"
    assert [event["number"] for event in trainer.events("acknowledged")] == [2]


def test_the_trainer_leaves_with_its_starter(tmp_path: Path, trainers: list[Trainer]) -> None:
    trainer = Trainer(make_run(tmp_path / "run", kimg=1000))
    trainers.append(trainer)
    trainer.wait_for("started")
    assert trainer.leave() == 0
    finished = trainer.wait_for("finished")
    assert finished["reason"] == "stopped"
    assert images_saved(trainer.run) == round(finished["kimg"] * 1000)


def test_a_detached_run_goes_on_alone(tmp_path: Path, trainers: list[Trainer]) -> None:
    trainer = Trainer(make_run(tmp_path / "run", kimg=0.1, is_detached=True))
    trainers.append(trainer)
    trainer.wait_for("started")
    assert trainer.leave() == 0
    assert trainer.wait_for("finished")["reason"] == "done"


def test_two_trainers_never_share_a_run(tmp_path: Path, trainers: list[Trainer]) -> None:
    first = Trainer(make_run(tmp_path / "run", kimg=1000))
    trainers.append(first)
    first.wait_for("started")
    second = Trainer(first.run)
    trainers.append(second)
    assert second.process.wait(PATIENCE_S) == 1
    assert "Another trainer is at work" in second.errors()
    assert first.process.poll() is None


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("job.json", b"{}", "not a training job"),
        ("job.json", b"\xff" * 90, "not a training job"),
        ("spec.json", b'{"resolution": 17}', "recipe cannot be used"),
        ("spec.json", b"[" * 5000, "recipe cannot be used"),
        ("pictures.npy", b"no array", "cannot be read"),
    ],
)
def test_a_damaged_run_is_one_sentence(
    tmp_path: Path, trainers: list[Trainer], file: str, content: bytes, sentence: str
) -> None:
    run = make_run(tmp_path / "run", kimg=1)
    (run / file).write_bytes(content)
    trainer = Trainer(run)
    trainers.append(trainer)
    assert trainer.process.wait(PATIENCE_S) == 1
    failed = trainer.events("failed")
    assert sentence in failed[0]["what"]
    assert "Traceback" not in trainer.errors()
