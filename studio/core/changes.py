"""What changed between two recipes, for history, undo texts and the names of kept pictures."""

from typing import Literal

import msgspec

from studio.core.mixing import share_of_b
from studio.core.recipe import ZONES, Frame, Recipe, Region, Triple, cells_of, strength_of

ChangeKind = Literal[
    "start",
    "model",
    "seed",
    "mix",
    "truncation",
    "direction",
    "pulled",
    "zones",
    "region",
    "tile",
    "size",
    "enlarge",
    "mirror",
    "bred",
    "blend",
    "painted",
    "bare",
]


# No hand moves so many sliders in one step: a pull did. All of them back to 0 is a reset.
_MANY = 4


class Change(msgspec.Struct, frozen=True):
    """The most telling difference between two recipes.

    Attributes:
        kind: What changed.
        key: The direction's id for "direction", the seed's digits for "seed", the zone for a "mix"
            or "blend" that moved one zone alone, what was done for "region" ("keep" and "mix": painted;
            "removed", "order", "source", "strength", "hidden", "shown", "name"), the sides for
            "tile", "8x4" for "size", the program for "painted", else empty.
        value: New strength, truncation, share of source B (0…1) or enlargement, 1 when mirrored
            now, the number of parents for "bred", of sources for "blend", of directions for "pulled"; 0 where there is none.
        num_more: How many other kinds of change came with it.
    """

    kind: ChangeKind
    key: str = ""
    value: float = 0.0
    num_more: int = 0


def describe_change(before: Recipe | None, after: Recipe) -> Change | None:
    """Give what changed, the weightiest first; None when the recipes are equal."""
    if before is None:
        return Change("start", _seed_text(after))
    found: list[Change] = []
    if before.model != after.model:
        found.append(Change("model"))
    if before.sources != after.sources:
        found.append(_source_change(before, after))
    if before.psi != after.psi:
        found.append(Change("truncation", value=_told(before.psi, after.psi)))
    found.extend(_direction_changes(before, after))
    if before.zones != after.zones:
        found.append(Change("zones"))
    if before.regions != after.regions:
        found.append(_region_change(before.regions, after.regions))
    found.extend(_frame_changes(before, after))
    if not found:
        return None
    return msgspec.structs.replace(found[0], num_more=len(found) - 1)


def _source_change(before: Recipe, after: Recipe) -> Change:
    named_before = [(source.seed, source.w) for source in before.sources]
    named_after = [(source.seed, source.w) for source in after.sources]
    if named_before[:1] != named_after[:1]:
        return Change("seed", _seed_text(after))
    if len(after.sources) > 2:
        places = [i for i in range(3) if _parts(before, i) != _parts(after, i)]
        zone = ZONES[places[0]] if len(places) == 1 else ""
        return Change("blend", zone, len(after.sources))
    old, new = share_of_b(before), share_of_b(after)
    moved = [i for i in range(3) if abs(old[i] - new[i]) > 1e-9]
    if len(moved) == 1:
        return Change("mix", ZONES[moved[0]], new[moved[0]])
    return Change("mix", value=max(new[i] for i in moved) if moved else max(new))


def _parts(recipe: Recipe, i: int) -> list[tuple[int | None, str | None, float]]:
    """Give what a zone is made of, to be compared."""
    return [(one.seed, one.w, one.shares[i]) for one in recipe.sources if one.shares[i] > 0]


def _direction_changes(before: Recipe, after: Recipe) -> list[Change]:
    """Give a change for each edit that came, went or moved; one of strength 0 counts as there."""
    edits = dict.fromkeys((*after.edits, *before.edits))
    moved = [edit for edit in edits if (edit in before.edits) != (edit in after.edits)]
    names = dict.fromkeys(edit.direction for edit in moved)
    pairs = [(name, strength_of(before, name), strength_of(after, name)) for name in names]
    if len(pairs) >= _MANY and any(any(new) for _, _, new in pairs):
        return [Change("pulled", value=float(len(pairs)))]
    return [Change("direction", name, _told(old, new)) for name, old, new in pairs]


def _region_change(before: tuple[Region, ...], after: tuple[Region, ...]) -> Change:
    """Give what happened to the regions: the first one that is another tells."""
    if len(before) > len(after):
        return Change("region", "removed")
    if len(before) < len(after):
        new = next(region for region in reversed(after) if region not in before)
        return Change("region", new.kind)
    if set(before) == set(after):
        return Change("region", "order")
    old, new = next((a, b) for a, b in zip(before, after, strict=True) if a != b)
    if old.mask != new.mask or old.kind != new.kind:
        return Change("region", new.kind)
    if old.recipe != new.recipe:
        return Change("region", "source")
    if old.strength != new.strength:
        return Change("region", "strength", new.strength)
    if old.is_visible != new.is_visible:
        return Change("region", "shown" if new.is_visible else "hidden")
    return Change("region", "name")


def _frame_changes(before: Recipe, after: Recipe) -> list[Change]:
    old, new = before.frame or Frame(), after.frame or Frame()
    found = []
    if old.tile != new.tile:
        found.append(Change("tile", new.tile))
    if (old.size, old.beyond) != (new.size, new.beyond):
        across, down = cells_of(after)
        found.append(Change("size", f"{across}x{down}"))
    if old.enlarge != new.enlarge:
        found.append(Change("enlarge", value=float(new.enlarge)))
    if old.is_mirrored != new.is_mirrored:
        found.append(Change("mirror", value=float(new.is_mirrored)))
    return found


def _told(before: Triple, after: Triple) -> float:
    """Give the new number of the first zone that moved, the first zone's when none did."""
    moved = [new for old, new in zip(before, after, strict=True) if old != new]
    return moved[0] if moved else after[0]


def _seed_text(recipe: Recipe) -> str:
    seed = recipe.sources[0].seed
    return "" if seed is None else str(seed)
