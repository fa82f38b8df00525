"""The trainer as a process: told by files, killed, resumed, and left alone by its starter."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from studio.core.training_spec import Stage, TrainingSpec, resolutions_to
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import (
    Continue,
    ModelWish,
    Pause,
    RunJob,
    Stop,
    TrainerCommand,
)
from studio.training.batches import Batches, read_pictures
from studio.training.loop import Loop
from studio.training.state import TrainingState

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="kill -9 and flock are POSIX"),
]
PATIENCE_S = 140.0


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


class Trainer:
    """A trainer child with its stdin open, and what it has told so far."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio", "trainer", str(run)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.begin = len(self._all())

    def _all(self) -> list[dict[str, Any]]:
        try:
            lines = (self.run / "events.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self._all()[self.begin :] if event["type"] == kind]

    def wait_for(self, kind: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while not (found := self.events(kind)):
            assert self.process.poll() is None or self.events(kind), self.errors()
            assert time.monotonic() < deadline, f"no {kind}"
            time.sleep(0.02)
        return found[0]

    def command(self, number: int, command: TrainerCommand) -> None:
        folder = self.run / "commands"
        beside = folder / ".part"
        beside.write_bytes(encode_line(command))
        beside.rename(folder / f"{number:06d}.json")

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def leave(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(PATIENCE_S)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def trainers() -> Iterator[list[Trainer]]:
    started: list[Trainer] = []
    yield started
    for trainer in started:
        trainer.end()


def last_tensors(run: Path) -> dict[str, np.ndarray[Any, Any]]:
    newest = max((run / "checkpoints").iterdir())
    return load_file(newest / "state.safetensors")


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
