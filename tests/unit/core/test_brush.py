"""Strokes of the brush, in the mask."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.brush import Brush, Stroke, empty_mask
from studio.core.mask import mask_to_text

places = st.floats(-2, 3)


def test_a_line_is_full_inside_and_empty_beside() -> None:
    stroke = Stroke(empty_mask(128, 128), Brush(size=0.25, softness=0.5))
    stroke.move_to(0.25, 0.5)
    stroke.move_to(0.75, 0.5)
    mask = stroke.mask
    assert (mask[64, 32:96] == 255).all()
    assert mask[64 - 20].max() == mask[64 + 20].max() == 0
    assert len(set(mask[:, 64].tolist())) > 4  # soft


def test_the_eraser_takes_away_what_was_painted() -> None:
    stroke = Stroke(np.full((64, 64), 255, dtype=np.uint8), Brush(size=0.5, is_eraser=True))
    stroke.move_to(0.5, 0.5)
    assert stroke.mask[32, 32] == 0
    assert stroke.mask[0, 0] == 255


def test_a_light_touch_paints_a_thin_line() -> None:
    painted = []
    for pressure in (0.1, 0.5, 1.0):
        stroke = Stroke(empty_mask(128, 128), Brush(size=0.4))
        stroke.move_to(0.5, 0.5, pressure=pressure)
        painted.append(int((stroke.mask > 127).sum()))
    assert 0 < painted[0] < painted[1] < painted[2]


@given(
    st.lists(st.tuples(places, places), min_size=1, max_size=6), st.floats(0.02, 1), st.booleans()
)
def test_a_stroke_only_adds_or_only_takes_away(
    line: list[tuple[float, float]], size: float, is_eraser: bool
) -> None:
    begin = np.full((20, 30), 90, dtype=np.uint8)
    stroke = Stroke(begin, Brush(size=size, is_eraser=is_eraser))
    for place in line:
        stroke.move_to(*place)
    assert (stroke.mask <= begin).all() if is_eraser else (stroke.mask >= begin).all()
    assert (begin == 90).all()


@pytest.mark.parametrize(
    ("size", "mask"), [((128, 128), (128, 128)), ((256, 128), (128, 256)), ((1024, 256), (64, 256))]
)
def test_a_mask_is_as_large_as_the_picture_but_never_too_large(
    size: tuple[int, int], mask: tuple[int, int]
) -> None:
    assert empty_mask(*size).shape == mask


def test_a_long_scribble_stays_short_in_the_recipe() -> None:
    random = np.random.RandomState(0)
    stroke = Stroke(empty_mask(256, 256), Brush(size=0.1, softness=1.0))
    for _ in range(60):
        stroke.move_to(*random.rand(2))
    assert len(mask_to_text(stroke.mask)) < 24_000
