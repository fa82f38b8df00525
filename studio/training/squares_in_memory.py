"""Folders of pictures as arrays of squares, for networks that are trained once and shipped."""

import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.core.training_spec import CropSpec
from studio.dataset.prepare import ARRAY_NAME, prepare


def read_squares(
    folders: list[Path], side_px: int, *, max_crops: int
) -> dict[str, NDArray[np.uint8]]:
    """Gives the squares [N, side, side, 3] of each folder by its name.

    Raises:
        StudioError: A folder is missing or has too few pictures.
    """
    squares_by_name = {}
    for folder in folders:
        with tempfile.TemporaryDirectory() as target:
            crops = CropSpec(max_crops=max_crops)
            prepare(folder, Path(target), resolution=side_px, crops=crops)
            squares = np.load(Path(target) / ARRAY_NAME)
        squares_by_name[folder.name] = squares
        sys.stderr.write(f"{folder.name}: {len(squares)} squares\n")
    return squares_by_name
