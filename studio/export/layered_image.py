"""What a layered file holds, as plain values: what `export.layers` makes and its writers write.

Shape legend: H rows, W columns.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.core.provenance import Provenance


class FlatLayer(msgspec.Struct, frozen=True):
    """One layer.

    Attributes:
        name: One line, not empty.
        picture: uint8 [H, W, 3], also where it is transparent.
        alpha: uint8 [H, W]; None is opaque.
        is_visible: Whether it is shown when the file is opened.
        recipe_json: What is drawn on it, "" to keep it to oneself.
    """

    name: str
    picture: Picture
    alpha: NDArray[np.uint8] | None
    is_visible: bool
    recipe_json: str


class LayerGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The layers of one picture.

    Attributes:
        name: One line, not empty.
        left: Of all its layers on the canvas, in px.
        top: The same.
        layers: The lowest first, all of one size.
        recipe_json: Of the whole picture, "" to keep it to oneself.
    """

    name: str
    left: int
    top: int
    layers: tuple[FlatLayer, ...]
    recipe_json: str

    @property
    def is_single(self) -> bool:
        """Whether it is written as a layer instead of a group."""
        return len(self.layers) == 1


class LayeredImage(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file.

    Attributes:
        size: Width and height of the canvas in px.
        groups: The uppermost first.
        merged: What it looks like, uint8 [H, W, 3], or [H, W, 4] where something stays empty.
        provenance: What the file says of itself.
    """

    size: tuple[int, int]
    groups: tuple[LayerGroup, ...]
    merged: NDArray[np.uint8]
    provenance: Provenance
