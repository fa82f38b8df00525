"""When a model has brought the engine down too often."""

from collections import defaultdict, deque
from collections.abc import Hashable
from typing import Final

# Source: reliability.md F2, K3.
MAX_CRASHES: Final = 3
WITHIN_S: Final = 60.0


class CrashRecord:
    """Counts crashes per model; told the time, it reads no clock."""

    def __init__(self) -> None:
        self._times_s: defaultdict[Hashable, deque[float]] = defaultdict(deque)
        self._set_aside: set[Hashable] = set()

    def note(self, model: Hashable, now_s: float) -> bool:
        """Note a crash; True says that this one was too many: the model is set aside."""
        times_s = self._times_s[model]
        times_s.append(now_s)
        while now_s - times_s[0] > WITHIN_S:
            times_s.popleft()
        if len(times_s) < MAX_CRASHES:
            return False
        times_s.clear()
        self._set_aside.add(model)
        return True

    def num_recent(self, model: Hashable) -> int:
        """Give how many crashes count for a model, as of the last one noted."""
        return len(self._times_s[model])

    def is_set_aside(self, model: Hashable) -> bool:
        """Say whether a model may not be opened again."""
        return model in self._set_aside

    def forgive(self, model: Hashable) -> None:
        """Let a model be opened again, for example after it was installed anew."""
        self._set_aside.discard(model)
        self._times_s.pop(model, None)
