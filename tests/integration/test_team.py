"""Two processes that share each batch, over gloo on the processor, against one alone."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from studio.protocol.codec import encode_line
from studio.protocol.training_messages import ModelWish, RunJob
from tests.integration.team_child import pictures_of_trial, spec_of_trial, train

Array = NDArray[np.float32]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.name == "nt", reason="torchrun with gloo is tested on POSIX"),
]
PATIENCE_S = 500.0
CHILD = Path(__file__).with_name("team_child.py")


def run_two(*words: str) -> None:
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    root = str(Path(__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": root, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *torchrun, *words],
        env=environment,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def gradients(measured: dict[str, Array], network: str) -> Array:
    """All gradients of a network in one row: some by themselves are 0 but for rounding."""
    names = sorted(name for name in measured if name.startswith(network))
    return np.concatenate([measured[name].ravel() for name in names])


def test_two_processes_train_what_one_would(tmp_path: Path) -> None:
    train(tmp_path / "alone.safetensors")
    run_two(str(CHILD), str(tmp_path / "two.safetensors"))
    alone = load_file(tmp_path / "alone.safetensors")
    two = load_file(tmp_path / "two.safetensors")
    for network in ("Critic", "Generator"):
        expected = gradients(alone, network)
        distance = np.linalg.norm(gradients(two, network) - expected)
        assert distance <= 1e-5 * np.linalg.norm(expected)
    assert np.abs(two["losses"] - alone["losses"]).max() < 1e-3
    assert np.ptp(alone["losses"]) > 0.1  # 20 steps that do something


def test_a_run_is_led_by_one_and_followed_by_the_other(tmp_path: Path) -> None:
    spec = msgspec.structs.replace(spec_of_trial(), kimg=0.16)
    (tmp_path / "spec.json").write_bytes(msgspec.json.encode(spec))
    np.save(tmp_path / "pictures.npy", pictures_of_trial())
    job = RunJob(wish=ModelWish(name="Trial"), threads=1, is_detached=True)
    (tmp_path / "job.json").write_bytes(encode_line(job))
    run_two("-m", "studio", "trainer", str(tmp_path))
    events = (tmp_path / "events.jsonl").read_text()
    assert events.count('"type":"started"') == events.count('"type":"finished"') == 1
