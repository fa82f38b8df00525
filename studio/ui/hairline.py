"""Thin lines: between two parts of a panel, and where a dragged thing would go."""

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.ui.theme import tokens_of


class Hairline(QWidget):
    """One pixel high, as wide as its place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line."""
        QPainter(self).fillRect(self.rect(), QColor(tokens_of(self.palette()).edge))


class DropLine(QWidget):
    """Two pixels of accent over its parent, where a drop would put something; hidden at first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(2)
        self.hide()

    def show_at(self, y: int, *, left: int, width: int) -> None:
        """Lie at a height of the parent."""
        self.setGeometry(left, max(y, 0), width, 2)
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line."""
        QPainter(self).fillRect(self.rect(), QColor(tokens_of(self.palette()).accent))
