"""The made pictures that are nearest to training pictures, each beside the one it is nearest to."""

from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.app.item_models import ITEM_ROLE
from studio.app.snapshot_desk import SnapshotDesk
from studio.core.snapshot import NearCopy, Snapshot
from studio.ui.icons import paint_icon
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.score_words import say_number
from studio.ui.texts import tr
from studio.ui.theme import SECOND_PX, readable_on, tokens_of

_TARGET_PX: Final = 290  # about as wide as two pictures that can still be compared
_BESIDE_PX: Final = 20
_BELOW_PX: Final = 56
Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


class PairModel(QAbstractListModel):
    """The pairs of one snapshot, nearest first. `ITEM_ROLE` gives the `NearCopy`."""

    def __init__(self, desk: SnapshotDesk, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._snapshot: Snapshot | None = None
        desk.pictures_ready.connect(self._on_pictures)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show the pairs of another snapshot."""
        if snapshot != self._snapshot:
            self.beginResetModel()
            self._snapshot = snapshot
            self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Give the number of pairs."""
        is_none = parent.isValid() or self._snapshot is None
        return 0 if is_none or self._snapshot is None else len(self._snapshot.nearest)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give what a pair shows; its pictures are a tuple of two, None until they are loaded."""
        if not index.isValid() or self._snapshot is None or index.row() >= self.rowCount():
            return None
        pair = self._snapshot.nearest[index.row()]
        if role == ITEM_ROLE:
            return pair
        if role == Qt.ItemDataRole.DecorationRole:
            return self._desk.pair(self._snapshot, index.row())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{say_pair(pair)} {pair.file}"
        return pair.file if role == Qt.ItemDataRole.DisplayRole else None

    @Slot(object)
    def _on_pictures(self, _cause: object) -> None:
        if self.rowCount():
            role = Qt.ItemDataRole.DecorationRole
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1), [role])


def say_pair(pair: NearCopy) -> str:
    """Give the word about a pair."""
    if pair.is_copy:
        return tr("Near copy")
    return tr("{distance} away", distance=say_number(pair.distance))


class PairDelegate(QStyledItemDelegate):
    """Draws one pair: the made picture, the training picture, a word and its file."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Give the size of every pair: whole columns fill the width of the list."""
        view = option.widget
        room = view.viewport().width() if isinstance(view, QListView) else _TARGET_PX
        wide = (room - 4) // max(1, round(room / _TARGET_PX))
        return QSize(wide, (wide - _BESIDE_PX - 4) // 2 + _BELOW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw it."""
        pair = index.data(ITEM_ROLE)
        if not isinstance(pair, NearCopy):
            return
        tokens = tokens_of(option.palette)
        second = readable_on(tokens.canvas, tokens.second, tokens.text)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        corner = option.rect.topLeft()
        side = option.rect.height() - _BELOW_PX
        pictures = index.data(Qt.ItemDataRole.DecorationRole)
        for place in range(2):
            area = QRect(corner.x() + place * (side + 4), corner.y() + 2, side, side)
            if isinstance(pictures, tuple):
                painter.drawImage(area, pictures[place])
            else:
                painter.fillRect(area, QColor(tokens.base))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(tokens.accent))
            painter.drawRect(QRectF(corner.x(), corner.y() + 2, 2 * side + 4, side))
        line = QRectF(corner.x(), corner.y() + side + 6, 2 * side + 4, 18)
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold if pair.is_copy else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(readable_on(tokens.canvas, tokens.text)))
        left = 0.0
        if pair.is_copy:
            sign = QRectF(line.left(), line.top() + 1, 16, 16)
            paint_icon(painter, sign, name="warning", colour=tokens.warn)
            left = 22.0
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line.adjusted(left, 0, 0, 0), flags, say_pair(pair))
        font.setWeight(QFont.Weight.Normal)
        font.setPixelSize(SECOND_PX)
        painter.setFont(font)
        painter.setPen(QColor(second))
        name = painter.fontMetrics().elidedText(
            pair.file, Qt.TextElideMode.ElideMiddle, int(line.width())
        )
        painter.drawText(line.translated(0, 17), flags, name)
        painter.restore()


class PairList(QListView):
    """Shows all pairs of a snapshot, as many beside each other as there is room for."""

    def __init__(self, desk: SnapshotDesk, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pairs = PairModel(desk, parent=self)
        self.setModel(self.pairs)
        self.setItemDelegate(PairDelegate(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_room(self)
        self.setAccessibleName(tr("Made pictures beside the training pictures they are closest to"))
