"""The gallery: home, with everything kept, models to start from, and what is chosen."""

import datetime
from typing import Final

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.app.gallery_desk import GalleryDesk
from studio.app.item_models import GalleryFilter, GalleryModel, ModelListModel
from studio.app.preferences import Preferences
from studio.app.style_shelf import StyleShelf
from studio.library.kept import Kept
from studio.library.model_library import InstalledModel
from studio.ui.board_menu import say_nothing
from studio.ui.board_section import BoardSection
from studio.ui.elided_label import name_label
from studio.ui.empty_state import EmptyState
from studio.ui.export_panel import ExportPanel
from studio.ui.family_facts import FamilyFacts
from studio.ui.kept_actions import KeptActions
from studio.ui.kept_facts import KeptFacts
from studio.ui.library_list import LibraryList
from studio.ui.model_cards import ModelCards
from studio.ui.model_facts import ModelFacts
from studio.ui.near_note import NearNote
from studio.ui.quiet_scroll_bar import add_beside_bar
from studio.ui.search_field import SearchField
from studio.ui.segments import Segments
from studio.ui.styles_row import StylesRow
from studio.ui.texts import tr, tr_plural
from studio.ui.theme import mark, tokens_of
from studio.ui.tile_view import TileView

_TARGETS: Final = {"small": 96, "medium": 136, "large": 208}
_LEFT_PX: Final = 212
_RIGHT_PX: Final = 320
_SIDE_ABOVE_PX: Final = 900  # narrower, the tiles need the room of the side panel
_LOW_PX: Final = 520
_STYLES_ABOVE_PX: Final = 600  # lower, kept pictures need the room of the styles
_STYLE_PX: Final = 84


class GalleryPage(QWidget):
    """Shows all kept pictures, grouped by day.

    Signals:
        open_requested: `Kept` to restore.
        open_style_requested: `Style` to put on the canvas.
        open_recipe_requested: `Recipe` of a parent to put on the canvas.
        open_model_requested: Folder of a model to start from.
        new_requested: A new picture, from the empty page.
        selection_edited: Tuple of the chosen `Kept`.
    """

    open_requested = Signal(object)
    open_style_requested = Signal(object)
    open_recipe_requested = Signal(object)
    open_model_requested = Signal(object)
    new_requested = Signal()
    selection_edited = Signal(object)

    def __init__(
        self,
        desk: GalleryDesk,
        models: ModelListModel,
        *,
        preferences: Preferences,
        styles: StyleShelf,
        near: NearNote | None = None,
        family: FamilyFacts | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._models = models
        self._preferences = preferences
        self.model = GalleryModel(desk, parent=self)
        self.library = LibraryList()
        self.boards = BoardSection(desk.boards)
        self.library.add_section(self.boards)
        self.search = SearchField(tr("Search pictures, tags, seeds"))
        self.sizes = Segments(
            (("small", tr("Small")), ("medium", tr("Medium")), ("large", tr("Large"))),
            name=tr("Size of the tiles"),
        )
        self.cards = ModelCards(models, is_row=True)
        self.styles = StylesRow(styles, tile_px=_STYLE_PX, is_on_canvas=True)
        self._num_models = mark(QLabel(), "sentence-second")
        self.tiles = TileView(name=tr("Kept pictures"), say_day=say_day)
        self.tiles.setModel(self.model)
        self.empty = EmptyState("", tr("New picture"), is_on_canvas=True)
        self.facts = KeptFacts(desk, family=family)
        self.model_facts = ModelFacts(models)
        self._hint = mark(
            QLabel(tr("Choose pictures to see what they are and to export them.")), "second"
        )
        self.export_panel = ExportPanel(preferences, has_subject=False, near=near)
        self.actions_on_kept = KeptActions(desk, self.tiles, parent=self)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.tiles)
        self._pages.addWidget(self.empty)
        self._lay_out()
        self._connect()
        self._show()
        self.model_facts.show_model(None)
        self._on_selection(())

    @property
    def chosen(self) -> tuple[Kept, ...]:
        """The chosen pictures."""
        return self.tiles.chosen

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the neutral ground that pictures are judged against."""
        QPainter(self).fillRect(self.rect(), QColor(tokens_of(self.palette()).canvas))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the tiles the room where there is little."""
        super().resizeEvent(event)
        self._side.setVisible(self.width() >= _SIDE_ABOVE_PX)
        self._show_start()

    def _lay_out(self) -> None:
        self.library.setFixedWidth(_LEFT_PX)
        head = QHBoxLayout()
        self.search.setMaximumWidth(320)
        head.addWidget(self.search, 1)
        head.addStretch(1)
        head.addWidget(self.sizes)
        self._start = QWidget()
        start = QVBoxLayout(self._start)
        start.setContentsMargins(0, 8, 0, 0)
        start.setSpacing(6)
        words = QHBoxLayout()
        words.addWidget(mark(name_label(QLabel(tr("Start from"))), "sentence-second"))
        words.addWidget(self._num_models)
        words.addStretch(1)
        start.addLayout(words)
        start.addWidget(self.cards)
        middle = QVBoxLayout()
        middle.setContentsMargins(20, 10, 2, 0)
        middle.setSpacing(4)
        for item in (head, self._start, self.styles):
            add_beside_bar(middle, item, room_px=14)
        middle.addWidget(self._pages, 1)
        self._side = self._make_side()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.library)
        row.addLayout(middle, 1)
        row.addWidget(self._side)

    def _make_side(self) -> QWidget:
        panel = mark(QWidget(), "panel")
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        panel.setFixedWidth(_RIGHT_PX)
        side = QVBoxLayout(panel)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        self._hint.setContentsMargins(12, 16, 12, 8)
        self._hint.setWordWrap(True)
        side.addWidget(self._hint)
        side.addWidget(self.facts)
        side.addWidget(self.export_panel, 1)
        side.addWidget(self.model_facts, 1)
        return panel

    def _connect(self) -> None:
        if self.facts.family is not None:
            self.facts.family.kept_requested.connect(self.open_requested)
            self.facts.family.recipe_requested.connect(self.open_recipe_requested)
        self.library.filter_chosen.connect(self._on_filter)
        self.search.textChanged.connect(self._on_search)
        self.sizes.current_changed.connect(self._on_size)
        self._preferences.changed.connect(self._on_preferences)
        self.cards.open_requested.connect(self.open_model_requested)
        self.cards.details_requested.connect(self.show_model)
        self.model_facts.open_requested.connect(self.open_model_requested)
        self.model_facts.close_requested.connect(self._close_model)
        self.styles.open_requested.connect(self.open_style_requested)
        self.styles.model.modelReset.connect(self._show)
        self.empty.pressed.connect(self.new_requested)
        self.actions_on_kept.open_requested.connect(self.open_requested)
        self.actions_on_kept.export_requested.connect(self._on_export)
        self.tiles.selection_edited.connect(self._on_selection)
        self._desk.changed.connect(self._show)
        self._models.modelReset.connect(self._show)
        for change in (self.model.modelReset, self.model.rowsInserted):
            change.connect(self._show)
        self._on_preferences(None)

    @Slot()
    def _show(self) -> None:
        counts = self._desk.counts()
        self.library.show_counts(counts)
        num_models = self._models.rowCount()
        self._num_models.setText(tr_plural("{n} model", "{n} models", n=num_models))
        self._show_start()
        self._on_selection(self.tiles.chosen)
        if self.model.rowCount():
            self._pages.setCurrentWidget(self.tiles)
            return
        is_all = self.model.filter == GalleryFilter()
        is_bin = self.model.filter.kind == "trash"
        self.empty.button.setVisible(is_all)
        nothing = say_nothing(self._desk)
        self.empty.say(
            nothing if is_all else tr("The bin is empty.") if is_bin else tr("No picture fits.")
        )
        self._pages.setCurrentWidget(self.empty)

    def _show_start(self) -> None:
        has_room = self.height() >= _LOW_PX
        self._start.setVisible(has_room and self._models.rowCount() > 0)
        wanted = self.model.filter
        is_narrowed = wanted.kind != "all" or bool(wanted.tag)
        is_low = self.height() < _STYLES_ABOVE_PX
        self.styles.setVisible(not (is_narrowed or is_low or self.styles.is_empty))

    @Slot(object)
    def show_model(self, model: InstalledModel) -> None:
        """Show a model's card at the side, until pictures are chosen."""
        self.model_facts.show_model(model)
        self._show_side()

    @Slot()
    def _close_model(self) -> None:
        self.model_facts.show_model(None)
        self._show_side()

    def _show_side(self) -> None:
        is_model = not self.model_facts.isHidden()
        items = self.tiles.chosen
        self.facts.setVisible(bool(items) and not is_model)
        self._hint.setVisible(not items and not is_model)
        self.export_panel.setVisible(not is_model)

    @Slot(object)
    def _on_filter(self, wanted: GalleryFilter) -> None:
        self.model.set_filter(msgspec.structs.replace(wanted, search=self.search.text()))
        self._show()

    @Slot(str)
    def _on_search(self, text: str) -> None:
        self.styles.model.set_search(text)
        self.model.set_filter(msgspec.structs.replace(self.model.filter, search=text))
        self._show()

    @Slot(object)
    def _on_size(self, size: str) -> None:
        self._preferences.change(tile_size=size)

    @Slot(object)
    def _on_preferences(self, _values: object) -> None:
        size = self._preferences.values.tile_size
        self.sizes.set_current(size)
        self.tiles.set_target_px(_TARGETS[size])

    @Slot(object)
    def _on_selection(self, items: tuple[Kept, ...]) -> None:
        self.facts.show_items(items)
        if items:
            self.model_facts.show_model(None)
        self._show_side()
        name = items[0].name if items else ""
        self.export_panel.show_subject(name, items=items)
        self.selection_edited.emit(items)

    @Slot(object)
    def _on_export(self, _items: tuple[Kept, ...]) -> None:
        self.export_panel.export.setFocus(Qt.FocusReason.OtherFocusReason)


def say_day(day: int) -> str:
    """Give the words for a day: today, yesterday, or its date."""
    today = datetime.date.today().toordinal()  # noqa: DTZ011 - the artist's own day
    if day == today:
        return tr("Today")
    if day == today - 1:
        return tr("Yesterday")
    return datetime.date.fromordinal(day).isoformat()
