"""The recipe that lies between two others: what a walk passes on its way.

The straight line between two latents w is itself a mix of their sources: truncation goes over from
one to the other, and each source's share is weighted with the truncation it had. So a picture of a
walk has a recipe like any other, whose sliders can be moved. The frame is that of the first.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np

from studio.core.latent import FloatArray
from studio.core.recipe import (
    MAX_PSI,
    MAX_REGIONS,
    MAX_SOURCES,
    MAX_STRENGTH,
    MAX_TEXT_IN_ALL,
    Edit,
    Recipe,
    Region,
    Source,
    Triple,
    floats_to_text,
    strength_of,
)

_NO_PSI: Final = 1e-9
_SourceKey = tuple[int | None, str | None]


def between(one: Recipe, other: Recipe, *, share: float) -> Recipe | None:
    """Give the recipe at `share` (0…1) of the way from one to the other; the ends are themselves.

    None where no recipe can say it: more than eight sources, or zones that were moved differently.
    `fixed_at` gives recipes for which there always is one.

    Source: w(s) = (1 - s) w_0 + s w_1 with w_i = mean + psi_i (Σ share · w - mean) + edits, DESIGN §4.

    Raises:
        ValueError: The recipes are of different models.
    """
    if one.model != other.model:
        raise ValueError("the recipes are of different models")
    if share <= 0.0 or one == other:
        return one
    if share >= 1.0:
        return other
    if not can_mix(one, other):
        return None
    return msgspec.structs.replace(
        one,
        sources=_mixed_sources(one, other, share=share),
        psi=_lerp(one.psi, other.psi, share=share, low=0.0, high=MAX_PSI),
        edits=_mixed_edits(one, other, share=share),
        regions=_mixed_regions(one, other, share=share),
    )


def can_mix(one: Recipe, other: Recipe) -> bool:
    """Say whether every picture between two recipes has a recipe of their own sources."""
    keys = {_key(source) for source in (*one.sources, *other.sources)}
    return one.zones == other.zones and len(keys) <= MAX_SOURCES


def fixed_at(recipe: Recipe, w_LD: FloatArray) -> Recipe:
    """Give the recipe that says the same latent in one stored source."""
    return msgspec.structs.replace(
        recipe,
        sources=(Source(w=floats_to_text(w_LD)),),
        psi=(1.0, 1.0, 1.0),
        edits=(),
        zones=None,
    )


def distance(one_LD: FloatArray, other_LD: FloatArray) -> float:
    """Give how far two latents lie apart: the root of the mean square over layers and numbers."""
    return float(np.sqrt(np.mean((one_LD.astype(np.float64) - other_LD) ** 2)))


def _mixed_sources(one: Recipe, other: Recipe, *, share: float) -> tuple[Source, ...]:
    """Give the sources of both; in every zone their shares sum to 1."""
    parts = (1.0 - share, share)
    weights = [
        [part * psi for psi in recipe.psi] for recipe, part in zip((one, other), parts, strict=True)
    ]
    for i in range(3):
        total = weights[0][i] + weights[1][i]
        for place, part in enumerate(parts):
            # Without any truncation left the picture is the mean, whatever the sources are.
            weights[place][i] = weights[place][i] / total if total > _NO_PSI else part
    shares_by_key: dict[_SourceKey, list[float]] = {}
    for recipe, weight in zip((one, other), weights, strict=True):
        sums = [sum(source.shares[i] for source in recipe.sources) for i in range(3)]
        for source in recipe.sources:
            shares = shares_by_key.setdefault(_key(source), [0.0, 0.0, 0.0])
            for i in range(3):
                shares[i] += weight[i] * source.shares[i] / sums[i]
    return tuple(
        Source(seed=seed, w=w, shares=(shares[0], shares[1], shares[2]))
        for (seed, w), shares in shares_by_key.items()
    )


def _mixed_regions(one: Recipe, other: Recipe, *, share: float) -> tuple[Region, ...]:
    """Give the painted parts of both, fading out and in; too many cut over in the middle."""
    if one.regions == other.regions:
        return one.regions
    both = (*one.regions, *other.regions)
    text_length = sum(len(msgspec.json.encode(region)) for region in both)
    if len(both) > MAX_REGIONS or text_length > MAX_TEXT_IN_ALL:
        return one.regions if share < 0.5 else other.regions
    parts = [1.0 - share] * len(one.regions) + [share] * len(other.regions)
    return tuple(
        msgspec.structs.replace(region, strength=region.strength * part)
        for region, part in zip(both, parts, strict=True)
    )


def _mixed_edits(one: Recipe, other: Recipe, *, share: float) -> tuple[Edit, ...]:
    vectors: Mapping[str, str | None] = {
        edit.direction: edit.vector for edit in (*one.edits, *other.edits)
    }
    edits = []
    for direction in sorted(vectors):
        here, there = strength_of(one, direction), strength_of(other, direction)
        strength = _lerp(here, there, share=share, low=-MAX_STRENGTH, high=MAX_STRENGTH)
        if any(strength):
            edits.append(Edit(direction=direction, strength=strength, vector=vectors[direction]))
    return tuple(edits)


def _lerp(one: Triple, other: Triple, *, share: float, low: float, high: float) -> Triple:
    """Give the triple between two; rounding never leaves the range."""
    first, second, third = (
        min(max((1.0 - share) * a + share * b, low), high) for a, b in zip(one, other, strict=True)
    )
    return (first, second, third)


def _key(source: Source) -> _SourceKey:
    return (source.seed, source.w)
