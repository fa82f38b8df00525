"""What lies over the canvas while the grab tool is in the hand: it takes the pull and shows its points."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.app.grab_desk import Grabbed, GrabDesk
from studio.core.pulling import Place
from studio.ui.canvas import Canvas
from studio.ui.overlay_places import free_place, one_area, place_on, point_of
from studio.ui.texts import tr
from studio.ui.theme import tokens_of

_HANDLE_PX: Final = 7.0
_TARGET_PX: Final = 5.0
_PIN_PX: Final = 5.0
_NEAR_PX: Final = 12.0  # a click this near to a pin takes it away
_DARK: Final = QColor(0, 0, 0, 170)
_LIGHT: Final = QColor("#ffffff")


class GrabOverlay(QWidget):
    """Pulls with the left button, pins with Shift; everything else goes on to the canvas below."""

    def __init__(self, canvas: Canvas, desk: GrabDesk) -> None:
        super().__init__(canvas)
        self._canvas, self._desk = canvas, desk
        self._repeats = (1, 1)
        self.setAccessibleName(tr("Grab and pull"))
        self.setCursor(Qt.CursorShape.CrossCursor)
        canvas.installEventFilter(self)
        canvas.scale_changed.connect(self._on_scale)
        desk.changed.connect(self._on_grabbed)
        self.hide()

    def show_repeats(self, repeats: tuple[int, int]) -> None:
        """Say how often the picture is shown across and down."""
        self._repeats = repeats
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lie over the whole canvas, whatever its size."""
        if watched is self._canvas and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        return False

    # ---------------------------------------------------------------- hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grip with the left button, pin with Shift; other buttons move the picture."""
        place = place_on(self._canvas, event.position(), repeats=self._repeats)
        is_ours = event.button() == Qt.MouseButton.LeftButton and not self._canvas.is_pan_held
        if not is_ours or place is None:
            event.ignore()
            return
        self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            wide = max(1.0, one_area(self._canvas, self._repeats).width())
            self._desk.toggle_pin(place, near=_NEAR_PX / wide)
        else:
            self._desk.press(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull."""
        if event.buttons() & Qt.MouseButton.LeftButton and not self._canvas.is_pan_held:
            self._desk.drag_to(free_place(self._canvas, event.position(), repeats=self._repeats))
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._desk.release()
        else:
            event.ignore()

    # ---------------------------------------------------------------- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pins, where it was gripped and is now, and where it shall go."""
        if one_area(self._canvas, self._repeats).isEmpty():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        grabbed = self._desk.grabbed
        for pin in grabbed.pins:
            self._draw_pin(painter, self._point(pin))
        if grabbed.target is None or grabbed.now is None:
            return
        now, target = self._point(grabbed.now), self._point(grabbed.target)
        for colour, width in ((_DARK, 4.0), (_LIGHT, 1.5)):
            painter.setPen(QPen(colour, width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawLine(now, target)
            painter.drawEllipse(now, _HANDLE_PX, _HANDLE_PX)
        painter.setPen(QPen(_DARK, 1.5))
        painter.setBrush(QColor(tokens_of(self.palette()).accent))
        painter.drawEllipse(target, _TARGET_PX, _TARGET_PX)

    def _draw_pin(self, painter: QPainter, point: QPointF) -> None:
        for colour, width in ((_DARK, 4.0), (_LIGHT, 1.5)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(point - QPointF(_PIN_PX, 0), point + QPointF(_PIN_PX, 0))
            painter.drawLine(point - QPointF(0, _PIN_PX), point + QPointF(0, _PIN_PX))

    def _point(self, place: Place) -> QPointF:
        return point_of(self._canvas, place, repeats=self._repeats)

    @Slot(object)
    def _on_scale(self, _scale: object) -> None:
        self.update()

    @Slot(object)
    def _on_grabbed(self, grabbed: Grabbed) -> None:
        is_on = grabbed.state != "off"
        if is_on == self.isHidden():
            self.setGeometry(self._canvas.rect())
            self.setVisible(is_on)
            self.raise_()
        self.update()
