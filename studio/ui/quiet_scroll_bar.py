"""A scroll bar that keeps its room but shows nothing where there is nothing to scroll."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QHBoxLayout,
    QLayout,
    QScrollBar,
    QVBoxLayout,
    QWidget,
)


class QuietScrollBar(QScrollBar):
    """Keeps the layout from jumping when the last row comes or goes."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw only what can be moved."""
        if self.maximum() > self.minimum():
            super().paintEvent(event)


def keep_room(area: QAbstractScrollArea) -> None:
    """Give a scroll area such a bar at its right."""
    area.setVerticalScrollBar(QuietScrollBar(Qt.Orientation.Vertical))
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)


def add_beside_bar(column: QVBoxLayout, item: QWidget | QLayout, *, room_px: int) -> None:
    """Add a row that ends where the tiles below it end: `room_px` short, for their scroll bar."""
    line = QHBoxLayout()
    line.setContentsMargins(0, 0, room_px, 0)
    if isinstance(item, QWidget):
        line.addWidget(item)
    else:
        line.addLayout(item)
    column.addLayout(line)
