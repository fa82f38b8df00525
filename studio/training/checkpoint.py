"""Saves a run so that it goes on as if it had never stopped.

A checkpoint is a folder named after the images seen: `state.safetensors` holds every
tensor, `state.json` the counters and the hash of the first file. It is written beside
and renamed, read back, and only then is an older one removed. Nothing is ever
unpickled.

`checkpoints/` keeps the last two; `checkpoints/best/` the state to go back to: the start
of a fine-tuning, later the best one that was scored.
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
from studio.core.training_spec import TrainingSpec, spec_json
from studio.files.atomic import storage_error, sync_folder, write_bytes_atomic
from studio.training.controllers import Controls
from studio.training.state import Networks, TrainingState

KEPT = 2
BEST_FOLDER = "best"
SCHEMA = 2
_log = logging.getLogger(__name__)


class Counters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `state.json` holds beside the tensors.

    Schema 1 had no controls and no micro-batch; its random states are read over.
    """

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
    micro_batch: int | None = None
    controls: Controls = Controls()


class NotFiniteError(Exception):
    """A tensor of the state holds NaN or infinity; such a state is never saved."""


def spec_hash(spec: TrainingSpec) -> str:
    """Gives the SHA-256 of the spec's JSON; later fields at their default do not count."""
    return hashlib.sha256(spec_json(spec)).hexdigest()


def _known_hashes(spec: TrainingSpec) -> tuple[str, str]:
    earlier = hashlib.sha256(spec_json(spec, has_side_share=True)).hexdigest()
    return spec_hash(spec), earlier


def save_checkpoint(
    folder: Path, state: TrainingState, *, seconds: float = 0.0, kept: int = KEPT
) -> Path:
    """Writes the state below `folder`, proves it, prunes older ones; gives its path.

    Args:
        folder: `checkpoints` of the run, or `checkpoints/best`.
        state: what is saved.
        seconds: spent on the run so far.
        kept: how many stay, this one included.

    Raises:
        NotFiniteError: the state is spoiled; nothing was written.
        StorageError: the disk is full or cannot be written; what was there stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().contiguous() for name, value in state.tensors().items()}
    if not all(bool(torch.isfinite(value).all()) for value in tensors.values()):
        raise NotFiniteError
    content = save(tensors)
    counters = Counters(
        schema=SCHEMA,
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
        micro_batch=state.micro_batch,
        controls=state.controls,
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
        _prune(folder, final, kept=kept)
    return final


def save_best(folder: Path, state: TrainingState, *, seconds: float = 0.0) -> None:
    """Keeps the state as the one to go back to, in place of the one before.

    Raises:
        NotFiniteError: the state is spoiled; nothing was written.
        StorageError: the disk is full or cannot be written; what was there stays.
    """
    best = folder / BEST_FOLDER
    # A run that was killed just after this repeats it: the same state, already whole.
    if _read(best / f"{state.images:010d}") is None:
        save_checkpoint(best, state, seconds=seconds, kept=1)


def load_checkpoint(folder: Path, state: TrainingState) -> Counters | None:
    """Loads the newest checkpoint that is whole into `state`; None when there is none.

    A damaged one is passed over for the one before it.

    Raises:
        StudioError: the checkpoint belongs to another spec.
    """
    found = _newest(folder, state.spec)
    if found is None:
        return None
    counters, content = found
    state.load_tensors(load(content))
    state.micro_batch = counters.micro_batch or state.micro_batch
    state.controls = counters.controls
    state.images = counters.images
    state.position = counters.position
    state.num_steps = counters.num_steps
    state.num_skipped = counters.num_skipped
    state.num_rollbacks = counters.num_rollbacks
    state.lr_scale = counters.lr_scale
    return counters


def load_networks(folder: Path, networks: Networks) -> Counters | None:
    """Loads what a model is made of from the newest whole checkpoint; None when there is none.

    Raises:
        StudioError: the checkpoint belongs to another spec.
    """
    found = _newest(folder, networks.spec)
    if found is None:
        return None
    counters, content = found
    networks.load_tensors(load(content))
    networks.images = counters.images
    return counters


def _newest(folder: Path, spec: TrainingSpec) -> tuple[Counters, bytes] | None:
    for path in reversed(list_checkpoints(folder)):
        found = _read(path)
        if found is None:
            _log.warning("checkpoint %s is damaged, trying the one before", path.name)
            continue
        if found[0].spec_sha256 not in _known_hashes(spec):
            raise StudioError(
                "The saved state of this run was made with another recipe.",
                "Start a new run, or give back the run's own spec.json.",
            )
        return found
    return None


def has_checkpoint(folder: Path) -> bool:
    """Gives whether there is a whole checkpoint."""
    return any(_read(path) is not None for path in list_checkpoints(folder))


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


def _prune(folder: Path, newest: Path, *, kept: int) -> None:
    paths = list_checkpoints(folder)
    older = [path for path in paths if path.name < newest.name]
    given_up = [path for path in paths if path.name > newest.name]  # before a rollback
    for path in older[: max(0, len(older) - (kept - 1))] + given_up:
        shutil.rmtree(path, ignore_errors=True)
