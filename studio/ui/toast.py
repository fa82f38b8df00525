"""A short word at the bottom left that goes by itself, with Undo where that makes sense."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QEnterEvent, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from studio.ui.theme import mark

SHOWN_MS: Final = 4000
_MARGIN_PX: Final = 16


class Toast(QWidget):
    """Lies over its parent's lower left corner; a new word takes the place of the one before."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "popup")
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._button = QPushButton(self)
        self._do: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self.close_now)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.setSpacing(12)
        row.addWidget(self._label, 1)
        row.addWidget(self._button)
        self._button.clicked.connect(self._on_pressed)
        parent.installEventFilter(self)
        self.hide()

    def say(self, text: str, *, button: str = "", do: Callable[[], None] | None = None) -> None:
        """Show a word for four seconds; the button, when there is one, calls `do`."""
        self._label.setText(text)
        self.setAccessibleName(text)
        self._do = do
        self._button.setText(button)
        self._button.setAccessibleName(button or text)
        self._button.setVisible(do is not None)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()

    @property
    def text(self) -> str:
        """The word shown, "" when none is."""
        return self._label.text() if not self.isHidden() else ""

    @property
    def button(self) -> QPushButton:
        """Its button."""
        return self._button

    @Slot()
    def close_now(self) -> None:
        """Take the word away."""
        self._timer.stop()
        self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay as long as the pointer is over it."""
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go after a while."""
        super().leaveEvent(event)
        if not self.isHidden():
            self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner when the parent changes its size."""
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    @Slot()
    def _on_pressed(self) -> None:
        do = self._do
        self.close_now()
        if do is not None:
            do()

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        text = QFontMetrics(self._label.font()).horizontalAdvance(self._label.text()) + 8
        room = max(160, min(480, parent.width() - 2 * _MARGIN_PX - 140))
        self._label.setFixedWidth(min(text, room))
        self.adjustSize()
        self.move(_MARGIN_PX, parent.height() - self.height() - _MARGIN_PX)
