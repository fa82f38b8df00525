"""Where things lie on the time line of a walk: seconds to pixels and back; no Qt."""

import bisect
import math
from typing import Final

import msgspec

from studio.core.walk import Walk

THUMB_PX: Final = 56
MARGIN_PX: Final = 40
RULER_PX: Final = 22
_ROOM_PX: Final = 84  # for a picture and the sign of its easing
_STEPS_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_TICK_ROOM_PX: Final = 56


class WalkLayout(msgspec.Struct, frozen=True):
    """The time line of one walk at one width.

    Attributes:
        times: When each key is reached, and for a loop when the first comes again.
        seconds: The whole length.
        px_per_s: Pixels for a second.
        is_loop: Whether the last of `times` is the first picture again.
    """

    times: tuple[float, ...]
    seconds: float
    px_per_s: float
    is_loop: bool

    @property
    def width(self) -> int:
        """How wide all of it is."""
        return math.ceil(self.seconds * self.px_per_s) + 2 * MARGIN_PX

    def x_of(self, at_s: float) -> float:
        """Give where a time lies."""
        return MARGIN_PX + at_s * self.px_per_s

    def time_at(self, x: float) -> float:
        """Give the time of a place, between 0 and the length."""
        return min(max((x - MARGIN_PX) / self.px_per_s, 0.0), self.seconds)

    def free_time_at(self, x: float) -> float:
        """Give the time of a place, which may lie beyond the ends: for a picture that is moved."""
        return (x - MARGIN_PX) / self.px_per_s

    def key_at(self, x: float, *, num_keys: int) -> int:
        """Give the picture under a place, the nearest of several; -1 when there is none."""
        near = min(range(num_keys), key=lambda n: abs(self.x_of(self.times[n]) - x), default=-1)
        is_near = near >= 0 and abs(self.x_of(self.times[near]) - x) <= THUMB_PX / 2
        return near if is_near else -1

    def place_at(self, x: float, *, num_keys: int) -> int:
        """Give before which picture something dropped at a place goes."""
        return bisect.bisect_left(self.times[:num_keys], self.free_time_at(x))

    def ticks(self) -> tuple[float, ...]:
        """Give the times that the ruler names."""
        step = next((s for s in _STEPS_S if s * self.px_per_s >= _TICK_ROOM_PX), _STEPS_S[-1])
        return tuple(step * n for n in range(math.floor(self.seconds / step + 1e-6) + 1))


def lay_walk(walk: Walk, width: int, *, begins: tuple[float, ...] = ()) -> WalkLayout:
    """Lay a walk out: it fills the width, and is wider where pictures need more room.

    Args:
        walk: The walk.
        width: How wide the view is.
        begins: When each leg really begins, at an even pace; () takes the keys' own seconds.
    """
    count = len(walk.keys)
    own = tuple(walk.time_of(n) for n in range(count))
    times = begins if len(begins) == count else own
    seconds = walk.seconds if count > 1 else 0.0
    if walk.is_loop and count > 1:
        times = (*times, seconds)
    room = max(width - 2 * MARGIN_PX, (len(times) - 1) * _ROOM_PX, 1)
    return WalkLayout(times, seconds, room / max(seconds, 0.1), walk.is_loop and count > 1)


def say_seconds(seconds: float) -> str:
    """Give a time for the ruler: 0, 1.5, 12, 1:30."""
    if seconds >= 60:
        return f"{int(seconds // 60)}:{seconds % 60:04.1f}".removesuffix(".0")
    return f"{seconds:.1f}".removesuffix(".0")
