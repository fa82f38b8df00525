"""Which layers a picture falls into, and which pictures must be made for them.

The lowest is the picture without its regions; each region is one more. A layer knows what the
whole looks like with it on top, so that layers that are laid on one another give the finished
picture. See `core.layer_stack` for how pixels and alpha come from that.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from studio.core.recipe import Frame, Recipe, Region, RegionKind, plain, with_frame

BASE_NAME: Final = "Base"
_NAME_BY_KIND: Final[dict[RegionKind, str]] = {"keep": "Kept", "mix": "Mixed in"}


class PlannedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer, before its pictures are made.

    Attributes:
        name: For people.
        recipe: What is drawn on the layer, without frame and regions.
        shown: The whole picture with this layer on top and nothing above it.
        own: The picture that the layer alone shows, everywhere; None where that is `shown`.
        mask: The region's mask as in a recipe, "" for the lowest layer, which is full.
        strength: Of the mask, 0…1.
        is_mirrored: Whether the mask is mirrored with the picture.
        is_visible: Whether it counts in the finished picture.
    """

    name: str
    recipe: Recipe
    shown: Recipe
    own: Recipe | None = None
    mask: str = ""
    strength: float = 1.0
    is_mirrored: bool = False
    is_visible: bool = True


def plan_layers(recipe: Recipe) -> tuple[PlannedLayer, ...]:
    """Give the layers of a picture, the lowest first.

    Args:
        recipe: The picture's recipe; its enlargement is left to whoever makes the pictures.
    """
    frame = msgspec.structs.replace(recipe.frame or Frame(), enlarge=1)
    base = with_frame(plain(recipe), frame)
    layers = [PlannedLayer(name=BASE_NAME, recipe=plain(recipe), shown=base)]
    for place, region in enumerate(recipe.regions):
        below = recipe.regions[:place]
        top = _made_visible(region)
        keeps = region.kind == "keep"
        layers.append(
            PlannedLayer(
                name=region.name or f"{_NAME_BY_KIND[region.kind]} {place + 1}",
                recipe=region.recipe,
                shown=msgspec.structs.replace(base, regions=(*below, top)),
                own=_under(region.recipe, below, frame=frame) if keeps else None,
                mask=region.mask,
                strength=top.strength,
                is_mirrored=frame.is_mirrored,
                is_visible=top == region,
            )
        )
    return tuple(layers)


def pictures_of(layers: Iterable[PlannedLayer]) -> tuple[Recipe, ...]:
    """Give every recipe whose picture is needed, each once."""
    wanted = (one for layer in layers for one in (layer.shown, layer.own) if one is not None)
    return tuple(dict.fromkeys(wanted))


def whole_of(layers: Sequence[PlannedLayer]) -> Recipe:
    """Give the recipe, one of `pictures_of`, of the finished picture: all its visible layers."""
    return next(layer.shown for layer in reversed(layers) if layer.is_visible)


def _made_visible(region: Region) -> Region:
    """Give the region as it is once it counts; one of strength 0 then counts wholly."""
    return msgspec.structs.replace(region, is_visible=True, strength=region.strength or 1.0)


def _under(recipe: Recipe, regions: tuple[Region, ...], *, frame: Frame) -> Recipe:
    """Give what a kept region shows: its recipe with the regions that lay below it."""
    return with_frame(msgspec.structs.replace(recipe, regions=regions), frame)
