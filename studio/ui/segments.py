"""A row of buttons, or a few rows, of which exactly one is chosen."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QPushButton, QWidget

from studio.ui.theme import mark


class Segments(QWidget):
    """Lets choose one of a few things, side by side.

    Signals:
        current_changed: Key of the newly chosen segment; only when it changed.
    """

    current_changed = Signal(object)

    def __init__(
        self,
        labels: Sequence[tuple[str, str]],
        *,
        name: str = "",
        num_columns: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        """Lay the segments side by side, or in rows of `num_columns`."""
        super().__init__(parent)
        columns = num_columns or len(labels)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "well")
        self.setAccessibleName(name)
        self.setFixedHeight(30 * -(-len(labels) // columns) + 2)
        self._button_by_key: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(2, 2, 2, 2)
        grid.setSpacing(2)
        for place, (key, text) in enumerate(labels):
            button = mark(_Segment(text, self), "segment")
            button.setAccessibleName(text)
            button.setCheckable(True)
            self._button_by_key[key] = button
            self._group.addButton(button)
            grid.addWidget(button, *divmod(place, columns))
        self._current = labels[0][0]
        self._button_by_key[self._current].setChecked(True)
        self._group.buttonClicked.connect(self._on_clicked)

    @property
    def current(self) -> str:
        """Key of the chosen segment."""
        return self._current

    def set_current(self, key: str) -> None:
        """Choose a segment."""
        if key == self._current or key not in self._button_by_key:
            return
        self._current = key
        self._button_by_key[key].setChecked(True)
        self.current_changed.emit(key)

    def button(self, key: str) -> QPushButton:
        """Give the button of a segment."""
        return self._button_by_key[key]

    @Slot(QAbstractButton)
    def _on_clicked(self, button: QAbstractButton) -> None:
        self.set_current(next(k for k, b in self._button_by_key.items() if b is button))


class _Segment(QPushButton):
    """As wide as its text in bold, so that nothing moves when it is chosen."""

    def sizeHint(self) -> QSize:
        """Give room for the bold text and its padding."""
        font = self.font()
        font.setWeight(font.Weight.DemiBold)
        return QSize(QFontMetrics(font).horizontalAdvance(self.text()) + 26, 28)

    def minimumSizeHint(self) -> QSize:
        """Never cut the text."""
        return self.sizeHint()
