"""What the enlarger learns from: pieces of pictures, and how they look when they are small.

Small pictures are made as ours come: reduced in one of three ways, a little blurred, with the grain
of a generator, now and then through JPEG. Grain is taken off again by the network only where it is
no part of the picture: the large side of a pair keeps its own.

Shapes: N pieces, H rows, W columns; values in 0…1.
"""

from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.files.images import decode_picture, encode_jpeg

STORED_PX: Final = 256
LARGE_PX: Final = 80
# How often a pair is one or two passes deep: later passes see what earlier ones made.
_DEPTHS: Final = (0.6, 0.4)
# A piece is first made smaller by this, since prints are crisper so.
_SHRINKS: Final = (1.0, 0.8, 0.5)
_MAX_GRAIN: Final = 0.045  # more of it, and flat colours got a dotted weave


class Pairs:
    """Draws pairs of pieces; the same seed gives the same pairs."""

    def __init__(self, squares_NHWC: NDArray[np.uint8], seed: int) -> None:
        self._squares = squares_NHWC
        self._random = np.random.default_rng(seed)

    def draw(self, count: int) -> tuple[Tensor, Tensor, int]:
        """Gives small [N, 3, s, s] and large [N, 3, 80, 80] pieces, and how many passes lie between."""
        random = self._random
        shrink = float(random.choice(_SHRINKS))
        side = round(LARGE_PX / shrink)
        pieces = np.stack([self._piece(side) for _ in range(count)])
        large = torch.from_numpy(pieces).permute(0, 3, 1, 2).float() / 255
        if side != LARGE_PX:
            large = F.interpolate(large, (LARGE_PX, LARGE_PX), mode="bicubic", antialias=True)
            large = large.clamp(0, 1)
        depth = int(random.choice(len(_DEPTHS), p=_DEPTHS)) + 1
        return self._made_small(large, depth), large, depth

    def _piece(self, side: int) -> NDArray[np.uint8]:
        random = self._random
        square = self._squares[random.integers(len(self._squares))]
        top, left = random.integers(square.shape[0] - side + 1, size=2)
        piece = np.rot90(square[top : top + side, left : left + side], int(random.integers(4)))
        return np.ascontiguousarray(piece[:, ::-1] if random.random() < 0.5 else piece)

    def _made_small(self, large: Tensor, depth: int) -> Tensor:
        random = self._random
        small = reduced(large, 2**depth, way=int(random.integers(3)))
        if random.random() < 0.5:
            small = blurred(small, float(random.uniform(0.2, 0.7)))
        if random.random() < 0.5:
            small = small + self._grain(small)
        small = small.clamp(0, 1)
        return self._through_jpeg(small) if random.random() < 0.2 else small

    def _grain(self, small: Tensor) -> Tensor:
        """Gives noise as generators leave it: mostly of light, of another strength in each piece."""
        shape, random = small.shape, self._random
        light = random.standard_normal((shape[0], 1, *shape[2:]), np.float32)
        colour = random.standard_normal(shape, np.float32)
        strength = random.uniform(0, _MAX_GRAIN, (shape[0], 1, 1, 1)).astype(np.float32)
        return torch.from_numpy((light + 0.5 * colour) * strength)

    def _through_jpeg(self, small: Tensor) -> Tensor:
        pictures = (small * 255).round().byte().permute(0, 2, 3, 1).numpy()
        quality = int(self._random.integers(75, 96))
        read = [decode_picture(encode_jpeg(picture, quality=quality)) for picture in pictures]
        return torch.from_numpy(np.stack(read)).permute(0, 3, 1, 2).float() / 255


def reduced(large: Tensor, factor: int, *, way: int) -> Tensor:
    """Gives pieces 1/factor as large: 0 by the mean of areas, 1 bilinear, 2 bicubic."""
    if way == 0:
        return F.avg_pool2d(large, factor)
    side = [large.shape[2] // factor, large.shape[3] // factor]
    return F.interpolate(large, side, mode="bilinear" if way == 1 else "bicubic", antialias=True)


def blurred(small: Tensor, sigma: float) -> Tensor:
    """Gives pieces blurred by a Gaussian of `sigma` px, 5 px wide."""
    at = torch.arange(-2.0, 3.0)
    line = torch.exp(-at.square() / (2 * sigma**2))
    line = line / line.sum()
    weight = (line[:, None] * line[None]).expand(3, 1, 5, 5)
    return F.conv2d(F.pad(small, (2, 2, 2, 2), mode="reflect"), weight, groups=3)
