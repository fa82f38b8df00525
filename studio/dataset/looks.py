"""What one look at a picture gives: enough to compare it with others, and small.

Shape legend: H rows, W columns, G side of the small grey picture.
"""

import hashlib
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.files.source_pictures import Picture, look_at_picture, resize_picture

GREY_PX: Final = 32
SQUARE_PX: Final = 128
# The middle is where people put what matters: another place must hold clearly more.
_FOCUS_GAIN: Final = 1.15


class Look(msgspec.Struct, frozen=True, gc=False):
    """A picture that can be read.

    Attributes:
        width: Of the upright picture in px.
        height: The same.
        mark: Hash of its pixels (of a large JPEG: of the pixels at a smaller size) and its size.
        focus: Where its detail lies along the longer side, 0…1.
        grey_GG: uint8, the whole picture stretched to a square.
        spread: How far its colours lie from a common cast, in levels.
        num_colours: How many of 512 coarse colours cover 95 % of it.
        picture: uint8 [H, W, 3], its shorter side about 128…512 px.
    """

    width: int
    height: int
    mark: str
    focus: float
    grey_GG: NDArray[np.uint8]
    spread: float
    num_colours: int
    picture: Picture

    def square(self) -> Picture:
        """Give the square that stands for it, uint8 [128, 128, 3]."""
        rows, columns = self.picture.shape[:2]
        side = min(rows, columns)
        top, left = int((rows - side) * self.focus), int((columns - side) * self.focus)
        return resize_picture(self.picture[top : top + side, left : left + side], SQUARE_PX)


def look_at(path: Path, *, min_side_px: int) -> Look:
    """Look at one picture.

    Raises:
        UnusableError: It is damaged, too small, or not a picture.
    """
    picture, width, height = look_at_picture(path, min_side_px=min_side_px, enough_px=SQUARE_PX)
    # The same at any size of the picture: some 64 × 64 pixels, as they are.
    rows, columns = (np.linspace(0, size - 1, 64).astype(int) for size in picture.shape[:2])
    sample = picture[rows[:, None], columns[None, :]]
    return Look(
        width=width,
        height=height,
        mark=_mark(picture, width, height=height),
        focus=_focus(picture),
        grey_GG=_grey(picture),
        spread=_spread(sample),
        num_colours=_num_colours(sample),
        picture=picture,
    )


def _mark(picture: Picture, width: int, *, height: int) -> str:
    digest = hashlib.sha256(f"{width} {height} ".encode())
    digest.update(picture.tobytes())
    return digest.hexdigest()[:32]


def _grey(picture: Picture) -> NDArray[np.uint8]:
    small = resize_picture(picture, GREY_PX).astype(np.float32)
    return np.rint(small @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.uint8)


def _spread(sample: Picture) -> float:
    """Give the deviation of colour around the picture's mean colour: a sepia print has little."""
    values = sample.reshape(-1, 3).astype(np.float32)
    red_green = values[:, 0] - values[:, 1]
    yellow_blue = (values[:, 0] + values[:, 1]) / 2 - values[:, 2]
    return float(np.hypot(red_green.std(), yellow_blue.std()))


def _num_colours(sample: Picture) -> int:
    coarse = (sample >> 5).reshape(-1, 3).astype(np.int32) @ np.array([64, 8, 1])
    counts = np.sort(np.bincount(coarse, minlength=512))[::-1]
    return int(np.searchsorted(np.cumsum(counts), 0.95 * len(coarse)) + 1)


def _focus(picture: Picture) -> float:
    """Give where a square of the shorter side sees the most edges, if clearly more than midway."""
    rows, columns = picture.shape[:2]
    side, spare = min(rows, columns), abs(rows - columns)
    if spare < 2:
        return 0.5
    grey = picture.astype(np.int16).sum(axis=2)
    across = 0 if columns > rows else 1
    detail = np.zeros(max(rows, columns))
    for axis in (0, 1):
        part = np.abs(np.diff(grey, axis=axis)).sum(axis=across, dtype=np.int64)
        detail[: len(part)] += part
    sums = np.convolve(detail, np.ones(side), mode="valid")[: spare + 1]
    best = int(np.argmax(sums))
    is_clear = bool(sums[best] >= _FOCUS_GAIN * sums[spare // 2])
    return round(best / spare, 3) if is_clear else 0.5
