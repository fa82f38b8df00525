"""The Export panel: format, size, what goes in, where to."""

from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.app.exporting import ExportPlan, ExportProgress
from studio.app.preferences import ExportPreferences, Preferences
from studio.export.stills import DEEP_FORMATS, StillSettings
from studio.library.kept import Kept
from studio.ui.elided_label import ElidedLabel
from studio.ui.fine_slider import FineSlider
from studio.ui.format_choice import FormatChoice
from studio.ui.icons import icon
from studio.ui.near_note import NearNote
from studio.ui.number_box import NumberBox
from studio.ui.picture_label import PictureLabel
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.segments import Segments
from studio.ui.size_note import SizeNote
from studio.ui.texts import tr, tr_plural
from studio.ui.theme import mark

_SIZES: Final = (512, 1024, 2048)


class ExportPanel(QWidget):
    """Asks for exports; what was chosen is remembered.

    Signals:
        export_requested: `ExportPlan` for what `show_subject` named.
        again_requested: As last time.
        copy_requested: Onto the clipboard.
        cancel_requested: Stop the export that is going on.
    """

    export_requested = Signal(object)
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
        self.name = ElidedLabel()
        self.name.setVisible(has_subject)
        mark(self.name, "title")
        self.kind = FormatChoice()
        self.formats, self.bits = self.kind.formats, self.kind.bits
        sizes = (("own", tr("As made")), *((str(size), str(size)) for size in _SIZES))
        self.sizes = Segments(sizes, name=tr("Size"))
        self.size_note = SizeNote()
        self._longer_px: tuple[int, ...] = ()
        self.quality = FineSlider(1, 100, name=tr("Quality"), step=1)
        self.quality_box = NumberBox(1, 100, name=tr("Quality"), decimals=0)
        self.recipe = QCheckBox(tr("Recipe, so it can be made again"))
        self.folder = ElidedLabel()
        self.choose = QPushButton(tr("Choose…"))
        self.choose.setAccessibleName(tr("Choose the folder"))
        self.template = QLineEdit()
        self.template.setAccessibleName(tr("File name"))
        self.template.setToolTip(
            tr("{fields} are filled in", fields="{name} {seed} {model} {date} {n}")
        )
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.cancel = QPushButton(tr("Cancel"))
        self.result = QLabel()
        self.result.setWordWrap(True)
        self.export = mark(QPushButton(), "main")
        self.copy = QPushButton(tr("Copy"))
        self.send = QPushButton(tr("Send to…"))
        self.again = mark(QPushButton(tr("As last time")), "flat")
        self._lay_out()
        self._connect()
        self._show_preferences(None)
        self.show_progress(None)
        self.show_subject("")

    def show_subject(
        self, name: str, *, image: QImage | None = None, items: tuple[Kept, ...] = ()
    ) -> None:
        """Show what would be exported: kept pictures, or the one on the canvas (`items` empty)."""
        self.name.set_full_text(name)
        self.subject.show_image(image)
        self.warn_of(items)
        self._longer_px = tuple(max(kept.width, kept.height) for kept in items)
        if not items and image is not None:
            self._longer_px = (max(image.width(), image.height()),)
        self.size_note.show_sizes(self._longer_px, self._preferences.values.export.size)
        self._num_pictures = len(items) or (1 if name or image is not None else 0)
        files = tr_plural("Export {n} file", "Export {n} files", n=max(1, self._num_pictures))
        self.export.setText(tr("Export") if self._num_pictures <= 1 else files)
        for button in (self.export, self.copy, self.send, self.again):
            button.setEnabled(self._num_pictures > 0)

    def warn_of(self, items: tuple[Kept, ...]) -> None:
        """Warn where one of these pictures is a near copy; it can be exported all the same."""
        if self.near is not None:
            self.near.show_items(items)
            # The pair shows the picture already.
            self.subject.setVisible(self._has_subject and self.near.isHidden())

    def show_progress(self, progress: ExportProgress | None) -> None:
        """Show how far an export is, None when none is going on."""
        for widget in (self.progress, self.cancel):
            widget.setVisible(progress is not None)
        self.export.setEnabled(progress is None and self._num_pictures > 0)
        if progress is not None:
            self.progress.setRange(0, 100 * max(1, progress.total))
            self.progress.setValue(round(100 * (progress.done + progress.share)))
            self.result.hide()

    def show_result(self, sentence: str, is_error: bool = False) -> None:
        """Show how the last export went, "" for nothing."""
        self.result.setText(sentence)
        self.result.setVisible(bool(sentence))
        mark(self.result, "error" if is_error else "second")

    @property
    def plan(self) -> ExportPlan:
        """What is chosen now."""
        chosen = self._preferences.values.export
        settings = StillSettings(
            format=chosen.format,
            bits=chosen.bits,
            quality=chosen.quality,
            size=chosen.size,
            with_recipe=chosen.with_recipe,
        )
        return ExportPlan(Path(chosen.folder or default_folder()), chosen.template, settings)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 2, 8)
        column.setSpacing(8)
        column.addWidget(self.subject)
        column.addWidget(self.name)
        if self.near is not None:
            column.addWidget(self.near)
        column.addWidget(mark(QLabel(tr("Format")), "second"))
        column.addWidget(self.kind)
        wide = mark(QLabel(tr("Size, longer side in pixels")), "second")
        for widget in (wide, self.sizes, self.size_note):
            column.addWidget(widget)
        self._quality_row = QWidget()
        _fill_row(self._quality_row, QLabel(tr("Quality")), self.quality, self.quality_box)
        column.addWidget(self._quality_row)
        colour = QWidget()
        said = mark(QLabel(tr("sRGB, profile embedded")), "second")
        said.setAlignment(Qt.AlignmentFlag.AlignRight)
        _fill_row(colour, QLabel(tr("Colour")), said)
        column.addWidget(colour)
        column.addWidget(mark(QLabel(tr("With it")), "second"))
        column.addWidget(self.recipe)
        column.addWidget(mark(QLabel(tr("Folder")), "second"))
        where = QWidget()
        _fill_row(where, self.folder, self.choose)
        column.addWidget(where)
        column.addWidget(mark(QLabel(tr("File name")), "second"))
        column.addWidget(self.template)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_room(scroll)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll, 1)
        whole.addLayout(self._make_foot())

    def _make_foot(self) -> QVBoxLayout:
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 4, 12, 12)
        foot.setSpacing(6)
        going = QWidget()
        _fill_row(going, self.progress, self.cancel)
        foot.addWidget(going)
        foot.addWidget(self.result)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self.copy.setIcon(icon("copy", self.palette(), size=18))
        buttons.addWidget(self.copy, 1)
        buttons.addWidget(self.send, 1)
        buttons.addWidget(self.export, 1)
        foot.addLayout(buttons)
        foot.addWidget(self.again, 0, Qt.AlignmentFlag.AlignRight)
        return foot

    def _connect(self) -> None:
        self._preferences.changed.connect(self._show_preferences)
        self.kind.changed.connect(self._take)
        self.sizes.current_changed.connect(self._take)
        self.quality.value_edited.connect(self._take_quality)
        self.quality_box.number_edited.connect(self._take_quality)
        self.recipe.toggled.connect(self._take)
        self.template.editingFinished.connect(self._take)
        self.choose.clicked.connect(self._choose_folder)
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
        size = None if self.sizes.current == "own" else int(self.sizes.current)
        self._change(
            format=self.kind.file_format,
            bits=self.kind.num_bits,
            size=size,
            with_recipe=self.recipe.isChecked(),
            template=self.template.text().strip() or ExportPreferences().template,
        )

    @Slot(float)
    def _take_quality(self, quality: float) -> None:
        self._change(quality=round(quality))

    @Slot()
    def _choose_folder(self) -> None:
        here = self._preferences.values.export.folder or default_folder()
        folder = QFileDialog.getExistingDirectory(self, tr("Export to"), here)
        if folder:
            self._change(folder=folder)

    @Slot()
    def _ask(self) -> None:
        self.show_result("")
        self.export_requested.emit(self.plan)

    @Slot(object)
    def _show_preferences(self, _values: object) -> None:
        chosen = self._preferences.values.export
        self._is_showing = True  # half of it shown must not be taken for a choice
        self.kind.show_choice(chosen.format, chosen.bits)
        self.sizes.set_current("own" if chosen.size is None else str(chosen.size))
        self.size_note.show_sizes(self._longer_px, chosen.size)
        self.quality.show_number(float(chosen.quality))
        self.quality_box.show_number(float(chosen.quality))
        self._quality_row.setVisible(chosen.format not in DEEP_FORMATS)
        self.recipe.setChecked(chosen.with_recipe)
        self.folder.set_full_text(say_folder(Path(chosen.folder or default_folder())))
        if self.template.text() != chosen.template:
            self.template.setText(chosen.template)
        self._is_showing = False


def default_folder() -> str:
    """Give the folder for exports before one was chosen."""
    return str(Path.home() / "Pictures" / "Latent Studio")


def say_folder(folder: Path) -> str:
    """Give a folder for people: from the home on, where it lies there."""
    try:
        parts = folder.relative_to(Path.home()).parts
    except ValueError:
        return str(folder)
    return " / ".join(parts) or str(folder)


def _fill_row(row: QWidget, *items: QWidget) -> None:
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    for place, item in enumerate(items):
        is_wide = isinstance(item, FineSlider | QProgressBar | ElidedLabel)
        line.addWidget(item, 1 if is_wide or (place == len(items) - 1 and len(items) == 2) else 0)
