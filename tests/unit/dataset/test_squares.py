import numpy as np
import pytest

from studio.core.training_spec import CropSpec
from studio.dataset.squares import Square, choose_squares, cut


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (100, 100, [(0, 0)]),
        (110, 100, [(5, 0)]),
        (120, 100, [(0, 0), (20, 0)]),
        (145, 100, [(0, 0), (22, 0), (45, 0)]),
        (100, 400, [(0, 0), (0, 150), (0, 300)]),
    ],
)
def test_squares_are_spread_over_the_longer_side(
    width: int, height: int, expected: list[tuple[int, int]]
) -> None:
    squares = choose_squares("a", width, height=height, crops=CropSpec(max_crops=3))
    assert [(one.left, one.top) for one in squares] == expected
    assert all(one.side == 100 for one in squares)


def test_one_crop_takes_the_middle() -> None:
    assert choose_squares("a", 200, height=100, crops=CropSpec(max_crops=1))[0].left == 50


def test_close_ups_lie_in_a_grid_inside_the_picture_and_cover_it() -> None:
    squares = choose_squares("a", 460, height=288, crops=CropSpec(max_crops=99, side_share=0.5))
    covered = np.zeros((288, 460), bool)
    for one in squares:
        assert (one.side, one.left + one.side <= 460, one.top + one.side <= 288) == (
            144,
            True,
            True,
        )
        covered[one.top : one.top + one.side, one.left : one.left + one.side] = True
    assert len(squares) == 8
    assert covered.all()


def test_no_more_close_ups_than_wished() -> None:
    squares = choose_squares("a", 460, height=288, crops=CropSpec(max_crops=3, side_share=0.5))
    assert len({(one.left, one.top) for one in squares}) == 3


def test_one_crop_follows_the_detail() -> None:
    (square,) = choose_squares("a", 200, height=100, crops=CropSpec(), way="middle", focus=0.9)
    assert (square.left, square.top, square.side) == (90, 0, 100)


def test_the_whole_picture_stands_on_the_colour_of_its_border() -> None:
    picture = np.full((32, 64, 3), (10, 200, 30), np.uint8)
    picture[8:24, 8:56] = 255
    (square,) = choose_squares("a", 64, height=32, crops=CropSpec(), way="pad")
    assert square == Square("a", 0, -16, 64)
    whole = cut(picture, square, resolution=64)
    assert (whole[16:48] == picture).all()
    assert (whole[:16] == (10, 200, 30)).all()
    assert (whole[48:] == (10, 200, 30)).all()


def test_a_mirrored_square_is_the_other_one_mirrored() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    plain = cut(picture, Square("a", 0, 0, 32), resolution=16)
    mirrored = cut(picture, Square("a", 0, 0, 32, is_mirrored=True), resolution=16)
    assert (mirrored == plain[:, ::-1]).all()
