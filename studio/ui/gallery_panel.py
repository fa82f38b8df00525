"""The Styles dock: the models' styles, kept pictures and models at hand while exploring."""

from typing import Literal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.app.gallery_desk import GalleryDesk
from studio.app.item_models import GalleryFilter, GalleryModel, ModelListModel
from studio.app.style_shelf import StyleShelf
from studio.ui.board_box import BoardBox
from studio.ui.board_menu import say_nothing
from studio.ui.empty_state import EmptyState
from studio.ui.icon_button import IconButton
from studio.ui.kept_actions import KeptActions
from studio.ui.model_cards import ModelCards
from studio.ui.quiet_scroll_bar import add_beside_bar
from studio.ui.search_field import SearchField
from studio.ui.segments import Segments
from studio.ui.styles_row import StylesRow
from studio.ui.texts import tr
from studio.ui.theme import mark
from studio.ui.tile_view import TileView

_TILE_PX = 76
_MAX_TAGS = 12


class GalleryPanel(QWidget):
    """Shows kept pictures and models; a click restores.

    Signals:
        open_requested: `Kept` to restore.
        open_style_requested: `Style` to put on the canvas.
        open_model_requested: Folder of the model.
        details_requested: `InstalledModel` whose card is to be shown.
        export_requested: Tuple of `Kept`.
    """

    open_requested = Signal(object)
    open_style_requested = Signal(object)
    open_model_requested = Signal(object)
    details_requested = Signal(object)
    export_requested = Signal(object)

    def __init__(
        self,
        desk: GalleryDesk,
        models: ModelListModel,
        *,
        styles: StyleShelf,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self.model = GalleryModel(desk, parent=self)
        self.search = SearchField(tr("Search pictures, tags, seeds"))
        self.segments = Segments(
            (("pictures", tr("Pictures")), ("models", tr("Models"))), name=tr("What is shown")
        )
        self.star = IconButton("star", tr("Starred only"), checkable=True)
        self.boards = BoardBox(desk.boards)
        self.tags = TagChips()
        self.styles = StylesRow(styles, tile_px=_TILE_PX)
        self.tiles = TileView(name=tr("Kept pictures"), target_px=_TILE_PX, has_captions=False)
        self.tiles.opens_on_click = True
        self.tiles.setModel(self.model)
        self.cards = ModelCards(models, is_row=False)
        self.empty = EmptyState()
        self.actions_on_kept = KeptActions(desk, self.tiles, parent=self)
        self._pages = QStackedWidget()
        for page in (self.tiles, self.empty, self.cards):
            self._pages.addWidget(page)
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.segments)
        head.addStretch(1)
        head.addWidget(self.star)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 2, 8)  # the scroll bar's 10 px make up the rest
        column.setSpacing(8)
        for item in (self.search, head, self.boards, self.tags, self.styles):
            add_beside_bar(column, item, room_px=10)
        column.addWidget(self._pages, 1)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.star.toggled.connect(self._filter)
        self.tags.tag_changed.connect(self._filter)
        self.segments.current_changed.connect(self._show)
        self.actions_on_kept.open_requested.connect(self.open_requested)
        self.actions_on_kept.export_requested.connect(self.export_requested)
        self.cards.open_requested.connect(self.open_model_requested)
        self.cards.details_requested.connect(self.details_requested)
        self.styles.open_requested.connect(self.open_style_requested)
        for change in (self.model.modelReset, self.model.rowsInserted, self.model.rowsRemoved):
            change.connect(self._show)
        self.styles.model.modelReset.connect(self._show)
        self._desk.changed.connect(self._show)

    @Slot()
    def _filter(self) -> None:
        is_starred = self.star.isChecked()
        self.star.set_icon_name("star-filled" if is_starred else "star")
        kind: Literal["starred", "all"] = "starred" if is_starred else "all"
        self.model.set_filter(GalleryFilter(self.search.text(), kind, self.tags.tag))
        self.styles.model.set_search(self.search.text())
        self._show()

    @Slot()
    def _show(self) -> None:
        counts = self._desk.counts()
        self.tags.show_tags([tag for tag, _ in counts.by_tag][:_MAX_TAGS])
        is_models = self.segments.current == "models"
        self.tags.setVisible(not is_models and bool(counts.by_tag))
        is_narrowed = self.star.isChecked() or bool(self.tags.tag)
        self.styles.setVisible(not (is_models or is_narrowed or self.styles.is_empty))
        self.star.setEnabled(not is_models)
        self.search.setEnabled(not is_models)
        if is_models:
            self._pages.setCurrentWidget(self.cards)
        elif self.model.rowCount():
            self._pages.setCurrentWidget(self.tiles)
        else:
            nothing = say_nothing(self._desk)
            self.empty.say(tr("No picture fits.") if counts.total else nothing)
            self._pages.setCurrentWidget(self.empty)


class TagChips(QScrollArea):
    """Tags in one line; one of them, or none, is chosen.

    Signals:
        tag_changed: The chosen tag, "" for none.
    """

    tag_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tags: list[str] = []
        self._tag = ""
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        inside = QWidget()
        self._line = QHBoxLayout(inside)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(6)
        self._line.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFixedHeight(28)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @property
    def tag(self) -> str:
        """The chosen tag, "" for none."""
        return self._tag

    def show_tags(self, tags: list[str]) -> None:
        """Show other tags."""
        if tags == self._tags:
            return
        self._tags = list(tags)
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._line.removeWidget(button)
            button.deleteLater()
        for place, tag in enumerate(self._tags):
            chip = mark(QPushButton(tag), "chip")
            chip.setCheckable(True)
            chip.setChecked(tag == self._tag)
            chip.clicked.connect(self._on_clicked)
            self._group.addButton(chip)
            self._line.insertWidget(place, chip)
        if self._tag not in self._tags:
            self._choose("")

    @Slot()
    def _on_clicked(self) -> None:
        sender = self.sender()
        assert isinstance(sender, QPushButton)
        for button in self._group.buttons():
            if button is not sender:
                button.setChecked(False)
        self._choose(sender.text() if sender.isChecked() else "")

    def _choose(self, tag: str) -> None:
        if tag != self._tag:
            self._tag = tag
            self.tag_changed.emit(tag)
