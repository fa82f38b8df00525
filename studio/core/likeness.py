"""Finding a picture again by its looks: saved with loss, made smaller, or cut at its edges.

A picture is remembered by the mean colours of 6 × 6 cells in its middle, which every copy shows
that has lost up to an eighth at each side. For a copy, the same cells are looked up under each way
it may have been cut; the few that come nearest are then laid over one another cell by cell, and
the cut is found more exactly. What is left over is said in levels.

Shape legend: H rows, W columns, N pictures, K ways of cutting, G cells a side, F numbers of a
description.
"""

import itertools
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture

FloatArray = NDArray[np.float32]

# Outside of it, so much at each side: what a copy may have lost.
_EDGE: Final = 1 / 8
_CELLS: Final = 6
DESCRIPTION_BYTES: Final = _CELLS * _CELLS * 3
# A copy is first reduced to this: cells of 24 need no more.
_LOOK_PX: Final = 128
_FINE_CELLS: Final = 24
_STEPS: Final = (0.025, 0.0125, 0.006)
# Cut at the edges in steps of 5 %, at most 10 % of width and of height.
_LOST: Final = (0.0, 0.05, 0.1)
_PAIRS: Final = [pair for pair in itertools.product(_LOST, _LOST) if sum(pair) < 0.11]
# left, top, right, bottom, as shares of the original's width and height, [K, 4]
_CUTS_K4: Final = np.array(
    [(across[0], down[0], across[1], down[1]) for across in _PAIRS for down in _PAIRS], np.float32
)
# One edge moved, or two opposite ones together, which is a shift.
_ONE_WAY: Final = np.concatenate((np.eye(4), [(1, 0, -1, 0), (0, 1, 0, -1)])).astype(np.float32)
_MOVES_M4: Final = np.concatenate((_ONE_WAY, -_ONE_WAY))
# Levels (root mean square over 24 × 24 cells) up to which two pictures are one; measured on 2,400
# changed copies and their nearest others (studio/README.md, "Found by its looks").
SAME_LEVELS: Final = 9.0
# Before the cut is found more exactly; a true copy begins at 25 at most.
_HOPELESS_LEVELS: Final = 36.0
_CUT_SEEN: Final = 0.02


class Overlay(msgspec.Struct, frozen=True):
    """How a copy lies over an original.

    Attributes:
        levels: What is left over, root mean square in 8-bit levels.
        cut: Shares that the copy has lost: left, top, right, bottom.
    """

    levels: float
    cut: tuple[float, float, float, float]

    @property
    def is_same(self) -> bool:
        """Whether they are one picture."""
        return self.levels <= SAME_LEVELS

    @property
    def is_cropped(self) -> bool:
        """Whether a visible part is missing at an edge."""
        return max(self.cut) > _CUT_SEEN


class Look:
    """A picture, ready for the mean colours of any of its parts.

    Args:
        rgb8_HWC: Any picture; read only.
    """

    def __init__(self, rgb8_HWC: Picture) -> None:
        height, width = rgb8_HWC.shape[:2]
        small = rgb8_HWC[:: max(1, height // (2 * _LOOK_PX)), :: max(1, width // (2 * _LOOK_PX))]
        self._sums = np.zeros((small.shape[0] + 1, small.shape[1] + 1, 3), np.float64)
        self._sums[1:, 1:] = small.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)

    def cells(self, cuts_K4: FloatArray, count: int) -> FloatArray:
        """Give the mean colours of count × count cells in the original's middle, [K, G, G, 3].

        Args:
            cuts_K4: What this picture has lost of the original.
            count: Cells a side.
        """
        height, width = self._sums.shape[0] - 1, self._sums.shape[1] - 1
        across = _borders(cuts_K4[:, 0], cuts_K4[:, 2], count=count) * width
        down = _borders(cuts_K4[:, 1], cuts_K4[:, 3], count=count) * height
        sums = self._sums_at(down, across)
        inner = sums[:, 1:, 1:] - sums[:, :-1, 1:] - sums[:, 1:, :-1] + sums[:, :-1, :-1]
        area = np.diff(down)[:, :, None] * np.diff(across)[:, None, :]
        cells: FloatArray = (inner / area[..., None]).astype(np.float32)
        return cells

    def _sums_at(
        self, down_KG: NDArray[np.float64], across_KG: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give the sums up to places between pixels: the picture is flat inside each pixel."""
        top, left = down_KG.astype(np.int64), across_KG.astype(np.int64)
        top = np.minimum(top, self._sums.shape[0] - 2)
        left = np.minimum(left, self._sums.shape[1] - 2)
        low = (down_KG - top)[:, :, None, None]
        far = (across_KG - left)[:, None, :, None]
        rows, columns = top[:, :, None], left[:, None, :]
        above = self._sums[rows, columns] * (1 - far) + self._sums[rows, columns + 1] * far
        below = self._sums[rows + 1, columns] * (1 - far) + self._sums[rows + 1, columns + 1] * far
        sums: NDArray[np.float64] = above * (1 - low) + below * low
        return sums


def describe(rgb8_HWC: Picture) -> bytes:
    """Give what a picture is remembered by."""
    cells = Look(rgb8_HWC).cells(_CUTS_K4[:1], _CELLS)
    return np.rint(cells).astype(np.uint8).tobytes()


class LooksTable:
    """Descriptions of many pictures, to be searched at once.

    Args:
        descriptions: From `describe`, in any order.
    """

    def __init__(self, descriptions: list[bytes]) -> None:
        levels = np.frombuffer(b"".join(descriptions), np.uint8)
        self._units_NF = _units(levels.reshape(-1, DESCRIPTION_BYTES).astype(np.float32))

    def nearest(self, look: Look, count: int) -> list[tuple[int, int]]:
        """Give place in the table and likeliest cut of the nearest pictures, the nearest first."""
        if not len(self._units_NF):
            return []
        asked_KF = _units(look.cells(_CUTS_K4, _CELLS).reshape(len(_CUTS_K4), -1))
        found_NK = self._units_NF @ asked_KF.T
        best_N = found_NK.max(axis=1)
        count = min(count, len(best_N))
        places = np.argpartition(-best_N, count - 1)[:count]
        places = places[np.argsort(-best_N[places], kind="stable")]
        return [(int(place), int(found_NK[place].argmax())) for place in places]


def lay_over(copy: Look, original: Look, *, cut: int) -> Overlay:
    """Find how a copy lies over an original, beginning with one of the ways of cutting."""
    wanted = original.cells(_CUTS_K4[:1], _FINE_CELLS)
    present = _CUTS_K4[cut].copy()
    least = float(_levels(copy.cells(present[None], _FINE_CELLS), wanted)[0])
    if least > _HOPELESS_LEVELS:
        return Overlay(least, _as_cut(present))
    for step in _STEPS:
        for _ in range(4):
            tried = np.clip(present + step * _MOVES_M4, 0, np.float32(_EDGE - 0.002))
            levels = _levels(copy.cells(tried, _FINE_CELLS), wanted)
            best = int(levels.argmin())
            if levels[best] >= least:
                break
            least, present = float(levels[best]), tried[best]
    return Overlay(least, _as_cut(present))


def _as_cut(shares_4: FloatArray) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(share) for share in shares_4)
    return left, top, right, bottom


def _borders(before_K: FloatArray, after_K: FloatArray, *, count: int) -> NDArray[np.float64]:
    """Give where the cells' borders lie in the copy, as shares of its side, [K, count + 1]."""
    places = np.linspace(_EDGE, 1 - _EDGE, count + 1)[None]
    before, kept = before_K[:, None], 1.0 - before_K[:, None] - after_K[:, None]
    borders: NDArray[np.float64] = np.clip((places - before) / kept, 0.0, 1.0)
    return borders


def _levels(copies_KGG3: FloatArray, wanted_KGG3: FloatArray) -> FloatArray:
    levels: FloatArray = np.sqrt(np.mean((copies_KGG3 - wanted_KGG3) ** 2, axis=(1, 2, 3)))
    return levels


def _units(values_NF: FloatArray) -> FloatArray:
    """Give rows of mean 0 and length 1; a picture of one colour stays near 0."""
    values = values_NF - values_NF.mean(axis=1, keepdims=True)
    units: FloatArray = values / (np.linalg.norm(values, axis=1, keepdims=True) + np.float32(1.0))
    return units
