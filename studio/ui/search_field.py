"""A field to search in, with a magnifier; Escape empties it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.ui.icons import pixmap
from studio.ui.theme import tokens_of

_ICON_PX = 16


class SearchField(QLineEdit):
    """Looks like every search of the window."""

    def __init__(self, words: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(words)
        self.setAccessibleName(words)
        self.setClearButtonEnabled(True)
        self.setTextMargins(_ICON_PX + 6, 0, 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape empties the field first."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field and its magnifier."""
        super().paintEvent(event)
        tokens = tokens_of(self.palette())
        colour = tokens.second if self.isEnabled() else tokens.disabled
        icon = pixmap("search", size=_ICON_PX, colour=colour, ratio=self.devicePixelRatioF())
        QPainter(self).drawPixmap(8, (self.height() - _ICON_PX) // 2, icon)
