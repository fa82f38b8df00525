"""Recipes with painted regions, and pictures in place of an engine's."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.core.mask import mask_to_text
from studio.core.recipe import Recipe, Region, RegionKind, new_recipe


def disc(x: float, y: float, radius: float, *, soft: float = 8.0) -> str:
    """Give the mask of a round spot on 128 × 128, fading over `soft` px at its rim."""
    rows, columns = np.mgrid[:128, :128]
    levels = (radius - np.hypot(columns - x, rows - y)) / soft * 255 + 127
    return mask_to_text(np.clip(levels, 0, 255).astype(np.uint8))


def painted(model: str, *, seed: int = 7) -> Recipe:
    """Give a recipe with a mix, a kept spot over its rim, a hidden one, a weaker mix over all."""

    def region(kind: RegionKind, mask: str, other: int, name: str = "") -> Region:
        return Region(kind=kind, mask=mask, recipe=new_recipe(model, other), name=name)

    regions = (
        region("mix", disc(40, 40, 25), 9, "Sky 天空"),
        region("keep", disc(60, 60, 22, soft=14), 5, 'Rock <"&'),
        msgspec.structs.replace(region("keep", disc(60, 70, 15), 78), is_visible=False),
        msgspec.structs.replace(region("mix", disc(80, 60, 25, soft=20), 77), strength=0.6),
    )
    return msgspec.structs.replace(new_recipe(model, seed), regions=regions)


def noise(seed: int, shape: tuple[int, int] = (24, 32)) -> Picture:
    """Give a picture of noise, with black and white in it."""
    levels: NDArray[np.int64] = np.random.default_rng(seed).integers(-60, 316, (*shape, 3))
    return np.clip(levels, 0, 255).astype(np.uint8)
