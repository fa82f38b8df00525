"""The history as a list model: newest first, thumbnails asked for when they are drawn."""

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

from studio.app.document import Document
from studio.app.small_pictures import SmallPictures
from studio.core.changes import Change, describe_change
from studio.core.history_lines import LineRow, list_lines
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
        self._row_by_recipe: dict[Recipe, list[int]] = {}
        self._kept: frozenset[Recipe] = frozenset()
        document.history_changed.connect(self._refresh)
        pictures.ready.connect(self._on_picture)
        self._refresh(None)

    @property
    def current_row(self) -> int:
        """Row of the present state, -1 for none."""
        current = self._document.history.current
        if current is None:
            return -1
        return next(i for i, row in enumerate(self._rows) if row.node.id == current.id)

    def node_id(self, row: int) -> int:
        """Give the id of a row's state."""
        return self._rows[row].node.id

    def set_kept(self, recipes: frozenset[Recipe]) -> None:
        """Mark the states whose pictures were kept."""
        if recipes != self._kept:
            self._kept = recipes
            self._tell_all([KEPT_ROLE])

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Give the number of states."""
        return 0 if parent.isValid() else len(self._rows)

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
            return row.node.recipe in self._kept
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pictures.request(row.node.recipe)
        return None

    def _change(self, row: LineRow) -> Change | None:
        history = self._document.history
        parent = history.node(row.node.parent) if row.node.parent is not None else None
        return describe_change(parent.recipe if parent else None, row.node.recipe)

    @Slot(object)
    def _refresh(self, _node: object) -> None:
        rows = list_lines(self._document.history)
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
        self._row_by_recipe = {}
        for place, row in enumerate(rows):
            self._row_by_recipe.setdefault(row.node.recipe, []).append(place)
        self._tell_all([])
        self.current_changed.emit(self.current_row)

    @Slot(object)
    def _on_picture(self, recipe: Recipe) -> None:
        for row in self._row_by_recipe.get(recipe, ()):
            index = self.index(row)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def _tell_all(self, roles: list[int]) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1), roles)


def _ids(rows: tuple[LineRow, ...]) -> list[int]:
    return [row.node.id for row in rows]
