"""A sprite sheet: frames laid into one picture, and a JSON that says where each of them lies.

The JSON has the two forms that game engines read: "hash" (an object with a name for each frame)
and "array" (a list, where each frame holds its name).
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio import __version__
from studio.core.arrays import Picture
from studio.core.provenance import PROGRAM
from studio.export.file_names import safe_name
from studio.export.set_files import (
    SetFile,
    SetPicture,
    check_size,
    encode_sheet,
    extruded,
    next_power_of_two,
    of_same_channels,
    said_of,
    with_json,
)
from studio.export.set_settings import SpriteSettings
from studio.export.sheet import sheet_grid
from studio.export.stills import StillSettings
from studio.files.images import resize_to


class SpriteSheet(msgspec.Struct, frozen=True):
    """The picture uint8 [H, W, 3 or 4], and (x, y, width, height) of each frame inside it."""

    picture: NDArray[np.uint8]
    frames: tuple[tuple[int, int, int, int], ...]


def make_sprite_sheet(pictures: Sequence[Picture], settings: SpriteSettings) -> SpriteSheet:
    """Lay frames out row by row, in their order; rows are as high as their highest frame.

    Raises:
        PictureError: It would be too large.
    """
    frames = [
        one if not settings.side_px else resize_to(one, settings.side_px)
        for one in of_same_channels(pictures)
    ]
    around = settings.extrude_px
    boxes = [(one.shape[1] + 2 * around, one.shape[0] + 2 * around) for one in frames]
    columns = settings.columns or sheet_grid(len(frames))[0]
    corners, (width, height) = _lay_out(boxes, columns=columns, gap=settings.padding_px)
    if settings.is_power_of_two:
        width, height = next_power_of_two(width), next_power_of_two(height)
    check_size(width, height)
    sheet = np.zeros((height, width, frames[0].shape[2]), np.uint8)
    places = []
    for frame, (left, top), (wide, high) in zip(frames, corners, boxes, strict=True):
        sheet[top : top + high, left : left + wide] = extruded(frame, around)
        places.append((left + around, top + around, wide - 2 * around, high - 2 * around))
    return SpriteSheet(sheet, tuple(places))


def sprite_files(
    pictures: Sequence[SetPicture],
    settings: SpriteSettings,
    *,
    stem: str,
    still: StillSettings = StillSettings(),  # noqa: B008 - frozen
) -> tuple[SetFile, ...]:
    """Give the PNG and its JSON.

    Raises:
        PictureError: It would be too large.
    """
    sheet = make_sprite_sheet([one.picture for one in pictures], settings)
    still = msgspec.structs.replace(still, format="png")
    content = encode_sheet(sheet.picture, pictures, still=still)
    names = frame_names(pictures)
    frames = [
        _frame(box, duration_ms=settings.duration_ms) | {"filename": name}
        for name, box in zip(names, sheet.frames, strict=True)
    ]
    height, width = sheet.picture.shape[:2]
    meta: dict[str, Any] = {
        "app": PROGRAM,
        "version": __version__,
        "image": f"{stem}.png",
        "format": "RGBA8888" if sheet.picture.shape[2] == 4 else "RGB888",
        "size": {"w": width, "h": height},
        "scale": "1",
        **said_of(pictures, still=still),
    }
    told: dict[str, Any] = {"frames": frames, "meta": meta}
    if settings.form == "hash":
        told["frames"] = {frame.pop("filename"): frame for frame in frames}
    return with_json(stem, content, suffix=".json", told=told)


def frame_names(pictures: Sequence[SetPicture]) -> tuple[str, ...]:
    """Give each frame a name that no other has, "-2" and so on behind one that is taken."""
    names: list[str] = []
    taken: set[str] = set()
    for one in pictures:
        wished = safe_name(one.name or one.seed)
        name, number = wished, 1
        while name.casefold() in taken:
            number += 1
            name = f"{wished}-{number}"
        taken.add(name.casefold())
        names.append(f"{name}.png")
    return tuple(names)


def _frame(box: tuple[int, int, int, int], *, duration_ms: int) -> dict[str, Any]:
    x, y, width, height = box
    frame: dict[str, Any] = {
        "frame": {"x": x, "y": y, "w": width, "h": height},
        "rotated": False,
        "trimmed": False,
        "spriteSourceSize": {"x": 0, "y": 0, "w": width, "h": height},
        "sourceSize": {"w": width, "h": height},
    }
    return frame | ({"duration": duration_ms} if duration_ms else {})


def _lay_out(
    boxes: Sequence[tuple[int, int]], *, columns: int, gap: int
) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """Give the corner of each box, and the size of all."""
    corners: list[tuple[int, int]] = []
    top, whole_width = gap, 0
    for begin in range(0, len(boxes), columns):
        left, row = gap, boxes[begin : begin + columns]
        for width, _ in row:
            corners.append((left, top))
            left += width + gap
        top += max(height for _, height in row) + gap
        whole_width = max(whole_width, left)
    return corners, (whole_width, top)
