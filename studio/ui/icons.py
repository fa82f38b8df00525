"""Our own line icons, coloured by the palette and drawn at the screen's own pixels."""

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio.files.places import resources
from studio.ui.theme import tokens_of

ICON_PX: Final = 20
_RATIOS: Final = (1.0, 2.0)


def icon(name: str, palette: QPalette, *, size: int = ICON_PX, colour: str = "") -> QIcon:
    """Give an icon for a palette: normal, disabled, and a bit clearer when it is on.

    Args:
        name: File name in `resources/icons` without ".svg"; an unknown name gives an empty icon.
        palette: Where the colours come from.
        size: Side in logical pixels.
        colour: Another colour than the text's, as "#rrggbb".
    """
    tokens = tokens_of(palette)
    found = QIcon()
    for ratio in _RATIOS:
        normal = pixmap(name, size=size, colour=colour or tokens.text, ratio=ratio)
        found.addPixmap(normal, QIcon.Mode.Normal)
        found.addPixmap(
            pixmap(name, size=size, colour=tokens.disabled, ratio=ratio), QIcon.Mode.Disabled
        )
    return found


@lru_cache(maxsize=512)
def pixmap(name: str, *, size: int, colour: str, ratio: float) -> QPixmap:
    """Give one icon as a pixmap of `size` logical pixels; it is shared, so draw into a copy only."""
    tinted = _shape(name, round(size * ratio)).copy()
    painter = QPainter(tinted)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(tinted.rect(), QColor(colour))
    painter.end()
    drawn = QPixmap.fromImage(tinted)
    drawn.setDevicePixelRatio(ratio)
    return drawn


@lru_cache(maxsize=512)
def _shape(name: str, side: int) -> QImage:
    """Draw an icon in ink: once for all its colours."""
    shape = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    shape.fill(Qt.GlobalColor.transparent)
    painter = QPainter(shape)
    _renderer(name).render(painter, QRectF(shape.rect()))
    painter.end()
    return shape


def paint_icon(painter: QPainter, rect: QRectF, *, name: str, colour: QColor | str) -> None:
    """Draw an icon into a square."""
    ratio = painter.device().devicePixelRatio()
    drawn = pixmap(name, size=round(rect.width()), colour=QColor(colour).name(), ratio=ratio)
    painter.drawPixmap(rect.topLeft(), drawn)


@lru_cache(maxsize=256)
def _renderer(name: str) -> QSvgRenderer:
    path = resources() / "icons" / f"{name}.svg"
    return QSvgRenderer(QByteArray(path.read_bytes() if path.is_file() else b""))
