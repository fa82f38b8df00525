"""How long it takes from the hand to the painted picture."""

from collections import deque
from typing import Final

import msgspec
import numpy as np

from studio.core.recipe import Recipe

_NUM_KEPT: Final = 500
_NUM_WAITING: Final = 200


class Latency(msgspec.Struct, frozen=True):
    """Times of many pictures in milliseconds; None when there were none.

    Attributes:
        n: How many were measured.
        p50_ms: Half were at least as fast.
        p95_ms: 19 of 20 were at least as fast.
    """

    n: int
    p50_ms: float | None = None
    p95_ms: float | None = None


class LatencyLog:
    """Notes when a recipe was asked for by hand and when its picture was painted."""

    def __init__(self) -> None:
        self._asked_s_by_recipe: dict[Recipe, float] = {}
        self._waiting_by_id: dict[int, tuple[float, bool]] = {}
        self._preview_ms: deque[float] = deque(maxlen=_NUM_KEPT)
        self._full_ms: deque[float] = deque(maxlen=_NUM_KEPT)

    def ask(self, recipe: Recipe, at_s: float) -> None:
        """Note that a recipe was asked for, by `time.perf_counter`."""
        self._asked_s_by_recipe.pop(recipe, None)
        self._asked_s_by_recipe[recipe] = at_s
        while len(self._asked_s_by_recipe) > _NUM_WAITING:
            del self._asked_s_by_recipe[next(iter(self._asked_s_by_recipe))]

    def arrive(self, recipe: Recipe, *, request_id: int, is_preview: bool) -> None:
        """Note that a picture of a recipe is about to be painted."""
        asked_s = self._asked_s_by_recipe.get(recipe)
        if asked_s is not None:
            self._waiting_by_id = {request_id: (asked_s, is_preview)}  # one picture at a time
            if not is_preview:
                del self._asked_s_by_recipe[recipe]

    def paint(self, request_id: int, at_s: float) -> float | None:
        """Note that it was painted; give the milliseconds, None when nobody had asked by hand."""
        found = self._waiting_by_id.pop(request_id, None)
        if found is None:
            return None
        took_ms = (at_s - found[0]) * 1000
        (self._preview_ms if found[1] else self._full_ms).append(took_ms)
        return took_ms

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
        self._preview_ms.clear()
        self._full_ms.clear()


def _sum_up(times_ms: deque[float]) -> Latency:
    if not times_ms:
        return Latency(0)
    p50, p95 = np.percentile(np.asarray(times_ms), [50, 95])
    return Latency(len(times_ms), float(p50), float(p95))
