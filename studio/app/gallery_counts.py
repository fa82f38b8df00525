"""How much there is in the gallery of each kind, counted on when pictures are added."""

from collections import Counter

import msgspec

from studio.library.kept import Kept


class GalleryCounts(msgspec.Struct, frozen=True):
    """How much there is of each kind."""

    total: int
    today: int
    starred: int
    trash: int
    by_tag: tuple[tuple[str, int], ...]


class Tally:
    """Counts pictures; when there are only new ones before those counted last, only the new ones."""

    def __init__(self) -> None:
        self._items: tuple[Kept, ...] = ()
        self._midnight_s = 0.0
        self._today = 0
        self._starred = 0
        self._tags: Counter[str] = Counter()

    def count(self, items: tuple[Kept, ...], *, num_trash: int, midnight_s: float) -> GalleryCounts:
        """Give the counts.

        Args:
            items: What is counted, newest first.
            num_trash: How many are in the bin.
            midnight_s: When today began.
        """
        num_new = len(items) - len(self._items)
        is_more = num_new >= 0 and midnight_s == self._midnight_s
        if not (is_more and items[num_new:] == self._items):
            self._today = self._starred = 0
            self._tags.clear()
            num_new = len(items)
        self._items, self._midnight_s = items, midnight_s
        new = items[:num_new]
        self._today += sum(kept.kept_at >= midnight_s for kept in new)
        self._starred += sum(kept.starred for kept in new)
        self._tags.update(tag for kept in new for tag in kept.tags)
        by_tag = sorted(self._tags.items(), key=lambda pair: (pair[0].casefold(), pair[0]))
        return GalleryCounts(len(items), self._today, self._starred, num_trash, tuple(by_tag))
