"""The hand on the canvas: what mouse, pen and trackpad do."""

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from studio.ui.canvas_paint import line_at
from studio.ui.view_transform import WHEEL_STEP

if TYPE_CHECKING:
    from studio.ui.canvas import Canvas

Doing = Literal["nothing", "pan", "wipe", "maybe-drag"]


class Hand:
    """Turns the events of the mouse into wishes to the canvas."""

    def __init__(self, canvas: "Canvas") -> None:
        self._canvas = canvas
        self._doing: Doing = "nothing"
        self._last = QPointF()
        self._pressed = QPointF()
        self._is_pan_held = False

    def hold_pan(self, is_held: bool) -> None:
        """Let the left button pan."""
        self._is_pan_held = is_held
        self._show_cursor(self._last)

    @property
    def is_pan_held(self) -> bool:
        """Whether the left button pans."""
        return self._is_pan_held

    def press(self, event: QMouseEvent) -> None:
        """Begin."""
        self._last = self._pressed = event.position()
        is_left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (is_left and self._is_pan_held):
            self._doing = "pan"
        elif is_left and line_at(self._canvas.sheet, self._area(), place=event.position()):
            self._doing = "wipe"
        elif is_left and self._area().contains(event.position()):
            self._doing = "maybe-drag"
        self._show_cursor(event.position())

    def move(self, event: QMouseEvent) -> None:
        """Go on."""
        place = event.position()
        if self._doing == "pan":
            self._canvas.pan(place - self._last)
        elif self._doing == "wipe":
            area = self._area()
            share = (place.x() - area.left()) / max(1.0, area.width())
            self._canvas.set_wipe(min(max(share, 0.0), 1.0))
        elif self._doing == "maybe-drag":
            far = (place - self._pressed).manhattanLength()
            if far >= QApplication.startDragDistance():
                self._doing = "nothing"
                self._canvas.drag_out_requested.emit()
        self._last = place
        self._show_cursor(place)

    def release(self, event: QMouseEvent) -> None:
        """End."""
        self._doing = "nothing"
        self._show_cursor(event.position())

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; a trackpad's two fingers pan unless Ctrl is held."""
        is_trackpad = event.phase() != Qt.ScrollPhase.NoScrollPhase and event.hasPixelDelta()
        is_zoom = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if is_trackpad and not is_zoom:
            self._canvas.pan(QPointF(event.pixelDelta()))
        elif event.angleDelta().y():
            notches = event.angleDelta().y() / 120
            self._canvas.zoom(WHEEL_STEP**notches, at=event.position())
        event.accept()

    def pinch(self, event: QEvent) -> bool:
        """Zoom by a pinch; give whether the event was one."""
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self._canvas.zoom(1 + event.value(), at=event.position())
            return True
        return False

    def _area(self) -> QRectF:
        return self._canvas.picture_area()

    def _show_cursor(self, place: QPointF) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self._doing == "pan":
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._is_pan_held:
            shape = Qt.CursorShape.OpenHandCursor
        elif self._doing == "wipe" or line_at(self._canvas.sheet, self._area(), place=place):
            shape = Qt.CursorShape.SplitHCursor
        if self._canvas.cursor().shape() != shape:
            self._canvas.setCursor(shape)
