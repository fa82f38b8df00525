"""Pictures of a folder as tiles that are taken in or left out with a click or the space bar."""

from typing import Final

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.app.file_list_model import ITEM_ROLE, FileItem, FileListModel
from studio.ui.icons import paint_icon
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.texts import tr, tr_sentence
from studio.ui.theme import SECOND_PX, Tokens, readable_on, tokens_of

_TILE: Final = QSize(148, 164)
_PICTURE_PX: Final = 112
_SIGN_PX: Final = 16
_OUT_OPACITY: Final = 0.35

Index = QModelIndex | QPersistentModelIndex


class FileTileDelegate(QStyledItemDelegate):
    """Draws one file."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Give the one size of all tiles."""
        return _TILE

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the picture, a sign for in or out, the name and the reason."""
        item = index.data(ITEM_ROLE)
        if not isinstance(item, FileItem):
            return
        tokens = tokens_of(option.palette)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        tile = QRectF(option.rect).adjusted(4, 4, -4, -4)
        room = QRectF(tile.left(), tile.top(), tile.width(), _PICTURE_PX)
        image = index.data(Qt.ItemDataRole.DecorationRole)
        painter.setOpacity(1.0 if item.is_used else _OUT_OPACITY)
        place = self._draw_picture(painter, room, image=image, tokens=tokens)
        painter.setOpacity(1.0)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(-2, -2, 2, 2), 3, 3)
        self._draw_sign(painter, place, is_used=item.is_used)
        colour = readable_on(tokens.canvas, tokens.second, tokens.text)
        self._draw_words(painter, tile, item=item, colour=colour)
        painter.restore()

    def _draw_picture(
        self, painter: QPainter, room: QRectF, *, image: object, tokens: Tokens
    ) -> QRectF:
        if isinstance(image, QImage) and not image.isNull():
            size = image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(0, 0, size.width(), size.height())
            place.moveCenter(room.center())
            painter.drawImage(place, image)
            return place
        place = QRectF(0, 0, _PICTURE_PX * 0.8, _PICTURE_PX * 0.8)
        place.moveCenter(room.center())
        painter.fillRect(place, QColor(tokens.base))
        sign = QRectF(place.center().x() - 10, place.center().y() - 10, 20, 20)
        paint_icon(painter, sign, name="image", colour=tokens.disabled)
        return place

    def _draw_sign(self, painter: QPainter, place: QRectF, *, is_used: bool) -> None:
        ground = QRectF(place.right() - 24, place.top() + 4, 20, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 160))
        painter.drawRoundedRect(ground, 4, 4)
        name = "check" if is_used else "close"
        sign = ground.adjusted(2, 2, -2, -2)
        paint_icon(painter, sign, name=name, colour="#ffffff" if is_used else "#bbbbbb")

    def _draw_words(self, painter: QPainter, tile: QRectF, *, item: FileItem, colour: str) -> None:
        font = painter.font()
        font.setPixelSize(SECOND_PX)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        name = item.file.file.rpartition("/")[2]
        lines = (name, tr_sentence(item.file.reason) if item.file.reason else "")
        for number, text in enumerate(lines):
            place = QRectF(
                tile.left(), tile.top() + _PICTURE_PX + 4 + 17 * number, tile.width(), 16
            )
            cut = painter.fontMetrics().elidedText(
                text, Qt.TextElideMode.ElideRight, int(place.width())
            )
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, cut)


class FileGrid(QListView):
    """Shows a `FileListModel`.

    Signals:
        use_changed: (files, is_used) that the artist wants.
    """

    use_changed = Signal(object)

    def __init__(self, model: FileListModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files = model
        self.setModel(model)
        self.setItemDelegate(FileTileDelegate(self))
        # Not the icon mode, which keeps a tree of all tiles: 0.4 s for a hundred thousand.
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setGridSize(_TILE)
        # A hundred thousand tiles at once would stop the window for seconds.
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(2000)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Pictures of the folder"))
        self.setToolTip(
            tr("Click a picture’s sign, or press Space, to take it in or leave it out.")
        )
        keep_room(self)

    @property
    def chosen(self) -> tuple[FileItem, ...]:
        """The chosen files."""
        parts = self.selectionModel().selection().toList()
        rows = {row for part in parts for row in range(part.top(), part.bottom() + 1)}
        return tuple(self._files.item(row) for row in sorted(rows))

    def sign_rect(self, row: int) -> QRect:
        """Give where the sign of a tile can be pressed, in the viewport."""
        tile = self.visualRect(self._files.index(row))
        return QRect(tile.right() - 52, tile.top() + 4, 48, 40)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on a tile's sign takes it in or leaves it out; elsewhere it chooses."""
        index = self.indexAt(event.position().toPoint())
        item = index.data(ITEM_ROLE)
        is_on_sign = self.sign_rect(index.row()).contains(event.position().toPoint())
        is_left = event.button() == Qt.MouseButton.LeftButton
        if isinstance(item, FileItem) and item.can_be_used and is_left and is_on_sign:
            self.use_changed.emit(((item.file,), not item.is_used))
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space takes the chosen ones in, or leaves them out when all are in."""
        if event.key() != Qt.Key.Key_Space:
            super().keyPressEvent(event)
            return
        items = [item for item in self.chosen if item.can_be_used]
        if items:
            is_used = not all(item.is_used for item in items)
            self.use_changed.emit((tuple(item.file for item in items), is_used))
