"""Many pictures on one sheet."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture

# The neutral dark grey of the window's canvas, so that a sheet looks like the explore wall.
SHEET_GREY = 28


def sheet_grid(count: int) -> tuple[int, int]:
    """Give columns and rows for `count` pictures, as square as it goes."""
    columns = math.ceil(math.sqrt(count))
    return columns, math.ceil(count / columns)


def make_sheet(
    pictures: Sequence[Picture], *, columns: int | None = None, gap_px: int | None = None
) -> NDArray[np.uint8]:
    """Give one picture with all of them in rows, uint8 [H, W, 3], owned by the caller.

    Args:
        pictures: One or more of equal size.
        columns: How many stand in a row; None makes the sheet as square as it goes.
        gap_px: Space between and around them; None takes a sixty-fourth of their width, at least 2.
    """
    height, width, _ = pictures[0].shape
    gap = max(2, width // 64) if gap_px is None else gap_px
    columns = columns or sheet_grid(len(pictures))[0]
    rows = math.ceil(len(pictures) / columns)
    shape = (rows * (height + gap) + gap, columns * (width + gap) + gap, 3)
    sheet = np.full(shape, SHEET_GREY, dtype=np.uint8)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        top, left = gap + row * (height + gap), gap + column * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet
