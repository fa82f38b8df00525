"""How long the trainer has really worked: sleep of the machine and pauses do not count."""

import time
from collections.abc import Callable

GAP_S = 30.0  # longer than any micro-batch on a machine that one would train on
SPEED_SHARE = 0.3  # of the newest reading in the speed that is told


class WorkClock:
    """Adds up the time between ticks, leaving out gaps.

    A laptop that slept, a process that was stopped: one long time between two ticks is a
    gap and does not count. Two in a row are a slow machine and do. Only the monotonic clock
    is asked, so a jump of the time of day changes nothing.
    """

    def __init__(self, *, seconds: float = 0.0, now: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._now = now
        self._last = now()
        self._was_long = False

    def tick(self) -> float:
        """Counts the time since the last tick; gives all that was counted."""
        now = self._now()
        passed, self._last = now - self._last, now
        is_long = passed > GAP_S
        if not is_long or self._was_long:
            self.seconds += passed
        self._was_long = is_long
        return self.seconds

    def skip(self) -> None:
        """Leaves out the time since the last tick, a rest."""
        self._last = self._now()


class Speed:
    """Pictures per second of work, smoothed, and what they say about the time left."""

    def __init__(self, *, images: int, seconds: float) -> None:
        self._images = images
        self._seconds = seconds
        self._smooth: float | None = None

    def read(self, *, images: int, seconds: float) -> float:
        """Gives the speed since the last reading."""
        passed = seconds - self._seconds
        if passed <= 0:
            return self._smooth or 0.0
        speed = max(0.0, (images - self._images) / passed)  # less than none after a rollback
        self._images, self._seconds = images, seconds
        before = speed if self._smooth is None else self._smooth
        self._smooth = before + SPEED_SHARE * (speed - before)
        return speed

    def seconds_left(self, images: int) -> float | None:
        """Gives the time for so many images more, None as long as nothing is known."""
        return images / self._smooth if self._smooth else None
