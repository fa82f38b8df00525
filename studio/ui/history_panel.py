"""The History panel: a line with nodes, branches to the right; a click goes there."""

import time
from pathlib import Path
from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.app.direction_desk import DirectionDesk
from studio.app.document import Document
from studio.app.engine_client import EngineClient
from studio.app.history_model import CHANGE_ROLE, CURRENT_ROLE, KEPT_ROLE, LINE_ROLE, HistoryModel
from studio.app.state_pictures import StatePictures
from studio.core.history_lines import LineRow
from studio.core.recipe import Recipe
from studio.ui.change_words import say_ago, say_change
from studio.ui.history_view import HistoryView
from studio.ui.icons import pixmap
from studio.ui.texts import tr, tr_sentence
from studio.ui.theme import SECOND_PX, Tokens, tokens_of

_ROW_PX: Final = 46
_THUMB_PX: Final = 38
_LANE_PX: Final = 12
_LEFT_PX: Final = 14
_PICTURE_PX: Final = 64

Index = QModelIndex | QPersistentModelIndex


class HistoryDelegate(QStyledItemDelegate):
    """Draws a state: line and dot, thumbnail, what changed, when."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.name_by_direction: dict[str, str] = {}
        self.unit_by_direction: dict[str, float] = {}
        self.marks: list[int] = []  # the states that are compared

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Give the height of a row."""
        return QSize(120, _ROW_PX)

    def displayText(self, _value: object, _locale: object) -> str:  # noqa: N802 - Qt's name
        """Nothing: all is painted."""
        return ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row = index.data(LINE_ROLE)
        if not isinstance(row, LineRow):
            return
        tokens = tokens_of(option.palette)
        is_current = bool(index.data(CURRENT_ROLE))
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        state = option.state
        if is_current:
            painter.fillRect(option.rect, QColor(tokens.raised))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(tokens.base))
        place = QRectF(option.rect)
        _draw_lines(painter, place, row=row, tokens=tokens, is_current=is_current)
        left = place.left() + _LEFT_PX + max(1, row.lane) * _LANE_PX + 14
        thumb = QRectF(left, place.top() + 4, _THUMB_PX, _THUMB_PX)
        image = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(image, QImage):
            painter.drawImage(thumb, image)
        else:
            painter.fillRect(thumb, QColor(tokens.base))
        if row.node.id in self.marks:
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(thumb.adjusted(-2, -2, 2, 2))
        self._draw_words(painter, place, index=index, left=thumb.right() + 8, tokens=tokens)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)  # that of the dot is still set
            painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.restore()

    def _draw_words(
        self, painter: QPainter, place: QRectF, *, index: Index, left: float, tokens: Tokens
    ) -> None:
        row: LineRow = index.data(LINE_ROLE)
        is_current, is_kept = bool(index.data(CURRENT_ROLE)), bool(index.data(KEPT_ROLE))
        width = place.right() - left - 10 - (22 if is_kept else 0)
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        said = say_change(
            index.data(CHANGE_ROLE), self.name_by_direction, units=self.unit_by_direction
        )
        elided = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, int(width))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, place.top() + 5, width, 18), flags, elided)
        font.setPixelSize(SECOND_PX)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text if is_current else tokens.second))
        when = say_ago(time.time() - row.node.made_at)
        if row.is_branch:
            when = f"{when} · {tr('branch')}"
        painter.drawText(QRectF(left, place.top() + 23, width, 16), flags, when)
        if is_kept:
            star = pixmap("keep-filled", size=16, colour=tokens.second, ratio=2.0)
            painter.drawPixmap(QPointF(place.right() - 26, place.top() + 15), star)


def _draw_lines(
    painter: QPainter, place: QRectF, *, row: LineRow, tokens: Tokens, is_current: bool
) -> None:
    """Draw the pieces of the tree's lines in one row, and its dot."""
    pen = QPen(QColor(tokens.disabled), 1.5)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    middle = place.center().y()

    def x_of(lane: int) -> float:
        return place.left() + _LEFT_PX + lane * _LANE_PX

    for lane in row.passing:
        painter.drawLine(QPointF(x_of(lane), place.top()), QPointF(x_of(lane), place.bottom() + 1))
    dot = QPointF(x_of(row.lane), middle)
    for lane in row.from_above:
        path = QPainterPath(QPointF(x_of(lane), place.top()))
        if lane == row.lane:
            path.lineTo(dot)
        else:
            path.cubicTo(QPointF(x_of(lane), middle), QPointF(x_of(lane), middle), dot)
        painter.drawPath(path)
    if row.goes_down:
        painter.drawLine(dot, QPointF(dot.x(), place.bottom() + 1))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.accent if is_current else tokens.second))
    radius = 4.5 if is_current else 3.0
    painter.drawEllipse(dot, radius, radius)


class HistoryPanel(QWidget):
    """Lists all states of the document; click or Enter goes to one, with Ctrl two are compared.

    Signals:
        compare_requested: Tuple of the ids of two states, the earlier one first; empty for none.
    """

    compare_requested = Signal(object)

    def __init__(
        self,
        document: Document,
        engine: EngineClient,
        *,
        sliders: DirectionDesk | None = None,
        home: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._sliders = sliders
        self._pictures = StatePictures(engine, size=_PICTURE_PX, home=home, parent=self)
        self.model = HistoryModel(document, self._pictures, parent=self)
        self._delegate = HistoryDelegate(self)
        self.view = HistoryView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(self._delegate)
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setAccessibleName(tr("History"))
        self.view.setToolTip(tr("Click goes there. Ctrl-click compares with the present picture."))
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._open_menu)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.view.clicked.connect(self._go)
        self.view.activated.connect(self._go)
        self.model.current_changed.connect(self._follow)
        if sliders is not None:
            sliders.changed.connect(self._on_sliders)
            self._on_sliders(None)
        self._follow(self.model.current_row)

    def finish(self) -> None:
        """Wait for pictures that are being stored; before the window closes."""
        self._pictures.finish()

    def set_kept(self, recipes: frozenset[Recipe]) -> None:
        """Mark the states whose pictures were kept."""
        self.model.set_kept(recipes)

    @property
    def words(self) -> tuple[dict[str, str], dict[str, float]]:
        """What each slider is called, and its unit, for telling what changed."""
        return self._delegate.name_by_direction, self._delegate.unit_by_direction

    def compare_with_present(self, node_id: int) -> None:
        """Choose a state to compare; a second one takes the place of the present one."""
        marks = self._delegate.marks
        if node_id in marks:
            marks.remove(node_id)
        else:
            marks[:] = [*marks[-1:], node_id]
        self._ask()

    def clear_marks(self) -> None:
        """Compare nothing any more."""
        self._delegate.marks.clear()
        self.view.viewport().update()

    def _ask(self) -> None:
        self.view.viewport().update()
        present = self._document.history.current
        nodes = list(self._delegate.marks)
        if len(nodes) == 1 and present is not None:
            nodes.append(present.id)
        is_pair = len(set(nodes)) == 2
        self.compare_requested.emit(tuple(sorted(nodes)) if is_pair else ())

    @Slot(QModelIndex)
    def _go(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        node_id = self.model.node_id(index.row())
        if QApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier:
            self.compare_with_present(node_id)
        else:
            self._document.jump(node_id)

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if not index.isValid():
            index = self.view.currentIndex()
        if not index.isValid():
            return
        node_id = self.model.node_id(index.row())
        node = self._document.history.node(node_id)
        menu = QMenu(self)
        menu.addAction(tr("Go there"), lambda: self._document.jump(node_id))
        menu.addAction(tr("Compare side by side"), lambda: self.compare_with_present(node_id))
        if node is not None:
            menu.addAction(
                tr("Take this as before"), lambda: self._document.set_reference(node.recipe)
            )
        menu.exec(self.view.viewport().mapToGlobal(place))
        menu.deleteLater()

    @Slot(int)
    def _follow(self, row: int) -> None:
        if row >= 0:
            index = self.model.index(row)
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)

    @Slot(object)
    def _on_sliders(self, _cause: object) -> None:
        assert self._sliders is not None
        names = self._sliders.names
        self._delegate.name_by_direction = {key: tr_sentence(name) for key, name in names.items()}
        self._delegate.unit_by_direction = {key: self._sliders.unit(key) for key in names}
        self.view.viewport().update()
