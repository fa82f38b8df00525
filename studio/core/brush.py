"""The brush: strokes of a hand put into a mask.

Places are in parts of the picture, 0…1 from its left and its top; masks are uint8 [H, W].
"""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.mask import MAX_MASK_PX, Mask

MIN_SIZE: Final = 0.02
MAX_SIZE: Final = 1.0
# The lightest touch of a pen still draws a line.
_MIN_PRESSURE: Final = 0.2
_STEPS: Final = 17  # levels of the soft edge: enough for the eye, and short in a recipe


class Brush(msgspec.Struct, frozen=True):
    """What the hand holds.

    Attributes:
        size: Diameter in parts of the picture's shorter side.
        softness: How much of the radius fades out, 0…1.
        is_eraser: Whether it takes away.
    """

    size: float = 0.25
    softness: float = 0.4
    is_eraser: bool = False


class Stroke:
    """One stroke, from press to release, on a copy of a mask."""

    def __init__(self, mask_HW: Mask, brush: Brush) -> None:
        self._mask_HW = np.array(mask_HW, dtype=np.uint8)
        self._brush = brush
        self._last: tuple[float, float] | None = None

    @property
    def mask(self) -> Mask:
        """The mask with what was painted so far; a copy."""
        return self._mask_HW.copy()

    def move_to(self, x: float, y: float, *, pressure: float = 1.0) -> None:
        """Paint on to a place; places outside the picture are fine.

        Args:
            x: From the left.
            y: From the top.
            pressure: Of the pen, 0…1; it makes the line thinner.
        """
        height, width = self._mask_HW.shape
        here = (x * width, y * height)
        begin = self._last or here
        self._last = here
        pressure = min(max(pressure, _MIN_PRESSURE), 1.0)
        radius = max(self._brush.size * min(height, width) / 2 * pressure, 0.75)
        left, right = _span(begin[0], here[0], radius=radius, length=width)
        top, bottom = _span(begin[1], here[1], radius=radius, length=height)
        if left >= right or top >= bottom:
            return
        rows, columns = np.mgrid[top:bottom, left:right] + 0.5
        away = _away(columns, rows, begin=begin, end=here)
        fade = max(radius * self._brush.softness, 1.0)
        alpha = np.clip((radius - away) / fade, 0.0, 1.0)
        alpha = np.rint(alpha * (_STEPS - 1)) / (_STEPS - 1)
        levels = np.rint(alpha * 255).astype(np.uint8)
        part = self._mask_HW[top:bottom, left:right]
        if self._brush.is_eraser:
            np.minimum(part, np.uint8(255) - levels, out=part)
        else:
            np.maximum(part, levels, out=part)


def empty_mask(width_px: int, height_px: int) -> Mask:
    """Give an empty mask for a picture: of its size, or as large as a mask may be."""
    scale = min(1.0, MAX_MASK_PX / max(width_px, height_px))
    sides = (max(1, round(height_px * scale)), max(1, round(width_px * scale)))
    return np.zeros(sides, dtype=np.uint8)


def _span(one: float, other: float, *, radius: float, length: int) -> tuple[int, int]:
    low, high = min(one, other) - radius, max(one, other) + radius
    return max(0, int(low)), min(length, int(high) + 1)


def _away(
    columns: NDArray[np.float64],
    rows: NDArray[np.float64],
    *,
    begin: tuple[float, float],
    end: tuple[float, float],
) -> NDArray[np.float64]:
    """Give how far each pixel is from the line between two places."""
    dx, dy = end[0] - begin[0], end[1] - begin[1]
    length_squared = dx * dx + dy * dy
    part = np.zeros_like(columns)
    if length_squared > 0:
        part = ((columns - begin[0]) * dx + (rows - begin[1]) * dy) / length_squared
        part = np.clip(part, 0.0, 1.0)
    away: NDArray[np.float64] = np.hypot(
        columns - begin[0] - part * dx, rows - begin[1] - part * dy
    )
    return away
