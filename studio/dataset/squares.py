"""Where squares are cut from a picture, and the cutting."""

from typing import Final

import msgspec
import numpy as np

from studio.core.folder_report import CropWay
from studio.core.training_spec import CropSpec
from studio.files.source_pictures import Picture, resize_picture

CROP_STEP: Final = 0.15  # another square for each 15 % that a picture is longer than wide


class Square(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the array: where it was cut, in px of the upright picture.

    Its edges lie outside the picture where the whole picture stands on a ground.
    """

    file: str
    left: int
    top: int
    side: int
    is_mirrored: bool = False


def choose_squares(
    name: str,
    width: int,
    *,
    height: int,
    crops: CropSpec,
    way: CropWay = "several",
    focus: float = 0.5,
) -> list[Square]:
    """Gives the squares of a picture: its shorter side, spread evenly over the longer.

    With `crops.side_share` below 1 they are smaller and lie in a grid over the whole picture.

    Args:
        name: of the file.
        width: of the upright picture in px.
        height: the same.
        crops: how many.
        way: several as above, one, or one that holds the whole picture.
        focus: where a single square lies along the longer side, 0…1 (`FileReport.focus`).
    """
    side, length = min(width, height), max(width, height)
    if way == "pad":
        return [Square(name, (width - length) // 2, (height - length) // 2, length)]
    if way == "several" and crops.side_share < 1:
        return _grid(name, width, height=height, crops=crops)
    # A hair is added because 1.45 / 0.15 falls short of its whole number in floats.
    wanted = 1 + int((length / side - 1) / CROP_STEP + 1e-9)
    count = 1 if way == "middle" else max(1, min(wanted, crops.max_crops))
    spare = length - side
    starts = [int(spare * focus)]
    if count > 1:
        starts = [spare * n // (count - 1) for n in range(count)]
    if width >= height:
        return [Square(name, start, 0, side) for start in starts]
    return [Square(name, 0, start, side) for start in starts]


def _grid(name: str, width: int, *, height: int, crops: CropSpec) -> list[Square]:
    side = max(1, round(min(width, height) * crops.side_share))
    lefts, tops = (_spread(length, side) for length in (width, height))
    squares = [Square(name, left, top, side) for top in tops for left in lefts]
    count = min(len(squares), crops.max_crops)
    return [squares[len(squares) * n // count] for n in range(count)]


def _spread(length: int, side: int) -> list[int]:
    """Gives where squares begin that cover `length` with as little overlap as possible."""
    count = -(-length // side)
    return [0] if count == 1 else [(length - side) * n // (count - 1) for n in range(count)]


def cut(picture: Picture, square: Square, *, resolution: int) -> Picture:
    """Gives the square of the picture at `resolution`, uint8 [R, R, 3]."""
    height, width = picture.shape[:2]
    top, left, side = square.top, square.left, square.side
    if top < 0 or left < 0 or top + side > height or left + side > width:
        picture = _on_ground(picture, square)
        top = left = 0
    small = resize_picture(picture[top : top + side, left : left + side], resolution)
    return small[:, ::-1] if square.is_mirrored else small


def _on_ground(picture: Picture, square: Square) -> Picture:
    """Gives the square with the picture in it, on the colour of the picture's own border."""
    height, width = picture.shape[:2]
    border = np.concatenate((picture[0], picture[-1], picture[:, 0], picture[:, -1]))
    ground = np.empty((square.side, square.side, 3), np.uint8)
    ground[:] = np.median(border, axis=0)
    ground[-square.top : height - square.top, -square.left : width - square.left] = picture
    return ground
