"""The random numbers of a step, as a function of where they are used.

Nothing is carried from step to step: a number depends on the run's seed, on how often it
was rolled back, on the step, on what it is for, and on the picture's place in the batch.
So a step that was dropped half-way is done again bit for bit, and how many pictures are
computed at once, or by how many processes, changes no number.
"""

import hashlib
import struct
from enum import IntEnum

import torch
from torch import Tensor

from studio.core.training_spec import BATCH_UNIT


class Purpose(IntEnum):
    """What numbers are drawn for; the values are part of what a run depends on."""

    PLAN = 0
    CRITIC_REAL = 1
    CRITIC_MADE = 2
    GENERATOR_REAL = 3
    GENERATOR_MADE = 4
    GAUGE = 5


class Draws:
    """Random numbers for neighbouring pictures of one batch, each group of 4 on its own."""

    def __init__(self, *key: int, begin: int = 0, count: int = 1) -> None:
        """Begin the numbers of `count` pictures.

        Args:
            key: whatever makes these numbers differ from others.
            begin: place of the first picture in the batch, a multiple of 4.
            count: how many pictures.
        """
        ends = range(begin, begin + count, BATCH_UNIT)
        self._groups = [
            (
                torch.Generator().manual_seed(_seed(*key, place)),
                min(BATCH_UNIT, begin + count - place),
            )
            for place in ends
        ]

    def normal(self, *shape: int) -> Tensor:
        """Gives [N, *shape], standard normal, float32."""
        return torch.cat([torch.randn(size, *shape, generator=g) for g, size in self._groups])

    def uniform(self, *shape: int) -> Tensor:
        """Gives [N, *shape], 0…1, float32."""
        return torch.cat([torch.rand(size, *shape, generator=g) for g, size in self._groups])

    def whole(self, low: int, high: int, *shape: int) -> Tensor:
        """Gives [N, *shape], whole numbers from `low` to below `high`."""
        return torch.cat(
            [torch.randint(low, high, (size, *shape), generator=g) for g, size in self._groups]
        )


def _seed(*key: int) -> int:
    packed = struct.pack(f"<{len(key)}q", *key)
    # torch's generator on the CPU looks at 32 bits of its seed.
    return int.from_bytes(hashlib.blake2b(packed, digest_size=4).digest(), "little")
