"""The snapshots of a run as the window looks at them: their sheets, loaded off its thread, and pins."""

import contextlib
import random
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QObject, QRect, Signal, Slot
from PySide6.QtGui import QImage

from studio.app.run_pins import RunPins
from studio.app.thumbnails import Thumbnails
from studio.core.errors import StorageError
from studio.core.recipe import MAX_SEED
from studio.core.snapshot import (
    NEAREST_COLUMNS,
    NEAREST_FILE,
    SHEET_COLUMNS,
    SHEET_FILE,
    SHEET_SEEDS,
    WEIGHTS_FILE,
    Snapshot,
)
from studio.protocol.training_messages import SheetJob, SnapshotTaken

FILM_TILE_PX: Final = 64
_LARGE_BYTES: Final = 48 * 1024 * 1024  # nine sheets of 256 px tiles
_SMALL_BYTES: Final = 24 * 1024 * 1024  # sixty sheets of film tiles

SheetKind = Literal["same", "new", "pins"]
SAME_SEEDS: Final = tuple(range(SHEET_SEEDS))


class SnapshotWish(msgspec.Struct, frozen=True):
    """A snapshot to open or to keep.

    Attributes:
        images: The snapshot, by the pictures it had seen.
        nearness: How near to the artist's pictures: 1 is the snapshot, 0 what it started from.
        seed: The picture to show, None for whichever is on the canvas.
    """

    images: int
    nearness: float = 1.0
    seed: int | None = None


class SnapshotDesk(QObject):
    """Knows the snapshots of one run and gives their pictures as they are loaded.

    Signals:
        changed: None; other snapshots, seeds or pins.
        pictures_ready: None; sheets that were asked for have come.
        sheet_requested: `SheetJob` for the trainer; `sheet_drawn` or `sheet_failed` answers.
        failed: `StudioError`; pins were not stored.
    """

    changed = Signal(object)
    pictures_ready = Signal(object)
    sheet_requested = Signal(object)
    failed = Signal(object)

    def __init__(
        self, parent: QObject | None = None, *, chance: random.Random | None = None
    ) -> None:
        super().__init__(parent)
        self._chance = chance or random.Random()
        self._folder: Path | None = None
        self._snapshots: tuple[Snapshot, ...] = ()
        self._taken_at: dict[int, float] = {}
        self._best: int | None = None
        self._num_planned = 0
        self._kind: SheetKind = "same"
        self._new_seeds: tuple[int, ...] = ()
        self._pins = RunPins(self.failed.emit, parent=self)
        self._asked_file = ""
        self._drawn_files: set[tuple[str, int]] = set()
        self._refused_files: set[str] = set()
        self._large = Thumbnails(self, cache_bytes=_LARGE_BYTES)
        self._small = Thumbnails(
            self, cache_bytes=_SMALL_BYTES, width_px=SHEET_COLUMNS * FILM_TILE_PX
        )
        for loader in (self._large, self._small):
            loader.ready.connect(self._on_ready)

    # ---------------------------------------------------------------- what is told

    def show_run(
        self,
        folder: Path | None,
        *,
        snapshots: Sequence[Snapshot] = (),
        best: int | None = None,
        num_planned: int = 0,
    ) -> None:
        """Look at another run, or at none.

        Args:
            folder: The run folder.
            snapshots: Those that are there.
            best: Number of the best so far.
            num_planned: How many the run will have; 0 when it is not known.
        """
        self._folder = folder
        self._snapshots = tuple(sorted(snapshots, key=lambda snapshot: snapshot.images))
        self._best, self._num_planned = best, num_planned
        self._kind = "same"
        self._new_seeds = ()
        self._pins.read(folder)
        self._asked_file = ""
        self._drawn_files.clear()
        self._refused_files.clear()
        self._taken_at = {
            snapshot.number: _time_of(folder / snapshot.folder / WEIGHTS_FILE) if folder else 0.0
            for snapshot in self._snapshots
        }
        self.changed.emit(None)

    def take(self, event: SnapshotTaken) -> None:
        """Take a snapshot that the trainer told of; the same again brings its scores."""
        told = event.snapshot
        others = [one for one in self._snapshots if one.images != told.images]
        found = tuple(sorted((*others, told), key=lambda one: one.images))
        self._snapshots = _still_there(found, self._folder)
        if event.is_best:
            self._best = told.number
        if self._folder is not None and told.number not in self._taken_at:
            self._taken_at[told.number] = _time_of(self._folder / told.folder / WEIGHTS_FILE)
        self.changed.emit(None)

    def set_planned(self, num_planned: int) -> None:
        """Say how many snapshots the run will have."""
        if num_planned != self._num_planned:
            self._num_planned = num_planned
            self.changed.emit(None)

    def sheet_drawn(self, file: str) -> None:
        """Say that every snapshot has this sheet now."""
        if file == self._asked_file:
            self._asked_file = ""
        self._snapshots = _still_there(self._snapshots, self._folder)
        for snapshot in self._snapshots:
            self._drawn_files.add((file, snapshot.images))
            for loader in (self._large, self._small):
                loader.forget(self._key(snapshot, file))
        self.changed.emit(None)

    def sheet_failed(self) -> None:
        """Say that the sheet that was asked for will not come; it is not asked for again."""
        self._refused_files.add(self._asked_file)
        self._asked_file = ""
        self.changed.emit(None)

    # ---------------------------------------------------------------- what is there

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """The snapshots, oldest first."""
        return self._snapshots

    @property
    def best(self) -> int | None:
        """Number of the best so far."""
        return self._best

    @property
    def num_planned(self) -> int:
        """How many there will be, at least as many as there are."""
        return max(self._num_planned, len(self._snapshots))

    @property
    def kind(self) -> SheetKind:
        """Which seeds are shown."""
        return self._kind

    @property
    def is_drawing(self) -> bool:
        """Whether a sheet of other seeds is being drawn."""
        return bool(self._asked_file)

    @property
    def is_refused(self) -> bool:
        """Whether the sheet of the present seeds could not be drawn."""
        return self._file in self._refused_files

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds shown, in the order of the tiles."""
        if self._kind == "same":
            return SAME_SEEDS
        return self._new_seeds if self._kind == "new" else self._pins.seeds

    @property
    def pins(self) -> tuple[int, ...]:
        """The seeds that the artist pinned."""
        return self._pins.seeds

    def taken_at(self, snapshot: Snapshot) -> float:
        """Give when a snapshot was taken, in seconds since 1970; 0 when that is not known."""
        return self._taken_at.get(snapshot.number, 0.0)

    def sheet(self, snapshot: Snapshot, *, is_small: bool = False) -> QImage | None:
        """Give the sheet of a snapshot for the present seeds.

        Args:
            snapshot: One of them.
            is_small: With tiles of `FILM_TILE_PX` instead of as they are.

        Returns:
            None until it has been loaded or drawn; `pictures_ready` tells.
        """
        image = self._request(snapshot, self._file, is_small=is_small)
        return None if image is None or image.isNull() else image

    def tile(self, snapshot: Snapshot, place: int, *, is_small: bool = False) -> QImage | None:
        """Give one picture of a sheet; see `sheet`."""
        sheet = self.sheet(snapshot, is_small=is_small)
        return cut_tile(sheet, place, columns=SHEET_COLUMNS) if sheet is not None else None

    def pair(self, snapshot: Snapshot, place: int) -> tuple[QImage, QImage] | None:
        """Give a made picture and the training picture that it is near; None until it is loaded."""
        sheet = self._request(snapshot, NEAREST_FILE)
        if sheet is None or sheet.isNull():
            return None
        made, learned = (cut_tile(sheet, 2 * place + k, columns=NEAREST_COLUMNS) for k in range(2))
        return (made, learned) if made is not None and learned is not None else None

    # ---------------------------------------------------------------- what is wished

    def choose(self, kind: SheetKind) -> None:
        """Show other seeds; new ones are drawn once, `draw_new` draws others."""
        if kind == self._kind:
            return
        self._kind = kind
        if kind == "new" and not self._new_seeds:
            self.draw_new()
        else:
            self.changed.emit(None)

    def draw_new(self) -> None:
        """Take twenty seeds that were not shown before."""
        self._new_seeds = tuple(self._chance.sample(range(SHEET_SEEDS, MAX_SEED), SHEET_SEEDS))
        self.changed.emit(None)

    def pin(self, seed: int, is_pinned: bool) -> None:
        """Pin a seed, so that it can be watched in every snapshot, or let it go."""
        if self._pins.set(seed, is_pinned):
            self.changed.emit(None)

    def finish(self) -> None:
        """Wait for what is being loaded and stored; before the window closes."""
        self._pins.finish()
        self._large.finish()
        self._small.finish()

    # ---------------------------------------------------------------- inside

    @property
    def _file(self) -> str:
        if self._kind == "same":
            return SHEET_FILE
        # Its name says which seeds it holds, so that one drawn in another session is used again.
        mark = zlib.crc32(repr(self.seeds).encode("ascii"))
        return f"{self._kind}-{mark:08x}.webp"

    def _key(self, snapshot: Snapshot, file: str) -> str:
        # The second telling of a snapshot may bring a file that was missing at the first.
        has_scores = file == NEAREST_FILE and snapshot.scores is not None
        return f"{self._folder}/{snapshot.folder}/{file}/{has_scores}"

    def _request(self, snapshot: Snapshot, file: str, *, is_small: bool = False) -> QImage | None:
        folder = self._folder
        if folder is None or (self._kind == "pins" and not self.pins and file != NEAREST_FILE):
            return None
        path = folder / snapshot.folder / file
        loader = self._small if is_small else self._large
        return loader.request(self._key(snapshot, file), lambda: _existing(path))

    @Slot(object)
    def _on_ready(self, keys: frozenset[str]) -> None:
        if self._kind != "same" and not self.is_drawing and not self.is_refused:
            self._draw_missing(keys)
        self.pictures_ready.emit(None)

    def _draw_missing(self, keys: frozenset[str]) -> None:
        """Ask for the sheet when one that was looked for is not there."""
        file = self._file
        mine = {self._key(one, file): one for one in self._snapshots}
        for key in keys & set(mine):
            if (file, mine[key].images) in self._drawn_files:
                continue  # it was just drawn and cannot be read: once more would not help
            image = self._request(mine[key], file, is_small=True)
            if image is not None and image.isNull():
                self._asked_file = file
                self.sheet_requested.emit(SheetJob(seeds=self.seeds, file=file))
                self.changed.emit(None)
                return


def cut_tile(sheet: QImage, place: int, *, columns: int) -> QImage | None:
    """Give one square of a sheet, counted row by row; None beyond its end."""
    side = sheet.width() // columns
    row, column = divmod(place, columns)
    area = QRect(column * side, row * side, side, side)
    return sheet.copy(area) if side > 0 and sheet.rect().contains(area) else None


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise StorageError("This snapshot has no such pictures.", "They are drawn when asked for.")
    return path


def _time_of(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _still_there(found: tuple[Snapshot, ...], folder: Path | None) -> tuple[Snapshot, ...]:
    """Give the snapshots that the trainer did not thin out."""
    if folder is None:
        return found
    return tuple(one for one in found if (folder / one.folder).is_dir())
