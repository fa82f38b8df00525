"""Variations of a picture and children of several: which recipes stand on a sheet.

In zones that were not chosen every variation is exactly its parent, and every child exactly its
first parent. What chance decides comes from one number for each place, so that another spread
gives the same variations, nearer or farther.
"""

import random
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from studio.core.exploring import fresh_recipe
from studio.core.mixing import take_unlimited, zone_index
from studio.core.recipe import (
    DEFAULT_PSI,
    MAX_SEED,
    MAX_SOURCES,
    ZONES,
    Recipe,
    Source,
    Triple,
    Zone,
    strength_of,
    with_edit,
)

# Far enough that two neighbours differ at a glance, near enough that the scene stays.
DEFAULT_SPREAD: Final = 0.35
MAX_PARENTS: Final = 8
NUM_MOVED: Final = 3
MOVE_SIGMA: Final = 2.3  # for each unit of spread: 0.8 at the default
MOVE_LIMIT: Final = 3.0
# A new source of more than this would leave little of the parent even at the widest spread.
MOST_SHARE: Final = 0.85
# Of a child's zones, about this many are a mix of two parents and not one of them.
BLENDED: Final = 1 / 3
MUTATION: Final = 0.5  # children differ already: they vary by this much of the spread

SheetKind = Literal["fresh", "nearby", "children"]


class Sheet(msgspec.Struct, frozen=True):
    """What the pictures of one sheet have in common.

    Attributes:
        kind: "fresh" for random seeds, "nearby" for variations, "children" of several parents.
        model: The model's hash.
        parents: None for "fresh", one for "nearby", two to eight for "children".
        psi: Truncation of fresh pictures.
        spread: How far variations go, 0…1.
        zones: The zones that vary.
    """

    kind: SheetKind
    model: str
    parents: tuple[Recipe, ...] = ()
    psi: Triple = (DEFAULT_PSI, DEFAULT_PSI, DEFAULT_PSI)
    spread: float = DEFAULT_SPREAD
    zones: tuple[Zone, ...] = ZONES


def recipe_on(sheet: Sheet, number: int, *, directions: Sequence[str]) -> Recipe:
    """Give the recipe that a number stands for on a sheet.

    Args:
        sheet: The sheet.
        number: Any number; equal numbers give equal recipes.
        directions: Ids of the model's directions, of which some are moved a little.
    """
    chance = random.Random(number)
    if sheet.kind == "fresh":
        return fresh_recipe(sheet.model, chance, psi=sheet.psi)
    wide, zones = sheet.spread, sheet.zones
    if sheet.kind == "nearby":
        return variation(sheet.parents[0], chance, spread=wide, zones=zones, directions=directions)
    return child(sheet.parents, chance, spread=wide, zones=zones, directions=directions)


def variation(
    recipe: Recipe,
    chance: random.Random,
    *,
    spread: float,
    zones: tuple[Zone, ...],
    directions: Sequence[str],
) -> Recipe:
    """Give a recipe whose picture resembles that of another; equal to it in all other zones.

    A little of a random source is mixed in, and a few directions move, so that the sliders show
    what is different.
    """
    seed, part = chance.randint(0, MAX_SEED), chance.uniform(0.6, 1.0)
    moved = chance.sample(list(directions), min(NUM_MOVED, len(directions)))
    steps = [chance.gauss(0.0, MOVE_SIGMA) for _ in moved]
    near = _mixed_in(recipe, seed, share=spread * part * MOST_SHARE, zones=zones)
    vector_by_id = {edit.direction: edit.vector for edit in recipe.edits}
    for direction, step in zip(moved, steps, strict=True):
        strength = _moved(strength_of(recipe, direction), step * spread, zones=zones)
        near = with_edit(near, direction, strength=strength, vector=vector_by_id.get(direction))
    return near


def child(
    parents: Sequence[Recipe],
    chance: random.Random,
    *,
    spread: float,
    zones: tuple[Zone, ...],
    directions: Sequence[str],
) -> Recipe:
    """Give a child: each chosen zone from one parent or mixed of two, then varied a little.

    Where more than one zone is chosen, at least two parents are in it.

    Raises:
        ValueError: The parents are of different models.
    """
    heirs = [chance.randrange(len(parents)) for _ in zones]
    if len(zones) > 1 and len(parents) > 1 and len(set(heirs)) == 1:
        heirs[chance.randrange(len(zones))] = _another(heirs[0], len(parents), chance=chance)
    born = parents[0]
    for zone, heir in zip(zones, heirs, strict=True):
        other, share = _another(heir, len(parents), chance=chance), chance.uniform(0.3, 0.7)
        is_blended = chance.random() < BLENDED or len(zones) == 1
        born = take_unlimited(born, parents[heir], zone=zone)
        if is_blended and other != heir:
            born = take_unlimited(born, parents[other], zone=zone, share=share)
    fitted = _fitted(born, MAX_SOURCES, zones=zones)
    if fitted is None:  # every source is needed by a zone that must stay
        fitted = parents[0]
    near = spread * MUTATION
    return variation(fitted, chance, spread=near, zones=zones, directions=directions)


def _another(place: int, count: int, *, chance: random.Random) -> int:
    """Give another place than this one, the same when there is only one."""
    return (place + chance.randrange(1, count)) % count if count > 1 else place


def _mixed_in(recipe: Recipe, seed: int, *, share: float, zones: tuple[Zone, ...]) -> Recipe:
    """Give the recipe with some of a seed in some zones; as it is where there is no place left."""
    room = _fitted(recipe, MAX_SOURCES - 1, zones=zones)
    if share <= 0 or room is None:
        return recipe
    chosen = [zone_index(zone) for zone in zones]
    sums = [sum(source.shares[i] for source in room.sources) for i in range(3)]
    sources = []
    for source in room.sources:
        shares = [
            round(number / sums[i] * (1 - share), 4) if i in chosen else number
            for i, number in enumerate(source.shares)
        ]
        sources.append(msgspec.structs.replace(source, shares=_triple(shares)))
    added = [round(share, 4) if i in chosen else 0.0 for i in range(3)]
    sources.append(Source(seed=seed, shares=_triple(added)))
    return msgspec.structs.replace(room, sources=tuple(sources))


def _fitted(recipe: Recipe, most: int, *, zones: tuple[Zone, ...]) -> Recipe | None:
    """Give the recipe with at most `most` sources, the weakest gone; None where none may go.

    A source may go that has no share in the zones that must stay.
    """
    fixed = [i for i, zone in enumerate(ZONES) if zone not in zones]
    sources = list(recipe.sources)
    while len(sources) > most:
        free = [one for one in sources if not any(one.shares[i] for i in fixed)]
        weakest = min(free, key=lambda one: sum(one.shares), default=None)
        if weakest is None:
            return None
        sources.remove(weakest)
        if any(sum(one.shares[i] for one in sources) <= 0 for i in range(3)):
            return None
    return msgspec.structs.replace(recipe, sources=tuple(sources))


def _moved(strength: Triple, by: float, *, zones: tuple[Zone, ...]) -> Triple:
    numbers = list(strength)
    for i, number in enumerate(strength):
        limit = max(MOVE_LIMIT, abs(number))
        if ZONES[i] in zones:
            numbers[i] = round(min(max(number + by, -limit), limit), 2)
    return _triple(numbers)


def _triple(numbers: Sequence[float]) -> Triple:
    return (numbers[0], numbers[1], numbers[2])
