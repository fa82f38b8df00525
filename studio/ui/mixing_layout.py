"""Where heads and cells of the mixing sheet stand: pure maths, logical pixels."""

from typing import Final

import msgspec

GAP_PX: Final = 6
APART_PX: Final = 14  # between the heads and the cells
_MARGIN_PX: Final = 24
_MOST_PX: Final = 256


class MixingLayout(msgspec.Struct, frozen=True):
    """A square grid: line 0 and column 0 are heads, their corner is empty.

    Attributes:
        side: Cells beside each other.
        tile_px: Side of a tile.
        left: Left edge of the grid.
        top: Upper edge of the grid.
    """

    side: int
    tile_px: int
    left: int
    top: int

    def tile(self, line: int, column: int) -> tuple[int, int]:
        """Give the upper left corner of a tile; line 0 and column 0 are heads."""
        step = self.tile_px + GAP_PX
        apart = APART_PX - GAP_PX
        x = self.left + column * step + (apart if column else 0)
        y = self.top + line * step + (apart if line else 0)
        return x, y

    def place_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Give line and column at a point, None between the tiles and in the empty corner."""
        for line in range(self.side + 1):
            for column in range(self.side + 1):
                left, top = self.tile(line, column)
                is_inside = left <= x < left + self.tile_px and top <= y < top + self.tile_px
                if is_inside and (line, column) != (0, 0):
                    return line, column
        return None


def lay_out(width: int, height: int, *, side: int) -> MixingLayout:
    """Give the grid for a room, as large as it can be, in its middle."""
    room = min(width, height) - 2 * _MARGIN_PX - APART_PX - (side - 1) * GAP_PX
    tile = min(_MOST_PX, max(16, room // (side + 1)))
    whole = (side + 1) * tile + APART_PX + (side - 1) * GAP_PX
    return MixingLayout(side, tile, (width - whole) // 2, max(8, (height - whole) // 2))
