"""The colours of a picture: few that stand for all, found in Lab, where distance is as seen.

Shape legend: P pixels, K colours.
"""

import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.files.images import resize_to

# Enough for the colours of some pictures: small specks count as little as they are seen.
_SAMPLED_PIXELS: Final = 16_384
_SEEN: Final = 127  # opacity from which a pixel's colour counts
_LEAST_SIDE_PX: Final = 24
_ROUNDS: Final = 12
# Source: IEC 61966-2-1, linear sRGB to XYZ; CIE 15, white point D65.
_TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
_WHITE: Final = np.array([0.95047, 1.0, 1.08883])


class Swatch(msgspec.Struct, frozen=True):
    """One colour of a palette.

    Attributes:
        red: 0…255, sRGB, as `green` and `blue`.
        share: Of the pictures' pixels, 0…1.
    """

    red: int
    green: int
    blue: int
    share: float = 0.0

    @property
    def hex(self) -> str:
        """As "#rrggbb"."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


def palette_of(pictures: Sequence[Picture], num_colours: int) -> tuple[Swatch, ...]:
    """Give the colours that stand for some pictures, from dark to light.

    Fewer than asked for where the pictures have fewer. Equal pictures give equal colours.

    Args:
        pictures: One or more, of any size; each counts the same.
        num_colours: 4…64.

    Source: median cut, Heckbert 1982; then Lloyd's rounds, 1957.
    """
    side_px = max(_LEAST_SIDE_PX, math.isqrt(_SAMPLED_PIXELS // len(pictures)))
    rgb_P3 = np.concatenate([_sampled(one, side_px) for one in pictures])
    colours_K3, counts_K = np.unique(rgb_P3, axis=0, return_counts=True)
    lab_K3 = lab_of(colours_K3)
    middles = _median_cut(lab_K3, counts_K, num_colours=num_colours)
    middles, nearest = _settle(lab_K3, counts_K, middles=middles)
    found = []
    for place in range(len(middles)):
        mine = nearest == place
        weights = counts_K[mine].astype(np.float64)
        if weights.sum() > 0:
            red, green, blue = np.rint(np.average(colours_K3[mine], axis=0, weights=weights))
            share = float(weights.sum() / counts_K.sum())
            found.append((middles[place, 0], Swatch(int(red), int(green), int(blue), share)))
    return tuple(swatch for _, swatch in sorted(found, key=lambda one: one[0]))


def lab_of(rgb8: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Give CIE L*a*b* (D65) for sRGB colours [..., 3]."""
    value = rgb8.astype(np.float64) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    relative = linear @ _TO_XYZ.T / _WHITE
    root = np.where(relative > 216 / 24389, np.cbrt(relative), relative * 841 / 108 + 4 / 29)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _sampled(picture: Picture, side_px: int) -> NDArray[np.uint8]:
    """Give about as many pixels of every picture: [P, 3]."""
    small = picture if max(picture.shape[:2]) <= side_px else resize_to(picture, side_px)
    levels = np.asarray(small).reshape(-1, small.shape[2])
    if small.shape[2] == 4 and (levels[:, 3] > _SEEN).any():
        levels = levels[levels[:, 3] > _SEEN]
    return levels[:, :3]


def _median_cut(
    lab_K3: NDArray[np.float64], counts_K: NDArray[np.intp], *, num_colours: int
) -> NDArray[np.float64]:
    """Split the box with the most spread at its middle pixel until there are enough."""
    boxes = [np.arange(len(lab_K3))]
    while len(boxes) < num_colours:
        spreads = [_spread(lab_K3[box], counts_K[box]) for box in boxes]
        widest = int(np.argmax([spread.max() for spread in spreads]))
        if spreads[widest].max() <= 0:
            break
        box = boxes.pop(widest)
        order = box[np.argsort(lab_K3[box, int(np.argmax(spreads[widest]))], kind="stable")]
        middle = np.searchsorted(np.cumsum(counts_K[order]), counts_K[order].sum() / 2)
        cut = min(max(int(middle), 0) + 1, len(order) - 1)
        boxes += [order[:cut], order[cut:]]
    return np.array([np.average(lab_K3[box], axis=0, weights=counts_K[box]) for box in boxes])


def _spread(lab_K3: NDArray[np.float64], counts_K: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give how much error a box holds along each axis."""
    middle = np.average(lab_K3, axis=0, weights=counts_K)
    spread: NDArray[np.float64] = (counts_K[:, None] * (lab_K3 - middle) ** 2).sum(axis=0)
    return spread


def _settle(
    lab_K3: NDArray[np.float64], counts_K: NDArray[np.intp], *, middles: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Move each middle to the mean of what is nearest to it, some rounds long."""
    nearest = _nearest(lab_K3, middles)
    for _ in range(_ROUNDS):
        weights = np.bincount(nearest, counts_K, len(middles))
        sums = np.stack(
            [np.bincount(nearest, counts_K * lab_K3[:, axis], len(middles)) for axis in range(3)],
            axis=1,
        )
        held = weights[:, None] > 0
        middles = np.where(held, sums / np.maximum(weights, 1)[:, None], middles)
        again = _nearest(lab_K3, middles)
        if np.array_equal(again, nearest):
            break
        nearest = again
    return middles, nearest


def _nearest(lab_K3: NDArray[np.float64], middles: NDArray[np.float64]) -> NDArray[np.intp]:
    far = (lab_K3**2).sum(axis=1)[:, None] - 2 * lab_K3 @ middles.T + (middles**2).sum(axis=1)
    nearest: NDArray[np.intp] = far.argmin(axis=1)
    return nearest
