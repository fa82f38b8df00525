"""How near an enlarged picture comes to the large one it was reduced from, beside Lanczos.

Shapes: N pictures, H rows, W columns.
"""

from typing import Final

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.core.arrays import Picture
from studio.files.images import resize_to
from studio.training.enlarge_network import Enlarger

JUDGED_EACH: Final = 24
_WINDOW_PX: Final = 8


class FolderScore(msgspec.Struct, frozen=True, kw_only=True):
    """Means over pictures of one folder: signal to noise in dB and structural similarity.

    Attributes:
        factor: 2 or 4: how much smaller the picture was before (mean of areas).
    """

    folder: str
    factor: int
    pictures: int
    psnr: float
    psnr_lanczos: float
    ssim: float
    ssim_lanczos: float


def judge(network: Enlarger, held_out: dict[str, NDArray[np.uint8]]) -> list[FolderScore]:
    """Gives a score of each folder at 2× and at 4×."""
    scores = []
    for folder, squares in held_out.items():
        for factor in (2, 4):
            rows = [_compare(network, square, factor=factor) for square in squares[:JUDGED_EACH]]
            if not rows:
                continue
            means = np.mean(rows, axis=0)
            scores.append(
                FolderScore(
                    folder=folder,
                    factor=factor,
                    pictures=len(rows),
                    psnr=round(float(means[0]), 2),
                    psnr_lanczos=round(float(means[1]), 2),
                    ssim=round(float(means[2]), 4),
                    ssim_lanczos=round(float(means[3]), 4),
                )
            )
    return scores


def _compare(
    network: Enlarger, large: Picture, *, factor: int
) -> tuple[float, float, float, float]:
    side = large.shape[0]
    means = large.reshape(side // factor, factor, side // factor, factor, 3).mean(axis=(1, 3))
    small = np.rint(means).astype(np.uint8)
    made, plain = enlarged(network, small, factor=factor), resize_to(small, side)
    return psnr(made, large), psnr(plain, large), ssim(made, large), ssim(plain, large)


def enlarged(network: Enlarger, small: Picture, *, factor: int) -> Picture:
    """Gives a picture enlarged by torch, with reflected surroundings."""
    x = torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float() / 255
    reach = network.reach_px
    with torch.no_grad():
        for _ in range(factor.bit_length() - 1):
            wide = F.pad(x, (reach,) * 4, mode="reflect")
            x = network(wide)[:, :, 2 * reach : -2 * reach, 2 * reach : -2 * reach].clamp(0, 1)
    picture: Picture = (x[0] * 255).round().byte().permute(1, 2, 0).numpy()
    return picture


def psnr(one: Picture, other: Picture) -> float:
    """Gives the peak signal to noise ratio in dB over all colours; 99 for equal pictures."""
    error = float(np.square(one.astype(np.float64) - other).mean())
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


def ssim(one: Picture, other: Picture) -> float:
    """Gives the mean structural similarity of lightness, in windows of 8 × 8.

    Source: Wang et al., "Image quality assessment" (2004), equation 13, with even windows.
    """
    a, b = _lightness(one), _lightness(other)
    mean_a, mean_b = _windows(a), _windows(b)
    var_a = _windows(a * a) - mean_a**2
    var_b = _windows(b * b) - mean_b**2
    both = _windows(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def _lightness(picture: Picture) -> Tensor:
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64)
    return (torch.from_numpy(picture.copy()).double() @ weights)[None, None]


def _windows(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, _WINDOW_PX, stride=1)
