"""Weights between two generators of one lineage.

Networks that began from the same weights stay in one valley: what lies between them draws
sound pictures, too, which is not so for networks that were trained apart.

Source: Pinkney & Adler, "Resolution dependent GAN interpolation" (2020), for zones.
"""

import re
from collections.abc import Sequence

from torch import Tensor

from studio.core.errors import TrainingError

Weights = dict[str, Tensor]

_CONV = re.compile(r"synthesis\.convs\.(\d+)\.")
_COLOUR = re.compile(r"synthesis\.colours\.(\d+)\.")


def blend_by_zone(
    a: Weights, b: Weights, *, shares: Sequence[float], zones: tuple[int, int]
) -> Weights:
    """Gives weights between `a` (0) and `b` (1), with a share of its own in each zone.

    The mapping is shared by all zones: it takes the mean of the shares.

    Args:
        a: weights of one generator.
        b: weights of another of its lineage.
        shares: of `b` in the coarse, the medium and the fine zone, 0…1.
        zones: first layer of the medium and of the fine zone.

    Raises:
        TrainingError: they are of networks of different sizes.
    """
    check_alike(a, b)
    return {
        name: value.lerp(b[name], _share(name, shares=shares, zones=zones))
        for name, value in a.items()
    }


def layer_of(name: str) -> int | None:
    """Gives which layer of w a tensor of the generator belongs to, None for the mapping's."""
    if found := _CONV.match(name):
        return int(found[1])
    if found := _COLOUR.match(name):
        return 2 * int(found[1]) + 1
    return 0 if name.startswith("synthesis.") else None


def _share(name: str, *, shares: Sequence[float], zones: tuple[int, int]) -> float:
    layer = layer_of(name)
    if layer is None:
        return sum(shares) / len(shares)
    return shares[sum(layer >= begin for begin in zones)]


def check_alike(a: Weights, b: Weights) -> None:
    """Raises TrainingError when weights are of networks of different sizes."""
    if {name: value.shape for name, value in a.items()} != {
        name: value.shape for name, value in b.items()
    }:
        raise TrainingError(
            "These two models have networks of different sizes.",
            "Blend a model with what it was made from.",
        )
