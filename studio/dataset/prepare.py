"""Makes a folder of pictures into one array of squares that a trainer can read."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np

from studio.core.errors import StudioError
from studio.core.training_spec import CropSpec
from studio.dataset.scan import find_pictures
from studio.files.atomic import write_atomic, write_bytes_atomic
from studio.files.source_pictures import Picture, UnusableError, read_picture, resize_picture

MIN_PICTURES = 8
CROP_STEP = 0.15  # another square for each 15 % that a picture is longer than wide
ARRAY_NAME = "pictures.npy"
MANIFEST_NAME = "manifest.json"


class Square(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the array: where it was cut, in px of the upright picture."""

    file: str
    left: int
    top: int
    side: int


class LeftOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that is not used, and why."""

    file: str
    reason: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the array is made of. File names are relative to the folder."""

    schema: int
    resolution: int
    num_pictures: int
    squares: tuple[Square, ...]
    left_out: tuple[LeftOut, ...]
    sha256: str


Progress = Callable[[int, int], None]


def prepare(
    folder: Path,
    target: Path,
    *,
    resolution: int,
    crops: CropSpec,
    progress: Progress | None = None,
) -> Manifest:
    """Writes `pictures.npy` [N, R, R, 3] uint8 and `manifest.json` into `target`.

    Args:
        folder: the artist's pictures, read only.
        target: a folder of ours; made when missing.
        resolution: side of the squares in px.
        crops: which files and how many squares of each.
        progress: called with files done and files found.

    Raises:
        StudioError: no such folder, too few usable pictures, no room on the disk.
    """
    paths = find_pictures(folder, crops.include)
    left_out: list[LeftOut] = []
    squares: list[Square] = []
    rows: list[Picture] = []
    num_pictures = 0
    for done, (name, picture) in enumerate(
        _read_all(folder, paths, crops=crops, resolution=resolution, left_out=left_out)
    ):
        if progress is not None:
            progress(done + 1, len(paths))
        if picture is None:
            continue
        num_pictures += 1
        for square in choose_squares(name, picture.shape[1], height=picture.shape[0], crops=crops):
            squares.append(square)
            rows.append(cut(picture, square, resolution=resolution))
    _check_enough(folder, num_pictures, left_out=left_out, is_filtered=bool(crops.include))
    array = np.stack(rows)
    manifest = Manifest(
        schema=1,
        resolution=resolution,
        num_pictures=num_pictures,
        squares=tuple(squares),
        left_out=tuple(left_out),
        sha256=hashlib.sha256(array.tobytes()).hexdigest(),
    )
    _write(target, array, manifest=manifest)
    return manifest


def _read_all(
    folder: Path,
    paths: list[Path],
    *,
    crops: CropSpec,
    resolution: int,
    left_out: list[LeftOut],
) -> Iterator[tuple[str, Picture | None]]:
    min_side = crops.min_side_px if crops.min_side_px is not None else resolution // 2
    seen: dict[str, str] = {}
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            picture = read_picture(path, min_side_px=min_side)
        except UnusableError as error:
            left_out.append(LeftOut(name, str(error)))
            yield name, None
            continue
        mark = hashlib.sha256(picture.tobytes() + str(picture.shape).encode()).hexdigest()
        if mark in seen:
            left_out.append(LeftOut(name, f"the same picture as {seen[mark]}"))
            yield name, None
            continue
        seen[mark] = name
        yield name, picture


def choose_squares(name: str, width: int, *, height: int, crops: CropSpec) -> list[Square]:
    """Gives the squares of a picture: its shorter side, spread evenly over the longer.

    With `crops.side_share` below 1 they are smaller and lie in a grid over the whole picture.
    """
    side, length, max_crops = min(width, height), max(width, height), crops.max_crops
    if crops.side_share < 1:
        return _grid(name, width, height=height, crops=crops)
    # A hair is added because 1.45 / 0.15 falls short of its whole number in floats.
    wanted = 1 + int((length / side - 1) / CROP_STEP + 1e-9)
    count = max(1, min(wanted, max_crops))
    spare = length - side
    starts = [spare // 2] if count == 1 else [spare * n // (count - 1) for n in range(count)]
    if width >= height:
        return [Square(name, start, 0, side) for start in starts]
    return [Square(name, 0, start, side) for start in starts]


def _grid(name: str, width: int, *, height: int, crops: CropSpec) -> list[Square]:
    side = max(1, round(min(width, height) * crops.side_share))
    lefts, tops = (_spread(length, side) for length in (width, height))
    squares = [Square(name, left, top, side) for top in tops for left in lefts]
    count = min(len(squares), crops.max_crops)
    return [squares[len(squares) * n // count] for n in range(count)]


def _spread(length: int, side: int) -> list[int]:
    """Gives where squares begin that cover `length` with as little overlap as possible."""
    count = -(-length // side)
    return [0] if count == 1 else [(length - side) * n // (count - 1) for n in range(count)]


def cut(picture: Picture, square: Square, *, resolution: int) -> Picture:
    """Gives the square of the picture at `resolution`, uint8 [R, R, 3]."""
    top, left, side = square.top, square.left, square.side
    return resize_picture(picture[top : top + side, left : left + side], resolution)


def _check_enough(
    folder: Path, num_pictures: int, *, left_out: list[LeftOut], is_filtered: bool
) -> None:
    if num_pictures >= MIN_PICTURES:
        return
    why = ""
    if left_out:
        why = f" ({len(left_out)} could not be used, the first because: {left_out[0].reason})"
    which = " that match" if is_filtered else ""
    raise StudioError(
        f"“{folder.name}” has {num_pictures} usable pictures{which}; "
        f"a generator needs at least {MIN_PICTURES}{why}.",
        "Add pictures to the folder, or choose another one.",
    )


def _write(target: Path, array: Picture, *, manifest: Manifest) -> None:
    write_atomic(target / ARRAY_NAME, lambda file: np.save(file, array, allow_pickle=False))
    listing = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    write_bytes_atomic(target / MANIFEST_NAME, listing)
