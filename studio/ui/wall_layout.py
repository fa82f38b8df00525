"""How many pictures the wall shows and where each stands: pure maths, logical pixels."""

from typing import Final

import msgspec

MAX_SIDE: Final = 6  # 6 × 6 is what an eye still takes in at once
MIN_TILE_PX: Final = 96
GAP_PX: Final = 8
MARGIN_PX: Final = 24


class WallLayout(msgspec.Struct, frozen=True):
    """A grid of square tiles in the middle of a room.

    Attributes:
        columns: Tiles beside each other.
        rows: Tiles above each other.
        tile_px: Side of a tile.
        left: Left edge of the first tile.
        top: Upper edge of the first tile.
    """

    columns: int
    rows: int
    tile_px: int
    left: int
    top: int

    @property
    def num_tiles(self) -> int:
        """How many tiles there are."""
        return self.columns * self.rows

    def tile(self, place: int) -> tuple[int, int]:
        """Give the upper left corner of a tile."""
        row, column = divmod(place, self.columns)
        step = self.tile_px + GAP_PX
        return self.left + column * step, self.top + row * step

    def place_at(self, x: float, y: float) -> int | None:
        """Give the tile at a point, None between and beside them."""
        step = self.tile_px + GAP_PX
        column, over_x = divmod(x - self.left, step)
        row, over_y = divmod(y - self.top, step)
        is_inside = 0 <= column < self.columns and 0 <= row < self.rows
        if not is_inside or over_x >= self.tile_px or over_y >= self.tile_px:
            return None
        return int(row) * self.columns + int(column)


def lay_out(width: int, height: int, *, side: int = MAX_SIDE) -> WallLayout:
    """Give the grid for a room: as many as fit up to side × side, as large as they then can be."""
    wide, high = max(1, width - 2 * MARGIN_PX), max(1, height - 2 * MARGIN_PX)
    columns = min(side, max(1, (wide + GAP_PX) // (MIN_TILE_PX + GAP_PX)))
    rows = min(side, max(1, (high + GAP_PX) // (MIN_TILE_PX + GAP_PX)))
    tile = min((wide - (columns - 1) * GAP_PX) // columns, (high - (rows - 1) * GAP_PX) // rows)
    tile = max(16, tile)
    step = tile + GAP_PX
    # Square tiles leave room on the longer side; more of them fill it.
    columns = min(side, max(columns, (wide + GAP_PX) // step))
    rows = min(side, max(rows, (high + GAP_PX) // step))
    used_w, used_h = columns * step - GAP_PX, rows * step - GAP_PX
    return WallLayout(columns, rows, tile, (width - used_w) // 2, (height - used_h) // 2)
