"""Where a walk is at a moment: times to recipes.

Shape legend: L layers, D width of w, M steps of an envelope.
"""

import bisect
import itertools
import math
from collections.abc import Mapping
from typing import Final

import msgspec

from studio.core.between import between, can_mix, distance, fixed_at
from studio.core.errors import RecipeError
from studio.core.latent import FloatArray
from studio.core.loudness import Envelope
from studio.core.recipe import MAX_STRENGTH, Recipe, Triple, strength_of, with_edit
from studio.core.walk import Easing, Walk

MAX_FRAMES: Final = 108_000  # an hour at 30 frames a second
MAX_FPS: Final = 120.0
_ALL_ZONES: Final[Triple] = (1.0, 1.0, 1.0)


class Leg(msgspec.Struct, frozen=True):
    """The way from one key to the next."""

    start: Recipe
    end: Recipe
    begin_s: float
    seconds: float
    easing: Easing


def in_one_frame(walk: Walk) -> Walk:
    """Give the walk with all its pictures in the frame of the first: a film has one size."""
    if not walk.keys:
        return walk
    frame = walk.keys[0].recipe.frame
    keys = tuple(
        key
        if key.recipe.frame == frame
        else msgspec.structs.replace(key, recipe=msgspec.structs.replace(key.recipe, frame=frame))
        for key in walk.keys
    )
    return msgspec.structs.replace(walk, keys=keys)


def latents_wanted(walk: Walk) -> tuple[Recipe, ...]:
    """Give the recipes whose latents `Course` needs: all for an even pace, else hardly ever any."""
    recipes: list[Recipe] = []
    for start, end in _pairs(in_one_frame(walk)):
        if walk.is_even or not can_mix(start, end):
            recipes += (start, end)
    return tuple(dict.fromkeys(recipes))


class Course:
    """A walk that can be asked for its picture at any time.

    Attributes:
        seconds: How long it takes.
        is_loop: Whether it goes round.
        model: The hash of its model.
    """

    def __init__(
        self,
        walk: Walk,
        *,
        latents: Mapping[Recipe, FloatArray] | None = None,
        envelope: Envelope | None = None,
        zones_by_direction: Mapping[str, Triple] | None = None,
    ) -> None:
        """Prepare a walk.

        Args:
            walk: A checked walk with at least one key.
            latents: The latent [L, D] of each of `latents_wanted(walk)`.
            envelope: The loudness of the sound, when there is one; it is stretched to nothing: the
                walk takes its own seconds.
            zones_by_direction: 1 for each zone that a direction acts on, 0 for others; directions
                that are not here act on all.

        Raises:
            RecipeError: The walk is empty.
        """
        if not walk.keys:
            raise RecipeError("The walk has no pictures yet.", "Add at least two pictures.")
        walk = in_one_frame(walk)
        self._walk = walk
        self._first = walk.keys[0].recipe
        self.seconds = walk.seconds
        self.is_loop = walk.is_loop
        self.model = walk.model
        self._legs = _lay_legs(walk, latents or {})
        self._begins = [leg.begin_s for leg in self._legs]
        self._zones = zones_by_direction or {}
        drive = walk.sound
        is_driven = envelope is not None and drive is not None
        self._envelope = envelope if is_driven else None
        self._warp: Envelope | None = None
        if envelope is not None and drive is not None:
            if walk.is_loop:
                self._envelope = envelope.closed(self.seconds)
            if drive.drive == "speed":
                self._warp, self._envelope = self._envelope, None

    @property
    def key_times(self) -> tuple[float, ...]:
        """When each key is reached, () when some take no time at all."""
        ends = (self.seconds,) if self._legs and not self.is_loop else ()
        times = (*self._begins, *ends) if self._legs else (0.0,)
        return times if len(times) == len(self._walk.keys) else ()

    def num_frames(self, fps: float) -> int:
        """Give how many pictures the walk has at `fps`, at least 1.

        Raises:
            RecipeError: More than `MAX_FRAMES`.
        """
        count = max(1, round(self.seconds * fps))
        if count > MAX_FRAMES:
            raise RecipeError(
                f"The walk would have {count:,} pictures.", "Make it shorter, or with a lower fps."
            )
        return count

    def frame_times(self, fps: float) -> tuple[float, ...]:
        """Give when each picture is.

        A loop leaves its last moment out, because that is the first again: so the step over the
        seam is as long as any other. Any other walk ends with its last key.
        """
        count = self.num_frames(fps)
        steps = count if self._walk.is_loop else max(count - 1, 1)
        # In brackets: the last share is exactly 1, so the last time is exactly the end.
        return tuple(self.seconds * (i / steps) for i in range(count))

    def frames(self, fps: float) -> tuple[Recipe, ...]:
        """Give the recipe of each picture."""
        return tuple(self.recipe_at(at_s) for at_s in self.frame_times(fps))

    def recipe_at(self, at_s: float) -> Recipe:
        """Give the recipe at a time; a loop goes round, any other walk stands at its ends."""
        if self._walk.is_loop and self.seconds > 0:
            at_s = math.fmod(at_s, self.seconds)
            at_s = at_s + self.seconds if at_s < 0 else at_s
        at_s = min(max(at_s, 0.0), self.seconds)
        walk_s = at_s if self._warp is None else self._warped(at_s)
        recipe = self._undriven_at(walk_s)
        return recipe if self._envelope is None else self._driven(recipe, at_s)

    def _undriven_at(self, at_s: float) -> Recipe:
        if not self._legs:
            return self._first
        place = max(bisect.bisect_right(self._begins, at_s) - 1, 0)
        leg = self._legs[place]
        done = (at_s - leg.begin_s) / leg.seconds
        is_last = place == len(self._legs) - 1
        if is_last and at_s >= self.seconds:
            done = 1.0
        recipe = between(leg.start, leg.end, share=_eased(min(done, 1.0), leg.easing))
        assert recipe is not None, "legs that cannot be mixed were fixed"
        return recipe

    def _warped(self, at_s: float) -> float:
        drive = self._walk.sound
        assert self._warp is not None
        assert drive is not None
        return self.seconds * self._warp.share_done(at_s, seconds=self.seconds, amount=drive.amount)

    def _driven(self, recipe: Recipe, at_s: float) -> Recipe:
        drive = self._walk.sound
        assert self._envelope is not None
        assert drive is not None
        by = drive.amount * self._envelope.level_at(at_s)
        vectors = {edit.direction: edit.vector for edit in recipe.edits}
        for direction in drive.directions:
            zones = self._zones.get(direction, _ALL_ZONES)
            old = strength_of(recipe, direction)
            first, second, third = (
                min(max(value + by * zone, -MAX_STRENGTH), MAX_STRENGTH)
                for value, zone in zip(old, zones, strict=True)
            )
            recipe = with_edit(
                recipe,
                direction,
                strength=(first, second, third),
                vector=vectors.get(direction),
            )
        return recipe


def _pairs(walk: Walk) -> list[tuple[Recipe, Recipe]]:
    recipes = [key.recipe for key in walk.keys]
    if walk.is_loop and len(recipes) > 1:
        recipes.append(recipes[0])
    return list(itertools.pairwise(recipes))


def _lay_legs(walk: Walk, latents: Mapping[Recipe, FloatArray]) -> tuple[Leg, ...]:
    pairs = _pairs(walk)
    seconds = [key.seconds for key in walk.keys[: len(pairs)]]
    easings: list[Easing] = [key.easing for key in walk.keys[: len(pairs)]]
    if walk.is_even:
        seconds, easings = _evened(pairs, seconds, easings=easings, latents=latents)
    begins = [math.fsum(seconds[:place]) for place in range(len(pairs))]
    legs = []
    for (start, end), begin_s, lasts_s, easing in zip(pairs, begins, seconds, easings, strict=True):
        if lasts_s <= 0:
            continue  # two equal pictures, at an even pace
        if not can_mix(start, end):
            start, end = fixed_at(start, latents[start]), fixed_at(end, latents[end])  # noqa: PLW2901
        legs.append(Leg(start, end, begin_s, lasts_s, easing))
    return tuple(legs)


def _evened(
    pairs: list[tuple[Recipe, Recipe]],
    seconds: list[float],
    *,
    easings: list[Easing],
    latents: Mapping[Recipe, FloatArray],
) -> tuple[list[float], list[Easing]]:
    """Give seconds in proportion to how far each leg goes; those that hold keep theirs."""
    far = [
        0.0 if easing == "hold" else distance(latents[start], latents[end])
        for (start, end), easing in zip(pairs, easings, strict=True)
    ]
    total = math.fsum(far)
    if total <= 0:
        return seconds, easings
    moving_s = math.fsum(s for s, easing in zip(seconds, easings, strict=True) if easing != "hold")
    evened = [
        s if easing == "hold" else moving_s * part / total
        for s, part, easing in zip(seconds, far, easings, strict=True)
    ]
    return evened, ["hold" if easing == "hold" else "linear" for easing in easings]


def _eased(share: float, easing: Easing) -> float:
    if easing == "hold":
        return 1.0 if share >= 1.0 else 0.0
    if easing == "smooth":
        return share * share * (3.0 - 2.0 * share)
    return share
