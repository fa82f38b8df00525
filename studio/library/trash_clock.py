"""The bin's own clock: it never runs faster than the artist comes by, whatever the wall clock does.

A wall clock that jumps ten years ahead must not empty the bin, so each look adds at most three
days; a month in the bin is thirty days of this clock.
"""

from pathlib import Path
from typing import Final

import msgspec

from studio.files.atomic import DISK, Disk, write_bytes_atomic

CLOCK_FILE: Final = "clock.json"
MAX_STEP_S: Final = 3 * 86_400.0
KEEP_S: Final = 30 * 86_400.0


class TrashClock(msgspec.Struct, frozen=True):
    """What the clock shows, and the wall time of the last look."""

    age_s: float = 0.0
    seen_at: float = 0.0

    def looked(self, now: float) -> "TrashClock":
        """Give the clock after a look at this wall time."""
        step = min(max(now - self.seen_at, 0.0), MAX_STEP_S) if self.seen_at else 0.0
        return TrashClock(self.age_s + step, now)


def read_clock(folder: Path, *, at_least_s: float = 0.0) -> TrashClock:
    """Give the clock of a bin; one that is missing or damaged begins at `at_least_s`."""
    try:
        clock = msgspec.json.decode((folder / CLOCK_FILE).read_bytes(), type=TrashClock)
    except (OSError, msgspec.DecodeError):
        clock = TrashClock()
    return TrashClock(max(clock.age_s, at_least_s), clock.seen_at)


def write_clock(folder: Path, clock: TrashClock, *, disk: Disk = DISK) -> None:
    """Store the clock; raises `StorageError`."""
    write_bytes_atomic(folder / CLOCK_FILE, msgspec.json.encode(clock), disk=disk)
