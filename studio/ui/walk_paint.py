"""Draws a walk: ruler, pictures on their times, how it goes between them, the play head."""

from typing import Final

import msgspec
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPalette, QPen, QPolygonF

from studio.core.walk import Easing, Walk
from studio.ui.texts import tr
from studio.ui.theme import SECOND_PX, Tokens, tokens_of
from studio.ui.walk_layout import RULER_PX, THUMB_PX, WalkLayout, say_seconds

_TOP_PX: Final = RULER_PX + 8
_SIGN: Final = (18.0, 12.0)
_SIGN_ROOM_PX: Final = 26
_HEAD_PX: Final = 5.0
_GHOST: Final = 0.45


class Painted(msgspec.Struct, frozen=True):
    """All that is drawn."""

    walk: Walk
    layout: WalkLayout
    images: tuple[QImage | None, ...]
    selection: int
    at_s: float
    drop_place: int
    has_focus: bool
    is_playing: bool


def paint_walk(painter: QPainter, painted: Painted, *, palette: QPalette) -> None:
    """Draw a walk with its upper left corner at 0, 0."""
    tokens = tokens_of(palette)
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )
    font = QFont(painter.font())
    font.setPixelSize(11)
    painter.setFont(font)
    _draw_ruler(painter, painted, tokens=tokens)
    for place in range(painted.walk.num_legs):
        _draw_leg(painter, painted, place=place, tokens=tokens)
    count = len(painted.walk.keys)
    if painted.layout.is_loop:
        _draw_picture(painter, painted, place=count, tokens=tokens)
    order = [place for place in range(count) if place != painted.selection]
    for place in [*order, *([painted.selection] if painted.selection >= 0 else [])]:
        _draw_picture(painter, painted, place=place, tokens=tokens)
    if painted.drop_place >= 0:
        _draw_drop(painter, painted, tokens=tokens)
    elif count:
        _draw_head(painter, painted, tokens=tokens)


def thumb_at(layout: WalkLayout, place: int) -> QRectF:
    """Give where a picture lies; the place after the last is the first again."""
    return QRectF(layout.x_of(layout.times[place]) - THUMB_PX / 2, _TOP_PX, THUMB_PX, THUMB_PX)


def _draw_ruler(painter: QPainter, painted: Painted, *, tokens: Tokens) -> None:
    layout = painted.layout
    line = RULER_PX - 0.5
    painter.setPen(QPen(QColor(tokens.edge), 1))
    begin, end = layout.x_of(0), layout.x_of(layout.seconds)
    painter.drawLine(QLineF(begin, line, max(end, begin), line))
    for at_s in layout.ticks() if len(painted.walk.keys) > 1 else ():
        x = round(layout.x_of(at_s)) + 0.5
        painter.setPen(QPen(QColor(tokens.edge), 1))
        painter.drawLine(QLineF(x, line - 5, x, line))
        painter.setPen(QColor(tokens.second))
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(QRectF(x - 30, 1, 60, 14), centre, say_seconds(at_s))


def _draw_leg(painter: QPainter, painted: Painted, *, place: int, tokens: Tokens) -> None:
    """Draw the line to the next picture, and the sign of its easing where there is room."""
    layout = painted.layout
    left, right = (thumb_at(layout, n) for n in (place, place + 1))
    middle = left.center().y()
    is_chosen = place == painted.selection
    colour = QColor(tokens.accent if is_chosen else tokens.second)
    painter.setPen(QPen(QColor(tokens.edge), 1.5))
    painter.drawLine(QPointF(left.right() + 3, middle), QPointF(right.left() - 3, middle))
    gap = right.left() - left.right()
    if gap < _SIGN_ROOM_PX:
        return
    wide, high = _SIGN
    centre = QPointF((left.right() + right.left()) / 2, middle)
    sign = QRectF(centre.x() - wide / 2, centre.y() - high / 2, wide, high)
    painter.fillRect(sign.adjusted(-4, -2, 4, 2), QColor(tokens.panel))
    key = painted.walk.keys[place]
    is_plain = painted.walk.is_even and key.easing != "hold"
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(easing_path("linear" if is_plain else key.easing, sign))
    seconds = layout.times[place + 1] - layout.times[place]
    text = tr("{seconds} s", seconds=say_seconds(round(seconds, 1)))
    painter.setPen(colour)
    below = QRectF(centre.x() - 30, sign.bottom() + 4, 60, 14)
    painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)


def easing_path(easing: Easing, place: QRectF) -> QPainterPath:
    """Give the curve of an easing, from the lower left to the upper right of a place."""
    path = QPainterPath(place.bottomLeft())
    if easing == "hold":
        path.lineTo(place.bottomRight())
        path.lineTo(place.topRight())
    elif easing == "linear":
        path.lineTo(place.topRight())
    else:
        middle = place.center().x()
        path.cubicTo(
            QPointF(middle, place.bottom()), QPointF(middle, place.top()), place.topRight()
        )
    return path


def _draw_picture(painter: QPainter, painted: Painted, *, place: int, tokens: Tokens) -> None:
    count = len(painted.walk.keys)
    area = thumb_at(painted.layout, place)
    image = painted.images[place % count]
    is_chosen = place == painted.selection
    painter.setPen(QPen(QColor(tokens.edge), 1))
    painter.drawLine(QPointF(area.center().x(), RULER_PX), QPointF(area.center().x(), area.top()))
    painter.fillRect(area.adjusted(-2, -2, 2, 2), QColor(tokens.panel))
    painter.setOpacity(_GHOST if place >= count else 1.0)
    if image is not None and not image.isNull():
        painter.drawImage(area, image)
    else:
        painter.fillRect(area, QColor(tokens.base))
    painter.setOpacity(1.0)
    if is_chosen:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.accent if painted.has_focus else tokens.handle), 2))
        painter.drawRoundedRect(area.adjusted(-3, -3, 3, 3), 2, 2)
    font = QFont(painter.font())
    font.setPixelSize(SECOND_PX - 1)
    painter.setFont(font)
    painter.setPen(QColor(tokens.text if is_chosen else tokens.second))
    below = QRectF(area.left() - 10, area.bottom() + 4, area.width() + 20, 16)
    text = tr("loop") if place >= count else str(place + 1)
    painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)


def _draw_head(painter: QPainter, painted: Painted, *, tokens: Tokens) -> None:
    x = round(painted.layout.x_of(painted.at_s)) + 0.5
    painter.setPen(QPen(QColor(tokens.accent), 1.5))
    painter.drawLine(QLineF(x, RULER_PX - 2, x, _TOP_PX + THUMB_PX + 4))
    painter.setBrush(QColor(tokens.accent))
    painter.setPen(Qt.PenStyle.NoPen)
    top = RULER_PX - 9
    painter.drawPolygon(
        QPolygonF(
            [
                QPointF(x - _HEAD_PX, top),
                QPointF(x + _HEAD_PX, top),
                QPointF(x + _HEAD_PX, top + 4),
                QPointF(x, top + 9),
                QPointF(x - _HEAD_PX, top + 4),
            ]
        )
    )


def _draw_drop(painter: QPainter, painted: Painted, *, tokens: Tokens) -> None:
    """Show between which pictures something would go."""
    layout, count, place = painted.layout, len(painted.walk.keys), painted.drop_place
    if not count:
        x = layout.x_of(0)
    elif place == 0:
        x = thumb_at(layout, 0).left() - 10
    elif place >= count:
        x = thumb_at(layout, count - 1).right() + 10
    else:
        x = (thumb_at(layout, place - 1).right() + thumb_at(layout, place).left()) / 2
    painter.setPen(QPen(QColor(tokens.accent), 3))
    painter.drawLine(QPointF(x, _TOP_PX - 4), QPointF(x, _TOP_PX + THUMB_PX + 4))
