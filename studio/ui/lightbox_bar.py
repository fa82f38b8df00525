"""The scrub bar of a run: a film of one seed over time, a slider below it, a star at the best."""

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider, QWidget

from studio.ui.icons import paint_icon
from studio.ui.texts import tr
from studio.ui.theme import SECOND_PX, Tokens, readable_on, tokens_of

FILM_PX: Final = 44
_SLIDER_PX: Final = 24
_STAR_PX: Final = 20
_MIN_CELL_PX: Final = 40
_MAX_CELL_PX: Final = 96
_HANDLE: Final = QSize(14, 18)


class FilmFrame(msgspec.Struct, frozen=True):
    """One snapshot on the film; its picture is None until it has come."""

    number: int
    image: QImage | None


class SnapshotBar(QSlider):
    """A stock slider (so that screen readers know it) with a film above and a star below.

    Its value is the place of the snapshot; places beyond the last one are the future.

    Signals:
        place_chosen: Place of the snapshot that the hand went to; not emitted by `show_frames`.
    """

    place_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._frames: tuple[FilmFrame, ...] = ()
        self._num_places = 0
        self._best: int | None = None
        self.setAccessibleName(tr("Snapshots"))
        self.setFixedHeight(FILM_PX + _SLIDER_PX + _STAR_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setToolTip(tr("Left and right go from snapshot to snapshot"))

    @property
    def frames(self) -> tuple[FilmFrame, ...]:
        """The snapshots that are there."""
        return self._frames

    def show_frames(
        self, frames: Sequence[FilmFrame], *, num_places: int, best: int | None, place: int
    ) -> None:
        """Show a film.

        Args:
            frames: The snapshots that are there, oldest first.
            num_places: How many there will be.
            best: Place of the best so far.
            place: Place of the one that is looked at.
        """
        self._frames = tuple(frames)
        self._num_places = max(num_places, len(self._frames))
        self._best = best
        self.setRange(0, max(0, len(self._frames) - 1))
        self.setValue(place)
        self.update()

    def sizeHint(self) -> QSize:
        """Be as wide as the place allows."""
        return QSize(400, self.height())

    def minimumSizeHint(self) -> QSize:
        """Give what still can be used."""
        return QSize(120, self.height())

    def film_cells(self) -> list[tuple[QRect, int]]:
        """Give the cells of the film, each with the place of the snapshot that it shows.

        With little room a cell stands for several snapshots and shows the last of them.
        """
        if self._num_places == 0:
            return []
        width = self._span_px()
        num_cells = max(1, min(self._num_places, int(width // _MIN_CELL_PX)))
        cells = []
        for cell in range(num_cells):
            left, right = (round(width * edge / num_cells) for edge in (cell, cell + 1))
            place = -(-(cell + 1) * self._num_places // num_cells) - 1
            cells.append((QRect(left, 0, right - left - 2, FILM_PX), place))
        return cells

    def handle_centre(self, place: int) -> QPointF:
        """Give where the handle stands for a place."""
        share = (place + 0.5) / max(1, self._num_places)
        return QPointF(share * self._span_px(), FILM_PX + _SLIDER_PX / 2)

    # ---------------------------------------------------------------- the hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the snapshot under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go(self._place_at(event.position().x()))
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the hand."""
        if self.isSliderDown():
            self._go(self._place_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right step, Home and End go to the first and the last."""
        steps = {
            Qt.Key.Key_Left: self.value() - 1,
            Qt.Key.Key_Right: self.value() + 1,
            Qt.Key.Key_PageUp: self.value() - 10,
            Qt.Key.Key_PageDown: self.value() + 10,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self.maximum(),
        }
        place = steps.get(Qt.Key(event.key()))
        if place is None:
            event.ignore()
        else:
            self._go(place)

    def _go(self, place: int) -> None:
        place = min(max(place, 0), len(self._frames) - 1)
        if place >= 0 and place != self.value():
            self.setValue(place)
            self.place_chosen.emit(place)

    def _place_at(self, x: float) -> int:
        return int(x / max(1.0, self._span_px()) * self._num_places)

    def _span_px(self) -> float:
        return float(min(self.width(), max(1, self._num_places) * _MAX_CELL_PX))

    # ---------------------------------------------------------------- how it looks

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw film, groove, ticks, handle and star."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        self._paint_film(painter, tokens)
        self._paint_slider(painter, tokens)
        if self._best is not None:
            self._paint_star(painter, tokens, place=self._best)

    def _paint_film(self, painter: QPainter, tokens: Tokens) -> None:
        here: QRect | None = None
        for area, place in self.film_cells():
            # A cell that stands for several shows the newest that is there.
            first = self._first_of(place)
            shown = min(place, len(self._frames) - 1)
            if shown < first:
                painter.setPen(QPen(QColor(tokens.edge), 1))
                painter.setBrush(QColor(tokens.panel))
                painter.drawRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5))
                continue
            if first <= self.value() <= place:
                shown, here = self.value(), area
            image = self._frames[shown].image
            if image is None:
                painter.fillRect(area, QColor(tokens.base))
            else:
                painter.drawImage(QRectF(area), image, _middle_of(image, area))
        if here is not None:
            painter.setPen(QPen(QColor(tokens.accent), 2, j=Qt.PenJoinStyle.MiterJoin))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(here).adjusted(1, 1, -1, -1))

    def _first_of(self, last: int) -> int:
        """Give the first place that the cell with this last place stands for."""
        before = [place for _, place in self.film_cells() if place < last]
        return before[-1] + 1 if before else 0

    def _paint_slider(self, painter: QPainter, tokens: Tokens) -> None:
        span, y = self._span_px(), FILM_PX + _SLIDER_PX / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.groove))
        painter.drawRoundedRect(QRectF(0, y - 2, span, 4), 2, 2)
        if not self._frames:
            return
        here = self.handle_centre(self.value())
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(QRectF(0, y - 2, here.x(), 4), 2, 2)
        if span / self._num_places >= 8:
            tick = readable_on(tokens.canvas, tokens.second, tokens.text)
            for place in range(len(self._frames)):
                painter.setOpacity(0.6)
                x = round(self.handle_centre(place).x())
                painter.fillRect(QRectF(x, y + 7, 1, 5), QColor(tick))
            painter.setOpacity(1.0)
        size = QRectF(
            here.x() - _HANDLE.width() / 2,
            y - _HANDLE.height() / 2,
            _HANDLE.width(),
            _HANDLE.height(),
        )
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(size.adjusted(-1.5, -1.5, 1.5, 1.5), 4, 4)
        painter.setPen(QPen(QColor(tokens.edge), 1))
        painter.setBrush(QColor(tokens.handle))
        painter.drawRoundedRect(size.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def _paint_star(self, painter: QPainter, tokens: Tokens, *, place: int) -> None:
        ink = readable_on(tokens.canvas, tokens.text)
        font = QFont(self.font())
        font.setPixelSize(SECOND_PX)
        painter.setFont(font)
        words = tr("best so far")
        wide = painter.fontMetrics().horizontalAdvance(words)
        x = self.handle_centre(place).x()
        top = float(FILM_PX + _SLIDER_PX)
        paint_icon(painter, QRectF(x - 8, top + 1, 16, 16), name="star-filled", colour=ink)
        is_left = x + 12 + wide > self.width()
        left = x - 12 - wide if is_left else x + 12
        painter.setPen(QColor(ink))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, top, wide + 2, 18), middle, words)


def _middle_of(image: QImage, area: QRect) -> QRectF:
    """Give the middle part of a picture that has the shape of an area."""
    wide = min(image.width(), image.height() * area.width() / max(1, area.height()))
    high = min(image.height(), image.width() * area.height() / max(1, area.width()))
    return QRectF((image.width() - wide) / 2, (image.height() - high) / 2, wide, high)
