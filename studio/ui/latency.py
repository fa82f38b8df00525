"""How long it takes from the hand to the painted picture."""

from collections import deque
from typing import Final

import msgspec
import numpy as np

from studio.core.recipe import Recipe

_NUM_KEPT: Final = 500
_NUM_WAITING: Final = 200
_NUM_RECENT: Final = 60


class Latency(msgspec.Struct, frozen=True):
    """Times of many pictures in milliseconds; None when there were none.

    Attributes:
        n: How many were measured.
        p50_ms: Half were at least as fast.
        p95_ms: 19 of 20 were at least as fast.
        p99_ms: 99 of 100 were at least as fast.
    """

    n: int
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


class LatencyLog:
    """Notes when a recipe was asked for by hand and when its picture was painted."""

    def __init__(self) -> None:
        self._asked_s_by_recipe: dict[Recipe, float] = {}
        self._waiting_by_id: dict[int, tuple[float, bool]] = {}
        self._preview_ms: deque[float] = deque(maxlen=_NUM_KEPT)
        self._full_ms: deque[float] = deque(maxlen=_NUM_KEPT)
        self._num_asked = 0
        self._num_shown = 0
        self._last_shown: Recipe | None = None
        self._last_asked_s = -1.0
        self._first_ms: deque[float] = deque(maxlen=_NUM_RECENT)

    def ask(self, recipe: Recipe, at_s: float) -> None:
        """Note that a recipe was asked for, by `time.perf_counter`."""
        self._num_asked += 1
        self._asked_s_by_recipe.pop(recipe, None)
        self._asked_s_by_recipe[recipe] = at_s
        while len(self._asked_s_by_recipe) > _NUM_WAITING:
            del self._asked_s_by_recipe[next(iter(self._asked_s_by_recipe))]

    def arrive(self, recipe: Recipe, *, request_id: int, is_preview: bool) -> None:
        """Note that a picture of a recipe is about to be painted."""
        asked_s = self._asked_s_by_recipe.get(recipe)
        if asked_s is not None:
            # One picture at a time; a move counts as shown once, with its first picture.
            self._waiting_by_id = {request_id: (asked_s, is_preview)}
            self._num_shown += recipe != self._last_shown
            self._last_shown = recipe
            if not is_preview:
                del self._asked_s_by_recipe[recipe]

    def paint(self, request_id: int, at_s: float) -> float | None:
        """Note that it was painted; give the milliseconds, None when nobody had asked by hand."""
        found = self._waiting_by_id.pop(request_id, None)
        if found is None:
            return None
        took_ms = (at_s - found[0]) * 1000
        (self._preview_ms if found[1] else self._full_ms).append(took_ms)
        if found[0] != self._last_asked_s:  # not the full picture after its preview
            self._first_ms.append(took_ms)
            self._last_asked_s = found[0]
        return took_ms

    @property
    def num_asked(self) -> int:
        """How many moves of the hand asked for a picture."""
        return self._num_asked

    @property
    def num_shown(self) -> int:
        """How many of them were seen; the others were passed over by a newer one."""
        return self._num_shown

    @property
    def recent(self) -> Latency:
        """Times until something was seen, preview or full picture, of the last second or two."""
        return _sum_up(deque(self._first_ms))

    @property
    def previews(self) -> Latency:
        """Times of the small first pictures."""
        return _sum_up(self._preview_ms)

    @property
    def fulls(self) -> Latency:
        """Times of the full pictures."""
        return _sum_up(self._full_ms)

    def clear(self) -> None:
        """Begin anew."""
        self._num_asked = self._num_shown = 0
        self._preview_ms.clear()
        self._full_ms.clear()
        self._first_ms.clear()


def _sum_up(times_ms: deque[float]) -> Latency:
    if not times_ms:
        return Latency(0)
    p50, p95, p99 = np.percentile(np.asarray(times_ms), [50, 95, 99])
    return Latency(len(times_ms), float(p50), float(p95), float(p99))
