"""From a run to a model that is ready to use: chosen, written beside, proved, then named.

The engine runs the fresh graphs and is compared with the network before the folder gets
its name, so a model that fails never appears in the library.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save
from safetensors.torch import load

from studio.core.errors import StudioError, TrainingError
from studio.core.folder_report import CHOICES_FILE, FolderChoices
from studio.core.model_card import CLOSENESS_FILE, ModelCard, Right, Score
from studio.core.snapshot import Snapshot, SnapshotScores
from studio.core.training_spec import TrainingSpec
from studio.dataset.prepare import MANIFEST_NAME, Manifest
from studio.engine.closeness import measure_closeness
from studio.engine.proof import largest_difference
from studio.files.atomic import write_bytes_atomic
from studio.files.places import shipped_models
from studio.protocol.training_messages import (
    CHECKPOINTS_FOLDER,
    PICTURES_FILE,
    REFERENCE_FILE,
    START_CARD_FILE,
    EncoderFitted,
    Exported,
    ExportJob,
    ModelWish,
)
from studio.training.batches import read_pictures
from studio.training.blend import blend_by_zone
from studio.training.checkpoint import Counters, load_networks
from studio.training.correspondence import EventLog
from studio.training.found_directions import zones_of
from studio.training.graph_templates import TEMPLATE_FOLDER
from studio.training.model_folder import Making, reference_outputs, write_model
from studio.training.snapshots import (
    CRITIC_FILE,
    best_snapshot,
    load_weights,
    read_snapshots,
    read_weights,
)
from studio.training.state import Networks
from studio.training.to_onnx import bake

# What the graph may differ from the network: float32 sums in another order give some 1e-5.
MAX_EXPORT_ERROR: Final = 1e-3
# A square's thumbnail and features take 13 KB, and no file of a model may be over 16 MiB.
MIN_SQUARES: Final = 3
_TOLD_STEP: Final = 0.05
PHI: Final = "phi-1"  # what a run's snapshots are measured in
MAX_SQUARES: Final = 1000


def deliver(run: Path, spec: TrainingSpec, *, job: ExportJob, log: EventLog) -> Path:
    """Makes the job's model and tells `Exported`; gives its folder.

    Raises:
        TrainingError: nothing to make it from, or the model differs from what was trained.
        StorageError: the disk is full or cannot be written.
    """
    networks, counters, snapshot = networks_of(run, spec, job=job)
    baked = bake(networks.average, spec)
    reference = save(reference_outputs(baked, spec))
    write_bytes_atomic(run / REFERENCE_FILE, reference)
    scores = None if snapshot is None or _is_mixed(job) else snapshot.scores

    def seal(folder: Path, card: ModelCard) -> ModelCard:
        error = prove(folder, reference, name=card.name)
        return msgspec.structs.replace(
            card, export_error=error, scores=card.scores | scores_of(scores)
        )

    folder = write_model(
        Path(job.models),
        networks,
        wish=full_wish(run, job.wish),
        seconds=counters.seconds,
        making=Making(
            taken=job.taken,
            templates=(Path(job.models), shipped_models()),
            kept_template=run / TEMPLATE_FOLDER,
            extra_files={} if job.is_quick else extra_files_of(run),
            is_quick=job.is_quick,
            progress=_Teller(log),
            seal=seal,
        ),
        baked=baked,
    )
    log.tell(Exported(folder=os.fspath(folder), reference=os.fspath(run / REFERENCE_FILE)))
    return folder


class _Teller:
    """Tells how far the encoder is, about twenty times in all."""

    def __init__(self, log: EventLog) -> None:
        self._log, self._told = log, -1.0

    def __call__(self, share: float) -> None:
        if share - self._told >= _TOLD_STEP or share == 1:
            self._told = share
            self._log.tell(EncoderFitted(share=round(share, 3)))


def extra_files_of(run: Path) -> dict[str, bytes]:
    """Gives what a model has beside its graphs: what its training set is known by.

    A set too large for a model's folder is left out: with so many pictures copies are rare.
    """
    try:
        pictures = read_pictures(run / PICTURES_FILE)
        raw = (run / MANIFEST_NAME).read_bytes()
        squares = msgspec.json.decode(raw, type=Manifest).squares
    except (OSError, StudioError, msgspec.MsgspecError):
        return {}
    if not MIN_SQUARES <= len(pictures) <= MAX_SQUARES or len(squares) != len(pictures):
        return {}
    closeness = measure_closeness(np.array(pictures), [one.file for one in squares])
    return {CLOSENESS_FILE: save(*closeness.to_tensors())}


def prove(folder: Path, reference: bytes, *, name: str) -> float:
    """Gives the largest difference of the graphs from what torch made.

    Raises:
        TrainingError: it is too large.
        EngineError: a graph cannot be run.
    """
    error = largest_difference(folder, reference)
    if not error <= MAX_EXPORT_ERROR:
        raise TrainingError(
            f"The model “{name}” differs from what was trained by {error:.2g}.",
            "It was not kept; tell the makers of the program.",
        )
    return error


# ----------------------------------------------------------------------------------- choose


def networks_of(
    run: Path, spec: TrainingSpec, *, job: ExportJob
) -> tuple[Networks, Counters, Snapshot | None]:
    """Gives the networks that a job means, and the snapshot that they are from.

    Raises:
        TrainingError: there is nothing to make a model from.
    """
    networks = Networks(spec)
    counters = load_networks(run / CHECKPOINTS_FOLDER, networks)
    if counters is None:
        raise TrainingError(
            "This run has no saved state to make a model from.", "Train it for a minute first."
        )
    snapshot = choose_snapshot(run, job.images)
    if snapshot is None and _is_mixed(job):
        raise TrainingError(
            "This run has no snapshot to mix with its start.", "Train it for a minute first."
        )
    if snapshot is not None:
        _take_snapshot_up(run, networks, snapshot=snapshot, job=job)
    return networks, counters, snapshot


def choose_snapshot(run: Path, images: int | None) -> Snapshot | None:
    """Gives the wished snapshot, else the best one, else that with the fewest copies.

    Returns:
        None when none was wished and none was scored.

    Raises:
        TrainingError: there is no such snapshot.
    """
    snapshots = read_snapshots(run)
    if images is not None:
        for one in snapshots:
            if one.images == images:
                return one
        raise TrainingError(
            "This run has no such snapshot.", "Choose another one; old ones are thinned out."
        )
    if best := best_snapshot(snapshots):
        return best
    scored = [(one.scores.copies, one) for one in snapshots if one.number > 0 and one.scores]
    return min(scored, key=lambda pair: pair[0])[1] if scored else None


def _is_mixed(job: ExportJob) -> bool:
    return job.nearness != 1 if job.zones is None else job.zones != (1.0, 1.0, 1.0)


def _take_snapshot_up(run: Path, networks: Networks, *, snapshot: Snapshot, job: ExportJob) -> None:
    weights = read_weights(run, snapshot)
    if _is_mixed(job):
        start = read_snapshots(run)[0]
        if start.number != 0:
            raise TrainingError(
                "The start of this run is missing.", "Choose the side of your own pictures."
            )
        shares = job.zones or (job.nearness,) * 3
        zones = zones_of(networks.spec.num_layers)
        weights = blend_by_zone(read_weights(run, start), weights, shares=shares, zones=zones)
    load_weights(networks.average, weights)
    networks.images = snapshot.images
    # An unscored snapshot keeps no critic; the newest one is near enough to begin from.
    with contextlib.suppress(OSError, SafetensorError, RuntimeError):
        critic = load((run / snapshot.folder / CRITIC_FILE).read_bytes())
        networks.critic.load_state_dict({name: value.float() for name, value in critic.items()})


# ------------------------------------------------------------------------------------- card


def full_wish(run: Path, wish: ModelWish) -> ModelWish:
    """Gives the wish with the artist's statement and what the run's start brings with it."""
    rights = wish.rights or _stated_rights(run)
    credit = wish.credit
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        start = msgspec.json.decode((run / START_CARD_FILE).read_bytes(), type=ModelCard)
        rights = (*rights, *(one for one in start.rights if one not in rights))
        if start.credit not in credit:
            credit = f"{credit}; {start.credit}" if credit else start.credit
    return msgspec.structs.replace(wish, rights=rights, credit=credit)


def _stated_rights(run: Path) -> tuple[Right, ...]:
    try:
        choices = msgspec.json.decode((run / CHOICES_FILE).read_bytes(), type=FolderChoices)
    except (OSError, msgspec.MsgspecError):
        choices = FolderChoices()
    if choices.right is not None:
        return (choices.right,)
    return (Right(source="the artist's own folder", licence="not stated", credit=""),)


def scores_of(scores: SnapshotScores | None) -> dict[str, Score]:
    """Gives a snapshot's scores as they stand on a card; none when it was not measured."""
    if scores is None:
        return {}
    named = ("likeness", "variety", "density", "distance", "copies")
    floors = {"likeness": scores.likeness_floor}
    return {
        name: Score(getattr(scores, name), floors.get(name), n=scores.num_made, phi=PHI)
        for name in named
    }
