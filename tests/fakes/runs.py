"""A run folder with snapshots whose sheets are plain colours, so that a test knows each tile."""

from pathlib import Path

import msgspec
import numpy as np

from studio.core.snapshot import (
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
from studio.files.images import encode_webp

TILE = 16


def colour_of(number: int, place: int) -> tuple[int, int, int]:
    """Give the colour of a tile: red tells the snapshot, green the place."""
    return (10 * number, 12 * place, 128)


def write_sheet(folder: Path, number: int, *, file: str = SHEET_FILE, count: int = 20) -> None:
    """Write a sheet, without loss."""
    rows = -(-count // SHEET_COLUMNS)
    sheet = np.zeros((rows * TILE, SHEET_COLUMNS * TILE, 3), dtype=np.uint8)
    for place in range(count):
        row, column = divmod(place, SHEET_COLUMNS)
        area = np.s_[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        sheet[area] = colour_of(number, place)
    (folder / file).write_bytes(encode_webp(sheet, quality=100))


def write_snapshot(run: Path, number: int, *, is_scored: bool = True) -> Snapshot:
    """Add a snapshot to a run folder and give it."""
    images = 2000 * number
    folder = run / SNAPSHOTS_FOLDER / str(images)
    folder.mkdir(parents=True)
    write_sheet(folder, number, count=SHEET_SEEDS)
    pairs = np.zeros((2 * TILE, 2 * TILE, 3), dtype=np.uint8)
    pairs[:TILE, TILE:], pairs[TILE:, :TILE], pairs[TILE:, TILE:] = 50, 100, 150
    (folder / NEAREST_FILE).write_bytes(encode_webp(pairs, quality=100))
    (folder / WEIGHTS_FILE).write_bytes(b"weights")
    snapshot = Snapshot(
        number=number,
        images=images,
        folder=f"{SNAPSHOTS_FOLDER}/{images}",
        tile_px=TILE,
        scores=fake_scores(number) if is_scored else None,
        nearest=(
            NearCopy(seed=900, file="hill.jpg", square=3, distance=0.04, is_copy=True),
            NearCopy(seed=901, file="lake.jpg", square=5, distance=0.31, is_copy=False),
        ),
    )
    (folder / SNAPSHOT_FILE).write_bytes(msgspec.json.encode(snapshot))
    return snapshot


def fake_scores(number: int) -> SnapshotScores:
    """Give scores that get better."""
    return SnapshotScores(
        likeness=30.0 / (number + 1),
        likeness_floor=1.25,
        variety=0.5,
        density=0.75,
        distance=0.31,
        copies=0.0125,
        copies_high=0.034,
        num_made=256,
    )
