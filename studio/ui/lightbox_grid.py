"""The pictures of one snapshot as a grid: point, pin, open, look at one seed over time."""

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from studio.core.snapshot import SHEET_COLUMNS, SHEET_SEEDS
from studio.ui.seed_row import group_digits
from studio.ui.texts import tr
from studio.ui.theme import tokens_of
from studio.ui.tile_paint import TileState, draw_tile, more_place, star_place

_GAP_PX: Final = 6
_ROWS: Final = SHEET_SEEDS // SHEET_COLUMNS


class LightboxTile(msgspec.Struct, frozen=True):
    """One picture of the grid; None until it has come."""

    seed: int
    image: QImage | None
    is_pinned: bool


class LightboxGrid(QWidget):
    """Shows five columns of pictures; arrows move, Enter opens, S pins.

    Signals:
        current_changed: Place of the tile that the hand or the keyboard went to.
        open_requested: Seed to open on the canvas.
        pin_requested: (seed, bool).
    """

    current_changed = Signal(int)
    open_requested = Signal(object)
    pin_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: tuple[LightboxTile, ...] = ()
        self._current, self._hovered = 0, -1
        # The pictures at the size they are drawn at: to scale twenty takes 100 ms at times.
        self._drawn: dict[tuple[int, int], QImage] = {}
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._name_current()

    @property
    def current(self) -> int:
        """Place of the present tile."""
        return self._current

    @property
    def tiles(self) -> tuple[LightboxTile, ...]:
        """What is shown."""
        return self._tiles

    def show_tiles(self, tiles: Sequence[LightboxTile]) -> None:
        """Show other pictures; the present place stays."""
        self._tiles = tuple(tiles)
        self._current = min(self._current, max(0, len(self._tiles) - 1))
        shown = {tile.image.cacheKey() for tile in self._tiles if tile.image is not None}
        self._drawn = {key: image for key, image in self._drawn.items() if key[0] in shown}
        self._name_current()
        self.update()

    @staticmethod
    def width_for(height: int) -> int:
        """Give how wide the grid is when its height decides."""
        side = max(16, (height - _GAP_PX * (_ROWS - 1)) // _ROWS)
        return SHEET_COLUMNS * (side + _GAP_PX) - _GAP_PX

    def tile_px(self) -> int:
        """Give the side of a tile: all of them fit into the room."""
        wide = (self.width() - _GAP_PX * (SHEET_COLUMNS - 1)) // SHEET_COLUMNS
        high = (self.height() - _GAP_PX * (_ROWS - 1)) // _ROWS
        return max(16, min(wide, high))

    def grid_rect(self) -> QRect:
        """Give where the tiles lie: in the middle, from the top."""
        side = self.tile_px()
        wide = SHEET_COLUMNS * (side + _GAP_PX) - _GAP_PX
        return QRect((self.width() - wide) // 2, 0, wide, _ROWS * (side + _GAP_PX) - _GAP_PX)

    def tile_rect(self, place: int) -> QRect:
        """Give where a tile is."""
        row, column = divmod(place, SHEET_COLUMNS)
        step = self.tile_px() + _GAP_PX
        corner = self.grid_rect().topLeft() + QPoint(column * step, row * step)
        return QRect(corner, QSize(self.tile_px(), self.tile_px()))

    def sizeHint(self) -> QSize:
        """Give tiles of a good size."""
        return QSize(SHEET_COLUMNS * 150, _ROWS * 150)

    def minimumSizeHint(self) -> QSize:
        """Give tiles that can still be seen."""
        return QSize(SHEET_COLUMNS * 48, _ROWS * 48)

    # ---------------------------------------------------------------- the hand

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Offer what can be done with the tile under the pointer."""
        self._hover(self._place_at(event.position().toPoint()))

    def leaveEvent(self, _event: QEvent) -> None:
        """Offer nothing any more."""
        self._hover(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to a tile, or take what hovering offers."""
        point = event.position().toPoint()
        place = self._place_at(point)
        if event.button() != Qt.MouseButton.LeftButton or place < 0:
            event.ignore()
            return
        self._go(place)
        area = self.tile_rect(place)
        is_roomy = area.width() >= 100
        if is_roomy and star_place(area).contains(point):
            self._pin(place)
        elif is_roomy and more_place(area).contains(point):
            self._show_menu(event.globalPosition().toPoint())
        elif is_roomy and point.y() > star_place(area).top():
            self.open_requested.emit(self._tiles[place].seed)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        place = self._place_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.open_requested.emit(self._tiles[place].seed)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show what can be done with a tile."""
        place = self._place_at(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self._current
        if 0 <= place < len(self._tiles):
            self._go(place)
            self._show_menu(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, open and pin by keyboard."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -SHEET_COLUMNS,
            Qt.Key.Key_Down: SHEET_COLUMNS,
        }
        step = steps.get(Qt.Key(event.key()))
        is_open = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if step is not None:
            self._go(self._current + step)
        elif is_open and self._tiles:
            self.open_requested.emit(self._tiles[self._current].seed)
        elif event.key() == Qt.Key.Key_S and self._tiles:
            self._pin(self._current)
        else:
            event.ignore()

    def make_menu(self) -> QMenu:
        """Give the menu of the present tile; the caller deletes it."""
        tile = self._tiles[self._current]
        menu = QMenu(self)
        menu.addAction(tr("Open on the canvas"), lambda: self.open_requested.emit(tile.seed))
        pin = tr("Remove pin") if tile.is_pinned else tr("Pin")
        menu.addAction(pin, lambda: self._pin(self._current))
        return menu

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Frame the present tile."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Frame it more quietly."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles that have to be drawn anew."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        for place, tile in enumerate(self._tiles):
            area = self.tile_rect(place)
            if not event.region().intersects(area):
                continue
            state = TileState()
            state.image, state.is_starred = self._at_size(tile.image), tile.is_pinned
            state.has_caption = False
            state.is_hovered = place == self._hovered
            state.is_selected = place == self._current and self.hasFocus()
            state.is_current = place == self._current
            draw_tile(painter, area, state=state, tokens=tokens)

    # ---------------------------------------------------------------- inside

    def _at_size(self, image: QImage | None) -> QImage | None:
        """Give a picture at the size it is drawn at, from before where there is one."""
        if image is None or image.isNull():
            return image
        side = round(self.tile_px() * self.devicePixelRatioF())
        key = (image.cacheKey(), side)
        if key not in self._drawn:
            stale = [one for one in self._drawn if one[0] == key[0]]  # of another size
            for one in stale:
                del self._drawn[one]
            self._drawn[key] = image.scaled(
                QSize(side, side),
                Qt.AspectRatioMode.KeepAspectRatioByExpanding,
                Qt.TransformationMode.SmoothTransformation,
            ).convertToFormat(QImage.Format.Format_RGB32)
        return self._drawn[key]

    def _repaint_tiles(self, *places: int) -> None:
        for place in places:
            if 0 <= place < len(self._tiles):
                self.update(self.tile_rect(place))

    def _show_menu(self, where: QPoint) -> None:
        menu = self.make_menu()
        menu.exec(where)
        menu.deleteLater()

    def _pin(self, place: int) -> None:
        tile = self._tiles[place]
        self.pin_requested.emit((tile.seed, not tile.is_pinned))

    def _place_at(self, point: QPoint) -> int:
        found = (p for p in range(len(self._tiles)) if self.tile_rect(p).contains(point))
        return next(found, -1)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            self._repaint_tiles(place, self._hovered)
            self._hovered = place
            self.setToolTip(
                tr("Seed {seed}", seed=group_digits(self._tiles[place].seed)) if place >= 0 else ""
            )

    def _go(self, place: int) -> None:
        if 0 <= place < len(self._tiles) and place != self._current:
            self._repaint_tiles(place, self._current)
            self._current = place
            self._name_current()
            self.current_changed.emit(place)

    def _name_current(self) -> None:
        if not self._tiles:
            self.setAccessibleName(tr("Pictures of the snapshot"))
            return
        self.setAccessibleName(
            tr(
                "Picture {place} of {count}, seed {seed}",
                place=self._current + 1,
                count=len(self._tiles),
                seed=self._tiles[self._current].seed,
            )
        )
