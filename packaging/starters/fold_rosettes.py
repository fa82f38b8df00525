"""Folds pictures into rosettes, as a kaleidoscope does: `fold_rosettes.py FOLDER OUT [COUNT]`.

The starter "Rosettes" learned from what this makes of the fractals. Ornament that has one centre
and eight axes is learned many times sooner than the same ornament cut out anywhere.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Places = NDArray[np.floating[Any]]

SIDE_PX = 192
AXES = 8
SEED = 20261124


def fold(
    rgb8_HW3: Picture, *, centre_yx: tuple[float, float], turn: float, reach: float
) -> Picture:
    """Gives a rosette [SIDE_PX, SIDE_PX, 3] of what lies around a centre.

    Args:
        rgb8_HW3: the picture.
        centre_yx: middle of the rosette in the picture, px.
        turn: angle of the wedge that is mirrored all around, in radians.
        reach: how many px of the picture reach from the middle to the rosette's corner.
    """
    height, width = rgb8_HW3.shape[:2]
    axis = (np.arange(SIDE_PX) + 0.5) / SIDE_PX * 2 - 1
    y, x = np.meshgrid(axis, axis, indexing="ij")
    wedge = np.pi / AXES
    angle = np.mod(np.arctan2(y, x), 2 * wedge)
    angle = np.minimum(angle, 2 * wedge - angle) + turn
    radius = np.hypot(y, x) * reach / np.sqrt(2)
    rows = centre_yx[0] + radius * np.sin(angle)
    columns = centre_yx[1] + radius * np.cos(angle)
    return sample(rgb8_HW3, np.clip(rows, 0, height - 1.001), np.clip(columns, 0, width - 1.001))


def sample(rgb8_HW3: Picture, rows: Places, columns: Places) -> Picture:
    """Gives the picture at broken places, bilinear."""
    top, left = rows.astype(int), columns.astype(int)
    down, right = (rows - top)[..., None], (columns - left)[..., None]
    upper = rgb8_HW3[top, left] * (1 - right) + rgb8_HW3[top, left + 1] * right
    lower = rgb8_HW3[top + 1, left] * (1 - right) + rgb8_HW3[top + 1, left + 1] * right
    return np.round(upper * (1 - down) + lower * down).astype(np.uint8)


def main(folder: Path, out: Path, count: int) -> None:
    """Writes `count` rosettes as PNG, each from the next picture of the folder."""
    out.mkdir(parents=True, exist_ok=True)
    paths = sorted(path for path in folder.iterdir() if path.suffix in {".jpg", ".png"})
    random = np.random.default_rng(SEED)
    for number in range(count):
        with Image.open(paths[number % len(paths)]) as file:
            rgb8_HW3 = np.asarray(file.convert("RGB"))
        height, width = rgb8_HW3.shape[:2]
        reach = random.uniform(0.45, 0.9) * height
        # The wedge points to where there is room, so that nothing is smeared from the edge.
        centre = random.uniform(0.1, 0.9) * height, random.uniform(0.05, 0.95) * width
        towards = np.arctan2(height / 2 - centre[0], width / 2 - centre[1])
        rosette = fold(rgb8_HW3, centre_yx=centre, turn=float(towards), reach=float(reach))
        Image.fromarray(rosette).save(out / f"rosette_{number:05d}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 2900)
