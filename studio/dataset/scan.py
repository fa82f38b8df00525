"""Finds the pictures of a folder and tells what they are. The artist's folder is only ever read.

One look at each file, on two threads; then what needs all of them: duplicates, near-duplicates,
outliers. What is kept of a picture meanwhile is about 2 KB.

Shape legend: N pictures, F features, G side of the small grey picture, S side of a square.
"""

import fnmatch
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.folder_report import REPORT_FILE, THUMBNAILS_FOLDER, FileReport, FolderReport
from studio.core.training_spec import CropSpec
from studio.dataset.folder_walk import FolderWalk, Found
from studio.dataset.looks import GREY_PX, Look
from studio.dataset.near_duplicates import find_near_duplicates
from studio.dataset.outliers import MAX_COMPARED, find_outliers
from studio.dataset.reading import PictureReader
from studio.dataset.report import make_report
from studio.dataset.squares import choose_squares
from studio.files.atomic import UNSYNCED, write_bytes_atomic
from studio.files.images import encode_thumbnail
from studio.files.source_pictures import UnusableError

THUMBNAIL_PX: Final = 128
# At some 4 KB each; a folder of 100,000 does not fill the disk with small pictures.
MAX_THUMBNAILS: Final = 20_000
MAX_FILES: Final = 200_000
_LISTED_AT_ONCE: Final = 512
_EMBEDDED_AT_ONCE: Final = 16
_TELL_EVERY_S: Final = 0.2

Embed = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
Tell = Callable[[int, int], None]


class ScanStopped(Exception):  # noqa: N818 - it was wished for, and is no error
    """The scan was ended from outside; it has written no report."""


def find_pictures(folder: Path, include: tuple[str, ...] = ()) -> list[Path]:
    """Gives the picture files below `folder`, sorted by their path inside it.

    Args:
        folder: the artist's folder.
        include: file name patterns; empty means all.

    Raises:
        StudioError: there is no such folder, or it cannot be listed.
    """
    names = sorted(found.name for found in FolderWalk(folder) if not found.refused)
    if include:
        names = [n for n in names if any(fnmatch.fnmatch(Path(n).name, one) for one in include)]
    return [folder / name for name in names]


def scan_folder(
    folder: Path,
    target: Path | None,
    *,
    resolution: int,
    embed: Embed | None = None,
    tell: Tell | None = None,
    is_stopping: Callable[[], bool] | None = None,
) -> FolderReport:
    """Looks at every file of a folder; writes `report.json` and thumbnails.

    Args:
        folder: the artist's folder, only read.
        target: a folder of ours; None writes nothing.
        resolution: of the finished picture in px; half of it is the least that is useful.
        embed: gives features [N, F] of squares [N, 128, 128, 3]; None finds no outliers. Only
            the first 5,000 pictures are compared.
        tell: called some times a second with files found and files looked at.
        is_stopping: asked all the time; once it says yes, `ScanStopped` is raised.

    Raises:
        StudioError: no such folder, no room on the disk.
        ScanStopped: it was ended.
    """
    return _Scan(
        folder, target, resolution=resolution, embed=embed, tell=tell, is_stopping=is_stopping
    ).run()


class _Scan:
    """One scan on its way; what it knows of the pictures lies in arrays that grow."""

    def __init__(
        self,
        folder: Path,
        target: Path | None,
        *,
        resolution: int,
        embed: Embed | None,
        tell: Tell | None,
        is_stopping: Callable[[], bool] | None,
    ) -> None:
        self._begin_s = time.monotonic()
        self._folder = folder
        self._walk = FolderWalk(folder)
        self._target = target
        self._resolution = resolution
        self._embed = embed
        self._tell = tell
        self._is_stopping = is_stopping
        self._told_s = 0.0
        self._found: list[Found] = []
        self._files: dict[int, FileReport] = {}
        self._num_read = 0
        self._num_thumbnails = 0
        self._greys: dict[int, NDArray[np.uint8]] = {}
        self._colours: dict[int, tuple[float, int]] = {}
        self._squares: list[tuple[int, NDArray[np.uint8]]] = []
        self._features: dict[int, NDArray[np.float16]] = {}

    def run(self) -> FolderReport:
        """Looks at the files, compares them, and writes the report."""
        is_whole = self._look_at_all()
        self._embed_waiting()
        self._between()
        self._mark_repeated()
        self._mark_near()
        self._mark_outliers()
        self._say()
        report = make_report(
            self._folder.resolve().name,
            sorted(self._files.values(), key=lambda file: file.file),
            colours={self._files[n].file: seen for n, seen in self._colours.items()},
            num_others=self._walk.num_others,
            is_whole=is_whole,
            seconds=time.monotonic() - self._begin_s,
        )
        if self._target is not None:
            self._between()
            write_bytes_atomic(self._target / REPORT_FILE, msgspec.json.encode(report))
        return report

    # ---------------------------------------------------------------------------- one by one

    def _look_at_all(self) -> bool:
        """Looks at each file; gives whether these are all of the folder."""
        listing = iter(self._walk)
        is_listed = False
        # Half the resolution: enlarged more than twice, a picture teaches blur.
        with PictureReader(min_side_px=self._resolution // 2) as reader:
            while not is_listed or reader.num_open:
                if not is_listed:
                    part = list(itertools.islice(listing, _LISTED_AT_ONCE))
                    is_listed = len(part) < _LISTED_AT_ONCE or len(self._found) > MAX_FILES
                    for found in part:
                        self._ask(found, reader)
                for number, outcome in reader.take():
                    self._between()
                    self._take(number, outcome)
                self._between()
        return next(listing, None) is None

    def _ask(self, found: Found, reader: PictureReader) -> None:
        number = len(self._found)
        self._found.append(found)
        if found.refused:
            self._num_read += 1
            self._files[number] = FileReport(
                file=found.name,
                finding="refused" if found.like is None else "duplicate",
                reason=found.refused,
                is_used=False,
                like=found.like,
            )
        else:
            reader.ask(number, self._folder / found.name)

    def _take(self, number: int, outcome: Look | UnusableError) -> None:
        found = self._found[number]
        self._num_read += 1
        if isinstance(outcome, UnusableError):
            is_small = str(outcome).startswith("too small")
            width, height = outcome.size
            self._files[number] = FileReport(
                file=found.name,
                finding="small" if is_small else "damaged",
                reason=str(outcome),
                width=width,
                height=height,
                num_squares=int(is_small),
                is_used=False,
                num_bytes=found.num_bytes,
                changed_ns=found.changed_ns,
            )
            return
        squares = choose_squares("", outcome.width, height=outcome.height, crops=CropSpec())
        self._files[number] = FileReport(
            file=found.name,
            finding="good",
            width=outcome.width,
            height=outcome.height,
            num_squares=len(squares),
            thumbnail=self._write_thumbnail(number, outcome),
            focus=outcome.focus,
            mark=outcome.mark,
            num_bytes=found.num_bytes,
            changed_ns=found.changed_ns,
        )
        self._greys[number] = outcome.grey_GG
        self._colours[number] = (outcome.spread, outcome.num_colours)
        if self._embed is not None and len(self._features) < MAX_COMPARED:
            self._squares.append((number, outcome.square()))
            if len(self._squares) >= _EMBEDDED_AT_ONCE:
                self._embed_waiting()

    def _write_thumbnail(self, number: int, look: Look) -> str | None:
        if self._target is None or self._num_thumbnails >= MAX_THUMBNAILS:
            return None
        self._num_thumbnails += 1
        name = f"{THUMBNAILS_FOLDER}/{number:06d}.jpg"
        content = encode_thumbnail(look.picture, THUMBNAIL_PX)
        # Not worth waiting for the disk: what is lost can be made again.
        write_bytes_atomic(self._target / name, content, disk=UNSYNCED)
        return name

    def _embed_waiting(self) -> None:
        if self._embed is None or not self._squares:
            return
        numbers = [number for number, _ in self._squares]
        features = self._embed(np.stack([square for _, square in self._squares]))
        self._features |= dict(zip(numbers, features.astype(np.float16), strict=True))
        self._squares.clear()

    # ------------------------------------------------------------------------ all together

    def _good(self) -> list[int]:
        """Gives the numbers of the good files, by name: the first of two alike is the original."""
        good = (n for n, file in self._files.items() if file.finding == "good")
        return sorted(good, key=lambda number: self._files[number].file)

    def _mark_repeated(self) -> None:
        first: dict[str, str] = {}
        for number in self._good():
            file = self._files[number]
            other = first.setdefault(file.mark, file.file)
            if other != file.file:
                self._change(
                    number, finding="duplicate", reason=f"the same picture as {other}", like=other
                )

    def _mark_near(self) -> None:
        good = self._good()
        greys = np.empty((len(good), GREY_PX, GREY_PX), np.uint8)
        for row, number in enumerate(good):
            greys[row] = self._greys[number]
        for row, earlier in find_near_duplicates(greys, between=self._between).items():
            other = self._files[good[earlier]].file
            self._change(
                good[row],
                finding="near_duplicate",
                reason=f"nearly the same as {other}",
                is_used=True,
                like=other,
            )

    def _mark_outliers(self) -> None:
        good = [number for number in self._good() if number in self._features]
        if not good:
            return
        features = np.stack([self._features[number] for number in good]).astype(np.float32)
        for row in find_outliers(features, between=self._between):
            self._change(
                good[row], finding="outlier", reason="unlike the other pictures", is_used=True
            )

    def _change(
        self,
        number: int,
        *,
        finding: str,
        reason: str,
        is_used: bool = False,
        like: str | None = None,
    ) -> None:
        changes = {"finding": finding, "reason": reason, "is_used": is_used, "like": like}
        self._files[number] = msgspec.structs.replace(self._files[number], **changes)

    # ------------------------------------------------------------------------------ between

    def _between(self) -> None:
        """Leaves when that is wished; tells how far it is a few times a second."""
        if self._is_stopping is not None and self._is_stopping():
            raise ScanStopped
        if time.monotonic() - self._told_s > _TELL_EVERY_S:
            self._say()

    def _say(self) -> None:
        self._told_s = time.monotonic()
        if self._tell is not None:
            self._tell(len(self._found), self._num_read)
