"""One curve: what it shows, which way is better, its last value and a cursor."""

from typing import Final

import msgspec
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.icons import paint_icon
from studio.ui.theme import mark, tokens_of

_PLOT_PX: Final = 64
_MARGIN_PX: Final = 8.0


class CurvePoints(msgspec.Struct, frozen=True):
    """What a curve shows.

    Attributes:
        points: (x, y), x rising.
        end: Where the x axis ends; points beyond widen it.
        cursor: x of the snapshot that is looked at, None for none.
        star: x of the best one, None for none.
    """

    points: tuple[tuple[float, float], ...] = ()
    end: float = 0.0
    cursor: float | None = None
    star: float | None = None


class Plot(QWidget):
    """Draws the points."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = CurvePoints()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_points(self, shown: CurvePoints) -> None:
        """Show other points."""
        if shown != self._shown:
            self._shown = shown
            self.update()

    def sizeHint(self) -> QSize:
        """Give its height; the width is the panel's."""
        return QSize(200, _PLOT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw well, curve, star and cursor."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.base))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        room = QRectF(self.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)
        low, high = self._range()
        shown = self._shown
        places = [self._place(room, x, part=(y - low) / (high - low)) for x, y in shown.points]
        painter.setPen(QPen(QColor(tokens.accent), 1.75))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if len(places) > 1:
            painter.drawPolyline(QPolygonF(places))
        self._paint_marks(painter, room, places=places)

    def _range(self) -> tuple[float, float]:
        values = [y for _, y in self._shown.points]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        return (low, high) if high - low > 1e-9 else (low - 0.5, high + 0.5)

    def _place(self, room: QRectF, x: float, *, part: float) -> QPointF:
        last = self._shown.points[-1][0] if self._shown.points else 0.0
        end = max(self._shown.end, last, 1e-9)
        return QPointF(room.left() + room.width() * x / end, room.bottom() - room.height() * part)

    def _paint_marks(self, painter: QPainter, room: QRectF, *, places: list[QPointF]) -> None:
        tokens = tokens_of(self.palette())
        shown = self._shown
        if shown.cursor is not None:
            x = self._place(room, shown.cursor, part=0.0).x()
            painter.setPen(QPen(QColor(tokens.edge), 1))
            painter.drawLine(QPointF(x, room.top() - 4), QPointF(x, room.bottom() + 4))
        if shown.star is not None:
            x = self._place(room, shown.star, part=0.0).x()
            sign = QRectF(x - 6, room.top() - 5, 12, 12)
            paint_icon(painter, sign, name="star-filled", colour=tokens.second)
        xs = [x for x, _ in shown.points]
        if places:
            place = places[xs.index(shown.cursor)] if shown.cursor in xs else places[-1]
            painter.setPen(QPen(QColor(tokens.base), 1))
            painter.setBrush(QColor(tokens.text))
            painter.drawEllipse(place, 3.5, 3.5)


class Curve(QWidget):
    """A plot with its line of words: name, which way is better, the value."""

    def __init__(self, name: str, better: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._better = name, better
        self.plot = Plot()
        self.value = mark(QLabel(), "title")
        words = QHBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(8)
        words.addWidget(mark(QLabel(name), "title"))
        words.addWidget(mark(QLabel(better), "second"), 1)
        words.addWidget(self.value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(words)
        column.addWidget(self.plot)

    def show_points(self, shown: CurvePoints, value: str) -> None:
        """Show other points and the value that is looked at."""
        self.plot.show_points(shown)
        self.value.setText(value)
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(f"{value}, {self._better}")
