"""Snapshots of a run: taken, scored, thinned out, and drawn again under other seeds.

A snapshot is whole once its `snapshot.json` stands, which is written last. Everything here
draws from fixed seeds; nothing touches a run's own random draws.

Shapes: N pictures, R resolution, H rows, W columns.
"""

import contextlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from studio.core.arrays import Picture, picture_from_tensor, tile
from studio.core.errors import TrainingError
from studio.core.latent import z_from_seeds
from studio.core.snapshot import (
    NEAREST_COLUMNS,
    NEAREST_FILE,
    SHEET_COLUMNS,
    SHEET_FILE,
    SHEET_SEEDS,
    SNAPSHOT_FILE,
    SNAPSHOTS_FOLDER,
    WEIGHTS_FILE,
    NearCopy,
    Snapshot,
    SnapshotScores,
)
from studio.core.training_spec import TrainingSpec
from studio.dataset.prepare import MANIFEST_NAME, Manifest
from studio.files.atomic import storage_error, write_bytes_atomic
from studio.files.source_pictures import encode_picture
from studio.protocol.training_messages import PICTURES_FILE, SheetJob
from studio.training.batches import read_pictures
from studio.training.networks import Generator
from studio.training.sheets import SHEET_PSI
from studio.training.state import TrainingState
from studio.training.to_onnx import bake

CRITIC_FILE: Final = "critic.safetensors"  # beside a scored one, which may become a model
MAX_KEPT: Final = 40
# What may be near copies before a snapshot is no longer offered: few pictures are repeated
# sooner, and an artist with few knows it (reference/generators.md §4c).
MANY_PICTURES: Final = 200
MAX_COPIES: Final = 0.05
MAX_COPIES_OF_FEW: Final = 0.15
MIN_VARIETY: Final = 0.8  # of the best seen in this run


class Judge(Protocol):
    """What measures a generator against the run's pictures."""

    def judge(
        self, average: Generator, spec: TrainingSpec, *, between: Callable[[], None]
    ) -> tuple[SnapshotScores, tuple[NearCopy, ...]]:
        """Gives its scores and its pictures nearest to training pictures."""


# ---------------------------------------------------------------------------- take and read


def take_snapshot(run: Path, state: TrainingState) -> Snapshot:
    """Writes the averaged generator and its sheet, not scored; thins out; gives the snapshot.

    One with the same count of images is replaced: a run that was killed repeats some.

    Raises:
        StorageError: the disk is full or cannot be written.
    """
    before = [one for one in read_snapshots(run) if one.images < state.images]
    folder = f"{SNAPSHOTS_FOLDER}/{state.images:010d}"
    snapshot = Snapshot(
        number=max((one.number for one in before), default=-1) + 1,
        images=state.images,
        folder=folder,
        tile_px=state.spec.resolution,
    )
    place = run / folder
    _forget(place)
    write_bytes_atomic(place / WEIGHTS_FILE, _halved(state.average))
    sheet = draw_sheet(state.average, state.spec, seeds=range(SHEET_SEEDS), psi=SHEET_PSI)
    write_bytes_atomic(place / SHEET_FILE, encode_picture(sheet, "WEBP"))
    _write(run, snapshot)
    _thin_out(run)
    return snapshot


def read_snapshots(run: Path) -> tuple[Snapshot, ...]:
    """Gives the run's whole snapshots by images seen; a damaged one is passed over."""
    found = []
    for path in (run / SNAPSHOTS_FOLDER).glob(f"*/{SNAPSHOT_FILE}"):
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            found.append(msgspec.json.decode(path.read_bytes(), type=Snapshot))
    return tuple(sorted(found, key=lambda one: one.images))


def read_weights(run: Path, snapshot: Snapshot) -> dict[str, Tensor]:
    """Gives the weights of a snapshot's generator, float32.

    Raises:
        TrainingError: they are missing or damaged.
    """
    try:
        weights = load((run / snapshot.folder / WEIGHTS_FILE).read_bytes())
    except (OSError, SafetensorError) as error:
        raise TrainingError(
            f"Snapshot {snapshot.number} cannot be read.", "Choose another snapshot."
        ) from error
    return {name: value.float() for name, value in weights.items()}


def load_weights(generator: Generator, weights: dict[str, Tensor]) -> None:
    """Puts weights into a generator.

    Raises:
        TrainingError: they are of another network.
    """
    try:
        generator.load_state_dict(weights)
    except RuntimeError as error:
        raise TrainingError(
            "These weights are of a network of another size.", "Choose a snapshot of this run."
        ) from error


def _halved(network: nn.Module) -> bytes:
    halved = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    return save(halved)


def _write(run: Path, snapshot: Snapshot) -> None:
    content = msgspec.json.format(msgspec.json.encode(snapshot), indent=1)
    write_bytes_atomic(run / snapshot.folder / SNAPSHOT_FILE, content)


def _forget(place: Path) -> None:
    """Removes a snapshot's folder, first the file that makes it one."""
    try:
        (place / SNAPSHOT_FILE).unlink(missing_ok=True)
        if place.is_dir():
            shutil.rmtree(place)
    except OSError as error:
        raise storage_error(error, place) from error


# ------------------------------------------------------------------------------------ score


def score_snapshot(
    run: Path,
    snapshot: Snapshot,
    *,
    state: TrainingState,
    judge: Judge,
    between: Callable[[], None] = lambda: None,
) -> Snapshot:
    """Measures the state's averaged generator and writes that into its snapshot.

    Args:
        run: the run folder.
        snapshot: what `take_snapshot` gave for this very state.
        state: the state.
        judge: what measures.
        between: called every half second; what it raises ends the measuring.

    Raises:
        StorageError: the disk is full or cannot be written.
    """
    scores, nearest = judge.judge(state.average, state.spec, between=between)
    earlier = [one for one in read_snapshots(run) if one.images < snapshot.images]
    scored = msgspec.structs.replace(
        snapshot,
        scores=scores,
        nearest=nearest,
        is_admissible=is_admissible(scores, earlier, num_pictures=_num_pictures(run)),
    )
    if nearest:
        sheet = _draw_nearest(run, state, nearest=nearest)
        write_bytes_atomic(run / snapshot.folder / NEAREST_FILE, encode_picture(sheet, "WEBP"))
    write_bytes_atomic(run / snapshot.folder / CRITIC_FILE, _halved(state.critic))
    _write(run, scored)
    return scored


def is_admissible(
    scores: SnapshotScores, earlier: Sequence[Snapshot], *, num_pictures: int
) -> bool:
    """Says whether a snapshot may be offered: few near copies, and enough variety.

    Args:
        scores: its scores.
        earlier: the snapshots before it, whose best variety is the measure; the start is no
            part of it, since its pictures are of another kind.
        num_pictures: how many pictures the run learns from.
    """
    limit = MAX_COPIES if num_pictures >= MANY_PICTURES else MAX_COPIES_OF_FEW
    seen = [one.scores.variety for one in earlier if one.scores is not None and one.number > 0]
    return scores.copies <= limit and scores.variety >= MIN_VARIETY * max(seen, default=0.0)


def best_snapshot(snapshots: Sequence[Snapshot]) -> Snapshot | None:
    """Gives the admissible snapshot with the lowest likeness, never the start; else None."""
    offered = [
        (one.scores.likeness, one.images, one)
        for one in snapshots
        if one.number > 0 and one.scores is not None and one.is_admissible
    ]
    return min(offered)[2] if offered else None


def _num_pictures(run: Path) -> int:
    """Gives how many pictures the run learns from; many when that is not known."""
    try:
        raw = (run / MANIFEST_NAME).read_bytes()
        return msgspec.json.decode(raw, type=Manifest).num_pictures
    except (OSError, msgspec.MsgspecError):
        return MANY_PICTURES


def _thin_out(run: Path) -> None:
    """Removes snapshots beyond `MAX_KEPT`: unscored ones first, where they stand closest."""
    kept = list(read_snapshots(run))
    best = best_snapshot(kept)
    while len(kept) > MAX_KEPT:
        inner = [one for one in kept[1:-1] if one is not best]
        unscored = [one for one in inner if one.scores is None]
        gaps = {
            after.images - before.images: one
            for before, one, after in reversed(
                list(zip(kept[:-2], kept[1:-1], kept[2:], strict=True))
            )
            if one in (unscored or inner)
        }
        victim = gaps[min(gaps)]
        _forget(run / victim.folder)
        kept.remove(victim)


# ------------------------------------------------------------------------------------- draw


def draw_pictures(
    generator: Generator, spec: TrainingSpec, *, seeds: Sequence[int], psi: float
) -> NDArray[np.uint8]:
    """Gives pictures [N, R, R, 3], uint8, as the finished model would make them."""
    mapping, synthesis = bake(generator, spec)
    with torch.no_grad():
        w_NLD = mapping(torch.from_numpy(z_from_seeds(seeds, spec.z_dim)))
        pictures: Tensor = synthesis(synthesis.mean + psi * (w_NLD - synthesis.mean))[0]
    return picture_from_tensor(pictures.numpy())


def draw_sheet(
    generator: Generator, spec: TrainingSpec, *, seeds: Sequence[int], psi: float
) -> Picture:
    """Gives a sheet of five columns; what the seeds leave of the last row is black."""
    pictures = draw_pictures(generator, spec, seeds=seeds, psi=psi)
    missing = -len(pictures) % SHEET_COLUMNS
    filled = np.concatenate([pictures, np.zeros((missing, *pictures.shape[1:]), np.uint8)])
    return tile(filled, SHEET_COLUMNS)


def _draw_nearest(run: Path, state: TrainingState, *, nearest: Sequence[NearCopy]) -> Picture:
    """Gives a row for each pair: the made picture, then the training picture."""
    made = draw_pictures(state.average, state.spec, seeds=[one.seed for one in nearest], psi=1.0)
    learned = np.array(read_pictures(run / PICTURES_FILE)[[one.square for one in nearest]])
    pairs = np.stack([made, learned], axis=1)
    return tile(pairs.reshape(-1, *made.shape[1:]), NEAREST_COLUMNS)


def draw_sheets(run: Path, spec: TrainingSpec, *, job: SheetJob) -> None:
    """Draws the job's seeds from every snapshot that has no such sheet yet.

    Older sheets of the same kind (the word before the first dash of the name) are removed.

    Raises:
        TrainingError: a wrong job.
        StorageError: the disk is full or cannot be written.
    """
    name = job.file
    is_plain = Path(name).name == name and name.endswith(".webp")
    if not is_plain or name in (SHEET_FILE, NEAREST_FILE) or not 1 <= len(job.seeds) <= SHEET_SEEDS:
        raise TrainingError("This sheet cannot be drawn.", "Choose 1 to 20 seeds.")
    generator = Generator(spec).requires_grad_(False)
    for snapshot in read_snapshots(run):
        place = run / snapshot.folder
        if (place / name).exists():
            continue
        # A run at work may have thinned it out meanwhile.
        with contextlib.suppress(TrainingError):
            load_weights(generator, read_weights(run, snapshot))
            sheet = draw_sheet(generator, spec, seeds=job.seeds, psi=job.psi)
            if place.is_dir():
                write_bytes_atomic(place / name, encode_picture(sheet, "WEBP"))
        for older in place.glob(f"{name.partition('-')[0]}-*.webp"):
            if older.name != name:
                older.unlink(missing_ok=True)
