"""The history as a list model: newest first, thumbnails asked for when they are drawn."""

import bisect
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage

from studio.app.document import Document
from studio.app.small_pictures import SmallPictures
from studio.core.changes import Change, describe_change
from studio.core.history import Node
from studio.core.history_lines import LineRow, add_line, list_lines
from studio.core.recipe import Recipe

LINE_ROLE: Final = Qt.ItemDataRole.UserRole + 1
CHANGE_ROLE: Final = Qt.ItemDataRole.UserRole + 2
CURRENT_ROLE: Final = Qt.ItemDataRole.UserRole + 3
KEPT_ROLE: Final = Qt.ItemDataRole.UserRole + 4

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


class HistoryModel(QAbstractListModel):
    """Rows of `LineRow` for the history of a document.

    Roles: `LINE_ROLE` the row, `CHANGE_ROLE` the `Change` from the state before, `CURRENT_ROLE`
    whether it is the present one, `KEPT_ROLE` whether its picture was kept; decoration a QImage.

    Signals:
        current_changed: Row of the present state, -1 for none.
    """

    current_changed = Signal(int)

    def __init__(
        self, document: Document, pictures: SmallPictures, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._pictures = pictures
        self._rows: tuple[LineRow, ...] = ()
        self._ids_by_recipe: dict[Recipe, list[int]] = {}
        self._kept: frozenset[Recipe] = frozenset()
        self._painted_picture: Callable[[str], QImage | None] | None = None
        document.history_changed.connect(self._refresh)
        pictures.ready.connect(self._on_picture)
        self._refresh(None)

    @property
    def current_row(self) -> int:
        """Row of the present state, -1 for none."""
        current = self._document.history.current
        if current is None:
            return -1
        return self._row_of(current.id)

    def node_id(self, row: int) -> int:
        """Give the id of a row's state."""
        return self._rows[row].node.id

    def take_painted_pictures(self, find: Callable[[str], QImage | None]) -> None:
        """Show what came back from other programs: `find` gives a thumbnail by a kept picture's id."""
        self._painted_picture = find
        self.refresh_painted()

    def refresh_painted(self) -> None:
        """Draw anew the states that came back from other programs."""
        for place, row in enumerate(self._rows):
            if row.node.painted is not None:
                index = self.index(place)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def set_kept(self, recipes: frozenset[Recipe]) -> None:
        """Mark the states whose pictures were kept."""
        if recipes != self._kept:
            self._kept = recipes
            self._tell_all([KEPT_ROLE])

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Give the number of states."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every state can be chosen and dragged."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give what a row shows."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == LINE_ROLE:
            return row
        if role == CHANGE_ROLE:
            return self._change(row)
        if role == CURRENT_ROLE:
            current = self._document.history.current
            return current is not None and current.id == row.node.id
        if role == KEPT_ROLE:
            return row.node.painted is not None or row.node.recipe in self._kept
        if role == Qt.ItemDataRole.DecorationRole:
            if row.node.painted is not None and self._painted_picture is not None:
                return self._painted_picture(row.node.painted.kept)
            return self._pictures.request(row.node.recipe)
        return None

    def _change(self, row: LineRow) -> Change | None:
        history = self._document.history
        if row.node.painted is not None:
            return Change("painted", row.node.painted.program)
        if row.node.made_from:
            return Change("bred", value=len(row.node.made_from))
        parent = history.node(row.node.parent) if row.node.parent is not None else None
        if parent is not None and parent.painted is not None and parent.recipe == row.node.recipe:
            return Change("bare")
        return describe_change(parent.recipe if parent else None, row.node.recipe)

    @Slot(object)
    def _refresh(self, _node: object) -> None:
        history = self._document.history
        newest = history.nodes[-1] if history.nodes else None
        rows = self._next_rows(newest)
        if rows is None:
            rows = list_lines(history)
            self._ids_by_recipe = {}
            for row in rows:
                self._ids_by_recipe.setdefault(row.node.recipe, []).append(row.node.id)
        elif rows is not self._rows and newest is not None:
            self._ids_by_recipe.setdefault(newest.recipe, []).append(newest.id)
        num_new = len(rows) - len(self._rows)
        is_longer = num_new > 0 and _ids(rows[num_new:]) == _ids(self._rows)
        if is_longer:
            self.beginInsertRows(QModelIndex(), 0, num_new - 1)
            self._rows = rows
            self.endInsertRows()
        elif _ids(rows) == _ids(self._rows):
            self._rows = rows
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        self._tell_all([])
        self.current_changed.emit(self.current_row)

    @Slot(object)
    def _on_picture(self, recipe: Recipe) -> None:
        for node_id in self._ids_by_recipe.get(recipe, ()):
            index = self.index(self._row_of(node_id))
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def _next_rows(self, newest: Node | None) -> tuple[LineRow, ...] | None:
        """Give the rows without finding all lanes anew, None where that must be done.

        A step on from the newest state, and a move along the leftmost line, change no lane: a
        long session must not make each step slower.
        """
        history = self._document.history
        current = history.current
        num_new = len(history.nodes) - len(self._rows)
        if current is None or newest is None or not self._rows or len(history.children(None)) > 1:
            return None
        if num_new == 1 and newest.id == current.id:
            return add_line(self._rows, newest)
        row = self._row_of(current.id)
        is_there = num_new == 0 and self._rows[0].node.id == newest.id and row >= 0
        return self._rows if is_there and self._rows[row].lane == 0 else None

    def _row_of(self, node_id: int) -> int:
        """Give the row of a state, -1 when there is none; rows fall by id."""
        row = bisect.bisect_left(self._rows, -node_id, key=lambda one: -one.node.id)
        is_there = row < len(self._rows) and self._rows[row].node.id == node_id
        return row if is_there else -1

    def _tell_all(self, roles: list[int]) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1), roles)


def _ids(rows: tuple[LineRow, ...]) -> list[int]:
    return [row.node.id for row in rows]
