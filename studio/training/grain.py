"""Where the fine irregular detail of a picture comes from.

A network that starts from one latent draws its small detail from the edges of the picture
and repeats it under every seed; a little random noise in each layer ends that (measured:
without it, four runs in four ended in one shared pattern). While training, the noise is
fresh. In a finished model nothing may be random that does not come in as an input, so
there the noise is a fixed function of the layer's own w: another field for every seed,
moving smoothly with every slider, untouched by truncation.

Shapes: N batch, D width of w, K fields a layer mixes, R resolution.

Source: Karras et al., "A Style-Based Generator Architecture", §3.2 (noise in each layer);
the field from w is ours.
"""

import math
from typing import Protocol

import torch
from torch import Tensor

from studio.training.draws import Draws

NUM_FIELDS = 16
# Wide fields are what a graph must carry: at 256 px 8 of them are 1 MiB as fp16.
MAX_FIELD_SIDES = 2048
EPS = 1e-4


class Grain(Protocol):
    """Where the noise of a layer comes from."""

    def __call__(self, w_ND: Tensor, *, layer: int, size: int) -> Tensor:
        """Gives noise [N, 1, R, R] of unit variance for a layer of `size` px and its w."""


def num_fields(size: int) -> int:
    """Gives K for a layer of `size` px: 16 up to 128 px, then fewer."""
    return max(1, min(NUM_FIELDS, MAX_FIELD_SIDES // size))


def fresh_grain(draws: Draws) -> Grain:
    """Gives noise that is drawn anew for each picture, for training."""

    def draw(w_ND: Tensor, *, layer: int, size: int) -> Tensor:  # noqa: ARG001
        return draws.normal(1, size, size)

    return draw


def steady_grain(mean_D: Tensor) -> Grain:
    """Gives noise that is a function of w, for pictures that can be made again.

    Args:
        mean_D: the mean w, from which the distance is taken.
    """

    def draw(w_ND: Tensor, *, layer: int, size: int) -> Tensor:
        mixer_DK = mixer(layer, len(mean_D), size=size)
        return grain_field(w_ND - mean_D, mixer_DK, fields_KP=fields(size))

    return draw


def mixer(layer: int, w_dim: int, *, size: int) -> Tensor:
    """Gives the fixed matrix [D, K] by which a layer's w chooses among the fields."""
    random = torch.Generator().manual_seed(1000 + layer)
    return torch.randn(w_dim, num_fields(size), generator=random)


def fields(size: int) -> Tensor:
    """Gives the fixed fields [K, R·R] of a size, shared by its layers, K of them to unit sum."""
    random = torch.Generator().manual_seed(2000 + size)
    count = num_fields(size)
    drawn: Tensor = torch.randn(count, size * size, generator=random) / math.sqrt(count)
    return drawn


def grain_field(offset_ND: Tensor, mixer_DK: Tensor, *, fields_KP: Tensor) -> Tensor:
    """Gives noise [N, 1, R, R] of unit variance, a function of w's direction from the mean.

    Args:
        offset_ND: w less its mean; its length does not matter, so truncation does not either.
        mixer_DK: see `mixer`.
        fields_KP: see `fields`.
    """
    weights_NK = offset_ND @ mixer_DK
    weights_NK = weights_NK * torch.rsqrt(weights_NK.square().mean(dim=1, keepdim=True) + EPS)
    size = math.isqrt(fields_KP.shape[1])
    return (weights_NK @ fields_KP).reshape(-1, 1, size, size)
