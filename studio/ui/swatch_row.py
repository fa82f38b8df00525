"""The colours of a palette in the window: each a patch, pressed to copy what it is called."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.ui.texts import tr
from studio.ui.theme import tokens_of

_LEAST_PX: Final = 30
_GAP_PX: Final = 2


class SwatchRow(QWidget):
    """Shows colours in rows; arrows move, Enter copies.

    Signals:
        picked: The colour as "#rrggbb".
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours: tuple[str, ...] = ()
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._tell()

    @property
    def colours(self) -> tuple[str, ...]:
        """What is shown."""
        return self._colours

    def show_colours(self, colours: Sequence[str]) -> None:
        """Show other colours, each as "#rrggbb"."""
        self._colours = tuple(colours)
        self._current = min(self._current, max(0, len(self._colours) - 1))
        self.updateGeometry()
        self.setFixedHeight(self.sizeHint().height())
        self._tell()
        self.update()

    def rect_of(self, place: int) -> QRect:
        """Give where a colour's patch lies."""
        columns = self._columns()
        side = (self.width() + _GAP_PX) // columns
        row, column = divmod(place, columns)
        return QRect(column * side, row * side, side - _GAP_PX, side - _GAP_PX)

    def sizeHint(self) -> QSize:
        """Give room for all rows."""
        if not self._colours:
            return QSize(200, 0)
        last = self.rect_of(len(self._colours) - 1)
        return QSize(200, last.bottom() + 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the patches out anew."""
        super().resizeEvent(event)
        self.setFixedHeight(self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the patches, the present one framed while the keyboard is here."""
        painter = QPainter(self)
        for place, colour in enumerate(self._colours):
            painter.fillRect(self.rect_of(place), QColor(colour))
        if self.hasFocus() and self._colours:
            painter.setPen(QPen(QColor(tokens_of(self.palette()).accent), 2))
            painter.drawRect(self.rect_of(self._current).adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Copy the colour that is pressed."""
        place = self._place_at(event.position())
        if place is not None:
            self._current = place
            self._pick()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by arrows, copy by Enter or Space."""
        columns = self._columns()
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in steps and self._colours:
            self._current = min(max(0, self._current + steps[key]), len(self._colours) - 1)
            self._tell()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._colours:
            self._pick()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the frame."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tell each patch's own name as its tip."""
        if isinstance(event, QHelpEvent):
            place = self._place_at(QPointF(event.pos()))
            if place is not None:
                said = tr("{colour}: press to copy", colour=self._colours[place])
                QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)

    def _columns(self) -> int:
        return max(1, min(16, self.width() // _LEAST_PX))

    def _place_at(self, point: QPointF) -> int | None:
        spot = point.toPoint()
        places = range(len(self._colours))
        return next((place for place in places if self.rect_of(place).contains(spot)), None)

    def _pick(self) -> None:
        self._tell()
        self.update()
        self.picked.emit(self._colours[self._current])

    def _tell(self) -> None:
        name = tr("Colours of the palette")
        if self._colours:
            name = f"{name}: {self._colours[self._current]}"
        self.setAccessibleName(name)
