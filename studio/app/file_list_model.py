"""The files of an artist's folder as a list, each with its thumbnail and whether it is used."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Slot,
)
from PySide6.QtGui import QImage

from studio.app.thumbnails import Thumbnails
from studio.core.errors import StorageError
from studio.core.folder_report import FileReport, FolderChoices, is_used

ITEM_ROLE: Final = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


class FileItem(msgspec.Struct, frozen=True):
    """A file, whether it is used now, and whether it can be."""

    file: FileReport
    is_used: bool
    can_be_used: bool


class FileListModel(QAbstractListModel):
    """`ITEM_ROLE` gives the `FileItem`; decoration its thumbnail, None until it is loaded."""

    def __init__(self, thumbnails: Thumbnails, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._run: Path | None = None
        self._files: tuple[FileReport, ...] = ()
        self._choices = FolderChoices()
        self._row_by_key: dict[str, int] = {}  # of those whose thumbnail was asked for
        thumbnails.ready.connect(self._on_thumbnails)

    @property
    def files(self) -> tuple[FileReport, ...]:
        """The files shown."""
        return self._files

    def show_files(
        self, run: Path | None, files: Sequence[FileReport], *, choices: FolderChoices
    ) -> None:
        """Show other files, or the same ones under other choices."""
        if run == self._run and files is self._files:
            if choices != self._choices:
                self._choices = choices
                if self._files:
                    self.dataChanged.emit(self.index(0), self.index(len(self._files) - 1), [])
            return
        self.beginResetModel()
        self._run, self._files, self._choices = run, tuple(files), choices
        self._row_by_key.clear()
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Give the number of files."""
        return 0 if parent.isValid() else len(self._files)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give what a tile shows."""
        if not index.isValid() or index.row() >= len(self._files):
            return None
        file = self._files[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            self._row_by_key[_key(self._run, file)] = index.row()
            return self.thumbnail(file)
        if role == ITEM_ROLE:
            return self.item(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return file.file
        return None

    def item(self, row: int) -> FileItem:
        """Give the file of a row with what is decided about it."""
        file = self._files[row]
        can_be_used = file.finding not in ("damaged", "refused")
        return FileItem(file, is_used(file, self._choices), can_be_used)

    def thumbnail(self, file: FileReport) -> QImage | None:
        """Give a file's small picture; None until it is loaded, or when it has none."""
        run = self._run
        if file.thumbnail is None or run is None:
            return None
        path = run / file.thumbnail
        return self._thumbnails.request(_key(run, file), lambda: _inside(run, path))

    @Slot(object)
    def _on_thumbnails(self, keys: frozenset[str]) -> None:
        for key in keys:
            row = self._row_by_key.get(key)
            if row is not None:
                index = self.index(row)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


def _key(run: Path | None, file: FileReport) -> str:
    return f"{run}/{file.thumbnail}"


def _inside(run: Path, path: Path) -> Path:
    """Give the path, unless the report (a file that anybody may have changed) leads elsewhere."""
    if not path.resolve().is_relative_to(run.resolve()):
        raise StorageError("A thumbnail lies outside of its folder.", "Look at the folder again.")
    return path
