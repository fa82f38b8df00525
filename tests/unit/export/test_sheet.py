"""Contact sheets: every picture whole, in reading order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.export.sheet import SHEET_GREY, make_sheet, sheet_grid


@given(st.integers(1, 500))
def test_the_grid_holds_every_picture_and_no_empty_row(count: int) -> None:
    columns, rows = sheet_grid(count)
    assert columns * rows >= count > columns * (rows - 1)
    assert abs(columns - rows) <= 1


@given(st.integers(1, 10))
def test_every_picture_lies_whole_at_its_place(count: int) -> None:
    pictures = [np.full((8, 8, 3), 100 + i, dtype=np.uint8) for i in range(count)]
    sheet = make_sheet(pictures, gap_px=2)
    columns, _ = sheet_grid(count)
    for index in range(count):
        row, column = divmod(index, columns)
        top, left = 2 + row * 10, 2 + column * 10
        assert (sheet[top : top + 8, left : left + 8] == 100 + index).all()
        assert (sheet[top - 2 : top, left : left + 8] == SHEET_GREY).all()


def test_rows_can_be_of_a_given_length() -> None:
    pictures = [np.full((4, 6, 3), 100 + i, dtype=np.uint8) for i in range(6)]
    sheet = make_sheet(pictures, columns=3, gap_px=2)
    assert sheet.shape == (2 + 2 * 6, 2 + 3 * 8, 3)
    assert (sheet[8:12, 2:8] == 103).all()
    assert (sheet[2:6, 18:24] == 102).all()
