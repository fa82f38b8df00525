"""Finds kept pictures by their looks: what each is remembered by lies in a small index.

`cache/looks.sqlite` can be lost: what is missing is made anew from the pictures.
"""

import logging
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from studio.core.arrays import Picture
from studio.core.errors import StudioError
from studio.core.likeness import (
    DESCRIPTION_BYTES,
    Look,
    LooksTable,
    Overlay,
    describe,
    lay_over,
)
from studio.files.images import read_picture
from studio.library.gallery import Gallery
from studio.library.kept import Kept

LOOKS_FILE: Final = "cache/looks.sqlite"
# The original was among the first six for all of 2,400 changed copies among 6,000 pictures.
_NUM_LAID_OVER: Final = 6
_BATCH: Final = 200  # so many are learnt at most twice when it is stopped
_log = logging.getLogger(__name__)


class Lookalike(msgspec.Struct, frozen=True):
    """A kept picture that another one is a copy of.

    Attributes:
        kept: The picture in the gallery.
        overlay: How the copy lies over it.
        change: What was done to the copy, the most that can be seen.
    """

    kept: Kept
    overlay: Overlay
    change: Literal["cropped", "resized", "saved again"]


class LooksShelf:
    """What kept pictures are remembered by. Any thread may call any method; they take turns."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._turn = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._by_object: dict[str, bytes] = {}
        self._failed: set[str] = set()
        self._table: tuple[tuple[str, ...], LooksTable] | None = None
        if not gallery.is_read_only:
            self._open(gallery.home / LOOKS_FILE)

    def close(self) -> None:
        """Let go of the index."""
        with self._turn:
            if self._database is not None:
                self._database.close()
                self._database = None

    def missing(self) -> tuple[Kept, ...]:
        """Give kept pictures that cannot be found yet, newest first."""
        known = self._by_object.keys() | self._failed
        return tuple(kept for kept in self._gallery.items() if kept.object not in known)

    def learn(self, items: Sequence[Kept]) -> None:
        """Remember pictures; one that cannot be read is passed over. For a worker thread."""
        for begin in range(0, len(items), _BATCH):
            new: dict[str, bytes] = {}
            for kept in items[begin : begin + _BATCH]:
                picture = self._small(kept)
                if picture is None:
                    self._failed.add(kept.object)
                else:
                    new[kept.object] = describe(picture)
            with self._turn:
                self._by_object = {**self._by_object, **new}
                self._write(new)

    def find(self, picture: Picture) -> Lookalike | None:
        """Give the kept picture that this one is a copy of, None when there is none.

        Args:
            picture: A whole picture, or one made smaller; read only.
        """
        kept_by_object = {kept.object: kept for kept in self._gallery.items()}
        known = self._by_object
        items = [kept for name, kept in kept_by_object.items() if name in known]
        look = Look(picture)
        table = self._table_of(tuple(kept.object for kept in items), known)
        best: tuple[Overlay, Kept] | None = None
        for place, cut in table.nearest(look, _NUM_LAID_OVER):
            small = self._small(items[place])
            if small is None:
                continue
            overlay = lay_over(look, Look(small), cut=cut)
            if overlay.is_same and (best is None or overlay.levels < best[0].levels):
                best = overlay, items[place]
        if best is None:
            return None
        overlay, kept = best
        is_resized = picture.shape[:2] != (kept.height, kept.width)
        return Lookalike(kept, overlay, _change(overlay, is_resized=is_resized))

    def _table_of(self, objects: tuple[str, ...], known: dict[str, bytes]) -> LooksTable:
        """Give the table of these pictures; the last one is kept, since they seldom change."""
        if self._table is None or self._table[0] != objects:
            self._table = objects, LooksTable([known[name] for name in objects])
        return self._table[1]

    def _small(self, kept: Kept) -> Picture | None:
        try:
            return read_picture(self._gallery.thumbnail_path(kept))
        except StudioError as error:
            _log.info("a kept picture cannot be remembered by its looks: %s", error.what)
            return None

    def _open(self, path: Path) -> None:
        """Open the index; a broken one is thrown away."""
        for _ in range(2):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._database = sqlite3.connect(
                    path, check_same_thread=False, isolation_level=None
                )
                run = self._database.execute
                run("PRAGMA journal_mode=WAL")
                run("CREATE TABLE IF NOT EXISTS looks (object TEXT PRIMARY KEY, look BLOB)")
                rows = run("SELECT object, look FROM looks").fetchall()
            except (sqlite3.Error, OSError) as error:
                _log.warning("the index of looks is made anew: %s", error)
                self.close()
                path.unlink(missing_ok=True)
                continue
            self._by_object = {name: look for name, look in rows if _is_look(name, look)}
            return

    def _write(self, new: dict[str, bytes]) -> None:
        if self._database is None or not new:
            return
        try:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("INSERT OR REPLACE INTO looks VALUES (?, ?)", new.items())
            self._database.execute("COMMIT")
        except sqlite3.Error as error:  # it is there until the window closes, and learnt again
            _log.warning("the index of looks was not written: %s", error)


def _is_look(name: object, look: object) -> bool:
    return isinstance(name, str) and isinstance(look, bytes) and len(look) == DESCRIPTION_BYTES


def _change(found: Overlay, *, is_resized: bool) -> Literal["cropped", "resized", "saved again"]:
    if found.is_cropped:
        return "cropped"
    return "resized" if is_resized else "saved again"
