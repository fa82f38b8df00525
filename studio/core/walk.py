"""A walk: pictures one after another, and how to get from each to the next.

Frozen values; every change gives another walk. The seconds of a key are those from it to the next
one; those of the last count only when the walk goes back to the first.
"""

import math
from typing import Final, Literal

import msgspec

from studio.core.recipe import MAX_STRENGTH, Recipe
from studio.core.recipe import first_problem as recipe_problem

MAX_KEYS: Final = 200
MAX_NAME: Final = 100
MIN_SECONDS: Final = 0.1
MAX_SECONDS: Final = 600.0
DEFAULT_SECONDS: Final = 2.0
MAX_DIRECTIONS: Final = 32

Easing = Literal["linear", "smooth", "hold"]
EASINGS: Final[tuple[Easing, ...]] = ("smooth", "linear", "hold")
Drive = Literal["strength", "speed"]


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A picture that the walk passes.

    Attributes:
        recipe: The picture.
        seconds: From here to the next one, 0.1…600.
        easing: "linear" goes evenly, "smooth" starts and ends softly, "hold" stays and then cuts.
    """

    recipe: Recipe
    seconds: float = DEFAULT_SECONDS
    easing: Easing = "smooth"


class SoundDrive(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What the loudness of a sound does to the walk; which sound is not part of it.

    Attributes:
        drive: "strength" moves directions, "speed" goes faster where it is loud.
        amount: σ at the loudest place, -5…5, for "strength"; for "speed" how many times faster
            than in silence, 0…5 more.
        directions: Ids of the directions that are moved.
    """

    drive: Drive = "strength"
    amount: float = 2.0
    directions: tuple[str, ...] = ()


class Walk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Pictures and the way between them.

    Attributes:
        name: What the artist calls it.
        keys: The pictures in their order, all of one model.
        is_loop: Whether it goes from the last back to the first, without a seam.
        is_even: Whether everything changes equally fast: the seconds only give the length then,
            and easing only says where it holds.
        sound: What a sound does, None for nothing.
    """

    name: str = ""
    keys: tuple[Key, ...] = ()
    is_loop: bool = False
    is_even: bool = False
    sound: SoundDrive | None = None

    @property
    def model(self) -> str:
        """The hash of the model, "" for an empty walk."""
        return self.keys[0].recipe.model if self.keys else ""

    @property
    def num_legs(self) -> int:
        """From how many of the keys the walk goes on to another one."""
        count = len(self.keys)
        return 0 if count < 2 else count if self.is_loop else count - 1

    @property
    def seconds(self) -> float:
        """How long it takes; one picture alone stands for its seconds."""
        legs = self.keys[: max(self.num_legs, 1)]
        return math.fsum(key.seconds for key in legs)

    def time_of(self, place: int) -> float:
        """Give when a key is reached, in seconds from the start."""
        return math.fsum(key.seconds for key in self.keys[:place])


def first_problem(walk: Walk) -> str | None:
    """Give the first rule that a walk breaks, as a short phrase, or None when it breaks none."""
    if len(walk.name) > MAX_NAME or not walk.name.isprintable():
        return f"its name has more than {MAX_NAME} letters or cannot be shown"
    if len(walk.keys) > MAX_KEYS:
        return f"it has {len(walk.keys)} pictures (at most {MAX_KEYS} are possible)"
    for key in walk.keys:
        if not (math.isfinite(key.seconds) and MIN_SECONDS <= key.seconds <= MAX_SECONDS):
            return f"the seconds are not between {MIN_SECONDS:g} and {MAX_SECONDS:g}"
        if problem := recipe_problem(key.recipe):
            return problem
    if any(key.recipe.model != walk.model for key in walk.keys):
        return "its pictures are of different models"
    return _sound_problem(walk.sound) if walk.sound is not None else None


def with_key(walk: Walk, recipe: Recipe, *, place: int | None = None) -> Walk:
    """Give the walk with one more picture before the key at `place`, None for the end.

    Raises:
        ValueError: The picture is of another model, or there are too many.
    """
    if walk.keys and recipe.model != walk.model:
        raise ValueError("the picture is of another model")
    if len(walk.keys) >= MAX_KEYS:
        raise ValueError("too many pictures")
    at = len(walk.keys) if place is None else min(max(place, 0), len(walk.keys))
    near = walk.keys[max(at - 1, 0)] if walk.keys else Key(recipe=recipe)
    key = Key(recipe=recipe, seconds=near.seconds, easing=near.easing)
    return msgspec.structs.replace(walk, keys=(*walk.keys[:at], key, *walk.keys[at:]))


def without_key(walk: Walk, place: int) -> Walk:
    """Give the walk without one of its pictures; unchanged when there is none at `place`."""
    if not 0 <= place < len(walk.keys):
        return walk
    return msgspec.structs.replace(walk, keys=walk.keys[:place] + walk.keys[place + 1 :])


def with_moved_key(walk: Walk, place: int, *, to: int) -> Walk:
    """Give the walk with a picture at another place in the order."""
    if not 0 <= place < len(walk.keys):
        return walk
    rest = list(walk.keys[:place] + walk.keys[place + 1 :])
    rest.insert(min(max(to, 0), len(rest)), walk.keys[place])
    return msgspec.structs.replace(walk, keys=tuple(rest))


def with_timing(
    walk: Walk, place: int, *, seconds: float | None = None, easing: Easing | None = None
) -> Walk:
    """Give the walk with other seconds (brought into their range) or easing after a key."""
    key = walk.keys[place]
    if seconds is not None:
        seconds = round(min(max(seconds, MIN_SECONDS), MAX_SECONDS), 3)
        key = msgspec.structs.replace(key, seconds=seconds)
    if easing is not None:
        key = msgspec.structs.replace(key, easing=easing)
    keys = (*walk.keys[:place], key, *walk.keys[place + 1 :])
    return msgspec.structs.replace(walk, keys=keys)


def with_time_of(walk: Walk, place: int, *, at_s: float) -> Walk:
    """Give the walk with a key reached at another time; it stays between its neighbours.

    The first stands at 0. The legs before and after it share the change; after the last key of an
    open walk nothing moves.
    """
    if not 0 < place < len(walk.keys):
        return walk
    begin = walk.time_of(place - 1)
    has_leg = place < walk.num_legs
    end = walk.time_of(place + 1) if has_leg else begin + MAX_SECONDS
    latest = end - MIN_SECONDS if has_leg else end
    at_s = min(max(at_s, begin + MIN_SECONDS), max(latest, begin + MIN_SECONDS))
    moved = with_timing(walk, place - 1, seconds=at_s - begin)
    return with_timing(moved, place, seconds=end - at_s) if has_leg else moved


def with_seconds(walk: Walk, seconds: float) -> Walk:
    """Give the walk in another length, all legs stretched alike."""
    if not walk.keys or walk.seconds <= 0:
        return walk
    scale = seconds / walk.seconds
    keys = tuple(
        msgspec.structs.replace(
            key, seconds=min(max(key.seconds * scale, MIN_SECONDS), MAX_SECONDS)
        )
        for key in walk.keys
    )
    return msgspec.structs.replace(walk, keys=keys)


def _sound_problem(sound: SoundDrive) -> str | None:
    if not (math.isfinite(sound.amount) and abs(sound.amount) <= MAX_STRENGTH):
        return f"the amount of the sound is not between -{MAX_STRENGTH:g} and {MAX_STRENGTH:g}"
    if sound.drive == "speed" and sound.amount < 0:
        return "a sound cannot make the walk go backwards"
    if len(sound.directions) > MAX_DIRECTIONS:
        return f"the sound moves more than {MAX_DIRECTIONS} directions"
    for name in sound.directions:
        if len(name) != 16 or any(digit not in "0123456789abcdef" for digit in name):
            return "a direction's id is not 16 hex digits"
    return None
