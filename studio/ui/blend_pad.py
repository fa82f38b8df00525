"""A pad for blending: the sources around it, a point among them, nearer means more of it."""

import math
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu, QWidget

from studio.core.blending import Point, point_of, positions, shares_at
from studio.ui.gesture import Gesture
from studio.ui.texts import tr
from studio.ui.theme import Tokens, tokens_of
from studio.ui.zone_chips import draw_source

_HEIGHT_PX: Final = 184
_COMPACT_PX: Final = 132
_THUMB_PX: Final = 32.0
_POINT_PX: Final = 6.0
_STEP: Final = 0.08
_FINE: Final = 0.1
_KEYS: Final[dict[int, Point]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class BlendPad(QWidget):
    """Shows the shares of three to eight sources, and takes others from the hand.

    Signals:
        gesture_began, gesture_ended: Around the changes of one move of the hand.
        shares_edited: Tuple of the shares chosen, one for each source.
        remove_requested, dice_requested: The place of a source: take it away; another seed for it.
    """

    gesture_began = Signal()
    shares_edited = Signal(object)
    gesture_ended = Signal()
    remove_requested = Signal(object)
    dice_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(_HEIGHT_PX)
        self.setToolTip(tr("Drag the point: the nearer a picture, the more of it"))
        self.setAccessibleName(tr("Mix of sources"))
        self._images: tuple[QImage | None, ...] = ()
        self._shares: tuple[float, ...] = ()
        self._point: Point = (0.0, 0.0)
        self._is_held = False
        self._gesture = Gesture(self)
        self._gesture.began.connect(self.gesture_began)
        self._gesture.ended.connect(self.gesture_ended)

    @property
    def point(self) -> Point:
        """Where the point is: x and y in a circle of radius 1, y downwards."""
        return self._point

    def show_blend(self, shares: tuple[float, ...], images: tuple[QImage | None, ...]) -> None:
        """Show other shares; the point stays where these are what it gives."""
        self._images = images
        rounded = tuple(round(share, 3) for share in shares)
        if rounded != self._shares:
            self._shares = rounded
            given = tuple(round(share, 3) for share in shares_at(self._point, len(shares)))
            if max(abs(a - b) for a, b in zip(given, rounded, strict=True)) > 0.003:
                self._point = point_of(shares)
            self._name()
        self.update()

    def set_compact(self, is_compact: bool) -> None:
        """Be lower where there is little room."""
        self.setFixedHeight(_COMPACT_PX if is_compact else _HEIGHT_PX)

    def source_rect(self, place: int) -> QRectF:
        """Give where the picture of a source is."""
        at = self._at(positions(len(self._shares))[place])
        half = _THUMB_PX / 2
        return QRectF(at.x() - half, at.y() - half, _THUMB_PX, _THUMB_PX)

    def sizeHint(self) -> QSize:
        """Give a square with room at the sides."""
        return QSize(_HEIGHT_PX + 60, _HEIGHT_PX)

    # ---------------------------------------------------------------- Qt's side

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ring, a line to each source as strong as its share, the sources, the point."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painter.setPen(QPen(QColor(tokens.edge), 1))
        painter.setBrush(QColor(tokens.base))
        painter.drawEllipse(self._middle(), self._radius(), self._radius())
        point = self._at(self._point)
        for place, share in enumerate(self._shares):
            colour = QColor(tokens.accent if self.isEnabled() else tokens.disabled)
            colour.setAlphaF(min(1.0, 0.12 + share))
            painter.setPen(QPen(colour, 1 + 3 * share))
            painter.drawLine(QLineF(point, self.source_rect(place).center()))
        for place, image in enumerate(self._images):
            rect, letter = self.source_rect(place), chr(ord("A") + place)
            draw_source(painter, rect, image=image, letter=letter, tokens=tokens)
        self._draw_point(painter, point, tokens=tokens)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the point; on a source go there fully."""
        if event.button() != Qt.MouseButton.LeftButton or len(self._shares) < 2:
            return
        self._gesture.begin()
        self._is_held = True
        place = self._source_at(event.position())
        at = positions(len(self._shares))[place] if place is not None else None
        self._move(at or self._point_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the point follow the hand."""
        if self._is_held:
            self._move(self._point_at(event.position()))
            return
        place = self._source_at(event.position())
        is_over = place is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go: one step of the history."""
        if self._is_held:
            self._is_held = False
            self._gesture.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the point, Shift finer; Home goes to the even blend; letters to a source."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in _KEYS:
            x, y = _KEYS[event.key()]
            step = _STEP * (_FINE if shift else 1.0)
            self._gesture.begin()
            self._move((self._point[0] + x * step, self._point[1] + y * step))
            self._gesture.end_when_idle()
        elif event.key() == Qt.Key.Key_Home:
            self._gesture.begin()
            self._move((0.0, 0.0))
            self._gesture.end()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with a source; by the keyboard with the strongest."""
        is_by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        strongest = self._shares.index(max(self._shares)) if self._shares else None
        place = strongest if is_by_key else self._source_at(QPointF(event.pos()))
        if place is None:
            return
        menu = QMenu(self)
        menu.addAction(tr("Another seed"), lambda: self.dice_requested.emit(place))
        menu.addAction(tr("Remove"), lambda: self.remove_requested.emit(place))
        menu.exec(event.globalPos())
        menu.deleteLater()

    # ---------------------------------------------------------------- inside

    def _draw_point(self, painter: QPainter, point: QPointF, *, tokens: Tokens) -> None:
        has_focus = self.hasFocus()
        painter.setPen(QPen(QColor(tokens.accent if has_focus else tokens.line), 2))
        painter.setBrush(QColor(tokens.handle if self.isEnabled() else tokens.disabled))
        painter.drawEllipse(point, _POINT_PX, _POINT_PX)

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _radius(self) -> float:
        return min(self.width(), self.height()) / 2 - _THUMB_PX / 2 - 1

    def _at(self, point: Point) -> QPointF:
        return self._middle() + QPointF(*point) * self._radius()

    def _point_at(self, at: QPointF) -> Point:
        away = (at - self._middle()) / self._radius()
        return away.x(), away.y()

    def _source_at(self, at: QPointF) -> int | None:
        places = range(len(self._shares))
        return next((place for place in places if self.source_rect(place).contains(at)), None)

    def _move(self, point: Point) -> None:
        far = math.hypot(*point)
        self._point = point if far <= 1 else (point[0] / far, point[1] / far)
        shares = shares_at(self._point, len(self._shares))
        self._shares = tuple(round(share, 3) for share in shares)
        self._name()
        self.update()
        self.shares_edited.emit(shares)

    def _name(self) -> None:
        said = ", ".join(
            f"{chr(ord('A') + place)} {round(share * 100)} %"
            for place, share in enumerate(self._shares)
        )
        self.setAccessibleName(tr("Blend: {shares}", shares=said))
