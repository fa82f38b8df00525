"""Levers of a picture: a direction in one zone, and how far it can be moved from where it is.

A pull or any other search moves many of them at once; each stays within what a recipe may hold.
"""

from collections.abc import Iterable, Sequence

import msgspec

from studio.core.directions import DirectionEntry
from studio.core.recipe import MAX_STRENGTH, ZONES, Recipe, Zone, strength_of, with_edit


class Lever(msgspec.Struct, frozen=True):
    """A direction in one zone.

    Attributes:
        direction: Its id.
        zone: Where it acts.
        vector: What `Edit.vector` must hold; None for the model's own directions.
    """

    direction: str
    zone: Zone
    vector: str | None = None


def levers_of(entries: Iterable[DirectionEntry], *, zones: Iterable[Zone]) -> tuple[Lever, ...]:
    """Give a lever for each zone that a direction was found for, of those zones."""
    wanted = tuple(zones)
    return tuple(
        Lever(entry.id, zone)
        for entry in entries
        for zone in ZONES
        if zone in wanted and zone in entry.zones
    )


def room(recipe: Recipe, lever: Lever) -> tuple[float, float]:
    """Give how far a lever can go down and up from where it is, σ: (≤ 0, ≥ 0)."""
    now = strength_of(recipe, lever.direction)[ZONES.index(lever.zone)]
    return -MAX_STRENGTH - now, MAX_STRENGTH - now


def with_levers(recipe: Recipe, levers: Sequence[Lever], *, strengths: Sequence[float]) -> Recipe:
    """Give the recipe with every lever moved by so many σ, within what a recipe may hold."""
    for lever, strength in zip(levers, strengths, strict=True):
        if not strength:
            continue
        triple = list(strength_of(recipe, lever.direction))
        place = ZONES.index(lever.zone)
        there = round(triple[place] + strength, 4)
        triple[place] = min(max(there, -MAX_STRENGTH), MAX_STRENGTH)
        whole = (triple[0], triple[1], triple[2])
        recipe = with_edit(recipe, lever.direction, strength=whole, vector=lever.vector)
    return recipe
