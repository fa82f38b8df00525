"""A scroll bar that keeps its room but shows nothing where there is nothing to scroll."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar


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
