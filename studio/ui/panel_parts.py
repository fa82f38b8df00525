"""What the side panels of a place are made of: a head, a scrolling column, parts with a small title."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.ui.hairline import Hairline
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.theme import mark

_SIDE_PX = 12
_BAR_PX = 10


class SidePanel(QWidget):
    """A panel with a title and a column that scrolls."""

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "panel")
        self.setAccessibleName(title)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(_SIDE_PX, 8, 8, 2)
        self.head.setSpacing(4)
        self.head.addWidget(mark(QLabel(title), "title"), 1)
        inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(_SIDE_PX, 6, _SIDE_PX - _BAR_PX, 12)
        self.column.setSpacing(10)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        keep_room(self._area)
        self._area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self.head)
        whole.addWidget(self._area, 1)

    def reveal(self, widget: QWidget) -> None:
        """Scroll to a widget in the column."""
        self._area.ensureWidgetVisible(widget)


class PanelPart(QWidget):
    """A part of a panel: a hairline, a small title, and what stands below."""

    def __init__(
        self, title: str, *widgets: QWidget, has_line: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4 if has_line else 0, 0, 0)
        column.setSpacing(10)
        if has_line:
            column.addWidget(Hairline())
        if title:
            column.addWidget(mark(QLabel(title), "second"))
        for widget in widgets:
            column.addWidget(widget)
