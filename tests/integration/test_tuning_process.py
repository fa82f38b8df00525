"""A fine-tuning as a process: signals, a full disk, sleep, hunger and spoiled numbers in it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from studio.core.training_spec import AugmentSpec, ControlSpec, TrainingSpec
from studio.dataset.prepare import Manifest
from studio.dataset.squares import Square
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import ModelWish, RunJob
from studio.training import quality
from studio.training.batches import Squares, read_pictures
from studio.training.checkpoint import Counters
from studio.training.correspondence import EventLog, Inbox
from studio.training.sitting import Sitting
from studio.training.snapshots import read_snapshots
from studio.training.supervision import judge_of
from tests.fakes.procedural_pictures import make_pictures
from tests.integration.trainer_process import PATIENCE_S, Trainer, last_tensors
from tests.integration.tuning_child import FEW, LARGEST, NUM_MADE, SLEEP_S
from tests.unit.training.small import small_spec, small_tune

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.name == "nt", reason="these signals are POSIX"),
]
CHILD = ("-m", "tests.integration.tuning_child")


def make_run(folder: Path) -> Path:
    """Make a fine-tuning of 20 steps in micro-batches, with all that holds it on course."""
    base = msgspec.structs.replace(
        small_spec(),
        kimg=0.16,
        batch=8,
        micro_batch=LARGEST,
        augment=AugmentSpec(colour=False, translation=0.125, cutout=0.5),
    )
    controls = ControlSpec(gauge_kimg=0.024, penalty_kimg=0.032, evaluate_kimg=0.088)
    spec = small_tune(
        base, frozen_blocks=1, mapping_from_kimg=0.04, early_lr=0.1, controls=controls
    )
    squares = make_pictures(12, side=16)
    folder.mkdir(parents=True)
    np.save(folder / "pictures.npy", squares)
    np.save(folder / "held_out.npy", make_pictures(8, side=16, first=500))
    manifest = Manifest(
        schema=1,
        resolution=16,
        num_pictures=12,
        squares=tuple(Square(f"{row}.png", 0, 0, 16) for row in range(12)),
        left_out=(),
        sha256="0" * 64,
    )
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    (folder / "spec.json").write_bytes(msgspec.json.encode(spec))
    job = RunJob(wish=ModelWish(name="Trial"), threads=1)
    (folder / "job.json").write_bytes(encode_line(job))
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing ever disturbed."""
    run = make_run(tmp_path_factory.mktemp("runs") / "whole")
    with pytest.MonkeyPatch.context() as planted:
        planted.setattr(quality, "NUM_SPREAD", NUM_MADE)
        planted.setattr(quality.Judge.judge, "__kwdefaults__", FEW)
        _sit(run)
    return run


def _sit(run: Path) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    log = EventLog(run, has_mirror=False)
    learned = read_pictures(run / "pictures.npy")
    try:
        finished = Sitting(
            run,
            msgspec.json.decode((run / "spec.json").read_bytes(), type=TrainingSpec),
            squares=Squares(learned, read_pictures(run / "held_out.npy")),
            log=log,
            inbox=Inbox(run, log),
            judge=judge_of(run, learned),
        ).sit(threads=1, minutes=None)
    finally:
        log.close()
        torch.set_num_threads(threads)
    assert finished.reason == "done"


@pytest.fixture
def trainers() -> Iterator[list[Trainer]]:
    started: list[Trainer] = []
    yield started
    for trainer in started:
        trainer.end()


def start(run: Path, *faults: str, trainers: list[Trainer]) -> Trainer:
    trainer = Trainer(run, program=CHILD, words=faults)
    trainers.append(trainer)
    return trainer


def last_counters(run: Path) -> Counters:
    newest = max((run / "checkpoints").glob("[0-9]*"))
    return msgspec.json.decode((newest / "state.json").read_bytes(), type=Counters)


def assert_equal(run: Path, whole: Path) -> None:
    """Weights, averages, optimisers, controllers and scores, bit for bit."""
    expected, found = last_tensors(whole), last_tensors(run)
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        assert np.array_equal(value, found[name]), name
    assert last_counters(run).controls == last_counters(whole).controls
    scores = [(one.images, one.scores) for one in read_snapshots(whole) if one.scores]
    assert [(one.images, one.scores) for one in read_snapshots(run) if one.scores] == scores


def test_terminated_killed_and_gone_on_with_it_ends_bit_for_bit_as_if_it_never_was(
    tmp_path: Path, whole: Path, trainers: list[Trainer]
) -> None:
    run = make_run(tmp_path / "run")
    first = start(run, "terminated@19", trainers=trainers)
    assert first.process.wait(PATIENCE_S) == 0, first.errors()
    assert first.wait_for("finished")["reason"] == "stopped"
    saved = last_counters(run).images
    assert 0 < saved < 160
    shutil.rmtree(run / "checkpoints/best")  # by a stranger; the run has no need of it to go on

    second = start(run, "killed@55", trainers=trainers)
    assert second.process.wait(PATIENCE_S) == -9, second.errors()
    assert second.events("gauged")  # so it went on beyond what it could remember
    assert last_counters(run).images == saved

    third = start(run, trainers=trainers)
    assert third.wait_for("started")["kimg"] == saved / 1000
    assert third.process.wait(PATIENCE_S) == 0, third.errors()
    assert_equal(run, whole)


def test_a_full_disk_and_a_night_of_sleep_leave_no_trace(
    tmp_path: Path, whole: Path, trainers: list[Trainer]
) -> None:
    run = make_run(tmp_path / "run")
    trainer = start(run, "full@5", "asleep@30", trainers=trainers)
    assert trainer.process.wait(PATIENCE_S) == 0, trainer.errors()
    (waiting,) = trainer.events("waiting")
    assert waiting["why"] == "disk"
    assert len(trainer.events("continued")) == 1
    assert last_counters(run).seconds < SLEEP_S / 2
    assert_equal(run, whole)


def test_hunger_and_spoiled_numbers_are_survived(tmp_path: Path, trainers: list[Trainer]) -> None:
    run = make_run(tmp_path / "run")
    spec = msgspec.json.decode((run / "spec.json").read_bytes(), type=TrainingSpec)
    hungry = msgspec.structs.replace(spec, micro_batch=0)
    (run / "spec.json").write_bytes(msgspec.json.encode(hungry))
    trainer = start(run, "hungry", "spoiled@17", trainers=trainers)
    assert trainer.process.wait(PATIENCE_S) == 0, trainer.errors()
    said = [event["what"] for event in trainer.events("adapted")]
    assert "Memory ran out: 4 pictures at once" in said[0]
    (back,) = trainer.events("rolled_back")
    assert back["to_kimg"] < back["from_kimg"] + 1e-9
    counters = last_counters(run)
    assert (counters.micro_batch, counters.num_rollbacks, counters.lr_scale) == (4, 1, 0.5)
    assert counters.images == 8 * counters.num_steps == 160
    assert all(np.isfinite(value).all() for value in last_tensors(run).values())
