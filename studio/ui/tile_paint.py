"""How a gallery tile looks: picture, name, star, frame, and what hovering offers."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QLinearGradient, QPainter, QPen

from studio.ui.icons import pixmap
from studio.ui.texts import tr
from studio.ui.theme import SECOND_PX, Tokens, readable_on

_BADGE_PX: Final = 20
_BAR_PX: Final = 30
_ROOMY_PX: Final = 100  # smaller tiles have no room for three words on hover


class TileState:
    """What a tile is to show.

    Attributes:
        name: Its caption.
        image: Its picture; None until it has come, a null image when it is damaged.
        is_starred: Whether it has a star.
        is_selected: Whether it is chosen.
        is_current: Whether the keyboard is on it.
        is_hovered: Whether the pointer is over it.
        has_caption: Whether the name is shown.
        is_in_trash: Hovering offers "Restore" instead of "Open".
    """

    name: str = ""
    image: QImage | None = None
    is_starred: bool = False
    is_selected: bool = False
    is_current: bool = False
    is_hovered: bool = False
    has_caption: bool = True
    is_in_trash: bool = False


def star_place(tile: QRect) -> QRect:
    """Give where hovering offers the star."""
    return QRect(tile.left() + 4, tile.top() + tile.width() - _BAR_PX, 26, _BAR_PX)


def more_place(tile: QRect) -> QRect:
    """Give where hovering offers the menu."""
    return QRect(tile.right() - 30, tile.top() + tile.width() - _BAR_PX, 26, _BAR_PX)


def draw_tile(painter: QPainter, tile: QRect, *, state: TileState, tokens: Tokens) -> None:
    """Draw one tile; `tile` holds the square picture and under it the caption."""
    square = QRectF(tile.left(), tile.top(), tile.width(), tile.width())
    inner = square.adjusted(4, 4, -4, -4) if state.is_selected else square
    _draw_picture(painter, inner, image=state.image, tokens=tokens)
    if state.is_selected:
        _frame(painter, square, width=2, colour=tokens.accent)
    elif state.is_hovered or state.is_current:
        _frame(painter, square, width=1, colour=tokens.handle)
    if state.is_starred:
        _draw_badge(painter, inner, big=square.width() >= 60)
    if state.is_hovered and square.width() >= _ROOMY_PX:
        _draw_offers(painter, tile, place=inner, state=state)
    if state.has_caption:
        _draw_caption(painter, tile, state=state, tokens=tokens)


def draw_heading(
    painter: QPainter, place: QRect, *, words: tuple[str, str], tokens: Tokens
) -> None:
    """Draw a section's heading: its name, and how many there are."""
    painter.save()
    font = QFont(painter.font())
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(readable_on(tokens.canvas, tokens.text)))
    line = place.adjusted(0, 6, 0, 0)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(line, flags, words[0])
    left = painter.fontMetrics().horizontalAdvance(words[0]) + 8
    font.setWeight(QFont.Weight.Normal)
    font.setPixelSize(SECOND_PX)
    painter.setFont(font)
    painter.setPen(QColor(readable_on(tokens.canvas, tokens.second, tokens.text)))
    painter.drawText(line.adjusted(left, 0, 0, 0), flags, words[1])
    painter.restore()


def _draw_picture(
    painter: QPainter, place: QRectF, *, image: QImage | None, tokens: Tokens
) -> None:
    if image is None or image.isNull():
        painter.fillRect(place, QColor(tokens.base))
        if image is not None:
            icon = pixmap("warning", size=20, colour=tokens.warn, ratio=2.0)
            painter.drawPixmap(place.center() - QPointF(10, 10), icon)
        return
    side = min(image.width(), image.height())
    source = QRectF((image.width() - side) / 2, (image.height() - side) / 2, side, side)
    painter.drawImage(place, image, source)


def _frame(painter: QPainter, place: QRectF, *, width: float, colour: str) -> None:
    painter.setPen(QPen(QColor(colour), width, j=Qt.PenJoinStyle.MiterJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    painter.drawRoundedRect(place.adjusted(half, half, -half, -half), 2, 2)


def _draw_badge(painter: QPainter, place: QRectF, *, big: bool) -> None:
    size = _BADGE_PX if big else 14
    badge = QRectF(place.right() - size - 3, place.top() + 3, size, size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawRoundedRect(badge, 4, 4)
    icon_px = size - 6
    icon = pixmap("star-filled", size=icon_px, colour="#ffffff", ratio=2.0)
    painter.drawPixmap(badge.topLeft() + QPointF(3, 3), icon)


def _draw_offers(painter: QPainter, tile: QRect, *, place: QRectF, state: TileState) -> None:
    bar = QRectF(place.left(), place.bottom() - _BAR_PX - 14, place.width(), _BAR_PX + 14)
    fade = QLinearGradient(bar.topLeft(), bar.bottomLeft())
    fade.setColorAt(0, QColor(0, 0, 0, 0))
    fade.setColorAt(1, QColor(0, 0, 0, 190))
    painter.fillRect(bar, fade)
    star = "star-filled" if state.is_starred else "star"
    for name, where in ((star, star_place(tile)), ("more", more_place(tile))):
        icon = pixmap(name, size=16, colour="#ffffff", ratio=2.0)
        painter.drawPixmap(QPointF(where.center()) - QPointF(7, 7), icon)
    font = QFont(painter.font())
    font.setPixelSize(SECOND_PX)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    word = tr("Restore") if state.is_in_trash else tr("Open")
    line = QRectF(place.left(), place.bottom() - _BAR_PX, place.width(), _BAR_PX)
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, word)


def _draw_caption(painter: QPainter, tile: QRect, *, state: TileState, tokens: Tokens) -> None:
    font = QFont(painter.font())
    font.setPixelSize(SECOND_PX)
    font.setWeight(QFont.Weight.Normal)
    painter.setFont(font)
    wish = tokens.text if state.is_selected else tokens.second
    painter.setPen(QColor(readable_on(tokens.canvas, wish, tokens.text)))
    place = QRect(
        tile.left(), tile.top() + tile.width(), tile.width(), tile.height() - tile.width()
    )
    metrics = painter.fontMetrics()
    text = metrics.elidedText(state.name, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
