"""Words on a sheet, in the studio's own type, Latin and Chinese."""

import bisect
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from studio.files.places import resources

_LATIN: Final = "Inter-Regular.otf"
_CJK: Final = "LatentStudioCJK-Regular.otf"
# Below this the letters are Latin, Greek, Cyrillic, or signs that Inter has.
_FIRST_CJK: Final = 0x2E80
_ELLIPSIS: Final = "…"


@functools.cache
def _font(name: str, size_px: int) -> ImageFont.FreeTypeFont:
    path: Path = resources() / "fonts" / name
    return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.BASIC)


def text_width(text: str, size_px: int) -> float:
    """Give how many pixels a line takes."""
    return sum(_font(font, size_px).getlength(part) for font, part in _runs(text))


def fitting(text: str, size_px: int, *, width_px: float) -> str:
    """Give the line, cut short with an ellipsis where it is too wide."""
    if text_width(text, size_px) <= width_px:
        return text
    room_px = width_px - text_width(_ELLIPSIS, size_px)
    return text[: num_fitting(text, size_px, width_px=room_px)].rstrip() + _ELLIPSIS


def num_fitting(text: str, size_px: int, *, width_px: float) -> int:
    """Give how many of the first letters of a line fit."""

    def width_of(count: int) -> float:
        return text_width(text[:count], size_px)

    return max(0, bisect.bisect_right(range(len(text) + 1), width_px, key=width_of) - 1)


def draw_line(
    image: Image.Image, place: tuple[float, float], *, text: str, size_px: int, grey: int
) -> None:
    """Draw a line of text; `place` is the left end of its base line."""
    draw = ImageDraw.Draw(image)
    x, y = place
    for name, part in _runs(text):
        font = _font(name, size_px)
        draw.text((x, y), part, font=font, fill=(grey, grey, grey), anchor="ls")
        x += font.getlength(part)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Give the parts of a line with the font that has their letters."""
    part, font = "", _LATIN
    for letter in text:
        wanted = _CJK if ord(letter) >= _FIRST_CJK else _LATIN
        if part and wanted != font:
            yield font, part
            part = ""
        part, font = part + letter, wanted
    if part:
        yield font, part
