"""Where the tiles of a gallery lie: rows of squares, with a heading over each section. Pure."""

import bisect
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect

from studio.app.item_models import Section


class TileLayout:
    """The places of all tiles for one width; all questions are answered in constant time or log n.

    Attributes:
        tile_px: Side of a tile's picture.
        num_columns: Tiles in a row.
        height: Of everything.
    """

    def __init__(
        self,
        width: int,
        sections: Sequence[Section],
        *,
        target_px: int,
        gap_px: int,
        caption_px: int,
        heading_px: int,
    ) -> None:
        self._sections = tuple(sections)
        self._gap, self._caption, self._heading = gap_px, caption_px, heading_px
        room = max(1, width)
        self.num_columns = max(1, round((room + gap_px) / (target_px + gap_px)))
        self.tile_px = max(8, (room - gap_px * (self.num_columns - 1)) // self.num_columns)
        self._pitch = self.tile_px + caption_px + gap_px
        self._tops: list[int] = []
        self._firsts = [section.first for section in self._sections]
        y = 0
        for section in self._sections:
            self._tops.append(y)
            num_rows = -(-section.count // self.num_columns)
            y += heading_px + num_rows * self._pitch
        self.height = y

    @property
    def num_tiles(self) -> int:
        """How many tiles there are."""
        return self._sections[-1].first + self._sections[-1].count if self._sections else 0

    def rect(self, row: int) -> QRect:
        """Give the place of a tile with its caption; empty when there is no such tile."""
        if not 0 <= row < self.num_tiles:
            return QRect()
        at = bisect.bisect_right(self._firsts, row) - 1
        line, column = divmod(row - self._firsts[at], self.num_columns)
        x = column * (self.tile_px + self._gap)
        y = self._tops[at] + self._heading + line * self._pitch
        return QRect(x, y, self.tile_px, self.tile_px + self._caption)

    def row_at(self, point: QPoint) -> int:
        """Give the tile at a point, -1 between tiles."""
        if point.x() < 0 or point.y() < 0 or not self._sections:
            return -1
        at = bisect.bisect_right(self._tops, point.y()) - 1
        section = self._sections[at]
        line, below = divmod(point.y() - self._tops[at] - self._heading, self._pitch)
        column, beside = divmod(point.x(), self.tile_px + self._gap)
        is_outside = line < 0 or below >= self._pitch - self._gap or beside >= self.tile_px
        if is_outside or column >= self.num_columns:
            return -1
        place = line * self.num_columns + column
        return section.first + place if place < section.count else -1

    def rows_between(self, top: int, bottom: int) -> range:
        """Give the tiles that lie (at least in part) between two heights."""
        if not self._sections or bottom < top:
            return range(0)
        return range(self._first_from(top), self._first_from(bottom + 1 + self._pitch))

    def rows_inside(self, area: QRect) -> list[int]:
        """Give the tiles that an area touches."""
        rows = self.rows_between(area.top(), area.bottom())
        return [row for row in rows if self.rect(row).intersects(area)]

    def headings(self) -> list[tuple[Section, QRect]]:
        """Give every section with the place of its heading."""
        width = self.num_columns * (self.tile_px + self._gap) - self._gap
        pairs = zip(self._sections, self._tops, strict=True)
        return [(section, QRect(0, top, width, self._heading)) for section, top in pairs]

    def above(self, row: int, lines: int) -> int:
        """Give the tile some lines above (or, negative, below), the nearest one where none is."""
        middle = self.rect(row).center()
        step = -1 if lines > 0 else 1
        for _ in range(abs(lines)):
            y = middle.y() + step * self._pitch
            target = self._nearest(QPoint(middle.x(), y), step)
            if target < 0:
                break
            row, middle = target, QPoint(middle.x(), self.rect(target).center().y())
        return row

    def _nearest(self, point: QPoint, step: int) -> int:
        """Give the tile at a point; over a heading the one beyond it, past a line's end its last."""
        for beyond in (0, self._heading):
            y = point.y() + step * beyond
            if not 0 <= y < self.height:
                continue
            for column in range(point.x() // (self.tile_px + self._gap), -1, -1):
                x = column * (self.tile_px + self._gap) + self.tile_px // 2
                row = self.row_at(QPoint(x, y))
                if row >= 0:
                    return row
        return -1

    def _first_from(self, y: int) -> int:
        """Give the first tile of the line that a height lies in."""
        at = max(0, bisect.bisect_right(self._tops, max(0, y)) - 1)
        section = self._sections[at]
        line = max(0, (y - self._tops[at] - self._heading) // self._pitch)
        return section.first + min(section.count, line * self.num_columns)
