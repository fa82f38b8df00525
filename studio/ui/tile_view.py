"""The gallery's tiles under the hand: open, star, menu, throw away, drag out."""

from typing import Final

from PySide6.QtCore import QEvent, QItemSelection, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from studio.app.item_models import GalleryModel
from studio.library.kept import Kept
from studio.ui.tile_grid import SayDay, TileGrid
from studio.ui.tile_paint import more_place, star_place

_DRAG_PX: Final = 96


class TileView(TileGrid):
    """Tiles that ask for what the hand wishes.

    Signals:
        open_requested: `Kept` to restore: double-click, Enter, or a click where a click opens.
        star_requested: (tuple of `Kept`, bool).
        menu_requested: (tuple of `Kept`, global `QPoint`).
        trash_requested: Tuple of `Kept`: Delete was pressed.
        selection_edited: Tuple of the chosen `Kept`.
        drag_requested: Tuple of `Kept` that the pointer takes along; answered by `start_drag`.
    """

    open_requested = Signal(object)
    star_requested = Signal(object)
    menu_requested = Signal(object)
    trash_requested = Signal(object)
    selection_edited = Signal(object)
    drag_requested = Signal(object)

    def __init__(
        self,
        *,
        name: str,
        target_px: int = 128,
        margin_px: int = 0,
        has_captions: bool = True,
        say_day: SayDay | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            name=name,
            target_px=target_px,
            margin_px=margin_px,
            has_captions=has_captions,
            say_day=say_day,
            parent=parent,
        )
        self.opens_on_click = False

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:  # noqa: N802 - Qt's name
        """Tell what is chosen."""
        super().selectionChanged(selected, deselected)
        self.selection_edited.emit(self.chosen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take what hovering offers, else choose."""
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            offer = self._offer_at(index, event.position().toPoint())
            kept = self._kept(index.row())
            if offer == "star":
                self.star_requested.emit(((kept,), not kept.starred))
                return
            if offer == "more":
                self.setCurrentIndex(index)
                self.menu_requested.emit(((kept,), event.globalPosition().toPoint()))
                return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open, where one click is enough."""
        is_dragging = self.state() != QAbstractItemView.State.NoState
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        is_left = event.button() == Qt.MouseButton.LeftButton
        can_open = is_left and is_plain and index.isValid() and not is_dragging
        can_open = can_open and self.opens_on_click and index == self.currentIndex()
        if can_open and not self._offer_at(index, event.position().toPoint()):
            self.open_requested.emit(self._kept(index.row()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and not self.opens_on_click:
            self.open_requested.emit(self._kept(index.row()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer with what a tile offers."""
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def viewportEvent(self, event: QEvent) -> bool:
        """Offer nothing when the pointer has gone."""
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete throws away, the menu key opens the menu."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.open_requested.emit(self._kept(index.row()))
        elif event.key() == Qt.Key.Key_Delete and self.chosen:
            self.trash_requested.emit(self.chosen)
        elif event.key() == Qt.Key.Key_S and self.chosen:
            self.star_requested.emit((self.chosen, not self.chosen[0].starred))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the chosen pictures."""
        if self.chosen:
            self.menu_requested.emit((self.chosen, event.globalPos()))

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Ask for what the drag carries; `start_drag` goes on."""
        if self.chosen:
            self.drag_requested.emit(self.chosen)

    def start_drag(self, drag: QDrag, kept: Kept) -> None:
        """Put 60 % of the picture under the pointer and begin."""
        model = self.model()
        row = model.row_of(kept.id) if isinstance(model, GalleryModel) else -1
        image = model.index(row, 0).data(Qt.ItemDataRole.DecorationRole) if row >= 0 else None
        if isinstance(image, QImage) and not image.isNull():
            drag.setPixmap(ghost_of(image))
            drag.setHotSpot(QPoint(_DRAG_PX // 2, _DRAG_PX // 2))
        drag.exec(Qt.DropAction.CopyAction)

    def _offer_at(self, index: QModelIndex, point: QPoint) -> str:
        tile = self.visualRect(index)
        if tile.width() < 100 or index.row() != self._hovered:
            return ""
        if star_place(tile).contains(point):
            return "star"
        return "more" if more_place(tile).contains(point) else ""

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            before, self._hovered = self._hovered, row
            for one in (before, row):
                place = self._layout.rect(one).translated(self._origin())
                self.viewport().update(place)


def ghost_of(image: QImage) -> QPixmap:
    """Give what the pointer takes along: 60 % of a picture."""
    ghost = QPixmap(_DRAG_PX, _DRAG_PX)
    ghost.fill(Qt.GlobalColor.transparent)
    painter = QPainter(ghost)
    painter.setOpacity(0.6)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(ghost.rect(), image)
    painter.end()
    return ghost
