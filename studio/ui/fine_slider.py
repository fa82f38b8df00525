"""A slider for the hand: press anywhere, Shift for ten times finer, double-click for the default."""

from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSlider, QWidget

from studio.ui.gesture import Gesture
from studio.ui.theme import tokens_of

_TICKS: Final = 1000  # slider steps per unit: finer than a pixel of any screen
_FINE: Final = 0.1
_HANDLE_W, _HANDLE_H, _GROOVE_H = 12.0, 16.0, 4.0
_KEYS: Final = {
    Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -10, Qt.Key.Key_PageUp: 10,
}  # fmt: skip


class FineSlider(QSlider):
    """A stock slider (so that screen readers know it) with a hand and a look of its own.

    Signals:
        gesture_began: Before the first change of a drag, or of a run of wheel or key strokes.
        value_edited: The number chosen by the artist; not emitted by `show_number`.
        gesture_ended: After the last change.
        default_requested: Double-click or Home.
    """

    gesture_began = Signal()
    value_edited = Signal(float)
    gesture_ended = Signal()
    default_requested = Signal()

    def __init__(
        self,
        low: float,
        high: float,
        *,
        name: str,
        step: float = 0.1,
        default: float | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName(name)
        self.setRange(round(low * _TICKS), round(high * _TICKS))
        self.setSingleStep(round(step * _TICKS))
        self.setPageStep(round(step * 10 * _TICKS))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._low, self._high, self._step = low, high, step
        self._default = default
        self._inset_px = _HANDLE_W / 2
        self._number = low
        self._press: tuple[QPointF, float] | None = None
        self._gesture = Gesture(self)
        self._gesture.began.connect(self.gesture_began)
        self._gesture.ended.connect(self.gesture_ended)

    @property
    def number(self) -> float:
        """The number shown; it may lie beyond the ends, where the handle stops."""
        return self._number

    def set_inset_px(self, inset_px: float) -> None:
        """Set how far the ends of the scale lie inside the widget, to stand over a strip's cells."""
        if inset_px != self._inset_px:
            self._inset_px = max(inset_px, _HANDLE_W / 2)
            self.update()

    def show_number(self, number: float) -> None:
        """Show a number that came from elsewhere."""
        if number != self._number:
            self._number = number
            self.setValue(round(number * _TICKS))
            self.update()

    def sizeHint(self) -> QSize:
        """Give a small minimum; the layout stretches it."""
        return QSize(90, 20)

    def minimumSizeHint(self) -> QSize:
        """Give what still can be used."""
        return QSize(40, 20)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold: the handle comes to the pointer, unless Shift asks for a fine move."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._gesture.begin()
        self.setSliderDown(True)
        is_fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        is_on_handle = abs(event.position().x() - self._x_of(self._number)) <= _HANDLE_W
        if not is_fine and not is_on_handle:
            self._edit(self._number_at(event.position().x()))
        self._press = (event.position(), self._number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the hand; Shift makes it ten times finer from where it was pressed."""
        if self._press is None:
            return
        start, number = self._press
        is_fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        moved = (event.position().x() - start.x()) * (_FINE if is_fine else 1.0)
        exact = number + moved * (self._high - self._low) / self._span_px()
        self._edit(exact)
        if is_fine:  # letting go of Shift must not jump; what is below a hundredth adds up
            self._press = (event.position(), min(max(exact, self._low), self._high))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go: one step."""
        if event.button() == Qt.MouseButton.LeftButton and self._press is not None:
            self._press = None
            self.setSliderDown(False)
            self._gesture.end()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go to the default."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.default_requested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step, but only in focus: otherwise the panel scrolls and nothing changes by accident."""
        if not self.hasFocus():
            event.ignore()
            return
        turns = event.angleDelta().y() / 120
        is_fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._step_by(turns, is_fine=is_fine)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step, Page keys step ten, Shift is fine, Home goes to the default."""
        steps = _KEYS.get(Qt.Key(event.key()))
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()  # the row moves
        elif steps is not None:
            is_fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._step_by(steps, is_fine=is_fine)
        elif event.key() == Qt.Key.Key_Home:
            self.default_requested.emit()
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A run of strokes ends with the focus."""
        super().focusOutEvent(event)
        if self._press is None:
            self._gesture.end()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw groove, mark of the default, fill from it (or from the left end) and handle."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        y = self.height() / 2
        left, right = self._x_of(self._low), self._x_of(self._high)
        groove = QRectF(left, y - _GROOVE_H / 2, right - left, _GROOVE_H)
        painter.setBrush(QColor(tokens.groove))
        painter.drawRoundedRect(groove, 2, 2)
        is_centred = self._default is not None and self._low < 0 < self._high
        here = self._x_of(self._number)
        origin = self._x_of(0.0) if is_centred else left
        if self.isEnabled():
            painter.setBrush(QColor(tokens.accent))
            start, end = sorted((origin, here))
            painter.drawRoundedRect(QRectF(start, groove.y(), end - start, _GROOVE_H), 2, 2)
        if self._default is not None:
            mark = self._x_of(self._default)
            painter.setBrush(QColor(tokens.disabled))
            painter.drawRect(QRectF(round(mark) - 0.5, y - 4, 1, 8))
        handle = QRectF(here - _HANDLE_W / 2, y - _HANDLE_H / 2, _HANDLE_W, _HANDLE_H)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(handle.adjusted(-1.5, -1, 1.5, 1), 4, 4)
            painter.setPen(Qt.PenStyle.NoPen)
        # On a light panel the white handle has only its edge to be seen by.
        painter.setPen(QPen(QColor(tokens.edge), 1))
        painter.setBrush(QColor(tokens.handle if self.isEnabled() else tokens.disabled))
        painter.drawRoundedRect(handle.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def handle_centre(self) -> QPoint:
        """Give where the handle is, for tests and drags by program."""
        return QPoint(round(self._x_of(self._number)), self.height() // 2)

    def _span_px(self) -> float:
        return max(1.0, self.width() - 2 * self._inset_px)

    def _x_of(self, number: float) -> float:
        part = (number - self._low) / (self._high - self._low)
        return self._inset_px + min(max(part, 0.0), 1.0) * self._span_px()

    def _number_at(self, x: float) -> float:
        part = (x - self._inset_px) / self._span_px()
        return self._low + part * (self._high - self._low)

    def _step_by(self, steps: float, *, is_fine: bool) -> None:
        self._gesture.begin()
        self._edit(self._number + steps * self._step * (_FINE if is_fine else 1.0))
        self._gesture.end_when_idle()

    def _edit(self, number: float) -> None:
        # Hundredths are what the number beside shows; a thousandth would be there unseen.
        number = round(min(max(number, self._low), self._high), 3 if self._step < 0.05 else 2)
        if number != self._number:
            self.show_number(number)
            self.value_edited.emit(number)
