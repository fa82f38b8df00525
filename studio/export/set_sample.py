"""What a sheet or set will look like, made small from thumbnails."""

from collections.abc import Sequence
from typing import Final

import msgspec

from studio.core.arrays import Picture
from studio.export.set_files import SetPicture, credit_of
from studio.export.set_settings import SetKind, SetSettings
from studio.export.stills import StillSettings

# More are not told apart at the size of a preview.
MAX_PICTURES: Final = 64
_CELL_PX: Final = 72
_SHEET_PX: Final = 512
_PAGE_COLUMNS: Final = 4
_PAGE_ROWS: Final = 2  # what is seen of a page when it opens


def sample_of(
    pictures: Sequence[SetPicture], kind: SetKind, *, settings: SetSettings, still: StillSettings
) -> Picture:
    """Give one picture that shows the set, laid out as it will be.

    Args:
        pictures: At most `MAX_PICTURES` small ones.
        kind: Of the set; a palette has no picture.
        settings: How it will be laid out.
        still: Whether it will say how it was made.

    Raises:
        PictureError: It would be too large.
        ValueError: It is a palette.
    """
    if kind in ("sheet", "page"):
        return _sheet(pictures, settings, is_page=kind == "page", still=still)
    if kind == "sprites":
        from studio.export.sprite_sheet import make_sprite_sheet  # noqa: PLC0415

        side = min(settings.sprites.side_px or _CELL_PX, _CELL_PX)
        sprites = msgspec.structs.replace(settings.sprites, side_px=side)
        return make_sprite_sheet([one.picture for one in pictures], sprites).picture
    if kind == "tiles":
        from studio.export.tile_set import make_tile_set  # noqa: PLC0415

        tiles = settings.tiles
        most = _SHEET_PX // max(tiles.across, tiles.down) if len(pictures) == 1 else _CELL_PX
        tiles = msgspec.structs.replace(tiles, tile_px=max(4, min(tiles.tile_px, most)))
        return make_tile_set([one.picture for one in pictures], tiles).picture
    raise ValueError("a palette has no picture")


def _sheet(
    pictures: Sequence[SetPicture], settings: SetSettings, *, is_page: bool, still: StillSettings
) -> Picture:
    from studio.export.contact_sheet import make_contact_sheet  # noqa: PLC0415

    sheet = settings.sheet
    if is_page:  # the page's own look: dark, four beside each other, names below
        sheet = msgspec.structs.replace(
            type(sheet)(), columns=_PAGE_COLUMNS, title=settings.page.title, has_credit=False
        )
        pictures = pictures[: _PAGE_COLUMNS * _PAGE_ROWS]
    scale = _CELL_PX / sheet.cell_px
    small = msgspec.structs.replace(
        sheet,
        cell_px=_CELL_PX,
        gap_px=round(sheet.gap_px * scale),
        margin_px=max(2, round(sheet.margin_px * scale)),
    )
    return make_contact_sheet(pictures, small, credit=credit_of(pictures, still=still))
