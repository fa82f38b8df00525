"""The named styles that come with the models, in one row above what was kept."""

from typing import Final

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDrag,
    QFont,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.app.item_models import ITEM_ROLE
from studio.app.style_shelf import Style, StyleListModel, StyleShelf
from studio.core.recipe import ZONES
from studio.ui.drag_types import MIME_STYLE
from studio.ui.icon_button import IconButton
from studio.ui.texts import tr
from studio.ui.theme import SECOND_PX, Tokens, readable_on, tokens_of
from studio.ui.tile_view import ghost_of
from studio.ui.zone_chips import ZONE_NAMES

_GAP_PX: Final = 6
_CAPTION_PX: Final = 20
_IS_FILLED: Final = "is_filled"  # a property of the field
_HEADING_PX: Final = 24
Index = QModelIndex | QPersistentModelIndex


class StylesRow(QWidget):
    """Shows styles side by side under the names of their models; a click opens, a drag takes along.

    Signals:
        open_requested: `Style` to put on the canvas.
        remove_requested: `Style` of the artist's own that is to go.
    """

    open_requested = Signal(object)
    remove_requested = Signal(object)

    def __init__(
        self,
        shelf: StyleShelf,
        *,
        tile_px: int,
        is_on_canvas: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Take the styles to show.

        Args:
            shelf: Where they come from.
            tile_px: About how large tiles are: as many as there is room for fill the width, so
                that they stand in one line with tiles below that are laid out alike.
            is_on_canvas: Whether it stands on the canvas's grey instead of a panel's.
            parent: Its owner.
        """
        super().__init__(parent)
        self._target_px = tile_px
        self.model = StyleListModel(shelf, parent=self)
        self.tiles = StyleTiles(self.model, tile_px=tile_px, is_on_canvas=is_on_canvas)
        self.headings = StyleHeadings(self.tiles, is_on_canvas=is_on_canvas)
        self.back = IconButton("chevron-left", tr("Styles before"), size=_HEADING_PX)
        self.on = IconButton("chevron-right", tr("More styles"), size=_HEADING_PX)
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.headings, 1)
        for button in (self.back, self.on):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys scroll the row itself
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.tiles)
        self.tiles.open_requested.connect(self.open_requested)
        self.tiles.remove_requested.connect(self.remove_requested)
        self.back.clicked.connect(lambda: self._turn(-1))
        self.on.clicked.connect(lambda: self._turn(1))
        bar = self.tiles.horizontalScrollBar()
        bar.rangeChanged.connect(self._on_scrolled)
        bar.valueChanged.connect(self._on_scrolled)
        for change in (self.model.modelReset, self.model.dataChanged):
            change.connect(self.headings.update)
        self._on_scrolled()

    def edit_name(self, key: str) -> None:
        """Let the artist write another name of a style of their own, where it stands."""
        for row, style in enumerate(self.model.styles):
            if style.key == key and self.isVisible():
                self.tiles.edit_name(self.model.index(row))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return self.model.rowCount() == 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the width with whole tiles."""
        super().resizeEvent(event)
        room = self.width() + _GAP_PX
        count = max(1, round(room / (self._target_px + _GAP_PX)))
        self.tiles.set_tile_px(room // count - _GAP_PX)

    def _turn(self, pages: int) -> None:
        bar = self.tiles.horizontalScrollBar()
        bar.setValue(bar.value() + pages * max(1, bar.pageStep() - self.tiles.tile_px))

    @Slot()
    def _on_scrolled(self) -> None:
        bar = self.tiles.horizontalScrollBar()
        for button in (self.back, self.on):
            button.setVisible(bar.maximum() > 0)
        self.back.setEnabled(bar.value() > 0)
        self.on.setEnabled(bar.value() < bar.maximum())
        self.headings.update()


class StyleTiles(QListView):
    """The tiles themselves.

    Signals:
        open_requested: `Style` that was clicked, or chosen with Enter.
        remove_requested: `Style` of the artist's own that is to go.
    """

    open_requested = Signal(object)
    remove_requested = Signal(object)

    def __init__(
        self,
        model: StyleListModel,
        *,
        tile_px: int,
        is_on_canvas: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.tile_px = tile_px
        self.setModel(model)
        self.setItemDelegate(_StyleDelegate(self, is_on_canvas=is_on_canvas))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setFixedHeight(tile_px + _CAPTION_PX)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setDragDropMode(QListView.DragDropMode.DragOnly)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)  # a click opens
        self.setAccessibleName(tr("Styles"))
        self.clicked.connect(self._open)
        self.activated.connect(self._open)

    def set_tile_px(self, tile_px: int) -> None:
        """Show larger or smaller tiles."""
        if tile_px != self.tile_px and tile_px > 0:
            self.tile_px = tile_px
            self.setFixedHeight(tile_px + _CAPTION_PX)
            self.scheduleDelayedItemsLayout()

    def edit_name(self, index: QModelIndex) -> None:
        """Open the field in place of the name."""
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.edit(index)
        field = self.findChild(QLineEdit)
        if field is not None:
            field.selectAll()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with a style."""
        is_by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if is_by_key else self.indexAt(event.pos())
        style = index.data(ITEM_ROLE)
        if not isinstance(style, Style):
            return
        menu = QMenu(self)
        menu.addAction(tr("Open"), lambda: self.open_requested.emit(style))
        if style.saved is not None:
            menu.addAction(tr("Rename"), lambda: self.edit_name(index))
            menu.addAction(tr("Remove"), lambda: self.remove_requested.emit(style))
        menu.exec(event.globalPos())
        menu.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes a style of the artist's own."""
        style = self.currentIndex().data(ITEM_ROLE)
        is_own = isinstance(style, Style) and style.saved is not None
        if event.key() == Qt.Key.Key_Delete and is_own:
            self.remove_requested.emit(style)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go sideways, and let the page scroll where there is nothing more."""
        bar = self.horizontalScrollBar()
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
        before = bar.value()
        bar.setValue(before - (delta.x() or delta.y()))
        event.setAccepted(bar.value() != before)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Take a style along: dropped on a zone it gives only that."""
        style = self.currentIndex().data(ITEM_ROLE)
        if not isinstance(style, Style):
            return
        drag = QDrag(self)
        mime = QMimeData()
        mime.setData(MIME_STYLE, style.key.encode("ascii"))
        image = self.currentIndex().data(Qt.ItemDataRole.DecorationRole)
        if isinstance(image, QImage):
            mime.setImageData(image)
            ghost = ghost_of(image)
            drag.setPixmap(ghost)
            drag.setHotSpot(QPoint(ghost.width() // 2, ghost.height() // 2))
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        style = index.data(ITEM_ROLE)
        if isinstance(style, Style):
            self.open_requested.emit(style)


class StyleHeadings(QWidget):
    """The names of the models, each over its own styles for as long as one of them is in sight."""

    def __init__(
        self, tiles: StyleTiles, *, is_on_canvas: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tiles, self._is_on_canvas = tiles, is_on_canvas
        self.setFixedHeight(_HEADING_PX)

    def places(self) -> list[tuple[str, int, QRect]]:
        """Give each heading, how many styles stand below it, and where it stands."""
        model = self._tiles.model()
        groups: list[tuple[str, int, QRect]] = []
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            style = index.data(ITEM_ROLE)
            area = self._tiles.visualRect(index).adjusted(0, 0, -_GAP_PX, 0)
            if not isinstance(style, Style):
                continue
            said = _heading_of(style)
            if groups and groups[-1][0] == said:
                name, count, before = groups[-1]
                groups[-1] = (name, count + 1, before.united(area))
            else:
                groups.append((said, 1, area))
        seen = []
        for place, (name, count, area) in enumerate(groups):
            left = max(0, area.left())
            is_last = place == len(groups) - 1
            right = self.width() if is_last else min(self.width(), area.right())
            if area.right() > 0 and left < right:
                seen.append((name, count, QRect(left, 0, right - left, _HEADING_PX)))
        return seen

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew."""
        super().resizeEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw them."""
        tokens = tokens_of(self.palette())
        ground = tokens.canvas if self._is_on_canvas else tokens.panel
        painter = QPainter(self)
        for name, count, area in self.places():
            _draw_heading(painter, area, words=(name, str(count)), inks=_inks(tokens, ground))


class _StyleDelegate(QStyledItemDelegate):
    def __init__(self, tiles: StyleTiles, *, is_on_canvas: bool) -> None:
        super().__init__(tiles)
        self._tiles, self._is_on_canvas = tiles, is_on_canvas

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(self._tiles.tile_px + _GAP_PX, self._tiles.tile_px + _CAPTION_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = tokens_of(option.palette)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        corner, side = option.rect.topLeft(), self._tiles.tile_px
        area = QRectF(corner.x(), corner.y(), side, side)
        image = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(image, QImage) and not image.isNull():
            painter.drawImage(area, image)
        else:
            painter.fillRect(area, QColor(tokens.base))
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if has_focus or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(QColor(tokens.accent if has_focus else tokens.handle), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        font = QFont(painter.font())
        font.setPixelSize(SECOND_PX)
        painter.setFont(font)
        ground = tokens.canvas if self._is_on_canvas else tokens.panel
        painter.setPen(QColor(_inks(tokens, ground)[1]))
        line = QRectF(area.left(), area.bottom(), side, _CAPTION_PX)
        style = index.data(ITEM_ROLE)
        said = say_style(style) if isinstance(style, Style) else ""
        name = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, side)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        # Qt asks again whenever anything of the tile changes; what is being typed stays.
        if editor.property(_IS_FILLED) is None:
            super().setEditorData(editor, index)
            editor.setProperty(_IS_FILLED, 1)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: Index
    ) -> None:
        corner, side = option.rect.topLeft(), self._tiles.tile_px
        high = editor.sizeHint().height()
        bottom = corner.y() + side + _CAPTION_PX
        editor.setGeometry(corner.x(), bottom - high, side, high)


def say_style(style: Style) -> str:
    """Give a style's name, and the zones that it is when it is only a part."""
    if style.zones == ZONES:
        return style.name
    zones = ", ".join(tr(ZONE_NAMES[zone]) for zone in style.zones)
    return f"{style.name} · {zones}"


def _heading_of(style: Style) -> str:
    if style.saved is not None:
        return tr("Yours")
    return tr("Styles of {model}", model=style.model_name)


def _inks(tokens: Tokens, ground: str) -> tuple[str, str]:
    """Give the colours of text and of secondary text on a ground."""
    return readable_on(ground, tokens.text), readable_on(ground, tokens.second, tokens.text)


def _draw_heading(
    painter: QPainter, area: QRect, *, words: tuple[str, str], inks: tuple[str, str]
) -> None:
    painter.save()
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    font = QFont(painter.font())
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(inks[0]))
    room = area.width() - 30
    name = painter.fontMetrics().elidedText(words[0], Qt.TextElideMode.ElideRight, room)
    wide = painter.fontMetrics().horizontalAdvance(name)
    painter.drawText(area, flags, name)
    font.setWeight(QFont.Weight.Normal)
    font.setPixelSize(SECOND_PX)
    painter.setFont(font)
    painter.setPen(QColor(inks[1]))
    painter.drawText(area.adjusted(wide + 8, 0, 0, 0), flags, words[1])
    painter.restore()
