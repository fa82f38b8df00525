"""Latents that are the same every time, for means, axes and sheets."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

NUM_SAMPLES = 20_000
_SEED = 20_000


def sample_w(
    mapping: Callable[[Tensor], Tensor], z_dim: int, *, count: int = NUM_SAMPLES
) -> NDArray[np.float32]:
    """Gives w [N, D] of random latents, always the same ones.

    Args:
        mapping: z [N, Z] to w [N, L, D].
        z_dim: Z.
        count: N.
    """
    z_NZ = np.random.RandomState(_SEED).randn(count, z_dim).astype(np.float32)
    with torch.no_grad():
        w_ND = mapping(torch.from_numpy(z_NZ))[:, 0]
    return w_ND.numpy()


def mean_of(w_ND: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gives the mean w [D], float32, summed in float64 so that it does not depend on order."""
    mean_D: NDArray[np.float32] = w_ND.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean_D
