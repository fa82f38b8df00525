"""Blending up to eight sources by a point among them: the nearer a source, the larger its share."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from studio.core.mixing import NO_SHARE, zone_index
from studio.core.recipe import MAX_SOURCES, Recipe, Source, Triple, Zone

Point = tuple[float, float]

# Nearer than this to a source there is nothing of the others: the hand should reach the ends.
_AT_PX: Final = 0.02
# The second power of the distance: the middle is an even blend, the way to a source has no corner.
# Source: Shepard 1968, inverse distance weighting.
_POWER: Final = 2
_GRID: Final = 41  # places tried for each axis when a point is looked for


def positions(count: int) -> tuple[Point, ...]:
    """Give where sources stand: on a circle of radius 1 around 0, the first on top, clockwise."""
    angles = [2 * math.pi * place / count for place in range(count)]
    return tuple((math.sin(angle), -math.cos(angle)) for angle in angles)


def shares_at(point: Point, count: int) -> tuple[float, ...]:
    """Give the share of each source at a point, of sum 1, rounded to four places."""
    distances = [math.dist(point, place) for place in positions(count)]
    nearest = min(distances)
    if nearest < _AT_PX:
        return tuple(float(place == distances.index(nearest)) for place in range(count))
    weights = [distance**-_POWER for distance in distances]
    return tuple(round(weight / sum(weights), 4) for weight in weights)


def blended(recipe: Recipe, shares: Sequence[float], *, zones: tuple[Zone, ...]) -> Recipe:
    """Give the recipe with these shares of its sources in some zones; one for each source."""
    sources = tuple(
        msgspec.structs.replace(source, shares=_in_zones(source.shares, share, zones=zones))
        for source, share in zip(recipe.sources, shares, strict=True)
    )
    return msgspec.structs.replace(recipe, sources=sources)


def shares_of(recipe: Recipe, zone: Zone) -> tuple[float, ...]:
    """Give the share of each source in a zone, of sum 1."""
    i = zone_index(zone)
    shares = [source.shares[i] for source in recipe.sources]
    return tuple(share / sum(shares) for share in shares)


def point_of(shares: Sequence[float]) -> Point:
    """Give the point whose shares come nearest to these; for showing recipes made elsewhere."""
    wanted_S = np.array(shares)
    axis_G = np.linspace(-1, 1, _GRID)
    x_P, y_P = (axis.ravel() for axis in np.meshgrid(axis_G, axis_G))
    inside_P = np.hypot(x_P, y_P) <= 1.0
    points_P2 = np.stack([x_P[inside_P], y_P[inside_P]], axis=1)
    points_P2 = np.concatenate([points_P2, np.array(positions(len(shares)))])
    from_P2S = np.array(positions(len(shares))).T
    distance_PS = np.hypot(*(points_P2[:, axis, None] - from_P2S[None, axis] for axis in (0, 1)))
    weight_PS = 1.0 / np.maximum(distance_PS, 1e-6) ** _POWER
    share_PS = weight_PS / weight_PS.sum(axis=1, keepdims=True)
    best = int(np.square(share_PS - wanted_S).sum(axis=1).argmin())
    return float(points_P2[best, 0]), float(points_P2[best, 1])


def with_added(recipe: Recipe, source: Source, *, zones: tuple[Zone, ...]) -> Recipe:
    """Give the recipe with one source more, which has an even share of some zones, so that it shows.

    Raises:
        ValueError: It has eight sources already.
    """
    count = len(recipe.sources) + 1
    if count > MAX_SOURCES:
        raise ValueError(f"more than {MAX_SOURCES} sources")
    added = msgspec.structs.replace(source, shares=NO_SHARE)
    whole = msgspec.structs.replace(recipe, sources=(*recipe.sources, added))
    for zone in zones:
        shares = [share * (count - 1) / count for share in shares_of(recipe, zone)]
        whole = blended(whole, [*(round(s, 4) for s in shares), round(1 / count, 4)], zones=(zone,))
    return whole


def without(recipe: Recipe, place: int) -> Recipe:
    """Give the recipe without a source; a zone that it ruled alone goes to the first one left."""
    left = [source for n, source in enumerate(recipe.sources) if n != place]
    if not left:
        return recipe
    for i in range(3):
        if sum(source.shares[i] for source in left) <= 0:
            shares = list(left[0].shares)
            shares[i] = 1.0
            left[0] = msgspec.structs.replace(left[0], shares=(shares[0], shares[1], shares[2]))
    return msgspec.structs.replace(recipe, sources=tuple(left))


def main_source(recipe: Recipe) -> Source:
    """Give the source with the largest shares."""
    sums = [sum(source.shares[i] for source in recipe.sources) for i in range(3)]
    return max(recipe.sources, key=lambda one: sum(one.shares[i] / sums[i] for i in range(3)))


def _in_zones(shares: Triple, share: float, *, zones: tuple[Zone, ...]) -> Triple:
    numbers = list(shares)
    for zone in zones:
        numbers[zone_index(zone)] = share
    return (numbers[0], numbers[1], numbers[2])
