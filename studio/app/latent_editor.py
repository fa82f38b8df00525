"""What the controls of the Latents panel do to the document's recipe."""

import random
from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.direction_desk import DirectionDesk
from studio.app.document import Document
from studio.app.preferences import Preferences
from studio.core.blending import blended, with_added, without
from studio.core.mixing import (
    share_of_b,
    swapped,
    with_mix,
    with_source_a,
    with_source_b,
    zone_index,
)
from studio.core.recipe import (
    DEFAULT_PSI,
    MAX_PSI,
    MAX_SEED,
    MAX_SOURCES,
    MAX_STRENGTH,
    ZONES,
    Recipe,
    Source,
    Triple,
    Zone,
    strength_of,
    with_edit,
)

ALL_ZONES: Final[tuple[Zone, ...]] = ZONES


class LatentEditor(QObject):
    """Turns moves of the hand into edits of the document; knows which zones they reach.

    Every method does nothing without a recipe.

    Signals:
        zones_changed: Tuple of the zones that sliders change now; only on change.
        lock_changed: Whether the seed is locked now; only on change.
    """

    zones_changed = Signal(object)
    lock_changed = Signal(object)

    def __init__(
        self,
        document: Document,
        preferences: Preferences,
        *,
        desk: DirectionDesk | None = None,
        chance: random.Random | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._preferences = preferences
        self._desk = desk
        self._chance = chance or random.Random()
        self._zones: tuple[Zone, ...] = ALL_ZONES
        self._trail: list[int] = []
        self._place = -1
        self._note_seed(document.recipe)
        document.recipe_changed.connect(self._note_seed)
        preferences.changed.connect(self._note_lock)
        self._is_locked = preferences.values.is_seed_locked

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones that sliders change, in order; at least one."""
        return self._zones

    @property
    def is_seed_locked(self) -> bool:
        """Whether dice and new pictures leave the seed alone."""
        return self._preferences.values.is_seed_locked

    @property
    def seed(self) -> int | None:
        """Seed of source A; None without a recipe or when A is a stored latent."""
        recipe = self._document.recipe
        return recipe.sources[0].seed if recipe else None

    @property
    def can_go_back(self) -> bool:
        """Whether there was a seed before this one."""
        return self._place > 0

    def set_zones(self, zones: tuple[Zone, ...]) -> None:
        """Choose which zones sliders change; none at all is not possible."""
        chosen = tuple(zone for zone in ZONES if zone in zones)
        if chosen and chosen != self._zones:
            self._zones = chosen
            self.zones_changed.emit(chosen)

    def set_locked(self, is_locked: bool) -> None:
        """Lock or unlock the seed."""
        self._preferences.change(is_seed_locked=is_locked)

    def set_seed(self, seed: int) -> None:
        """Give source A a seed; one out of range is brought into it."""
        recipe = self._document.recipe
        if recipe is not None:
            source = Source(seed=min(max(seed, 0), MAX_SEED))
            self._document.edit(with_source_a(recipe, source))

    def roll(self) -> None:
        """Draw a new seed for source A, unless it is locked."""
        if not self.is_seed_locked:
            self.set_seed(self._chance.randint(0, MAX_SEED))

    def previous_seed(self) -> None:
        """Go back to the seed before this one."""
        if self._place > 0 and not self.is_seed_locked:
            self._place -= 1
            self.set_seed(self._trail[self._place])

    def next_seed(self) -> None:
        """Go on to the seed after this one, or draw a new one when it is the last."""
        if self.is_seed_locked:
            return
        if self._place + 1 < len(self._trail):
            self._place += 1
            self.set_seed(self._trail[self._place])
        else:
            self.roll()

    def psi(self) -> float:
        """Give the truncation of the first chosen zone."""
        recipe = self._document.recipe
        return recipe.psi[zone_index(self._zones[0])] if recipe else DEFAULT_PSI

    def set_psi(self, psi: float) -> None:
        """Set the truncation of the chosen zones."""
        recipe = self._document.recipe
        if recipe is not None:
            self._document.edit(self.with_psi(recipe, psi))

    def with_psi(self, recipe: Recipe, psi: float) -> Recipe:
        """Give a recipe with the truncation of the chosen zones set."""
        changed = self._in_chosen(recipe.psi, min(max(psi, 0.0), MAX_PSI))
        return msgspec.structs.replace(recipe, psi=changed)

    def strength(self, direction: str) -> float:
        """Give where a slider stands, in its own units, in the first zone that it reaches."""
        recipe = self._document.recipe
        if recipe is None:
            return 0.0
        strength = strength_of(recipe, direction)[zone_index(self._reach(direction)[0])]
        return round(strength / self._unit(direction), 3) + 0.0

    def is_moved(self, direction: str) -> bool:
        """Say whether a direction is set in any zone."""
        recipe = self._document.recipe
        return recipe is not None and any(strength_of(recipe, direction))

    def set_strength(self, direction: str, number: float) -> None:
        """Put a slider somewhere, in its own units, in the zones that it reaches."""
        recipe = self._document.recipe
        if recipe is not None:
            self._document.edit(self.with_strength(recipe, direction, number=number))

    def reset(self, direction: str) -> None:
        """Take a direction out of all zones."""
        recipe = self._document.recipe
        if recipe is not None:
            self._document.edit(with_edit(recipe, direction, strength=(0.0, 0.0, 0.0)))

    def reset_all(self) -> None:
        """Take all directions out and the truncation back to its default."""
        recipe = self._document.recipe
        if recipe is not None:
            psi = (DEFAULT_PSI, DEFAULT_PSI, DEFAULT_PSI)
            self._document.edit(msgspec.structs.replace(recipe, edits=(), psi=psi))

    def with_strength(self, recipe: Recipe, direction: str, *, number: float) -> Recipe:
        """Give a recipe with a slider somewhere; for strips of previews.

        Args:
            recipe: Where to start.
            direction: Its id.
            number: In units of the slider; a recipe holds σ.
        """
        strength = number * self._unit(direction)
        strength = min(max(round(strength, 4), -MAX_STRENGTH), MAX_STRENGTH)
        vector = next((e.vector for e in recipe.edits if e.direction == direction), None)
        if vector is None and self._desk is not None:
            vector = self._desk.vector(direction)
        before, reach = strength_of(recipe, direction), self._reach(direction)
        changed = _in_zones(before, strength, zones=reach)
        return with_edit(recipe, direction, strength=changed, vector=vector)

    def mix(self) -> float:
        """Give the share of source B in the first chosen zone, 0…1."""
        recipe = self._document.recipe
        return share_of_b(recipe)[zone_index(self._zones[0])] if recipe else 0.0

    @property
    def has_b(self) -> bool:
        """Whether there is a source B."""
        recipe = self._document.recipe
        return recipe is not None and len(recipe.sources) > 1

    def set_mix(self, share: float) -> None:
        """Set the share of source B in the chosen zones."""
        recipe = self._document.recipe
        if recipe is not None:
            self._document.edit(with_mix(recipe, min(max(share, 0.0), 1.0), zones=self._zones))

    def swap(self) -> None:
        """Put A and B in each other's place."""
        recipe = self._document.recipe
        if recipe is not None:
            self._document.edit(swapped(recipe))

    def roll_b(self) -> None:
        """Draw a seed for source B; the first one is mixed in by half, so that it shows."""
        recipe = self._document.recipe
        if recipe is None:
            return
        changed = with_source_b(recipe, Source(seed=self._chance.randint(0, MAX_SEED)))
        if len(recipe.sources) < 2:
            changed = with_mix(changed, 0.5, zones=self._zones)
        self._document.edit(changed)

    def set_shares(self, shares: Sequence[float]) -> None:
        """Set the share of every source in the chosen zones."""
        recipe = self._document.recipe
        if recipe is not None and len(shares) == len(recipe.sources):
            self._document.edit(blended(recipe, shares, zones=self._zones))

    def add_source(self, source: Source) -> None:
        """Take one source more, with an even share of the chosen zones; nothing beyond eight."""
        recipe = self._document.recipe
        if recipe is not None and len(recipe.sources) < MAX_SOURCES:
            self._document.edit(with_added(recipe, source, zones=self._zones))

    def roll_added(self) -> None:
        """Take a random source more."""
        self.add_source(Source(seed=self._chance.randint(0, MAX_SEED)))

    def roll_source(self, place: int) -> None:
        """Draw another seed for a source; its shares stay."""
        recipe = self._document.recipe
        if recipe is not None:
            sources = list(recipe.sources)
            seed = self._chance.randint(0, MAX_SEED)
            sources[place] = Source(seed=seed, shares=sources[place].shares)
            self._document.edit(msgspec.structs.replace(recipe, sources=tuple(sources)))

    def remove_source(self, place: int) -> None:
        """Take a source away."""
        recipe = self._document.recipe
        if recipe is not None:
            self._document.edit(without(recipe, place))

    def _in_chosen(self, triple: Triple, number: float) -> Triple:
        return _in_zones(triple, number, zones=self._zones)

    def _unit(self, direction: str) -> float:
        return self._desk.unit(direction) if self._desk is not None else 1.0

    def _reach(self, direction: str) -> tuple[Zone, ...]:
        """Give the chosen zones that a direction was found for; all chosen ones if it was for none."""
        own = self._desk.zones(direction) if self._desk is not None else ALL_ZONES
        return tuple(zone for zone in self._zones if zone in own) or self._zones

    @Slot(object)
    def _note_seed(self, recipe: Recipe | None) -> None:
        seed = recipe.sources[0].seed if recipe else None
        if seed is None or (self._trail and self._trail[self._place] == seed):
            return
        self._trail = [*self._trail[: self._place + 1], seed][-200:]
        self._place = len(self._trail) - 1

    @Slot(object)
    def _note_lock(self, _values: object) -> None:
        if self.is_seed_locked != self._is_locked:
            self._is_locked = self.is_seed_locked
            self.lock_changed.emit(self._is_locked)


def _in_zones(triple: Triple, number: float, *, zones: tuple[Zone, ...]) -> Triple:
    new = [number if zone in zones else triple[i] for i, zone in enumerate(ZONES)]
    return (new[0], new[1], new[2])
