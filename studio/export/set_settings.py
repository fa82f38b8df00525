"""How sheets and sets are laid out: plain values that the window, settings and commands share."""

from typing import Final, Literal

import msgspec

SetKind = Literal["sheet", "sprites", "tiles", "palette", "page"]
Caption = Literal["none", "name", "seed", "both"]
Ground = Literal["dark", "grey", "white"]
JsonForm = Literal["hash", "array"]
PaletteFormat = Literal["gpl", "ase", "aco"]
PageForm = Literal["file", "folder"]

SET_KINDS: Final[tuple[SetKind, ...]] = ("sheet", "sprites", "tiles", "palette", "page")
PALETTE_FORMATS: Final[tuple[PaletteFormat, ...]] = ("gpl", "ase", "aco")
MIN_COLOURS: Final = 4
MAX_COLOURS: Final = 64
MAX_COLUMNS: Final = 100
MAX_EXTRUDE_PX: Final = 16
MAX_PADDING_PX: Final = 64
MAX_TILES_ACROSS: Final = 64


class ContactSheetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a contact sheet is laid out; all lengths in pixels.

    Attributes:
        columns: Pictures in a row, 0 for as square as it goes.
        cell_px: Longer side of each picture.
        gap_px: Between pictures.
        margin_px: Around all of them.
        caption: What stands below each picture.
        ground: Colour of the sheet.
        title: A line above the pictures, "" for none.
        has_credit: Whether the models' credit stands below; it is inside the file in any case.
    """

    columns: int = 0
    cell_px: int = 256
    gap_px: int = 16
    margin_px: int = 32
    caption: Caption = "name"
    ground: Ground = "dark"
    title: str = ""
    has_credit: bool = True


class SpriteSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How frames are laid out; all lengths in pixels.

    Attributes:
        side_px: Longer side of each frame, 0 for as they are.
        columns: Frames in a row, 0 for as square as it goes.
        padding_px: Empty space between frames and around them.
        extrude_px: How far each frame's edge is repeated around it.
        is_power_of_two: Whether both sides of the sheet are powers of two.
        form: Of the JSON.
        duration_ms: How long each frame of an animation is shown, 0 for no animation.
    """

    side_px: int = 0
    columns: int = 0
    padding_px: int = 2
    extrude_px: int = 0
    is_power_of_two: bool = True
    form: JsonForm = "hash"
    duration_ms: int = 0


class TileSetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How tiles are laid out; all lengths in pixels.

    Attributes:
        tile_px: Side of each tile.
        across: Into how many columns one picture is cut; several pictures are one tile each.
        down: Into how many rows.
        extrude_px: How far each tile's edge is repeated around it, against seams in the engine.
        is_power_of_two: Whether both sides of the picture are powers of two.
    """

    tile_px: int = 64
    across: int = 4
    down: int = 4
    extrude_px: int = 0
    is_power_of_two: bool = False


class PaletteSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How many colours, 4…64 (fewer come where there are fewer), and for which programs."""

    num_colours: int = 16
    formats: tuple[PaletteFormat, ...] = PALETTE_FORMATS


class PageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a page is made.

    Attributes:
        form: One file with the pictures inside, or a folder with them beside it.
        title: At its head, "" for the language's own.
        size: Longer side of its pictures in pixels.
    """

    form: PageForm = "file"
    title: str = ""
    size: int = 1024


class SetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How each kind of set is laid out."""

    sheet: ContactSheetSettings = ContactSheetSettings()
    sprites: SpriteSettings = SpriteSettings()
    tiles: TileSetSettings = TileSetSettings()
    palette: PaletteSettings = PaletteSettings()
    page: PageSettings = PageSettings()


def wanted_px(kind: SetKind, settings: SetSettings, *, count: int) -> int | None:
    """Give how large each picture must be for a set, None for as it was made.

    Args:
        kind: Of the set.
        settings: How it is laid out.
        count: How many pictures it has.
    """
    if kind == "sheet":
        return settings.sheet.cell_px
    if kind == "sprites":
        return settings.sprites.side_px or None
    if kind == "tiles":
        tiles = settings.tiles
        return tiles.tile_px * (max(tiles.across, tiles.down) if count == 1 else 1)
    return settings.page.size if kind == "page" else None


def file_names(kind: SetKind, settings: SetSettings, *, stem: str) -> tuple[str, ...]:
    """Give what the files of a set are called under a stem; of a page's folder the page alone."""
    if kind == "sheet":
        return (f"{stem}.png",)
    if kind == "palette":
        return tuple(f"{stem}.{one}" for one in settings.palette.formats)
    if kind == "page":
        return (f"{stem}.html" if settings.page.form == "file" else f"{stem}/index.html",)
    return f"{stem}.png", f"{stem}.{'json' if kind == 'sprites' else 'tsj'}"
