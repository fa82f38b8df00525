"""A snapshot of a training run and what was measured of it.

`snapshots/<images>/` in the run folder: `weights.safetensors` (the averaged generator),
`sheet.webp` (the run's fixed latents: seeds 0…19 at psi 0.7), `nearest.webp` (once it was scored:
a row for each of `nearest`, the made picture and beside it the training picture) and
`snapshot.json`, written last.
"""

from typing import Final

import msgspec

SNAPSHOTS_FOLDER: Final = "snapshots"
SNAPSHOT_FILE: Final = "snapshot.json"
WEIGHTS_FILE: Final = "weights.safetensors"
SHEET_FILE: Final = "sheet.webp"
SHEET_COLUMNS: Final = 5
SHEET_SEEDS: Final = 20
NEAREST_FILE: Final = "nearest.webp"
NEAREST_COLUMNS: Final = 2


class SnapshotScores(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of a snapshot, in φ, against pictures it never learned from.

    Older ones had a `limit` besides, which is read over.

    Attributes:
        likeness: Kernel distance ×10³; lower is better.
        likeness_floor: The same between real pictures and real pictures.
        variety: Coverage, 0…1; higher is better.
        density: Density, about 1 for real pictures.
        distance: Median distance of a made picture to the nearest training picture, in units
            of the median distance between training pictures.
        copies: Share of made pictures that are near copies of a training picture, 0…1.
        copies_high: Upper end of its 95 % interval.
        num_made: How many pictures were made for this.
        is_held_out: False when there were too few pictures to hold some out, so that
            likeness is to the training pictures themselves.
    """

    likeness: float
    likeness_floor: float
    variety: float
    density: float
    distance: float
    copies: float
    copies_high: float
    num_made: int
    is_held_out: bool = True


class NearCopy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A made picture beside the training picture it is nearest to.

    Attributes:
        seed: Seed of the made picture, at psi 1.
        file: Training picture, by its name in the folder.
        square: Row of the training array.
        distance: As in `SnapshotScores`.
        is_copy: Whether it counts as a near copy.
    """

    seed: int
    file: str
    square: int
    distance: float
    is_copy: bool


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One snapshot; `folder` is relative to the run folder.

    Attributes:
        number: 0 is the start itself.
        images: Pictures seen so far.
        folder: Where it lies.
        tile_px: Side of a picture on the sheet.
        scores: None until it was measured.
        nearest: Up to 20 made pictures, nearest to their training picture first.
        is_admissible: Whether it may be offered as the best (few copies, enough variety).
    """

    schema: int = 1
    number: int
    images: int
    folder: str
    tile_px: int
    scores: SnapshotScores | None = None
    nearest: tuple[NearCopy, ...] = ()
    is_admissible: bool = True
