"""A tile set: one picture cut into tiles, or several pictures laid side by side, with a `.tsj`.

The `.tsj` is the JSON tile set of Tiled, which most 2D engines import; the picture is a PNG beside it.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.arrays import Picture, middle_square
from studio.core.enlargement import tile_of
from studio.core.errors import PictureError
from studio.core.recipe import Tile
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
from studio.export.set_settings import TileSetSettings
from studio.export.sheet import sheet_grid
from studio.export.stills import StillSettings
from studio.files.images import resize_to, resize_to_sides

MAX_TILES: Final = 4096
# Source: doc.mapeditor.org, "JSON Map Format", tileset; 1.10 is the format's version.
_TSJ_VERSION: Final = "1.10"


class TileSet(msgspec.Struct, frozen=True):
    """The picture uint8 [H, W, 3 or 4], and how many tiles lie in it, side by side and in all."""

    picture: NDArray[np.uint8]
    columns: int
    count: int


def make_tile_set(
    pictures: Sequence[Picture], settings: TileSetSettings, *, seam: Tile = "none"
) -> TileSet:
    """Cut one picture, or lay several side by side.

    Args:
        pictures: One or more; of several, the middle square is taken.
        settings: How.
        seam: Along which sides a single picture goes on at its other end.

    Raises:
        PictureError: It would be too large, or would hold too many tiles.
    """
    pictures = of_same_channels(pictures)
    if len(pictures) == 1:
        tiles, columns = _cut(pictures[0], settings, seam=seam), settings.across
    else:
        tiles = [_as_tile(one, settings.tile_px) for one in pictures]
        columns = sheet_grid(len(tiles))[0]
    _check_count(len(tiles))
    around = settings.extrude_px
    step = settings.tile_px + 2 * around
    rows = -(-len(tiles) // columns)
    width, height = columns * step, rows * step
    if settings.is_power_of_two:
        width, height = next_power_of_two(width), next_power_of_two(height)
    check_size(width, height)
    whole = np.zeros((height, width, pictures[0].shape[2]), np.uint8)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        whole[row * step : (row + 1) * step, column * step : (column + 1) * step] = extruded(
            tile, around
        )
    return TileSet(whole, columns, len(tiles))


def check_tile_set(count: int, settings: TileSetSettings) -> None:
    """Refuse a tile set of so many pictures that would be too large, before any of them is made.

    Raises:
        PictureError: It would be too large, or would hold too many tiles.
    """
    columns, tiles = sheet_grid(count)[0], count
    if count == 1:
        columns, tiles = settings.across, settings.across * settings.down
    _check_count(tiles)
    step = settings.tile_px + 2 * settings.extrude_px
    check_size(columns * step, -(-tiles // columns) * step)


def tile_set_files(
    pictures: Sequence[SetPicture],
    settings: TileSetSettings,
    *,
    stem: str,
    still: StillSettings = StillSettings(),  # noqa: B008 - frozen
) -> tuple[SetFile, ...]:
    """Give the PNG and its `.tsj`.

    Raises:
        PictureError: It would be too large, or would hold too many tiles.
    """
    recipe = pictures[0].recipe
    seam = "none" if recipe is None else tile_of(recipe)
    tiles = make_tile_set([one.picture for one in pictures], settings, seam=seam)
    still = msgspec.structs.replace(still, format="png")
    content = encode_sheet(tiles.picture, pictures, still=still)
    height, width = tiles.picture.shape[:2]
    told: dict[str, Any] = {
        "type": "tileset",
        "version": _TSJ_VERSION,
        "name": stem,
        "image": f"{stem}.png",
        "imagewidth": width,
        "imageheight": height,
        "tilewidth": settings.tile_px,
        "tileheight": settings.tile_px,
        "margin": settings.extrude_px,
        "spacing": 2 * settings.extrude_px,
        "columns": tiles.columns,
        "tilecount": tiles.count,
        "properties": [
            {"name": name, "type": "string", "value": value}
            for name, value in said_of(pictures, still=still).items()
        ],
    }
    return with_json(stem, content, suffix=".tsj", told=told)


def _cut(picture: Picture, settings: TileSetSettings, *, seam: Tile) -> list[Picture]:
    """Cut a picture into tiles, row by row; it is brought to their common size first."""
    wide, high = settings.across * settings.tile_px, settings.down * settings.tile_px
    _check_count(settings.across * settings.down)
    check_size(wide, high)
    fitted = resize_to_sides(picture, wide, height_px=high, tile=seam)
    side = settings.tile_px
    return [
        fitted[row * side : (row + 1) * side, column * side : (column + 1) * side]
        for row in range(settings.down)
        for column in range(settings.across)
    ]


def _as_tile(picture: Picture, side_px: int) -> Picture:
    return resize_to(middle_square(picture), side_px)


def _check_count(count: int) -> None:
    if count > MAX_TILES:
        raise PictureError(f"This would be {count} tiles.", f"Make at most {MAX_TILES} tiles.")
