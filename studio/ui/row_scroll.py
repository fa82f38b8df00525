"""A scrolling column of rows that can be put elsewhere with the mouse."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHideEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from studio.ui.drag_types import MIME_DIRECTION
from studio.ui.hairline import DropLine
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.slider_row import DirectionRow

_EDGE_PX: Final = 28  # a drag this near to an end scrolls
_SCROLL_PX: Final = 12


class RowScroll(QScrollArea):
    """Holds the rows and shows where a dragged one would go.

    Attributes:
        inside: What scrolls.
        column: Its layout.

    Signals:
        view_changed: Other rows can be seen.
        dropped_before: (direction, direction of the row it was put before or "" for the end).
    """

    view_changed = Signal()
    dropped_before = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_room(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAcceptDrops(True)
        self.inside = QWidget()
        self.column = QVBoxLayout(self.inside)
        self.column.setContentsMargins(12, 0, 2, 8)  # the scroll bar's 10 px make up the rest
        self.column.setSpacing(2)
        self._line = DropLine(self.inside)
        self.setWidget(self.inside)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def seen_rows(self) -> Sequence[DirectionRow]:
        """Give the rows that a drop can lie between, from the top."""
        raise NotImplementedError

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other rows may be seen."""
        super().resizeEvent(event)
        self.view_changed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Strips are wanted from now on."""
        super().showEvent(event)
        self.view_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Strips are not wanted any more."""
        super().hideEvent(event)
        self.view_changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a row of this list."""
        if event.mimeData().hasFormat(MIME_DIRECTION):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the row would go; near an end the list scrolls."""
        y = event.position().y()
        bar = self.verticalScrollBar()
        if y < _EDGE_PX or y > self.viewport().height() - _EDGE_PX:
            bar.setValue(bar.value() + (_SCROLL_PX if y > _EDGE_PX else -_SCROLL_PX))
        _, line_y = self._drop_place(y)
        self._line.show_at(line_y, left=12, width=self.inside.width() - 14)
        event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Take the line away."""
        self._line.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell where the row was let go."""
        self._line.hide()
        direction = bytes(event.mimeData().data(MIME_DIRECTION).data()).decode("ascii", "replace")
        before, _ = self._drop_place(event.position().y())
        event.acceptProposedAction()
        self.dropped_before.emit((direction, before))

    def _drop_place(self, y: float) -> tuple[str, int]:
        """Give the row that a drop at `y` of the view lies before ("" for the end), and its line."""
        inside_y = self.inside.mapFrom(self.viewport(), QPoint(0, round(y))).y()
        rows = self.seen_rows()
        for row in rows:
            if inside_y < row.y() + row.height() // 2:
                return row.direction, row.y() - 2
        return "", rows[-1].y() + rows[-1].height() if rows else 0

    @Slot()
    def _on_scrolled(self) -> None:
        self.view_changed.emit()
