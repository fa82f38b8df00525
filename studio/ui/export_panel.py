"""The Export panel: what becomes of the pictures, how, and where to."""

from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from studio.app.exporting import ExportPlan
from studio.app.preferences import ExportPreferences, Preferences
from studio.export.set_settings import SET_KINDS, SetKind, SetSettings
from studio.export.stills import StillSettings
from studio.library.kept import Kept
from studio.ui.author_form import AuthorForm
from studio.ui.elided_label import ElidedLabel
from studio.ui.export_foot import ExportFoot
from studio.ui.export_place import ExportPlace, default_folder, say_folder
from studio.ui.form_rows import choice, pick, section
from studio.ui.near_note import NearNote
from studio.ui.picture_label import PictureLabel
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.set_forms import SetForms
from studio.ui.set_preview import SetPreview
from studio.ui.still_form import StillForm
from studio.ui.swatch_row import SwatchRow
from studio.ui.texts import tr
from studio.ui.theme import mark

__all__ = ["ExportPanel", "default_folder", "say_folder"]


class ExportPanel(QWidget):
    """Asks for exports; what was chosen is remembered.

    Signals:
        export_requested: `ExportPlan` for what `show_subject` named.
        set_requested: `SetKind` to be made of it, as `set_settings` say.
        choice_changed: None; what becomes of the pictures, or how, was changed.
        source_chosen: Key of other pictures to export.
        template_edited: The template of names as it is typed.
        again_requested: As last time.
        copy_requested: Onto the clipboard.
        cancel_requested: Stop the export that is going on.
    """

    export_requested = Signal(object)
    set_requested = Signal(object)
    choice_changed = Signal()
    source_chosen = Signal(object)
    template_edited = Signal(str)
    again_requested = Signal()
    copy_requested = Signal()
    cancel_requested = Signal()

    def __init__(
        self,
        preferences: Preferences,
        *,
        has_subject: bool = True,
        near: NearNote | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Take what it shows and remembers.

        Args:
            preferences: What was chosen last time.
            has_subject: Whether the picture to export is shown here, too.
            near: What warns of near copies.
            parent: Its owner.
        """
        super().__init__(parent)
        self._preferences = preferences
        self.near, self._has_subject = near, has_subject
        self._num_pictures = 0
        self._is_showing = False
        self.subject = PictureLabel(120)
        self.subject.setVisible(has_subject)
        self.name = mark(ElidedLabel(), "title")
        self.name.setVisible(has_subject)
        self.source = QComboBox()
        self.source.setAccessibleName(tr("Which pictures"))
        self.source.setToolTip(tr("Which pictures"))
        self.source.hide()
        self.kinds = choice(tr("Export as"), _kinds(), changed=self._take)
        self.still_form = StillForm()
        self.set_forms = SetForms()
        self.preview = SetPreview()
        self.swatches = SwatchRow()
        self.author = AuthorForm()
        self.recipe = self.author.recipe
        self.place = ExportPlace()
        self.foot = ExportFoot()
        self.with_it = QVBoxLayout()  # what goes into the files: others add theirs
        self._lay_out()
        self._name_parts()
        self._connect()
        self._show_preferences(None)
        self.show_subject("")

    def _name_parts(self) -> None:
        """Give the parts of the parts their names here."""
        still, foot, place = self.still_form, self.foot, self.place
        self.kind, self.sizes, self.size_note = still.kind, still.sizes, still.note
        self.formats, self.bits = still.kind.formats, still.kind.bits
        self.quality, self.quality_box = still.quality, still.quality_box
        self.folder, self.choose, self.template = place.folder, place.choose, place.template
        self.progress, self.cancel, self.result = foot.progress, foot.cancel, foot.result
        self.export, self.copy, self.again = foot.export, foot.copy, foot.again
        self.send = foot.send
        self.show_result = foot.show_result
        self.show_progress = foot.show_progress

    def show_subject(
        self,
        name: str,
        *,
        image: QImage | None = None,
        items: tuple[Kept, ...] = (),
        count: int | None = None,
    ) -> None:
        """Show what would be exported.

        Args:
            name: For people.
            image: The picture, when it is one.
            items: Kept pictures; none for the one on the canvas.
            count: How many pictures, when they are neither.
        """
        self.name.set_full_text(name)
        self.subject.show_image(image)
        longer_px = tuple(max(kept.width, kept.height) for kept in items)
        if not items and image is not None:
            longer_px = (max(image.width(), image.height()),)
        self.still_form.show_sizes(longer_px, self._preferences.values.export)
        found = len(items) or (1 if name or image is not None else 0)
        self._num_pictures = found if count is None else count
        self.warn_of(items)

    def show_sources(self, sources: list[tuple[str, str]], chosen: str) -> None:
        """Offer other pictures: key and words of each; nothing to choose hides the box."""
        self.source.clear()
        for key, words in sources:
            self.source.addItem(words, key)
        pick(self.source, chosen)
        self.source.setVisible(len(sources) > 1)

    def warn_of(self, items: tuple[Kept, ...]) -> None:
        """Warn where one of these pictures is a near copy; it can be exported all the same."""
        if self.near is not None:
            self.near.show_items(items)
        self._show_kind()

    @property
    def set_kind(self) -> SetKind | None:
        """Which set is to be made, None for single pictures."""
        kind = self._preferences.values.export.kind
        return None if kind == "pictures" else kind

    @property
    def set_settings(self) -> SetSettings:
        """How sets are laid out."""
        return self._preferences.values.export.sets

    @property
    def plan(self) -> ExportPlan:
        """What is chosen now."""
        return _plan_of(self._preferences.values.export)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 2, 8)
        column.setSpacing(8)
        column.addWidget(self.subject)
        column.addWidget(self.name)
        if self.near is not None:
            column.addWidget(self.near)
        self.with_it.setSpacing(8)
        self.with_it.addWidget(section(tr("With it")))
        self.with_it.addWidget(self.author)
        parts: tuple[QWidget, ...] = (
            self.source, section(tr("Export as")), self.kinds, self.preview, self.swatches,
            self.still_form, self.set_forms,
        )  # fmt: skip
        for part in parts:
            column.addWidget(part)
        column.addLayout(self.with_it)
        column.addWidget(self.place)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(_scrolling(inside), 1)
        whole.addWidget(self.foot)

    def _connect(self) -> None:
        self._preferences.changed.connect(self._show_preferences)
        self.still_form.changed.connect(self._take)
        self.set_forms.changed.connect(self._take_sets)
        self.author.changed.connect(self._take)
        self.place.folder_chosen.connect(self._take_folder)
        self.place.template_given.connect(self._take_template)
        self.place.template_edited.connect(self.template_edited)
        self.source.activated.connect(self._on_source)
        self.export.clicked.connect(self._ask)
        self.again.clicked.connect(self.again_requested)
        self.copy.clicked.connect(self.copy_requested)
        self.cancel.clicked.connect(self.cancel_requested)

    def _change(self, **changes: object) -> None:
        chosen = msgspec.structs.replace(self._preferences.values.export, **changes)
        self._preferences.change(export=chosen)

    @Slot()
    def _take(self) -> None:
        if self._is_showing:
            return
        chosen = self.still_form.read(self._preferences.values.export)
        chosen = msgspec.structs.replace(self.author.read(chosen), kind=self.kinds.currentData())
        self._preferences.change(export=chosen)

    @Slot(object)
    def _take_sets(self, settings: SetSettings) -> None:
        self._change(sets=settings)

    @Slot(str)
    def _take_folder(self, folder: str) -> None:
        self._change(folder=folder)

    @Slot(str)
    def _take_template(self, template: str) -> None:
        template = template.strip()
        if self.set_kind is None:
            self._change(template=template or ExportPreferences().template)
        else:
            self._change(set_template=template or ExportPreferences().set_template)

    @Slot(int)
    def _on_source(self, place: int) -> None:
        self.source_chosen.emit(self.source.itemData(place))

    @Slot()
    def _ask(self) -> None:
        self.show_result("")
        if self.set_kind is None:
            self.export_requested.emit(self.plan)
        else:
            self.set_requested.emit(self.set_kind)

    @Slot(object)
    def _show_preferences(self, _values: object) -> None:
        chosen = self._preferences.values.export
        self._is_showing = True  # half of it shown must not be taken for a choice
        pick(self.kinds, chosen.kind)
        self.still_form.show_choice(chosen)
        self.set_forms.show_settings(chosen.sets)
        self.author.show_choice(chosen)
        self.place.show_folder(chosen.folder or default_folder())
        is_set = chosen.kind != "pictures"
        self.place.show_template(chosen.set_template if is_set else chosen.template)
        self._is_showing = False
        self._show_kind()
        self.choice_changed.emit()

    def _show_kind(self) -> None:
        """Show the form of what is chosen."""
        kind = self.set_kind
        # A pair of near copies, and a preview, show the picture already.
        has_pair = self.near is not None and not self.near.isHidden()
        has_one = self._num_pictures <= 1 and not has_pair
        self.subject.setVisible(self._has_subject and has_one and kind is None)
        self.still_form.setVisible(kind is None)
        self.set_forms.setVisible(kind is not None)
        self.preview.setVisible(kind not in (None, "palette"))
        self.swatches.setVisible(kind == "palette")
        if kind is not None:
            self.set_forms.show_kind(kind, num_pictures=self._num_pictures)
        self.copy.setVisible(kind is None)
        self.send.setVisible(kind is None)
        is_one = kind is None and self.plan.settings.is_one_file
        self.foot.show_count(self._num_pictures, is_set=kind is not None, is_one=is_one)


def _plan_of(chosen: ExportPreferences) -> ExportPlan:
    settings = StillSettings(
        format=chosen.format,
        bits=chosen.bits,
        quality=chosen.quality,
        size=chosen.size,
        is_power_of_two=chosen.is_power_of_two,
        in_one=chosen.in_one,
        with_recipe=chosen.with_recipe,
        author=chosen.author,
        is_signed=chosen.is_signed,
    )
    return ExportPlan(Path(chosen.folder or default_folder()), chosen.template, settings)


def _scrolling(inside: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setWidget(inside)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    keep_room(scroll)
    return scroll


def _kinds() -> list[tuple[str, object]]:
    words = {
        "sheet": tr("Contact sheet"),
        "sprites": tr("Sprite sheet"),
        "tiles": tr("Tile set"),
        "palette": tr("Palette"),
        "page": tr("Web page"),
    }
    return [(tr("Pictures"), "pictures"), *((words[kind], kind) for kind in SET_KINDS)]
