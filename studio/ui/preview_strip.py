"""Seven small pictures of what a slider does; a click goes there."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from studio.ui.texts import tr
from studio.ui.theme import tokens_of

_GAP_PX: Final = 2
_MAX_CELL_PX: Final = 44


class PreviewStrip(QWidget):
    """Shows the pictures of some positions side by side, the present one framed.

    Signals:
        position_chosen: The number of the picture that was clicked.
    """

    position_chosen = Signal(float)

    def __init__(
        self, positions: Sequence[float], *, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._positions = tuple(positions)
        self._images: list[QImage | None] = [None] * len(self._positions)
        self._number = 0.0
        self._hovered = -1
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Previews of {name}", name=name))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_image(self, place: int, image: QImage | None) -> None:
        """Show a picture; None takes it away."""
        self._images[place] = image
        self.update(self._cell(place).toAlignedRect())

    def image(self, place: int) -> QImage | None:
        """Give the picture at a place."""
        return self._images[place]

    def show_number(self, number: float) -> None:
        """Frame the picture nearest to a number."""
        if number != self._number:
            self._number = number
            self.update()

    @property
    def framed(self) -> int | None:
        """Place of the framed picture; None when the number lies between or beyond."""
        gaps = [abs(position - self._number) for position in self._positions]
        nearest = gaps.index(min(gaps))
        return nearest if gaps[nearest] <= 0.25 + 1e-9 else None

    def inset_px(self) -> float:
        """Give how far the middle of the first picture lies inside."""
        return self._cell(0).center().x()

    def sizeHint(self) -> QSize:
        """Give the height of square cells."""
        return QSize(0, self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the cells square."""
        super().resizeEvent(event)
        if self.height() != self._height():
            self.setFixedHeight(self._height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which number a picture stands for."""
        place = self._place_at(event.position())
        if place != self._hovered:
            self._hovered = place
            number = self._positions[place] if place >= 0 else 0.0
            self.setToolTip(f"{number:+.0f}".replace("-", "\N{MINUS SIGN}") if number else "0")
            self.update()

    def leaveEvent(self, _event: object) -> None:
        """Nothing is pointed at any more."""
        self._hovered = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to a picture."""
        place = self._place_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.position_chosen.emit(self._positions[place])
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pictures; where none has come yet, a quiet well."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        framed = self.framed
        for place, image in enumerate(self._images):
            cell = self._cell(place)
            if image is None:
                painter.fillRect(cell, QColor(tokens.base))
            else:
                painter.drawImage(cell, image)
            if place == self._hovered and place != framed:
                self._frame(painter, cell, width=1, colour=tokens.edge)
        if framed is not None:
            is_moved = abs(self._number) > 1e-9
            colour = tokens.accent if is_moved else tokens.second
            self._frame(painter, self._cell(framed), width=2 if is_moved else 1, colour=colour)

    @staticmethod
    def _frame(painter: QPainter, cell: QRectF, *, width: float, colour: str) -> None:
        painter.setPen(QPen(QColor(colour), width, j=Qt.PenJoinStyle.MiterJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(cell.adjusted(width / 2, width / 2, -width / 2, -width / 2))

    def _cell_px(self) -> float:
        count = len(self._positions)
        return (self.width() - _GAP_PX * (count - 1)) / count

    def _height(self) -> int:
        return max(16, min(_MAX_CELL_PX, int(self._cell_px())))

    def _cell(self, place: int) -> QRectF:
        width = self._cell_px()
        left = round(place * (width + _GAP_PX))
        right = round(place * (width + _GAP_PX) + width)
        return QRectF(left, 0, right - left, self.height())

    def _place_at(self, point: QPointF) -> int:
        cells = range(len(self._positions))
        return next((p for p in cells if self._cell(p).contains(point)), -1)
