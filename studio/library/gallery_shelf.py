"""What the gallery knows in memory, and the index that lets it know quickly at the next start."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import StorageError
from studio.library.gallery_folder import GalleryFolder
from studio.library.gallery_index import INDEX_FILE, GalleryIndex, IndexBrokenError, remove_index
from studio.library.gallery_scan import Scan, scan_gallery
from studio.library.kept import Entry, Kept

_log: Final = logging.getLogger(__name__)


class _Row(msgspec.Struct, frozen=True, gc=False):
    entry: Entry
    haystack: str


def _order(entry: Entry) -> tuple[int, float, str]:
    return entry.kept.sequence, entry.kept.kept_at, entry.kept.id


class GalleryShelf:
    """All entries, in memory and in the index.

    Threads: the table is only touched with the lock held, and never for long: what takes time
    (reading the disk, searching) happens outside. One more picture costs the same however many
    there are.

    Args:
        home: STUDIO_HOME.
        folder: The gallery's files.
        has_index: False in a home that cannot be written to.
    """

    def __init__(self, home: Path, folder: GalleryFolder, *, has_index: bool) -> None:
        self._home = home
        self._folder = folder
        self._has_index = has_index
        self._lock = threading.Lock()
        self._rows: dict[str, _Row] = {}
        self._last_sequence = 0
        # In the bin or not → everything, newest first; missing when it has to be listed anew.
        self._all: dict[bool, tuple[Kept, ...]] = {}
        self._index: GalleryIndex | None = None

    def open(self) -> Scan:
        """Read index and files.

        Raises:
            OSError: The folders cannot be listed; what the index remembered is there.
        """
        remembered = self._open_index() if self._has_index else {}
        try:
            scan = scan_gallery(self._folder, remembered)
        except OSError:
            self._put(remembered.values())
            raise
        # Oldest first: what is kept later comes behind, so the table never needs sorting again.
        self._put(sorted(scan.entries.values(), key=_order))
        if scan.changed:
            self._write_index(scan.changed)
        return scan

    def rebuild(self) -> Scan:
        """Throw the index away and read the files; raises `OSError` as `open` does."""
        self.close()
        with contextlib.suppress(OSError):
            remove_index(self._home)
        with self._lock:
            self._rows.clear()
            self._all.clear()
            self._last_sequence = 0
        return self.open()

    def close(self) -> None:
        """Let go of the index."""
        if self._index is not None:
            self._index.close()
            self._index = None

    def entries(self) -> list[Entry]:
        """Give every entry."""
        return [row.entry for row in self._list()]

    @property
    def last_sequence(self) -> int:
        """The highest sequence number there ever was since it was opened; 0 in an empty one."""
        return self._last_sequence

    def entry(self, item_id: str) -> Entry:
        """Give an entry; raises `StorageError` when there is none with this id."""
        row = self._rows.get(item_id)
        if row is None:
            raise StorageError("This picture is not in the gallery any more.", "Choose another.")
        return row.entry

    def find(self, search: str, *, starred_only: bool, in_trash: bool) -> tuple[Kept, ...]:
        """Give the kept pictures that fit, newest first."""
        words = search.casefold().split()
        if not words and not starred_only:
            return self._list_all(in_trash=in_trash)
        rows = self._list()
        for word in words:  # each leaves fewer for the next
            rows = [row for row in rows if word in row.haystack]
        return tuple(
            row.entry.kept
            for row in reversed(rows)
            if (row.entry.trashed_at is not None) == in_trash
            and (row.entry.kept.starred or not starred_only)
        )

    def _list(self) -> list[_Row]:
        with self._lock:
            return list(self._rows.values())

    def _list_all(self, *, in_trash: bool) -> tuple[Kept, ...]:
        with self._lock:
            if in_trash not in self._all:
                self._all[in_trash] = tuple(
                    row.entry.kept
                    for row in reversed(self._rows.values())
                    if (row.entry.trashed_at is not None) == in_trash
                )
            return self._all[in_trash]

    def check(self, entry: Entry) -> Entry:
        """Read the entry's object, and give the entry as it is after that."""
        if entry.damage == "record":
            return entry
        is_sound = self._folder.read_object(entry.kept.object) is not None
        if is_sound == bool(entry.damage):
            entry = entry.damaged("" if is_sound else "object")
            self.remember(entry)
        return entry

    def check_all(self, told: Callable[[int, int], None] | None) -> list[Entry]:
        """Check every entry; `told` hears how many were read, and how many there are."""
        entries = self.entries()
        checked = []
        for old in entries:
            checked.append(self.check(old))
            if told is not None:
                told(len(checked), len(entries))
        return checked

    def remember(self, entry: Entry) -> None:
        """Put an entry into the index, then show it."""
        self._write_index([entry])
        self._put([entry])

    def forget(self, item_id: str) -> bool:
        """Take an entry out of the index and out of sight; False, and nothing done, if it fails."""
        if not self._write_index((), gone=(item_id,)):
            return False
        with self._lock:
            self._rows.pop(item_id, None)
            self._all.clear()
        return True

    def _put(self, entries: Iterable[Entry]) -> None:
        new = {entry.kept.id: _Row(entry, entry.haystack) for entry in entries}
        with self._lock:
            is_known = any(item_id in self._rows for item_id in new)
            self._rows.update(new)
            for row in new.values():
                self._last_sequence = max(self._last_sequence, row.entry.kept.sequence)
            if is_known or len(new) != 1:
                self._all.clear()
            else:
                self._add_to_list(next(iter(new.values())).entry)

    def _add_to_list(self, entry: Entry) -> None:
        """Put one more picture at the front of what is listed: it is the newest."""
        in_trash = entry.trashed_at is not None
        if in_trash in self._all:
            self._all[in_trash] = (entry.kept, *self._all[in_trash])

    def _open_index(self) -> dict[str, Entry]:
        """Open the index, made anew once when it is broken; without one the files are enough."""
        for _ in range(2):
            try:
                self._index = GalleryIndex(self._home / INDEX_FILE)
                return self._index.read()
            except IndexBrokenError as error:
                _log.warning("the gallery's index is made anew: %s", error)
                self.close()
            try:
                remove_index(self._home)
            except OSError as error:
                _log.warning("the gallery's index cannot be removed: %s", error)
                break
        return {}

    def _write_index(self, entries: Iterable[Entry], gone: Iterable[str] = ()) -> bool:
        """Write to the index; a failure loses nothing, since the next start reads the files."""
        try:
            if self._index is not None:
                self._index.write(entries, gone=gone)
        except IndexBrokenError as error:
            _log.warning("the gallery's index was not written: %s", error)
            return False
        return True
