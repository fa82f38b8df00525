"""A grid of picture tiles over a list model, with a heading over each day; what Qt asks of a view."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
)
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QWidget

from studio.app.item_models import ITEM_ROLE, GalleryModel, Section
from studio.library.kept import Kept
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.theme import tokens_of
from studio.ui.tile_layout import TileLayout
from studio.ui.tile_paint import TileState, draw_heading, draw_tile

Index = QModelIndex | QPersistentModelIndex
SayDay = Callable[[int], str]
_CAPTION_PX: Final = 22
_HEADING_PX: Final = 34
_Action = QAbstractItemView.CursorAction


class TileGrid(QAbstractItemView):
    """Shows a `GalleryModel` as tiles that can be chosen.

    Args:
        name: For screen readers.
        target_px: About how large tiles are; they fill the width.
        gap_px: Between tiles.
        margin_px: Around all of them.
        has_captions: Whether names stand below.
        say_day: Gives the words of a day's heading; None shows one grid without headings.
        parent: Its owner.
    """

    def __init__(
        self,
        *,
        name: str,
        target_px: int = 128,
        gap_px: int = 6,
        margin_px: int = 0,
        has_captions: bool = True,
        say_day: SayDay | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._target_px, self._gap_px, self._margin_px = target_px, gap_px, margin_px
        self._has_captions = has_captions
        self._say_day = say_day
        self._hovered = -1
        self._layout = self._make_layout()
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_room(self)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    @property
    def tile_px(self) -> int:
        """Side of a tile."""
        return self._layout.tile_px

    @property
    def chosen(self) -> tuple[Kept, ...]:
        """The chosen pictures in their order."""
        selection = self.selectionModel()
        chosen = selection.selectedIndexes() if selection is not None else []
        rows = sorted(index.row() for index in chosen)
        return tuple(self._kept(row) for row in rows)

    def set_target_px(self, target_px: int) -> None:
        """Show larger or smaller tiles."""
        if target_px != self._target_px:
            self._target_px = target_px
            self._relayout()

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model."""
        super().setModel(model)
        if model is not None:
            model.modelReset.connect(self._relayout)
            model.rowsInserted.connect(self._relayout)
            model.rowsRemoved.connect(self._relayout)
        self._relayout()

    def visualRect(self, index: Index) -> QRect:
        """Give the place of a tile in the viewport."""
        place = self._layout.rect(index.row()) if index.isValid() else QRect()
        return place if place.isNull() else place.translated(self._origin())

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Give the tile at a point of the viewport."""
        row = self._layout.row_at(point - self._origin())
        model = self.model()
        return model.index(row, 0) if model is not None and row >= 0 else QModelIndex()

    def scrollTo(
        self, index: Index, _hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:  # fmt: skip
        """Bring a tile into view."""
        place, room = self.visualRect(index), self.viewport().height()
        bar = self.verticalScrollBar()
        if place.isNull():
            return
        if place.top() < 0:
            bar.setValue(bar.value() + place.top() - _HEADING_PX)
        elif place.bottom() > room:
            bar.setValue(bar.value() + place.bottom() - room + self._gap_px)

    def horizontalOffset(self) -> int:
        """Nothing scrolls sideways."""
        return 0

    def verticalOffset(self) -> int:
        """Give how far it is scrolled."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, _index: Index) -> bool:
        """Nothing is hidden."""
        return False

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Give the tile that a key goes to."""
        model = self.model()
        count = self._layout.num_tiles
        if model is None or count == 0:
            return QModelIndex()
        row = max(0, self.currentIndex().row())
        page = max(1, self.viewport().height() // (self.tile_px + self._gap_px))
        if action in (_Action.MoveUp, _Action.MovePageUp):
            row = self._layout.above(row, 1 if action == _Action.MoveUp else page)
        elif action in (_Action.MoveDown, _Action.MovePageDown):
            row = self._layout.above(row, -1 if action == _Action.MoveDown else -page)
        elif action in (_Action.MoveLeft, _Action.MovePrevious):
            row -= 1
        elif action in (_Action.MoveRight, _Action.MoveNext):
            row += 1
        elif action == _Action.MoveHome:
            row = 0
        elif action == _Action.MoveEnd:
            row = count - 1
        return model.index(min(max(row, 0), count - 1), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Choose what a rubber band touches, or the run between two tiles."""
        model, selection = self.model(), self.selectionModel()
        chosen = QItemSelection()
        if self.state() == QAbstractItemView.State.DragSelectingState:
            area = rect.normalized().translated(-self._origin())
            for row in self._layout.rows_inside(area):
                chosen.select(model.index(row, 0), model.index(row, 0))
        else:
            ends = [self.indexAt(point) for point in (rect.topLeft(), rect.bottomRight())]
            rows = sorted(index.row() for index in ends if index.isValid())
            if rows:
                chosen.select(model.index(rows[0], 0), model.index(rows[-1], 0))
        selection.select(chosen, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Give what to paint again when tiles are chosen."""
        region = QRegion()
        for index in selection.indexes():
            region += QRegion(self.visualRect(index))
        return region

    def updateGeometries(self) -> None:  # noqa: N802 - Qt's name
        """Keep the scroll bar's range."""
        bar = self.verticalScrollBar()
        bar.setRange(
            0, max(0, self._layout.height + self._margin_px * 2 - self.viewport().height())
        )
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(48)
        super().updateGeometries()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the tiles out anew."""
        super().resizeEvent(event)
        self._relayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the headings and tiles that can be seen."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self.viewport())
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        origin = self._origin()
        seen = event.rect().translated(-origin)
        if self._say_day is not None:
            for section, place in self._layout.headings():
                if place.intersects(seen):
                    words = (self._say_day(section.day), str(section.count))
                    draw_heading(painter, place.translated(origin), words=words, tokens=tokens)
        for row in self._layout.rows_between(seen.top(), seen.bottom()):
            draw_tile(
                painter,
                self._layout.rect(row).translated(origin),
                state=self._state(row),
                tokens=tokens,
            )

    def _state(self, row: int) -> TileState:
        model = self.model()
        assert model is not None
        index = model.index(row, 0)
        kept = self._kept(row)
        selection = self.selectionModel()
        image = index.data(Qt.ItemDataRole.DecorationRole)
        state = TileState()
        state.name, state.is_starred = kept.name, kept.starred
        state.image = image if isinstance(image, QImage) else None
        state.is_selected = selection is not None and selection.isSelected(index)
        state.is_current = self.hasFocus() and index == self.currentIndex()
        state.is_hovered = row == self._hovered
        state.has_caption = self._has_captions
        state.is_in_trash = isinstance(model, GalleryModel) and model.filter.kind == "trash"
        return state

    def _kept(self, row: int) -> Kept:
        model = self.model()
        kept = model.index(row, 0).data(ITEM_ROLE) if model is not None else None
        assert isinstance(kept, Kept)
        return kept

    def _origin(self) -> QPoint:
        return QPoint(self._margin_px, self._margin_px - self.verticalOffset())

    def _make_layout(self) -> TileLayout:
        model = self.model()
        sections: tuple[Section, ...] = ()
        if isinstance(model, GalleryModel):
            count = model.rowCount()
            one = (Section(0, 0, count),) if count else ()
            sections = model.sections if self._say_day is not None else one
        return TileLayout(
            self.viewport().width() - 2 * self._margin_px,
            sections,
            target_px=self._target_px,
            gap_px=self._gap_px,
            caption_px=_CAPTION_PX if self._has_captions else 0,
            heading_px=_HEADING_PX if self._say_day is not None else 0,
        )

    def _relayout(self) -> None:
        self._layout = self._make_layout()
        self.updateGeometries()
        self.viewport().update()
