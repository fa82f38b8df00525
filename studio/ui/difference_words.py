"""What differs between two recipes, in words: a line for each thing."""

from collections.abc import Mapping
from typing import Final

import msgspec

from studio.core.changes import describe_change
from studio.core.mixing import share_of_b
from studio.core.recipe import ZONES, Recipe, Source, strength_of
from studio.ui.change_words import say_change, signed
from studio.ui.seed_row import group_digits
from studio.ui.texts import tr
from studio.ui.zone_chips import ZONE_NAMES

_MOST_NAMED: Final = 2  # sources; more of them would be a line of numbers


def say_differences(
    one: Recipe,
    other: Recipe,
    *,
    names: Mapping[str, str],
    units: Mapping[str, float] | None = None,
) -> list[str]:
    """Give the differences, weightiest first; none when the recipes are equal.

    Args:
        one: The recipe that the lines start from.
        other: The recipe that they lead to.
        names: Direction id → what it is called.
        units: Direction id → how much of a strength is one unit of its slider.
    """
    lines = [tr("Another model")] if one.model != other.model else []
    lines += _sources(one, other)
    lines += _truncations(one, other)
    lines += _directions(one, other, names=names, units=units or {})
    same = msgspec.structs.replace(
        other, model=one.model, sources=one.sources, psi=one.psi, edits=one.edits
    )
    rest = describe_change(one, same)
    return [*lines, say_change(rest, names)] if rest is not None else lines


def _sources(one: Recipe, other: Recipe) -> list[str]:
    """Give the lines about sources and their shares."""
    mine, theirs = [_named(source) for source in one.sources], [_named(s) for s in other.sources]
    if mine[0] != theirs[0] or (mine != theirs and max(len(mine), len(theirs)) <= _MOST_NAMED):
        return [tr("{one} → {other}", one=_joined(mine), other=_joined(theirs))]
    if mine != theirs:
        return [tr("Other sources: {n} → {m}", n=len(mine), m=len(theirs))]
    if len(mine) > 2:
        return (
            [tr("Another blend of the {n} sources", n=len(mine))]
            if one.sources != other.sources
            else []
        )
    before, after = share_of_b(one), share_of_b(other)
    return [
        tr(
            "{zone}: {before} % → {after} % from B",
            zone=tr(ZONE_NAMES[ZONES[i]]),
            before=round(before[i] * 100),
            after=round(after[i] * 100),
        )
        for i in range(3)
        if abs(before[i] - after[i]) > 1e-6
    ]


def _truncations(one: Recipe, other: Recipe) -> list[str]:
    moved = [i for i in range(3) if one.psi[i] != other.psi[i]]
    pairs = {(one.psi[i], other.psi[i]) for i in moved}
    if len(moved) == len(ZONES) and len(pairs) == 1:
        before, after = pairs.pop()
        return [tr("Truncation {before} → {after}", before=f"{before:.2f}", after=f"{after:.2f}")]
    return [
        tr(
            "Truncation, {zone}: {before} → {after}",
            zone=tr(ZONE_NAMES[ZONES[i]]),
            before=f"{one.psi[i]:.2f}",
            after=f"{other.psi[i]:.2f}",
        )
        for i in moved
    ]


def _directions(
    one: Recipe, other: Recipe, *, names: Mapping[str, str], units: Mapping[str, float]
) -> list[str]:
    lines = []
    for direction in dict.fromkeys(edit.direction for edit in (*one.edits, *other.edits)):
        before, after = strength_of(one, direction), strength_of(other, direction)
        moved = [i for i in range(3) if before[i] != after[i]]
        if not moved:
            continue
        unit = units.get(direction, 1.0) or 1.0
        name = names.get(direction) or tr("Direction")
        said = f"{name} {signed(before[moved[0]] / unit)} → {signed(after[moved[0]] / unit)}"
        if len(moved) < len(ZONES):
            zones = ", ".join(tr(ZONE_NAMES[ZONES[i]]) for i in moved)
            said = f"{said} ({zones})"
        lines.append(said)
    return lines


def _joined(names: list[str]) -> str:
    more = f" + {len(names) - _MOST_NAMED}" if len(names) > _MOST_NAMED else ""
    return " + ".join(names[:_MOST_NAMED]) + more


def _named(source: Source) -> str:
    if source.seed is None:
        return tr("Stored source")
    return tr("Seed {seed}", seed=group_digits(source.seed))
