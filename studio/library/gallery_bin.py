"""The bin: what lies in it can come back for thirty days of its own clock, then it is gone."""

import time
from pathlib import Path

import msgspec

from studio.files.atomic import DISK, Disk
from studio.library.gallery_folder import TRASH, GalleryFolder
from studio.library.gallery_shelf import GalleryShelf
from studio.library.kept import Entry
from studio.library.trash_clock import KEEP_S, TrashClock, read_clock, write_clock


class GalleryBin:
    """Says when entries went into the bin and which must go; the caller takes care of turns."""

    def __init__(self, folder: GalleryFolder, shelf: GalleryShelf, *, disk: Disk = DISK) -> None:
        self._folder = folder
        self._shelf = shelf
        self._disk = disk

    @property
    def _place(self) -> Path:
        return self._folder.home / TRASH

    def entered(self, entry: Entry) -> Entry:
        """Give the entry as it is in the bin from now on."""
        return msgspec.structs.replace(
            entry, trashed_at=time.time(), trashed_age_s=self._clock().age_s
        )

    def purge(self, now: float) -> int:
        """Remove for good what has been here long enough, and give how many.

        Args:
            now: Wall time.

        Raises:
            StorageError: The disk cannot be written to.
        """
        clock = self._clock().looked(now)
        write_clock(self._place, clock, disk=self._disk)
        old = [
            entry
            for entry in self._shelf.entries()
            if entry.trashed_at is not None and clock.age_s - entry.trashed_age_s >= KEEP_S
        ]
        return sum(self._remove(entry) for entry in old)

    def _clock(self) -> TrashClock:
        """Give the clock; one that was lost goes on from the newest entry, never from before."""
        ages = [entry.trashed_age_s for entry in self._shelf.entries()]
        return read_clock(self._place, at_least_s=max(ages, default=0.0))

    def _remove(self, entry: Entry) -> bool:
        """Remove for good. The index goes first: a row without files would show as damaged."""
        if not self._shelf.forget(entry.kept.id):
            return False
        self._folder.remove_sidecar(entry.kept.id)
        if all(other.kept.object != entry.kept.object for other in self._shelf.entries()):
            self._folder.remove_object(entry.kept.object)
        return True
