"""Saves a run so that it goes on as if it had never stopped.

A checkpoint is a folder named after the images seen: `state.safetensors` holds every
tensor, `state.json` the counters and the hash of the first file. It is written beside
and renamed, read back, and only then is an older one removed. Nothing is ever
unpickled.
"""

import hashlib
import logging
import os
import shutil
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from studio.core.errors import StudioError
from studio.core.training_spec import TrainingSpec
from studio.files.atomic import storage_error, sync_folder, write_bytes_atomic
from studio.training.state import TrainingState

KEPT = 2
_log = logging.getLogger(__name__)


class Counters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `state.json` holds beside the tensors."""

    schema: int
    images: int
    position: int
    num_steps: int
    num_skipped: int
    num_rollbacks: int
    lr_scale: float
    threads: int
    seconds: float
    spec_sha256: str
    tensors_sha256: str


def spec_hash(spec: TrainingSpec) -> str:
    """Gives the SHA-256 of the spec's JSON."""
    return hashlib.sha256(msgspec.json.encode(spec)).hexdigest()


def save_checkpoint(folder: Path, state: TrainingState, *, seconds: float = 0.0) -> Path:
    """Writes the state below `folder`, proves it, prunes older ones; gives its path.

    Raises:
        StorageError: the disk is full or cannot be written; what was there stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().contiguous() for name, value in state.tensors().items()}
    content = save(tensors)
    counters = Counters(
        schema=1,
        images=state.images,
        position=state.position,
        num_steps=state.num_steps,
        num_skipped=state.num_skipped,
        num_rollbacks=state.num_rollbacks,
        lr_scale=state.lr_scale,
        threads=torch.get_num_threads(),
        seconds=seconds,
        spec_sha256=spec_hash(state.spec),
        tensors_sha256=hashlib.sha256(content).hexdigest(),
    )
    final = folder / f"{state.images:010d}"
    beside = folder / f".{final.name}.{os.getpid()}"
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir()
        write_bytes_atomic(beside / "state.safetensors", content)
        write_bytes_atomic(beside / "state.json", msgspec.json.encode(counters))
        sync_folder(beside)
        if final.exists():
            shutil.rmtree(final)
        beside.rename(final)
        sync_folder(folder)
    except OSError as error:
        raise storage_error(error, final) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    if _read(final) is not None:
        _prune(folder, final)
    return final


def load_checkpoint(folder: Path, state: TrainingState) -> Counters | None:
    """Loads the newest checkpoint that is whole into `state`; None when there is none.

    A damaged one is passed over for the one before it.

    Raises:
        StudioError: the checkpoint belongs to another spec.
    """
    for path in reversed(list_checkpoints(folder)):
        found = _read(path)
        if found is None:
            _log.warning("checkpoint %s is damaged, trying the one before", path.name)
            continue
        counters, content = found
        if counters.spec_sha256 != spec_hash(state.spec):
            raise StudioError(
                "The saved state of this run was made with another recipe.",
                "Start a new run, or give back the run's own spec.json.",
            )
        state.load_tensors(load(content))
        state.images = counters.images
        state.position = counters.position
        state.num_steps = counters.num_steps
        state.num_skipped = counters.num_skipped
        state.num_rollbacks = counters.num_rollbacks
        state.set_lr_scale(counters.lr_scale)
        return counters
    return None


def newest_threads(folder: Path) -> int | None:
    """Gives the thread count of the newest whole checkpoint, None when there is none."""
    for path in reversed(list_checkpoints(folder)):
        found = _read(path)
        if found is not None:
            return found[0].threads
    return None


def list_checkpoints(folder: Path) -> list[Path]:
    """Gives the checkpoints' folders, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.name.isdigit())


def _read(path: Path) -> tuple[Counters, bytes] | None:
    try:
        counters = msgspec.json.decode((path / "state.json").read_bytes(), type=Counters)
        content = (path / "state.safetensors").read_bytes()
        if hashlib.sha256(content).hexdigest() != counters.tensors_sha256:
            return None
        load(content)
    except (OSError, msgspec.MsgspecError, SafetensorError):
        return None
    return counters, content


def _prune(folder: Path, newest: Path) -> None:
    older = [path for path in list_checkpoints(folder) if path.name < newest.name]
    for path in older[: len(older) - (KEPT - 1)]:
        shutil.rmtree(path, ignore_errors=True)
