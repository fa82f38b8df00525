"""The named styles of all installed models, with their pictures; the open model's come first."""

import logging
from pathlib import Path
from typing import Final

import msgspec
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

from studio.app.background import Background
from studio.app.engine_client import EngineClient, OpenedModel
from studio.app.item_models import ITEM_ROLE, ModelListModel
from studio.app.saved_styles import SavedStyles
from studio.app.small_pictures import SmallPictures
from studio.app.snapshot_desk import cut_tile
from studio.app.thumbnails import Thumbnails
from studio.core.errors import ModelError, StudioError
from studio.core.named_style import (
    STYLES_COLUMNS,
    STYLES_SHEET_FILE,
    STYLES_TILE_PX,
    SavedStyle,
)
from studio.core.recipe import ZONES, Recipe, Zone
from studio.library.model_library import InstalledModel
from studio.library.model_styles import read_styles

_log: Final = logging.getLogger(__name__)
Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()


class Style(msgspec.Struct, frozen=True):
    """A named style of an installed model, or one of the artist's own.

    Attributes:
        name: What it is called.
        recipe: The picture that shows it.
        model_name: Its model, for people.
        folder: Folder of the model.
        place: Which one of the model's it is.
        saved: The artist's own style that it is, None for a model's.
    """

    name: str
    recipe: Recipe
    model_name: str
    folder: Path
    place: int
    saved: SavedStyle | None = None

    @property
    def key(self) -> str:
        """What a drag carries to name it."""
        if self.saved is not None:
            return f"saved/{self.saved.id}"
        return f"{self.recipe.model}/{self.place}"

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones that are the style; all three for a whole picture."""
        return self.saved.zones if self.saved is not None else ZONES


class StyleShelf(QObject):
    """Reads the styles of models in the background and gives their pictures.

    A picture comes from the sheet beside the styles; where that is missing it is rendered, once the
    model is open.

    Signals:
        changed: None; there are other styles, or another model's come first.
        pictures_ready: None; pictures that were asked for have come.
    """

    changed = Signal(object)
    pictures_ready = Signal(object)

    def __init__(
        self,
        engine: EngineClient,
        models: ModelListModel,
        *,
        thumbnails: Thumbnails,
        saved: SavedStyles | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.saved = saved
        self._rendered = SmallPictures(engine, "style", size=STYLES_TILE_PX, parent=self)
        self._worker = Background(self)
        self._models = models
        self._read: tuple[InstalledModel, ...] = ()
        self._styles: tuple[Style, ...] = ()
        self._open_model = engine.opened.card.model if engine.opened else ""
        thumbnails.ready.connect(self._on_thumbnails)
        models.modelReset.connect(self._on_models)
        self._rendered.ready.connect(self.pictures_ready)
        if saved is not None:
            saved.changed.connect(self.changed)
        engine.model_opened.connect(self._on_opened)
        self._on_models()

    @property
    def styles(self) -> tuple[Style, ...]:
        """All styles; those of the open model first, the artist's own before the model's."""
        own = tuple(_own(style) for style in (self.saved.styles if self.saved else ()))
        is_other = [style.recipe.model != self._open_model for style in own]
        mine = [style for style, other in zip(own, is_other, strict=True) if not other]
        theirs = sorted(self._styles, key=lambda one: one.recipe.model != self._open_model)
        return (*mine, *theirs, *(s for s, other in zip(own, is_other, strict=True) if other))

    def find(self, key: str) -> Style | None:
        """Give the style that a drag names, None when it has gone."""
        return next((style for style in self.styles if style.key == key), None)

    def image(self, style: Style) -> QImage | None:
        """Give the picture of a style, None until it has come."""
        if style.saved is not None and self.saved is not None:
            place = self.saved.thumbnail_path(style.saved)
            own = self._thumbnails.request(f"styles:{style.key}", lambda: _existing(place))
            is_there = own is not None and not own.isNull()
            return own if is_there or own is None else self._rendered.request(style.recipe)
        path = style.folder / STYLES_SHEET_FILE
        sheet = self._thumbnails.request(f"styles:{style.folder}", lambda: _existing(path))
        if sheet is None:
            return None
        tile = None if sheet.isNull() else cut_tile(sheet, style.place, columns=STYLES_COLUMNS)
        return tile or self._rendered.request(style.recipe)

    def finish(self) -> None:
        """Wait for what is being read or written; before the window closes."""
        if self.saved is not None:
            self.saved.finish()
        self._worker.finish()

    @Slot()
    def _on_models(self) -> None:
        usable = tuple(one for one in self._models.models if isinstance(one, InstalledModel))
        if usable != self._read:
            self._read = usable
            self._worker.run(lambda: _read_all(usable), self._take, failed=_note)

    def _take(self, styles: tuple[Style, ...]) -> None:
        if styles != self._styles:
            self._styles = styles
            self.changed.emit(None)

    @Slot(object)
    def _on_opened(self, opened: OpenedModel) -> None:
        if opened.card.model != self._open_model:
            self._open_model = opened.card.model
            self.changed.emit(None)
        self.pictures_ready.emit(None)  # what has no sheet can be rendered now

    @Slot(object)
    def _on_thumbnails(self, keys: frozenset[str]) -> None:
        if any(key.startswith("styles:") for key in keys):
            self.pictures_ready.emit(None)


class StyleListModel(QAbstractListModel):
    """The styles whose name holds some words. `ITEM_ROLE` gives the `Style`, decoration its picture."""

    def __init__(self, shelf: StyleShelf, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._search = ""
        self._styles = shelf.styles
        shelf.changed.connect(self._refresh)
        shelf.pictures_ready.connect(self._on_pictures)

    @property
    def styles(self) -> tuple[Style, ...]:
        """The styles shown."""
        return self._styles

    def set_search(self, text: str) -> None:
        """Show only styles with all these words in their name or their model's."""
        if text != self._search:
            self._search = text
            self._refresh(None)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Give the number of styles."""
        return 0 if parent.isValid() else len(self._styles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give what a tile shows."""
        if not index.isValid() or index.row() >= len(self._styles):
            return None
        style = self._styles[index.row()]
        if role == ITEM_ROLE:
            return style
        if role == Qt.ItemDataRole.DecorationRole:
            return self._shelf.image(style)
        if role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.EditRole,
        ):
            return style.name
        return f"{style.name} – {style.model_name}" if role == Qt.ItemDataRole.ToolTipRole else None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename a style of the artist's own."""
        saved = self._styles[index.row()].saved if index.isValid() else None
        if saved is None or self._shelf.saved is None or role != Qt.ItemDataRole.EditRole:
            return False
        self._shelf.saved.rename(saved, str(value))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every style can be opened and dragged, the artist's own can be renamed."""
        flag = Qt.ItemFlag
        usable = flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsDragEnabled
        if index.isValid() and self._styles[index.row()].saved is not None:
            usable |= flag.ItemIsEditable
        return usable | flag.ItemNeverHasChildren if index.isValid() else flag.NoItemFlags

    @Slot(object)
    def _refresh(self, _cause: object) -> None:
        words = self._search.casefold().split()
        styles = tuple(
            style
            for style in self._shelf.styles
            if all(word in f"{style.name}\n{style.model_name}".casefold() for word in words)
        )
        if styles != self._styles:
            self.beginResetModel()
            self._styles = styles
            self.endResetModel()

    @Slot(object)
    def _on_pictures(self, _cause: object) -> None:
        if self._styles:
            role = Qt.ItemDataRole.DecorationRole
            self.dataChanged.emit(self.index(0), self.index(len(self._styles) - 1), [role])


def _read_all(models: tuple[InstalledModel, ...]) -> tuple[Style, ...]:
    found: list[Style] = []
    for model in models:
        try:
            styles = read_styles(model.folder, model.card)
        except ModelError as error:  # the model can be used without its styles
            _log.warning("%s", error.what)
            continue
        found += [
            Style(style.name, style.recipe, model.card.name, model.folder, place)
            for place, style in enumerate(styles)
        ]
    return tuple(found)


def _own(saved: SavedStyle) -> Style:
    return Style(saved.name, saved.recipe, saved.model_name, Path(), 0, saved)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ModelError(f"“{path.name}” is missing.", "Its pictures are rendered instead.")
    return path


def _note(error: StudioError) -> None:
    _log.warning("styles were not read: %s", error.what)
