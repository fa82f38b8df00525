"""A mixing sheet as one picture: what was mixed at the left and on top, the mixes between."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.export.sheet import SHEET_GREY


def make_mixing_sheet(
    rows: Sequence[Picture], columns: Sequence[Picture], *, cells: Sequence[Picture]
) -> NDArray[np.uint8]:
    """Give the sheet, uint8 [H, W, 3], owned by the caller.

    Args:
        rows: The pictures that stand at the left.
        columns: Those on top.
        cells: The mixes, row by row; all pictures are of equal size.

    Raises:
        ValueError: There are not as many cells as rows times columns.
    """
    if len(cells) != len(rows) * len(columns):
        raise ValueError(f"{len(cells)} cells for {len(rows)} rows and {len(columns)} columns")
    high, wide, _ = rows[0].shape
    gap = max(2, wide // 64)
    apart = 3 * gap  # between what was mixed and the mixes
    shape = (
        2 * gap + high + apart + len(rows) * (high + gap) - gap,
        2 * gap + wide + apart + len(columns) * (wide + gap) - gap,
        3,
    )
    sheet = np.full(shape, SHEET_GREY, dtype=np.uint8)

    def put(picture: Picture, top: int, *, left: int) -> None:
        sheet[top : top + high, left : left + wide] = picture

    first_top, first_left = gap + high + apart, gap + wide + apart
    for place, picture in enumerate(rows):
        put(picture, first_top + place * (high + gap), left=gap)
    for place, picture in enumerate(columns):
        put(picture, gap, left=first_left + place * (wide + gap))
    for number, picture in enumerate(cells):
        row, column = divmod(number, len(columns))
        top, left = first_top + row * (high + gap), first_left + column * (wide + gap)
        put(picture, top, left=left)
    return sheet
