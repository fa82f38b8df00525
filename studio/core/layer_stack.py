"""Pixels and alpha of layers, such that laid on one another they give the finished picture.

A kept region is simply laid over what is below, so its layer has its own picture and the painted
mask. What is mixed in meets the rest inside the generator and reaches a little beyond its mask, and
an enlarged picture is not the sum of enlarged parts: there the layer takes the finished picture's
pixels, with an alpha that is full wherever anything changed and falls off softly around it. Where
that still misses, the pixel's colour is solved for, with just as much alpha as it needs.

Shape legend: H rows, W columns, C = 3 colours. Alpha is uint8, 255 is opaque.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture
from studio.core.layer_plan import PlannedLayer
from studio.core.mask import alpha_of
from studio.core.recipe import Recipe

Alpha = NDArray[np.uint8]

# Rounding costs up to one level; where no more is missed, true colours are worth more: solved ones
# would show as a rim when a mask is painted wider.
_TOLERANCE: Final = 1.0
# What changed by this many levels is seen as the layer's; it takes its surroundings along as far as
# this share of the longer side. Smaller changes get alpha by their size. Tried by eye.
_CLEAR: Final = 12
_REACH: Final = 1 / 32


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One finished layer.

    Attributes:
        name: For people.
        picture: uint8 [H, W, 3], also where it is transparent.
        alpha: uint8 [H, W], None when it is opaque everywhere.
        is_visible: Whether it counts in the finished picture.
        recipe: What is drawn on it, None to keep it to oneself.
    """

    name: str
    picture: Picture
    alpha: Alpha | None = None
    is_visible: bool = True
    recipe: Recipe | None = None


def stack_layers(
    planned: Sequence[PlannedLayer], picture_by_recipe: Mapping[Recipe, Picture]
) -> tuple[Layer, ...]:
    """Give the finished layers, the lowest first.

    Args:
        planned: Of one picture, as `plan_layers` gives them.
        picture_by_recipe: Every picture of `pictures_of`, all of one size.
    """
    base = picture_by_recipe[planned[0].shown]
    layers = [Layer(name=planned[0].name, picture=base, recipe=planned[0].recipe)]
    # Some programs round after each layer, others once at the end; both shall be right.
    below, smooth = base, base.astype(np.float32)
    for one in planned[1:]:
        above = picture_by_recipe[one.shown]
        own = above if one.own is None else picture_by_recipe[one.own]
        alpha = _painted(one, shape=(base.shape[0], base.shape[1]))
        if one.own is None:
            alpha = np.maximum(alpha, _reach(below, above))
        picture, alpha = _solved((below, smooth), above, own=own, alpha_HW=alpha)
        layers.append(
            Layer(
                name=one.name,
                picture=picture,
                alpha=alpha,
                is_visible=one.is_visible,
                recipe=one.recipe,
            )
        )
        if one.is_visible:
            below = laid_over(below, picture, alpha_HW=alpha)
            smooth = _laid(smooth, picture, alpha_HW=alpha)
    return tuple(layers)


def flatten(layers: Sequence[Layer]) -> Picture:
    """Give the visible layers laid on one another, as a program that opens them would."""
    picture = layers[0].picture
    for layer in layers[1:]:
        if layer.is_visible:
            alpha = layer.alpha
            picture = (
                layer.picture
                if alpha is None
                else laid_over(picture, layer.picture, alpha_HW=alpha)
            )
    return picture


def laid_over(below: Picture, above: Picture, *, alpha_HW: Alpha) -> Picture:
    """Give a picture laid over another, rounded to the nearest level."""
    return np.rint(_laid(below.astype(np.float32), above, alpha_HW=alpha_HW)).astype(np.uint8)


def _laid(below: NDArray[np.float32], above: Picture, *, alpha_HW: Alpha) -> NDArray[np.float32]:
    share = (alpha_HW.astype(np.float32) / np.float32(255))[:, :, None]
    laid: NDArray[np.float32] = below + (above.astype(np.float32) - below) * share
    return laid


def _painted(layer: PlannedLayer, *, shape: tuple[int, int]) -> Alpha:
    height, width = shape
    alpha = alpha_of(layer.mask, width=width, height=height) * np.float32(layer.strength)
    levels = np.rint(alpha * np.float32(255)).astype(np.uint8)
    return np.ascontiguousarray(levels[:, ::-1]) if layer.is_mirrored else levels


def _reach(below: Picture, above: Picture) -> Alpha:
    """Give full alpha wherever two pictures clearly differ, falling off softly around that."""
    step = np.abs(below.astype(np.int16) - above.astype(np.int16)).max(axis=2)
    radius = max(1, round(max(step.shape) * _REACH))
    near = _mean_around(step > _CLEAR, radius) > 0
    share = np.maximum(_mean_around(near, radius), step / _CLEAR)
    alpha: Alpha = np.rint(np.minimum(share, 1) * 255).astype(np.uint8)
    return alpha


def _mean_around(values_HW: NDArray[np.bool_], radius: int) -> NDArray[np.float64]:
    """Give the mean over the square around each pixel; what lies outside is like the border."""
    mean = values_HW.astype(np.float64)
    for axis in (0, 1):
        edge = np.pad(mean, [(radius + 1, radius) if i == axis else (0, 0) for i in (0, 1)], "edge")
        sums = np.cumsum(edge, axis=axis)
        width = 2 * radius + 1
        count = sums.shape[axis] - width
        high = np.take(sums, range(width, width + count), axis=axis)
        mean = (high - np.take(sums, range(count), axis=axis)) / width
    rounded: NDArray[np.float64] = np.round(mean, 9)  # sums leave a dust that is not zero
    return rounded


def _solved(
    below: tuple[Picture, NDArray[np.float32]], above: Picture, *, own: Picture, alpha_HW: Alpha
) -> tuple[Picture, Alpha]:
    """Give colours and alpha that lead from `below` to `above`: the layer's own where they do.

    Args:
        below: What it is laid on, rounded after each layer and never rounded.
        above: What it shall look like.
        own: The layer's own picture.
        alpha_HW: Its wished alpha.
    """
    high = above.astype(np.float32)
    lows = [one.astype(np.float32) for one in below]
    missed = [np.abs(_laid(low, own, alpha_HW=alpha_HW) - high).max(axis=2) for low in lows]
    is_off = np.maximum(*missed) > _TOLERANCE
    if not is_off.any():
        return own, alpha_HW
    low = (lows[0] + lows[1]) / 2
    step = high - low
    room = np.where(step > 0, 255 - low, low)
    needed = np.divide(np.abs(step), room, out=np.zeros_like(step), where=step != 0).max(axis=2)
    wanted = np.minimum(np.ceil(needed * 255), 255)
    alpha = np.where(is_off, np.maximum(alpha_HW, wanted), alpha_HW)
    share = np.maximum(alpha, 1)[:, :, None] / np.float32(255)
    colour = np.rint(np.clip(low + step / share, 0, 255))
    picture = np.where(is_off[:, :, None], colour, own).astype(np.uint8)
    return picture, alpha.astype(np.uint8)
