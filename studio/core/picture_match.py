"""How far two pictures of the same recipe are apart."""

from typing import Literal

import msgspec
import numpy as np

from studio.core.arrays import Picture


class PictureMatch(msgspec.Struct, frozen=True):
    """What comparing two pictures gave.

    Attributes:
        kind: "size" when their sizes differ: then nothing else was compared.
        max_levels: Largest difference of one colour of one pixel, in levels of 255.
        share: Share of the pixels that differ at all, 0…1.
    """

    kind: Literal["identical", "differs", "size"]
    max_levels: int = 0
    share: float = 0.0

    @property
    def is_identical(self) -> bool:
        """Whether every pixel is the same."""
        return self.kind == "identical"


def compare_pictures(one: Picture, other: Picture) -> PictureMatch:
    """Give by how much two pictures differ."""
    if one.shape != other.shape:
        return PictureMatch("size")
    levels = np.abs(one.astype(np.int16) - other.astype(np.int16))
    largest = int(levels.max(initial=0))
    if largest == 0:
        return PictureMatch("identical")
    return PictureMatch("differs", largest, float(levels.any(axis=-1).mean()))
