"""The canvas: the picture at the screen's own pixels, and everything that is done to it by hand."""

import time
from typing import Final

import msgspec
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QImage,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.core.arrays import Picture
from studio.ui.canvas_drop import DropSurface
from studio.ui.canvas_hand import Hand
from studio.ui.canvas_message import CanvasMessage, Message
from studio.ui.canvas_paint import CanvasPainter, Sheet
from studio.ui.pictures import to_image
from studio.ui.texts import tr
from studio.ui.view_transform import (
    View,
    fitted,
    panned,
    picture_rect,
    with_picture,
    with_room,
    zoomed,
    zoomed_to,
)

MARGIN_PX: Final = 24


class Painted(msgspec.Struct, frozen=True):
    """A picture has reached the screen.

    Attributes:
        request_id: The engine's number of it.
        at_s: When, by `time.perf_counter`.
    """

    request_id: int
    at_s: float


class Canvas(DropSurface):
    """Shows one picture; it keeps the last one while the next is made, so it is never blank.

    Signals:
        painted: `Painted`, once for each picture given with a number, after it was drawn.
        scale_changed: Device pixels per picture pixel, as float.
        before_wanted: bool, whether the picture before is needed now (held key, compare).
        drag_out_requested: The picture is being dragged away.
        menu_requested: QPoint on the screen.
        dropped: `Dropped` (from `DropSurface`).
        asked: The wish of the message's button.
    """

    painted = Signal(object)
    scale_changed = Signal(object)
    before_wanted = Signal(object)
    drag_out_requested = Signal()
    menu_requested = Signal(object)
    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 200)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Picture"))
        self._sheet = Sheet()
        self._painter = CanvasPainter()
        self._view: View | None = None
        self._is_fit = True
        self._free_px = 0
        self._waiting_id: int | None = None
        self._hand = Hand(self)
        self._message = CanvasMessage(self)
        self._message.asked.connect(self.asked)

    @property
    def view(self) -> View | None:
        """Where the picture lies, None without a picture."""
        return self._view

    @property
    def sheet(self) -> Sheet:
        """What is drawn."""
        return self._sheet

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture."""
        return self._sheet.image is not None

    @property
    def is_fit(self) -> bool:
        """Whether the picture follows the size of the canvas."""
        return self._is_fit

    def set_picture(
        self,
        picture: Picture,
        *,
        request_id: int | None = None,
        is_preview: bool = False,
        enlarged: int = 1,
    ) -> None:
        """Show a picture. A preview of another size takes the place of the full picture exactly."""
        image = _paintable(picture)
        self._change(image=image, is_preview=is_preview, enlarged=enlarged)
        self._waiting_id = request_id
        size = (image.width(), image.height())
        if self._view is None or self._is_fit:
            self._set_view(fitted(size, self._room(), margin=self._margin()))
        elif self._view.picture != size:
            self._set_view(with_picture(self._view, size))

    def set_before(self, picture: Picture | None) -> None:
        """Give the picture that compare and the held key show, None when there is none."""
        self._change(before=None if picture is None else _paintable(picture))

    def clear(self) -> None:
        """Take the picture away (another model is opened)."""
        self._sheet = Sheet(credit=self._sheet.credit, is_mirrored=self._sheet.is_mirrored)
        self._view = None
        self.update()

    def set_credit(self, text: str) -> None:
        """Set the small line under the picture."""
        self._change(credit=text)

    def show_message(self, message: Message | None) -> None:
        """Show a sentence in place of the picture, or over its lower edge when there is one."""
        self._message.show_message(message)
        self._message.lie_in(self.rect(), is_over_picture=self.has_picture)

    @property
    def message(self) -> Message | None:
        """The sentence shown."""
        return self._message.message

    def keep_free(self, height_px: int) -> None:
        """Leave so much free at the lower edge, for a bar that lies there."""
        self._free_px = height_px
        self._follow_room()

    def fit(self) -> None:
        """Show the whole picture and go on doing so."""
        self._is_fit = True
        if self._sheet.image is not None:
            size = (self._sheet.image.width(), self._sheet.image.height())
            self._set_view(fitted(size, self._room(), margin=self._margin()))
        self.update()

    def set_scale(self, scale: float, *, at: QPointF | None = None) -> None:
        """Show the picture at a scale; what lies under `at` (logical pixels) stays there."""
        if self._view is not None:
            self._is_fit = False
            self._set_view(zoomed_to(self._view, scale, at=self._point(at)))

    def zoom(self, factor: float, *, at: QPointF | None = None) -> None:
        """Make the picture larger or smaller around a place of the canvas (else its middle)."""
        if self._view is not None:
            self._is_fit = False
            middle = QPointF(self.rect().center())
            place = self._point(at if at is not None else middle)
            self._set_view(zoomed(self._view, factor, at=place or (0.0, 0.0)))

    def pan(self, by: QPointF) -> None:
        """Move the picture by logical pixels."""
        if self._view is not None:
            self._is_fit = False
            ratio = self.devicePixelRatioF()
            dx = -by.x() if self._sheet.is_mirrored else by.x()
            self._set_view(panned(self._view, dx=dx * ratio, dy=by.y() * ratio))

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Show the picture as in a mirror; the picture itself stays."""
        self._change(is_mirrored=is_mirrored)

    def set_before_held(self, is_held: bool) -> None:
        """Show the picture before as long as a key is held."""
        if is_held != self._sheet.is_before_held:
            self._change(is_before_held=is_held)
            self.before_wanted.emit(is_held or self._sheet.wipe is not None)

    def set_compared(self, is_compared: bool) -> None:
        """Show the picture before left of a line that can be dragged."""
        if is_compared != (self._sheet.wipe is not None):
            self.set_wipe(0.5 if is_compared else None)
            self.before_wanted.emit(is_compared or self._sheet.is_before_held)

    def set_wipe(self, wipe: float | None) -> None:
        """Put the line of the comparison at a share of the picture's width."""
        self._change(wipe=wipe)

    def _change(self, **changes: object) -> None:
        self._sheet = msgspec.structs.replace(self._sheet, **changes)
        self.update()

    def picture_area(self) -> QRectF:
        """Give where the picture lies, in logical pixels; empty without a picture."""
        if self._view is None:
            return QRectF()
        ratio = self.devicePixelRatioF()
        area = QRectF(*(part / ratio for part in picture_rect(self._view)))
        if self._sheet.is_mirrored:
            area.moveLeft(self.width() - area.right())
        return area

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw, then tell which picture has been drawn."""
        self._painter.paint(self, self._sheet, view=self._view, is_fit=self._is_fit)
        if self._waiting_id is not None:
            number, self._waiting_id = self._waiting_id, None
            self.painted.emit(Painted(number, time.perf_counter()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the picture fitted, or its middle in the middle."""
        super().resizeEvent(event)
        self._follow_room()
        self._message.lie_in(self.rect(), is_over_picture=self.has_picture)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; two fingers on a trackpad move the picture."""
        self._hand.wheel(event)

    def event(self, event: QEvent) -> bool:
        """Take pinches of a trackpad besides what every widget takes."""
        if event.type() == QEvent.Type.NativeGesture and self._hand.pinch(event):
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan, to drag the line, or to drag the picture out."""
        self._hand.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it."""
        self._hand.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        self._hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go from fit to 100 % at the pointer, and back."""
        if self._is_fit:
            self.set_scale(1.0, at=event.position())
        else:
            self.fit()

    def hold_pan(self, is_held: bool) -> None:
        """Let the left button pan as long as a key is held."""
        self._hand.hold_pan(is_held)

    @property
    def is_pan_held(self) -> bool:
        """Whether the left button pans."""
        return self._hand.is_pan_held

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the picture's menu."""
        if self.has_picture:
            self.menu_requested.emit(QPoint(event.globalPos()))

    def _follow_room(self) -> None:
        if self._is_fit:
            self.fit()
        elif self._view is not None:
            self._set_view(with_room(self._view, self._room()))

    def _set_view(self, view: View) -> None:
        before = self._view
        self._view = view
        if before is None or before.scale != view.scale or before.picture != view.picture:
            self.scale_changed.emit(view.scale)
        self.update()

    def _room(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return round(self.width() * ratio), round(max(1, self.height() - self._free_px) * ratio)

    def _margin(self) -> float:
        return MARGIN_PX * self.devicePixelRatioF()

    def _point(self, place: QPointF | None) -> tuple[float, float] | None:
        if place is None:
            return None
        ratio = self.devicePixelRatioF()
        x = self.width() - place.x() if self._sheet.is_mirrored else place.x()
        return x * ratio, place.y() * ratio


def _paintable(picture: Picture) -> QImage:
    return to_image(picture).convertToFormat(CanvasPainter.FORMAT)
