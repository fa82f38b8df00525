import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save

from studio.core.errors import StorageError, StudioError
from studio.core.training_spec import AugmentSpec, spec_json
from studio.training import checkpoint as checkpoint_module
from studio.training.checkpoint import (
    NotFiniteError,
    list_checkpoints,
    load_checkpoint,
    save_best,
    save_checkpoint,
)
from studio.training.controllers import Controls
from studio.training.state import TrainingState
from tests.unit.training.small import small_loop, small_spec


def test_going_on_from_a_checkpoint_equals_never_having_stopped(tmp_path: Path) -> None:
    loop = small_loop(small_spec())
    for _ in range(3):
        loop.step()
    save_checkpoint(tmp_path, loop.state)
    resumed = small_loop(small_spec())
    assert load_checkpoint(tmp_path, resumed.state) is not None
    resumed = type(resumed)(resumed.state, resumed._batches)
    for _ in range(4):
        loop.step()
        resumed.step()
    for name, value in loop.state.tensors().items():
        assert torch.equal(value, resumed.state.tensors()[name]), name


def test_only_the_last_two_are_kept(tmp_path: Path) -> None:
    loop = small_loop(small_spec())
    for _ in range(4):
        loop.step()
        save_checkpoint(tmp_path, loop.state)
    assert [path.name for path in list_checkpoints(tmp_path)] == ["0000000012", "0000000016"]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("fault", ["cut", "flip", "gone", "json"])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path: Path, fault: str) -> None:
    loop = small_loop(small_spec())
    for _ in range(2):
        loop.step()
        save_checkpoint(tmp_path, loop.state)
    newest = list_checkpoints(tmp_path)[-1]
    tensors = newest / "state.safetensors"
    content = bytearray(tensors.read_bytes())
    content[len(content) // 2] ^= 1
    match fault:
        case "cut":
            tensors.write_bytes(tensors.read_bytes()[:-9])
        case "flip":
            tensors.write_bytes(content)
        case "gone":
            tensors.unlink()
        case "json":
            (newest / "state.json").write_text("{")
    state = TrainingState(small_spec())
    assert load_checkpoint(tmp_path, state) is not None
    assert state.images == 4


def test_no_checkpoint_is_none(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "missing", TrainingState(small_spec())) is None


def test_another_spec_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, TrainingState(small_spec()))
    with pytest.raises(StudioError, match="another recipe"):
        load_checkpoint(tmp_path, TrainingState(small_spec(seed=2)))


def test_a_full_disk_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = small_loop(small_spec())
    save_checkpoint(tmp_path, loop.state)
    loop.step()

    def full(path: Path, content: bytes) -> None:
        path.write_bytes(content[:10])
        raise StorageError("The disk is full.", "Free some space.")

    monkeypatch.setattr(checkpoint_module, "write_bytes_atomic", full)
    with pytest.raises(StorageError, match="full"):
        save_checkpoint(tmp_path, loop.state)
    assert [path.name for path in tmp_path.iterdir()] == ["0000000000"]


def test_counters_come_back(tmp_path: Path) -> None:
    state = TrainingState(small_spec())
    state.images, state.num_steps, state.num_skipped, state.num_rollbacks = 48, 12, 2, 1
    state.lr_scale = 0.5
    save_checkpoint(tmp_path, state, seconds=7.5)
    found = TrainingState(small_spec())
    counters = load_checkpoint(tmp_path, found)
    assert counters is not None
    assert (counters.seconds, counters.threads) == (7.5, torch.get_num_threads())
    assert (found.images, found.num_steps, found.num_skipped, found.num_rollbacks) == (48, 12, 2, 1)
    found.set_rates()
    assert found.critic_steps.param_groups[0]["lr"] == state.spec.critic_lr / 2


def as_schema_1(checkpoint: Path) -> None:
    """Make a checkpoint what it was before there were controllers: with random states."""
    tensors = load_file(checkpoint / "state.safetensors")
    tensors["random.latent"] = torch.Generator().manual_seed(1).get_state()
    content = save(tensors)
    (checkpoint / "state.safetensors").write_bytes(content)
    counters = json.loads((checkpoint / "state.json").read_text())
    counters["schema"] = 1
    counters["tensors_sha256"] = hashlib.sha256(content).hexdigest()
    del counters["micro_batch"], counters["controls"]
    (checkpoint / "state.json").write_text(json.dumps(counters))


def test_a_checkpoint_of_schema_1_still_loads(tmp_path: Path) -> None:
    loop = small_loop(small_spec())
    loop.step()
    as_schema_1(save_checkpoint(tmp_path, loop.state))
    state = TrainingState(small_spec())
    assert load_checkpoint(tmp_path, state) is not None
    assert (state.images, state.micro_batch) == (4, 4)
    for name, value in loop.state.tensors().items():
        assert torch.equal(value, state.tensors()[name]), name


def test_a_run_that_wrote_every_side_share_still_loads(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path, TrainingState(small_spec())) / "state.json"
    counters = json.loads(path.read_text())
    whole = spec_json(small_spec(), has_side_share=True)
    assert b"side_share" in whole
    counters["spec_sha256"] = hashlib.sha256(whole).hexdigest()
    path.write_text(json.dumps(counters))
    assert load_checkpoint(tmp_path, TrainingState(small_spec())) is not None


def test_what_controllers_set_comes_back(tmp_path: Path) -> None:
    state = TrainingState(small_spec())
    state.controls = Controls(gamma_scale=4.0, augment=AugmentSpec(cutout=0.5), best_likeness=3.0)
    state.made_mean = torch.ones(3, 16, 16)
    state.micro_batch = 4
    save_checkpoint(tmp_path, state)
    found = TrainingState(small_spec())
    load_checkpoint(tmp_path, found)
    assert found.controls == state.controls
    assert found.made_mean is not None
    assert torch.equal(found.made_mean, state.made_mean)


def test_a_spoiled_state_is_refused(tmp_path: Path) -> None:
    state = TrainingState(small_spec())
    with torch.no_grad():
        state.critic.last.weight[0, 0, 0, 0] = float("inf")
    with pytest.raises(NotFiniteError):
        save_checkpoint(tmp_path, state)
    assert list(tmp_path.iterdir()) == []


def test_going_back_gives_up_what_came_after(tmp_path: Path) -> None:
    loop = small_loop(small_spec())
    loop.step()
    save_best(tmp_path, loop.state)
    for _ in range(2):
        loop.step()
        save_checkpoint(tmp_path, loop.state)
    state = TrainingState(small_spec())
    load_checkpoint(tmp_path / "best", state)
    save_checkpoint(tmp_path, state)
    assert [path.name for path in list_checkpoints(tmp_path)] == ["0000000004"]


def test_the_best_is_one(tmp_path: Path) -> None:
    loop = small_loop(small_spec())
    for _ in range(2):
        loop.step()
        save_best(tmp_path, loop.state)
        save_best(tmp_path, loop.state)
    assert [path.name for path in list_checkpoints(tmp_path / "best")] == ["0000000008"]
    assert list_checkpoints(tmp_path) == []  # and is not taken for the newest
