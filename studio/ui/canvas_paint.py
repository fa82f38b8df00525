"""How the canvas is drawn."""

from typing import Final

import msgspec
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from studio.ui.pictures import fit_inside
from studio.ui.texts import tr
from studio.ui.theme import Tokens, readable_on, second_font, tokens_of
from studio.ui.view_transform import View, picture_rect

# Painted pictures stay smooth; from here on single pixels are looked at.
NEAREST_FROM: Final = 8.0


class Sheet(msgspec.Struct, frozen=True):
    """All that is drawn on the canvas.

    Attributes:
        image: The picture.
        before: The picture to compare with.
        is_preview: Whether `image` is a small one, shown until the full one is there.
        is_mirrored: Whether both are shown as in a mirror.
        is_before_held: Whether `before` is shown instead.
        wipe: Where the line of the comparison stands, as a share of the width; None for none.
        credit: The small line under the picture.
        enlarged: By how much `image` is the picture enlarged, 1 when not.
    """

    image: QImage | None = None
    before: QImage | None = None
    is_preview: bool = False
    is_mirrored: bool = False
    is_before_held: bool = False
    wipe: float | None = None
    credit: str = ""
    enlarged: int = 1


class CanvasPainter:
    """Draws a sheet; keeps scaled-down copies, since halving a large picture takes time."""

    FORMAT: Final = QImage.Format.Format_RGB32  # what QPainter draws without converting

    def __init__(self) -> None:
        self._small_by_key: dict[tuple[int, int], QImage] = {}

    def paint(self, widget: QWidget, sheet: Sheet, *, view: View | None, is_fit: bool) -> None:
        """Draw the sheet onto a widget; a fitted picture is smooth at any size."""
        tokens = tokens_of(widget.palette())
        painter = QPainter(widget)
        painter.fillRect(widget.rect(), QColor(tokens.canvas))
        if sheet.image is None or view is None:
            return
        ratio = widget.devicePixelRatioF()
        area = QRect(*picture_rect(view))
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)  # from here on device pixels
        if sheet.is_mirrored:
            painter.setTransform(
                QTransform(-1, 0, 0, 1, view.room[0], 0) * painter.transform(), combine=False
            )
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, is_fit or view.scale < NEAREST_FROM * ratio
        )
        main = sheet.before if sheet.is_before_held and sheet.before else sheet.image
        self._draw(painter, main, area=area)
        if sheet.wipe is not None and sheet.before is not None and not sheet.is_before_held:
            self._draw_wipe(painter, sheet, area=area)
        painter.restore()
        logical = QRectF(
            area.x() / ratio, area.y() / ratio, area.width() / ratio, area.height() / ratio
        )
        if sheet.is_mirrored:
            logical.moveLeft(widget.width() - logical.right())
        self._draw_notes(painter, sheet, area=logical, widget=widget)
        if sheet.wipe is not None:
            self._draw_line(painter, sheet, area=logical, tokens=tokens)

    def _draw(self, painter: QPainter, image: QImage, *, area: QRect) -> None:
        if area.width() * 2 <= image.width():
            painter.drawImage(area.topLeft(), self._small(image, area.size()))
        else:
            painter.drawImage(area, image)

    def _draw_wipe(self, painter: QPainter, sheet: Sheet, *, area: QRect) -> None:
        assert sheet.before is not None
        assert sheet.wipe is not None
        share = 1 - sheet.wipe if sheet.is_mirrored else sheet.wipe
        x = area.left() + round(area.width() * share)
        left = QRect(area.left(), area.top(), x - area.left(), area.height())
        right = QRect(x, area.top(), area.right() - x + 1, area.height())
        painter.setClipRect(right if sheet.is_mirrored else left)
        self._draw(painter, sheet.before, area=area)
        painter.setClipping(False)

    def _draw_line(self, painter: QPainter, sheet: Sheet, *, area: QRectF, tokens: Tokens) -> None:
        assert sheet.wipe is not None
        x = area.left() + area.width() * sheet.wipe
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(0, 0, 0, 110), 3))
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
        painter.setPen(QPen(QColor("#ffffff"), 1.5))
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
        painter.setBrush(QColor(tokens.handle))
        painter.setPen(QPen(QColor(0, 0, 0, 110), 1))
        painter.drawRoundedRect(QRectF(x - 6, area.center().y() - 14, 12, 28), 4, 4)

    def _draw_notes(
        self, painter: QPainter, sheet: Sheet, *, area: QRectF, widget: QWidget
    ) -> None:
        """Write the credit under the picture's right end, and at its left end what is seen."""
        tokens = tokens_of(widget.palette())
        painter.setFont(second_font(widget.font()))
        painter.setPen(QColor(readable_on(tokens.canvas, tokens.second, tokens.text)))
        top = min(area.bottom() + 3, widget.height() - 21.0)
        left, right = max(area.left(), 8.0), min(area.right(), widget.width() - 8.0)
        line = QRectF(left, top, right - left, 18)
        if top < area.bottom():
            return  # zoomed in: words never lie on the picture
        said = self._said(sheet)
        metrics = QFontMetricsF(painter.font())
        free = line.width() - (metrics.horizontalAdvance(said) + 16 if said else 0)
        credit = metrics.elidedText(sheet.credit, Qt.TextElideMode.ElideRight, max(0.0, free))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, credit)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, said)

    def _said(self, sheet: Sheet) -> str:
        if sheet.is_before_held and sheet.before is not None:
            return tr("Before")
        if sheet.wipe is not None:
            return tr("Before | after") if sheet.before is not None else tr("Nothing before this")
        if sheet.enlarged > 1:
            return tr("Enlarged {n}×", n=sheet.enlarged)
        return tr("Preview") if sheet.is_preview else ""

    def _small(self, image: QImage, size: QSize) -> QImage:
        key = (image.cacheKey(), size.width())
        if key not in self._small_by_key:
            while len(self._small_by_key) >= 4:  # picture and before, at two sizes
                self._small_by_key.pop(next(iter(self._small_by_key)))
            self._small_by_key[key] = fit_inside(image, size)
        return self._small_by_key[key]


def line_at(sheet: Sheet, area: QRectF, *, place: QPointF) -> bool:
    """Say whether the line of the comparison is under the pointer."""
    if sheet.wipe is None:
        return False
    x = area.left() + area.width() * sheet.wipe
    return abs(place.x() - x) <= 8 and area.top() <= place.y() <= area.bottom()
