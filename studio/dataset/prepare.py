"""Makes a folder of pictures into arrays of squares that a trainer can read."""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import numpy as np

from studio.core.errors import StudioError
from studio.core.folder_report import FileReport, FolderChoices, FolderReport, is_mirrored, is_used
from studio.core.training_spec import CropSpec
from studio.dataset.folder_walk import FolderWalk
from studio.dataset.holding_out import choose_held_out
from studio.dataset.looks import look_at
from studio.dataset.scan import find_pictures
from studio.dataset.squares import Square, choose_squares, cut
from studio.files.atomic import write_atomic, write_bytes_atomic
from studio.files.source_pictures import Picture, UnusableError, read_picture

MIN_PICTURES: Final = 8
ARRAY_NAME: Final = "pictures.npy"
HELD_OUT_NAME: Final = "held_out.npy"
MANIFEST_NAME: Final = "manifest.json"


class LeftOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that is not used, and why."""

    file: str
    reason: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the arrays are made of. File names are relative to the folder.

    Attributes:
        schema: 1.
        resolution: Side of the squares in px.
        num_pictures: Pictures that are learned from.
        squares: One for each row of `pictures.npy`.
        left_out: Files that are not used.
        sha256: Of the array's bytes, without the file's header.
        held_out: One for each row of `held_out.npy`; empty when there is no such file.
    """

    schema: int
    resolution: int
    num_pictures: int
    squares: tuple[Square, ...]
    left_out: tuple[LeftOut, ...]
    sha256: str
    held_out: tuple[Square, ...] = ()

    @property
    def num_held_out(self) -> int:
        """How many pictures are held out."""
        return len({square.file for square in self.held_out})


Progress = Callable[[int, int], None]


class _Cut(msgspec.Struct, frozen=True):
    """One picture in its squares."""

    squares: list[Square]
    rows: list[Picture]
    is_held_out: bool


def prepare(
    folder: Path,
    target: Path,
    *,
    resolution: int,
    crops: CropSpec,
    report: FolderReport | None = None,
    choices: FolderChoices | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Writes `pictures.npy` [N, R, R, 3] uint8, `held_out.npy` and `manifest.json` into `target`.

    With a report, files that have changed since are left out and named; without one every
    picture that can be read is used, and nothing is held out. One picture is in memory at a time.

    Args:
        folder: the artist's pictures, read only.
        target: a folder of ours; made when missing.
        resolution: side of the squares in px.
        crops: which files and how many squares of each.
        report: what a scan found.
        choices: what the artist decided; None takes what is done when nothing was said.
        progress: called with files done and files found; what it raises ends the work.

    Raises:
        StudioError: no such folder, too few usable pictures, no room on the disk.
    """
    left_out: list[LeftOut] = []
    if report is None:
        source: _Source = _WholeFolder(folder, crops=crops, resolution=resolution)
    else:
        source = _Reported(folder, report, choices=choices or FolderChoices(), crops=crops)
    cuts = _cut_all(source, resolution=resolution, left_out=left_out, progress=progress)
    # Nothing is written before there is enough to write.
    first: list[_Cut] = []
    while sum(not one.is_held_out for one in first) < MIN_PICTURES:
        one = next(cuts, None)
        if one is None:
            raise _too_few(folder, first, left_out=left_out, is_filtered=bool(crops.include))
        first.append(one)
    learned, held_out = _write_arrays(target, itertools.chain(first, cuts), resolution=resolution)
    manifest = Manifest(
        schema=1,
        resolution=resolution,
        num_pictures=len({square.file for square in learned.squares}),
        squares=tuple(learned.squares),
        left_out=tuple(left_out),
        sha256=learned.digest.hexdigest(),
        held_out=tuple(held_out.squares),
    )
    listing = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    write_bytes_atomic(target / MANIFEST_NAME, listing)
    return manifest


# ---------------------------------------------------------------------------------- sources


class _WholeFolder:
    """Every picture of a folder that can be read, each once."""

    def __init__(self, folder: Path, *, crops: CropSpec, resolution: int) -> None:
        self.names = [
            path.relative_to(folder).as_posix() for path in find_pictures(folder, crops.include)
        ]
        self._folder = folder
        self._crops = crops
        self._min_side = crops.min_side_px if crops.min_side_px is not None else resolution // 2
        self._seen: dict[str, str] = {}

    def read(self, name: str) -> Picture:
        """Read one of them; raises UnusableError with the reason."""
        picture = read_picture(self._folder / name, min_side_px=self._min_side)
        mark = hashlib.sha256(picture.tobytes() + str(picture.shape).encode()).hexdigest()
        other = self._seen.setdefault(mark, name)
        if other != name:
            raise UnusableError(f"the same picture as {other}")
        return picture

    def squares(self, name: str, picture: Picture) -> list[Square]:
        """Give where it is cut."""
        height, width = picture.shape[:2]
        return choose_squares(name, width, height=height, crops=self._crops)

    def is_held_out(self, name: str) -> bool:  # noqa: ARG002 - as the other source
        """Nothing is."""
        return False

    def unused(self) -> Iterator[LeftOut]:
        """Give the files that are not even read."""
        return iter(())


class _Reported:
    """The pictures that a report and the artist's choices name, if they are still the same."""

    def __init__(
        self, folder: Path, report: FolderReport, *, choices: FolderChoices, crops: CropSpec
    ) -> None:
        self._folder = folder
        self._crops = crops
        self._way = choices.crop
        self._report = report
        self._used = {file.file: file for file in report.files if is_used(file, choices)}
        self.names = list(self._used)
        self._held_out = choose_held_out(list(self._used.values()), choices.held_out)
        self._is_mirrored = is_mirrored(choices, len(self._used))

    def read(self, name: str) -> Picture:
        """Read one of them; raises UnusableError with the reason."""
        path, file = self._folder / name, self._used[name]
        if _has_changed(path, file):
            raise UnusableError("changed since the folder was looked at")
        picture = read_picture(path, min_side_px=1)
        if picture.shape[:2] != (file.height, file.width):
            raise UnusableError("changed since the folder was looked at")
        return picture

    def squares(self, name: str, picture: Picture) -> list[Square]:
        """Give where it is cut, mirrored ones behind the others."""
        height, width = picture.shape[:2]
        focus = self._used[name].focus
        squares = choose_squares(
            name, width, height=height, crops=self._crops, way=self._way, focus=focus
        )
        if self._is_mirrored and not self.is_held_out(name):
            squares += [msgspec.structs.replace(one, is_mirrored=True) for one in squares]
        return squares

    def is_held_out(self, name: str) -> bool:
        """Give whether it is kept apart to measure with."""
        return name in self._held_out

    def unused(self) -> Iterator[LeftOut]:
        """Give the files that are not even read: as the report says, and those that are new."""
        for file in self._report.files:
            if file.file not in self._used:
                yield LeftOut(file.file, file.reason or "left out by you")
        known = {file.file for file in self._report.files}
        for found in FolderWalk(self._folder) if self._report.is_whole else ():
            if found.name not in known:
                yield LeftOut(found.name, "new since the folder was looked at")


_Source = _WholeFolder | _Reported


def _has_changed(path: Path, file: FileReport) -> bool:
    """Give whether a file holds another picture than the scan saw."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise UnusableError("gone since the folder was looked at") from None
    except OSError:
        raise UnusableError("may not be opened") from None
    if (status.st_size, status.st_mtime_ns) == (file.num_bytes, file.changed_ns):
        return False
    return look_at(path, min_side_px=1).mark != file.mark  # saved anew, perhaps the same


def _cut_all(
    source: _Source, *, resolution: int, left_out: list[LeftOut], progress: Progress | None
) -> Iterator[_Cut]:
    """Gives each usable picture in its squares; the others are added to `left_out`."""
    left_out.extend(source.unused())
    for done, name in enumerate(source.names):
        try:
            picture = source.read(name)
        except UnusableError as error:
            left_out.append(LeftOut(name, str(error)))
        else:
            squares = source.squares(name, picture)
            rows = [cut(picture, square, resolution=resolution) for square in squares]
            yield _Cut(squares, rows, source.is_held_out(name))
        if progress is not None:
            progress(done + 1, len(source.names))


# ---------------------------------------------------------------------------------- writing


class _Rows:
    """Squares on their way into a file."""

    def __init__(self, file: BinaryIO, resolution: int) -> None:
        self.squares: list[Square] = []
        self.digest = hashlib.sha256()
        self._file = file
        self._resolution = resolution
        self._write_header()

    def add(self, cut: _Cut) -> None:
        """Write the squares of one picture."""
        self.squares += cut.squares
        for row in cut.rows:
            content = row.tobytes()
            self.digest.update(content)
            self._file.write(content)

    def finish(self) -> None:
        """Write how many there are; numpy leaves room for that in a header."""
        self._file.seek(0)
        self._write_header()

    def _write_header(self) -> None:
        shape = (len(self.squares), self._resolution, self._resolution, 3)
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)


def _write_arrays(target: Path, cuts: Iterable[_Cut], *, resolution: int) -> tuple[_Rows, _Rows]:
    """Writes both arrays, the held-out one only when there is something in it."""
    found: list[_Rows] = []

    def write_both(learned_file: BinaryIO) -> None:
        def write_held_out(held_out_file: BinaryIO) -> None:
            learned = _Rows(learned_file, resolution)
            held_out = _Rows(held_out_file, resolution)
            for one in cuts:
                (held_out if one.is_held_out else learned).add(one)
            learned.finish()
            held_out.finish()
            found.extend((learned, held_out))

        write_atomic(target / HELD_OUT_NAME, write_held_out)

    write_atomic(target / ARRAY_NAME, write_both)
    learned, held_out = found
    if not held_out.squares:
        (target / HELD_OUT_NAME).unlink(missing_ok=True)
    return learned, held_out


def _too_few(
    folder: Path, cuts: list[_Cut], *, left_out: list[LeftOut], is_filtered: bool
) -> StudioError:
    why = ""
    if left_out:
        why = f" ({len(left_out)} could not be used, the first because: {left_out[0].reason})"
    which = " that match" if is_filtered else ""
    return StudioError(
        f"“{folder.name}” has {len(cuts)} usable pictures{which}; "
        f"a generator needs at least {MIN_PICTURES}{why}.",
        "Add pictures to the folder, or choose another one.",
    )
