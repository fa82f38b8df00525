"""Which source rules which zone: mixing two sources, and taking a zone from another recipe.

The *first* source is A, the *last* of several is B. Sources between them (from recipes of other
tools) are kept and fade with A.
"""

from typing import Final

import msgspec

from studio.core.recipe import (
    MAX_SOURCES,
    ZONES,
    Edit,
    Recipe,
    Source,
    Triple,
    Zone,
    plain,
    strength_of,
)

NO_SHARE: Final[Triple] = (0.0, 0.0, 0.0)


def zone_index(zone: Zone) -> int:
    """Give the place of a zone in a triple."""
    return ZONES.index(zone)


def share_of_b(recipe: Recipe) -> Triple:
    """Give how much of each zone comes from source B, 0…1; zeros with a single source."""
    if len(recipe.sources) < 2:
        return NO_SHARE
    last = recipe.sources[-1].shares
    sums = [sum(source.shares[i] for source in recipe.sources) for i in range(3)]
    coarse, medium, fine = (last[i] / sums[i] if sums[i] > 0 else 0.0 for i in range(3))
    return (coarse, medium, fine)


def ruling_source(recipe: Recipe, zone: Zone) -> int:
    """Give the place of the source with the largest share of a zone, the first of equal ones."""
    i = zone_index(zone)
    shares = [source.shares[i] for source in recipe.sources]
    return shares.index(max(shares))


def with_source_a(recipe: Recipe, source: Source) -> Recipe:
    """Give the recipe with another source A, its shares as they were."""
    first = msgspec.structs.replace(source, shares=recipe.sources[0].shares)
    return msgspec.structs.replace(recipe, sources=(first, *recipe.sources[1:]))


def with_source_b(recipe: Recipe, source: Source) -> Recipe:
    """Give the recipe with another source B; a new one rules nothing until it is mixed in."""
    if len(recipe.sources) < 2:
        added = msgspec.structs.replace(source, shares=NO_SHARE)
        return msgspec.structs.replace(recipe, sources=(*recipe.sources, added))
    last = msgspec.structs.replace(source, shares=recipe.sources[-1].shares)
    return msgspec.structs.replace(recipe, sources=(*recipe.sources[:-1], last))


def with_mix(recipe: Recipe, share: float, *, zones: tuple[Zone, ...]) -> Recipe:
    """Give the recipe with `share` (0…1) of source B in some zones; unchanged without a B.

    What is left of each zone goes to A and to the sources between, in their old proportion.
    """
    if len(recipe.sources) < 2:
        return recipe
    sources = [list(source.shares) for source in recipe.sources]
    for zone in zones:
        i = zone_index(zone)
        rest = sum(shares[i] for shares in sources[:-1])
        for place, shares in enumerate(sources[:-1]):
            part = shares[i] / rest if rest > 0 else float(place == 0)
            shares[i] = part * (1.0 - share)
        sources[-1][i] = share
    return _with_shares(recipe, sources)


def swapped(recipe: Recipe) -> Recipe:
    """Give the recipe with A and B in each other's place, so that A becomes what B was."""
    if len(recipe.sources) < 2:
        return recipe
    first, last = recipe.sources[0], recipe.sources[-1]
    new_first = msgspec.structs.replace(last, shares=first.shares)
    new_last = msgspec.structs.replace(first, shares=last.shares)
    return msgspec.structs.replace(recipe, sources=(new_first, *recipe.sources[1:-1], new_last))


def alone(recipe: Recipe, place: int) -> Recipe:
    """Give the recipe of one of the sources by itself, without edits; for its thumbnail."""
    source = msgspec.structs.replace(recipe.sources[place], shares=(1.0, 1.0, 1.0))
    return msgspec.structs.replace(plain(recipe), sources=(source,), edits=())


class TooManySourcesError(ValueError):
    """More sources would be needed than a recipe may have."""


def take_zone(recipe: Recipe, other: Recipe, *, zone: Zone, share: float = 1.0) -> Recipe:
    """Give the recipe with one zone as it is in another: its sources, truncation and edits there.

    Sources that are in both are not doubled, and those that rule nothing any more go. A recipe of
    another model is not mixed: the other's latents mean nothing here.

    Args:
        recipe: What to change.
        other: Where the zone is taken from.
        zone: Which.
        share: How much, 0…1: below 1 sources, truncation and edits of both are mixed.

    Raises:
        ValueError: The models differ.
        TooManySourcesError: More than eight sources would be needed.
    """
    taken = take_unlimited(recipe, other, zone=zone, share=share)
    if len(taken.sources) > MAX_SOURCES:
        raise TooManySourcesError(f"more than {MAX_SOURCES} sources")
    return taken


def take_unlimited(recipe: Recipe, other: Recipe, *, zone: Zone, share: float = 1.0) -> Recipe:
    """Give what `take_zone` gives, even when it has more sources than a recipe may have.

    Raises:
        ValueError: The models differ.
    """
    if recipe.model != other.model:
        raise ValueError("the recipes are of different models")
    i = zone_index(zone)
    if share <= 0:
        return recipe
    mine = [
        _with_number(source, i, number=number)
        for source, number in zip(recipe.sources, _parts(recipe, i, scale=1 - share), strict=True)
    ]
    for source, number in zip(other.sources, _parts(other, i, scale=share), strict=True):
        if number <= 0:
            continue
        place = next((n for n, own in enumerate(mine) if _is_same(own, source)), None)
        if place is None:
            mine.append(_with_number(_unshared(source), i, number=number))
        else:
            mine[place] = _with_number(mine[place], i, number=mine[place].shares[i] + number)
    kept = [source for n, source in enumerate(mine) if n == 0 or any(source.shares)]
    if not any(kept[0].shares):
        kept = kept[1:]  # A rules nothing any more
    psi = recipe.psi[i] + share * (other.psi[i] - recipe.psi[i]) if share < 1 else other.psi[i]
    return msgspec.structs.replace(
        recipe,
        sources=tuple(kept),
        psi=_with_zone(recipe.psi, i, number=round(psi, 4)),
        edits=_take_edits(recipe, other, i=i, share=share),
    )


def _parts(recipe: Recipe, i: int, *, scale: float) -> list[float]:
    """Give the shares of a zone brought to a sum of `scale`; as they are when that is 1."""
    numbers = [source.shares[i] for source in recipe.sources]
    if scale in (0.0, 1.0):
        return [number * scale for number in numbers]
    return [round(number / sum(numbers) * scale, 6) for number in numbers]


def _take_edits(recipe: Recipe, other: Recipe, *, i: int, share: float) -> tuple[Edit, ...]:
    vectors = {edit.direction: edit.vector for edit in (*recipe.edits, *other.edits)}
    edits = []
    for direction in sorted(vectors):
        mine, theirs = strength_of(recipe, direction), strength_of(other, direction)[i]
        number = theirs if share >= 1 else round(mine[i] + share * (theirs - mine[i]), 4)
        strength = _with_zone(mine, i, number=number)
        if any(strength):
            edits.append(Edit(direction=direction, strength=strength, vector=vectors[direction]))
    return tuple(edits)


def _with_shares(recipe: Recipe, shares: list[list[float]]) -> Recipe:
    sources = tuple(
        msgspec.structs.replace(source, shares=(new[0], new[1], new[2]))
        for source, new in zip(recipe.sources, shares, strict=True)
    )
    return msgspec.structs.replace(recipe, sources=sources)


def _with_number(source: Source, i: int, *, number: float) -> Source:
    return msgspec.structs.replace(source, shares=_with_zone(source.shares, i, number=number))


def _unshared(source: Source) -> Source:
    return msgspec.structs.replace(source, shares=NO_SHARE)


def _is_same(one: Source, other: Source) -> bool:
    return (one.seed, one.w) == (other.seed, other.w)


def _with_zone(triple: Triple, i: int, *, number: float) -> Triple:
    numbers = list(triple)
    numbers[i] = number
    return (numbers[0], numbers[1], numbers[2])
