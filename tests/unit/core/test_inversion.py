"""Which parts of a picture another one has, and looks as text."""

import numpy as np
import pytest

from studio.core.arrays import Picture
from studio.core.inversion import (
    LOOK_PX,
    PARTS,
    look_from_text,
    look_to_text,
    met_parts,
    middle_square,
)


def picture(seed: int = 1) -> Picture:
    """Masses, forms and details of its own, each well visible."""
    random = np.random.default_rng(seed)
    levels = np.full((LOOK_PX, LOOK_PX, 3), 128.0)
    for cells, reach in ((8, 40.0), (32, 30.0), (128, 40.0)):
        layer = random.uniform(-reach, reach, (cells, cells, 3))
        cell = LOOK_PX // cells
        levels += layer.repeat(cell, axis=0).repeat(cell, axis=1)
    clipped: Picture = np.clip(levels, 0, 255).astype(np.uint8)
    return clipped


def test_a_picture_meets_itself_and_not_another_one() -> None:
    assert met_parts(picture(), picture()) == PARTS
    assert met_parts(picture(1), picture(2)) == ()


def test_each_part_is_told_from_the_others() -> None:
    wanted = picture()
    cell = LOOK_PX // 32
    means = wanted.reshape(32, cell, 32, cell, 3).mean(axis=(1, 3))
    without_details = means.repeat(cell, axis=0).repeat(cell, axis=1).astype(np.uint8)
    assert met_parts(wanted, without_details) == ("light", "colours", "forms")
    grey = np.repeat((wanted @ np.array([0.299, 0.587, 0.114]))[..., None], 3, axis=2)
    assert met_parts(wanted, grey.astype(np.uint8)) == ("light", "forms", "details")


def test_what_is_too_faint_to_see_counts_as_met() -> None:
    flat = np.full((LOOK_PX, LOOK_PX, 3), 90, np.uint8)
    assert met_parts(flat, flat + 3) == PARTS
    assert "light" not in met_parts(flat, flat + 40)


@pytest.mark.parametrize(
    ("shape", "side"), [((1, 1, 3), 1), ((3, 30, 3), 3), ((30, 4, 3), 4), ((5, 5, 3), 5)]
)
def test_the_middle_square_lies_in_the_middle(shape: tuple[int, int, int], side: int) -> None:
    rows, columns = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    marked = np.stack([rows, columns, rows], axis=2).astype(np.uint8)
    square = middle_square(marked)
    assert square.shape == (side, side, 3)
    assert int(square[0, 0, 0]) == (shape[0] - side) // 2
    assert int(square[0, 0, 1]) == (shape[1] - side) // 2


def test_a_look_comes_back_from_its_text_and_nothing_else_does() -> None:
    np.testing.assert_array_equal(look_from_text(look_to_text(picture())), picture())
    for text in ("", "not base64", look_to_text(picture())[:-4]):
        with pytest.raises(ValueError, match=r"base64|array|pad"):
            look_from_text(text)
    with pytest.raises(ValueError, match="128 px"):
        look_to_text(picture()[:64, :64])
