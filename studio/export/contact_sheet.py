"""A contact sheet: pictures in a grid on one neutral ground, with their names and seeds."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.export.lettering import draw_line, fitting, text_width
from studio.export.set_files import SetFile, SetPicture, check_size, credit_of, encode_sheet
from studio.export.set_settings import Caption, ContactSheetSettings, Ground
from studio.export.sheet import SHEET_GREY, sheet_grid
from studio.export.stills import SUFFIX_BY_FORMAT, StillSettings
from studio.files.images import resize_to

# Grey of the ground, and of the words on it.
GREYS: Final[dict[Ground, tuple[int, int]]] = {
    "dark": (SHEET_GREY, 190),
    "grey": (119, 250),
    "white": (255, 70),
}


def make_contact_sheet(
    pictures: Sequence[SetPicture], settings: ContactSheetSettings, *, credit: str = ""
) -> NDArray[np.uint8]:
    """Give the sheet, uint8 [H, W, 3], owned by the caller.

    Args:
        pictures: One or more; each fills its cell by its longer side.
        settings: How.
        credit: What stands below all, where the settings wish it.

    Raises:
        PictureError: It would be too large.
    """
    check_contact_sheet(len(pictures), settings)
    layout = _Layout(len(pictures), settings)
    ground, ink = GREYS[settings.ground]
    image = Image.new("RGB", (layout.width, layout.height), (ground, ground, ground))
    for place, one in enumerate(pictures):
        left, top = layout.corner(place)
        shown = resize_to(one.picture, settings.cell_px)
        height, width = shown.shape[:2]
        corner = (
            left + (settings.cell_px - width) // 2,
            top + (settings.cell_px - height) // 2,
        )
        shown_image = Image.fromarray(shown)
        image.paste(shown_image, corner, mask=shown_image if shown.shape[2] == 4 else None)
        line = caption_of(
            one, settings.caption, size_px=layout.letter_px, width_px=settings.cell_px
        )
        if line:
            y = top + settings.cell_px + 1.45 * layout.letter_px
            draw_line(image, (left, y), text=line, size_px=layout.letter_px, grey=ink)
    inside = layout.width - 2 * settings.margin_px
    if settings.title:
        line = fitting(settings.title, layout.title_px, width_px=inside)
        y = settings.margin_px + layout.title_px
        draw_line(image, (settings.margin_px, y), text=line, size_px=layout.title_px, grey=ink)
    if settings.has_credit and credit:
        line = fitting(credit, layout.letter_px, width_px=inside)
        y = layout.height - settings.margin_px / 2 - layout.letter_px / 3
        draw_line(image, (settings.margin_px, y), text=line, size_px=layout.letter_px, grey=ink)
    return np.array(image)


def check_contact_sheet(count: int, settings: ContactSheetSettings) -> None:
    """Refuse a sheet of so many pictures that would be too large, before any of them is made.

    Raises:
        PictureError: It would be.
    """
    layout = _Layout(count, settings)
    check_size(layout.width, layout.height)


def contact_sheet_files(
    pictures: Sequence[SetPicture],
    settings: ContactSheetSettings,
    *,
    stem: str,
    still: StillSettings = StillSettings(),  # noqa: B008 - frozen
) -> tuple[SetFile, ...]:
    """Give the one file of a contact sheet; it carries every model's credit and rights.

    Raises:
        PictureError: It would be too large.
    """
    credit = credit_of(pictures, still=still)
    sheet = make_contact_sheet(pictures, settings, credit=credit)
    content = encode_sheet(sheet, pictures, still=still)
    return (SetFile(stem + SUFFIX_BY_FORMAT[still.format], content),)


def caption_of(one: SetPicture, caption: Caption, *, size_px: int, width_px: float) -> str:
    """Give the words below a picture, cut short to fit; a seed is cut last, and not said twice."""
    name, seed = one.name or one.seed, one.seed
    if caption == "none":
        return ""
    if caption == "seed":
        return fitting(seed, size_px, width_px=width_px)
    tail = f" · {seed}" if caption == "both" and seed and seed not in name.split() else ""
    room = width_px - text_width(tail, size_px)
    if room < width_px / 4:
        return fitting(name + tail, size_px, width_px=width_px)
    return fitting(name, size_px, width_px=room) + tail


class _Layout:
    """Where everything stands."""

    def __init__(self, count: int, settings: ContactSheetSettings) -> None:
        cell, gap, margin = settings.cell_px, settings.gap_px, settings.margin_px
        self.columns = min(settings.columns or sheet_grid(count)[0], count)
        rows = math.ceil(count / self.columns)
        self.letter_px = max(10, min(28, round(cell / 16)))
        self.title_px = 2 * self.letter_px
        below = 0 if settings.caption == "none" else 2 * self.letter_px
        self._step = (cell + gap, cell + below + gap)
        self._left = margin
        self._top = margin + (round(1.8 * self.title_px) if settings.title else 0)
        foot = 2 * self.letter_px if settings.has_credit else 0
        self.width = 2 * margin + self.columns * self._step[0] - gap
        self.height = self._top + rows * self._step[1] - gap + margin + foot

    def corner(self, place: int) -> tuple[int, int]:
        """Give the left upper corner of a picture's cell."""
        row, column = divmod(place, self.columns)
        return self._left + column * self._step[0], self._top + row * self._step[1]
