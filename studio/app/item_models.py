"""List models of kept pictures and of installed models; thumbnails only for what is drawn."""

import datetime
from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Slot,
)
from PySide6.QtGui import QImage

from studio.app.gallery_desk import GalleryDesk
from studio.app.thumbnails import Thumbnails
from studio.library.kept import Kept
from studio.library.model_library import BrokenModel, InstalledModel

ITEM_ROLE: Final = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


Kind = Literal["all", "today", "starred", "trash"]


class GalleryFilter(msgspec.Struct, frozen=True):
    """Which kept pictures are shown.

    Attributes:
        search: Words that must all be in name, tags, seeds or model.
        kind: All, those kept today, those with a star, or the bin.
        tag: Only with this tag, "" for no matter.
    """

    search: str = ""
    kind: Kind = "all"
    tag: str = ""


class Section(msgspec.Struct, frozen=True):
    """A run of rows of one day. `day` is its ordinal in the proleptic calendar."""

    day: int
    first: int
    count: int


class GalleryModel(QAbstractListModel):
    """Kept pictures, newest first. `ITEM_ROLE` gives the `Kept`, decoration a QImage or None."""

    def __init__(self, desk: GalleryDesk, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self._filter = GalleryFilter()
        self._items: tuple[Kept, ...] = ()
        # Counted from the oldest, so that one more picture in front moves none of them.
        self._place_by_id: dict[str, int] = {}
        self._sections: tuple[Section, ...] = ()
        desk.changed.connect(self._refresh)
        desk.thumbnails.ready.connect(self._on_thumbnails)
        self._refresh(None)

    @property
    def filter(self) -> GalleryFilter:
        """Which pictures are shown."""
        return self._filter

    @property
    def sections(self) -> tuple[Section, ...]:
        """The rows grouped by day."""
        return self._sections

    def set_filter(self, wanted: GalleryFilter) -> None:
        """Show other pictures."""
        if wanted != self._filter:
            self._filter = wanted
            self._refresh(None)

    def item(self, row: int) -> Kept:
        """Give the picture of a row."""
        return self._items[row]

    def row_of(self, kept_id: str) -> int:
        """Give the row of a picture, -1 when it is not shown."""
        place = self._place_by_id.get(kept_id)
        return -1 if place is None else len(self._items) - 1 - place

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Give the number of pictures."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give what a tile shows."""
        if not index.isValid() or index.row() >= len(self._items):
            return None
        kept = self._items[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self.desk.thumbnail(kept)
        if role == ITEM_ROLE:
            return kept
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return kept.name
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every picture can be chosen and dragged."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flag = Qt.ItemFlag
        return (
            flag.ItemIsEnabled
            | flag.ItemIsSelectable
            | flag.ItemIsDragEnabled
            | flag.ItemNeverHasChildren
        )

    @Slot(object)
    def _refresh(self, _cause: object) -> None:
        items = _find(self.desk, self._filter)
        if items == self._items:
            return
        num_new = len(items) - len(self._items)
        if num_new > 0 and items[num_new:] == self._items:  # the usual: one more was kept
            self.beginInsertRows(QModelIndex(), 0, num_new - 1)
            self._take_new(items, num_new)
            self.endInsertRows()
            return
        self._replace(items)

    def _replace(self, items: tuple[Kept, ...]) -> None:
        old_ids = [kept.id for kept in self._items]
        ids = [kept.id for kept in items]
        num_new = len(ids) - len(old_ids)
        if ids == old_ids:
            self._take(items)
            self.dataChanged.emit(self.index(0), self.index(len(items) - 1), [])
        elif num_new > 0 and ids[num_new:] == old_ids:
            self.beginInsertRows(QModelIndex(), 0, num_new - 1)
            self._take(items)
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._take(items)
            self.endResetModel()

    def _take(self, items: tuple[Kept, ...]) -> None:
        self._items = items
        self._place_by_id = {kept.id: place for place, kept in enumerate(reversed(items))}
        self._sections = _group(items)

    def _take_new(self, items: tuple[Kept, ...], num_new: int) -> None:
        """Take pictures whose first `num_new` are new and whose rest is shown already."""
        num_old = len(self._items)
        self._items = items
        for number, kept in enumerate(reversed(items[:num_new])):
            self._place_by_id[kept.id] = num_old + number
        old = tuple(
            msgspec.structs.replace(section, first=section.first + num_new)
            for section in self._sections
        )
        self._sections = _joined(_group(items[:num_new]), old)

    @Slot(object)
    def _on_thumbnails(self, keys: frozenset[str]) -> None:
        for key in keys:
            row = self.row_of(key)
            if row >= 0:
                index = self.index(row)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


class ModelListModel(QAbstractListModel):
    """Installed models, broken ones too. `ITEM_ROLE` gives the model, decoration its sheet."""

    def __init__(
        self, thumbnails: Thumbnails | None = None, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails or Thumbnails(self)
        self._models: tuple[InstalledModel | BrokenModel, ...] = ()
        self._cut_by_key: dict[str, QImage] = {}
        self._thumbnails.ready.connect(self._on_thumbnails)

    @property
    def models(self) -> tuple[InstalledModel | BrokenModel, ...]:
        """The models shown."""
        return self._models

    def set_models(self, models: Sequence[InstalledModel | BrokenModel]) -> None:
        """Show other models; those that cannot be used stand last."""
        ordered = tuple(sorted(models, key=lambda model: isinstance(model, BrokenModel)))
        if ordered != self._models:
            self.beginResetModel()
            self._models = ordered
            self._cut_by_key.clear()
            self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Give the number of models."""
        return 0 if parent.isValid() else len(self._models)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give what a card shows."""
        if not index.isValid() or index.row() >= len(self._models):
            return None
        model = self._models[index.row()]
        if role == ITEM_ROLE:
            return model
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return model.card.name if isinstance(model, InstalledModel) else model.folder.name
        if role == Qt.ItemDataRole.DecorationRole and isinstance(model, InstalledModel):
            return self._sheet(model)
        return None

    def _sheet(self, model: InstalledModel) -> QImage | None:
        """Give four pictures of the contact sheet: more are too small to tell anything."""
        key = f"model:{model.folder}"
        image = self._thumbnails.request(key, lambda: model.preview_path)
        if image is None or image.isNull():
            return image
        if key not in self._cut_by_key:
            side = min(2 * model.card.resolution, image.width(), image.height())
            self._cut_by_key[key] = image.copy(QRect(0, 0, side, side))
        return self._cut_by_key[key]

    @Slot(object)
    def _on_thumbnails(self, keys: frozenset[str]) -> None:
        for row, model in enumerate(self._models):
            if f"model:{model.folder}" in keys:
                index = self.index(row)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


def _find(desk: GalleryDesk, wanted: GalleryFilter) -> tuple[Kept, ...]:
    items = desk.items(
        wanted.search,
        starred_only=wanted.kind == "starred",
        in_trash=wanted.kind == "trash",
    )
    if wanted.kind != "trash":
        items = desk.on_board(items)
    if wanted.kind == "today":
        today = datetime.date.today().toordinal()  # noqa: DTZ011 - the artist's own day
        items = tuple(kept for kept in items if _day(kept) == today)
    if wanted.tag:
        items = tuple(kept for kept in items if wanted.tag in kept.tags)
    return items


def _day(kept: Kept) -> int:
    return datetime.date.fromtimestamp(kept.kept_at).toordinal()  # noqa: DTZ012 - the artist's own day


def _joined(new: tuple[Section, ...], old: tuple[Section, ...]) -> tuple[Section, ...]:
    """Give sections one after the other, those of one day where they meet as one."""
    if not new or not old or new[-1].day != old[0].day:
        return new + old
    met = msgspec.structs.replace(new[-1], count=new[-1].count + old[0].count)
    return (*new[:-1], met, *old[1:])


def _group(items: tuple[Kept, ...]) -> tuple[Section, ...]:
    sections: list[Section] = []
    for row, kept in enumerate(items):
        day = _day(kept)
        if sections and sections[-1].day == day:
            sections[-1] = msgspec.structs.replace(sections[-1], count=sections[-1].count + 1)
        else:
            sections.append(Section(day, row, 1))
    return tuple(sections)
