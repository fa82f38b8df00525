"""What lies over the canvas while the brush is in the hand: it takes the strokes and shows the brush."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QWidget

from studio.app.brush_hand import BrushHand
from studio.app.region_editor import RegionEditor
from studio.core.mask import mask_from_text
from studio.core.recipe import Frame
from studio.ui.canvas import Canvas
from studio.ui.canvas_drop import has_zones, read_drop
from studio.ui.overlay_places import free_place, one_area, place_on
from studio.ui.theme import tokens_of

_Flags = NDArray[np.bool]
_LEVEL: Final = 127  # where the outline runs through a soft edge


class PaintOverlay(QWidget):
    """Paints with mouse and pen; everything else goes on to the canvas below.

    Signals:
        dropped_on: `Dropped` and the place of the region it was dropped on, −1 for none.
    """

    dropped_on = Signal(object, object)

    def __init__(self, canvas: Canvas, hand: BrushHand, *, editor: RegionEditor) -> None:
        super().__init__(canvas)
        self._canvas, self._hand, self._editor = canvas, hand, editor
        self.setMouseTracking(True)
        canvas.installEventFilter(self)
        self.setAttribute(Qt.WidgetAttribute.WA_TabletTracking)
        self.setAcceptDrops(True)
        self._frame = Frame()
        self._repeats = (1, 1)
        self._pointer: QPointF | None = None
        self._outline: tuple[object, QImage] | None = None
        hand.mode_changed.connect(self._on_mode)
        hand.brush_changed.connect(self._on_change)
        editor.chosen_changed.connect(self._on_change)
        canvas.scale_changed.connect(self._on_change)
        self._on_mode(hand.mode)

    def show_frame(self, frame: Frame, repeats: tuple[int, int]) -> None:
        """Say how the picture is mirrored, and how often it is shown across and down."""
        self._frame, self._repeats = frame, repeats
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lie over the whole canvas, whatever its size."""
        if watched is self._canvas and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        return False

    # ---------------------------------------------------------------- hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke with the left button; other buttons move the picture."""
        place = self._place(event.position())
        is_ours = event.button() == Qt.MouseButton.LeftButton and not self._canvas.is_pan_held
        if not is_ours or place is None:
            event.ignore()
            return
        self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        self._hand.begin_stroke(*place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it, and let the ring follow."""
        self._point_at(event.position())
        if self._hand.is_painting:
            self._hand.stroke_to(*self._free_place(event.position()))
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        if self._hand.is_painting and event.button() == Qt.MouseButton.LeftButton:
            self._hand.end_stroke()
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick dabs are two dabs."""
        self.mousePressEvent(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Paint with a pen: its pressure, and its other end rubs out."""
        self._point_at(event.position())
        place = self._place(event.position())
        kind = event.type()
        is_tip = bool(event.buttons() & Qt.MouseButton.LeftButton)
        if kind == QEvent.Type.TabletPress and place is not None and is_tip:
            if self._canvas.is_pan_held:
                event.ignore()  # it comes again as a mouse, which moves the picture
                return
            is_eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._hand.begin_stroke(*place, pressure=event.pressure(), is_eraser=is_eraser)
            event.accept()
        elif kind == QEvent.Type.TabletMove and self._hand.is_painting:
            self._hand.stroke_to(*self._free_place(event.position()), pressure=event.pressure())
            event.accept()
        elif kind == QEvent.Type.TabletRelease and self._hand.is_painting:
            self._hand.end_stroke()
            event.accept()
        else:
            event.ignore()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the ring."""
        self._point_at(event.position())

    def leaveEvent(self, _event: QEvent) -> None:
        """Hide the ring."""
        self._pointer = None
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take kept pictures and styles for a region; all else goes to the canvas."""
        if has_zones(event.mimeData()) and self._editor.regions:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which region was meant: the one under the pointer, else the chosen one."""
        dropped = read_drop(event.mimeData())
        if dropped is None:
            return
        place = self._place(event.position())
        region = self._editor.region_at(*place) if place is not None else -1
        event.acceptProposedAction()
        self.dropped_on.emit(dropped, region if region >= 0 else self._editor.chosen)

    # ---------------------------------------------------------------- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the outline of the chosen region, and the brush."""
        painter = QPainter(self)
        area = one_area(self._canvas, self._repeats)
        region = self._editor.chosen_region
        if region is not None and region.is_visible and not area.isEmpty():
            image = self._outline_of(region.mask, area.size().toSize())
            for down in range(self._repeats[1]):
                for across in range(self._repeats[0]):
                    corner = area.topLeft() + QPointF(across * area.width(), down * area.height())
                    painter.drawImage(corner, image)
        if self._pointer is not None and not area.isEmpty():
            self._draw_ring(painter, self._pointer, area=area)

    def _draw_ring(self, painter: QPainter, place: QPointF, *, area: QRectF) -> None:
        brush = self._hand.brush
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = brush.size * min(area.width(), area.height()) / 2
        style = Qt.PenStyle.DashLine if brush.is_eraser else Qt.PenStyle.SolidLine
        for colour, width in ((QColor(0, 0, 0, 150), 2.5), (QColor("#ffffff"), 1.0)):
            painter.setPen(QPen(colour, width, style))
            painter.drawEllipse(place, radius, radius)
        hard = radius * (1 - brush.softness)
        if 3 < hard < radius - 2:
            painter.setPen(QPen(QColor(255, 255, 255, 120), 1.0, Qt.PenStyle.DotLine))
            painter.drawEllipse(place, hard, hard)

    def _outline_of(self, mask: str, size: QSize) -> QImage:
        """Give the outline of a mask at the size of the screen; kept until either changes."""
        ratio = self.devicePixelRatioF()
        flip = self._frame.is_mirrored != self._canvas.sheet.is_mirrored
        key = (mask, size.width(), size.height(), flip, ratio, tokens_of(self.palette()).accent)
        if self._outline is None or self._outline[0] != key:
            self._outline = (key, self._drawn_outline(mask, size * ratio, flip=flip))
            self._outline[1].setDevicePixelRatio(ratio)
        return self._outline[1]

    def _drawn_outline(self, mask: str, size: QSize, *, flip: bool) -> QImage:
        levels = np.ascontiguousarray(mask_from_text(mask)[:, :: -1 if flip else 1])
        height, width = levels.shape
        grey = QImage(levels.data, width, height, width, QImage.Format.Format_Grayscale8)
        large = grey.scaled(
            size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        ).convertToFormat(QImage.Format.Format_Grayscale8)
        rows, columns = large.height(), large.width()
        raw = np.frombuffer(large.constBits(), dtype=np.uint8).reshape(rows, -1)[:, :columns]
        inside = np.pad(raw > _LEVEL, 2, mode="edge")
        core = _eroded(inside)
        line = inside & ~core
        edge = (_grown(line) & ~line)[2:-2, 2:-2]
        line = line[2:-2, 2:-2]
        accent = QColor(tokens_of(self.palette()).accent)
        pixels = np.zeros((rows, columns, 4), dtype=np.uint8)  # BGRA, premultiplied
        pixels[edge] = (0, 0, 0, 110)
        pixels[line] = (accent.blue(), accent.green(), accent.red(), 255)
        image = QImage(
            pixels.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32_Premultiplied
        )
        return image.copy()

    # ---------------------------------------------------------------- places

    def _free_place(self, point: QPointF) -> tuple[float, float]:
        return free_place(self._canvas, point, repeats=self._repeats)

    def _place(self, point: QPointF) -> tuple[float, float] | None:
        return place_on(self._canvas, point, repeats=self._repeats)

    def _point_at(self, place: QPointF) -> None:
        self._pointer = place
        self.update()

    @Slot(object)
    def _on_change(self, _cause: object) -> None:
        self.update()

    @Slot(object)
    def _on_mode(self, mode: object) -> None:
        self.setVisible(mode != "off")
        self.setGeometry(self._canvas.rect())
        self.setCursor(Qt.CursorShape.BlankCursor if mode != "off" else Qt.CursorShape.ArrowCursor)
        self.raise_()


def _eroded(inside: _Flags) -> _Flags:
    core = inside.copy()
    core[1:] &= inside[:-1]
    core[:-1] &= inside[1:]
    core[:, 1:] &= inside[:, :-1]
    core[:, :-1] &= inside[:, 1:]
    return core


def _grown(inside: _Flags) -> _Flags:
    return ~_eroded(~inside)
