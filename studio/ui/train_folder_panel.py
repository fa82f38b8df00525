"""The left panel of the Train place: the artist's folder, told truthfully, and the plan."""

from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from studio.app.file_list_model import FileListModel
from studio.app.folder_desk import FolderState
from studio.app.snapshot_desk import SnapshotDesk
from studio.app.thumbnails import Thumbnails
from studio.app.training_desk import DeskState
from studio.app.training_folder import squares_of
from studio.core.folder_report import FileReport, Finding, is_mirrored
from studio.ui.crop_form import CropForm, CroppedPicture
from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.icons import icon
from studio.ui.line_list import LineList
from studio.ui.panel_parts import PanelPart, SidePanel
from studio.ui.picture_label import PictureLabel
from studio.ui.rights_form import RightsForm
from studio.ui.start_form import StartForm
from studio.ui.texts import tr
from studio.ui.theme import mark
from studio.ui.train_copies import CopiesPart
from studio.ui.train_words import Line, lines_of, lines_of_plan, say_plan, say_preparing

_STRIP_PX: Final = 64
_NUM_CROPS: Final = 3


class TrainFolderPanel(SidePanel):
    """Shows the folder, what was found, how it is used, and what was looked at before the start.

    Signals:
        change_requested: Another folder.
        look_again_requested: Scan the folder anew.
        runs_requested: The list of runs.
        show_requested: Finding whose pictures should be seen, or "good".
        use_changed: (files, is_used) that the artist wants.
        decided: Changes of the `FolderChoices` as a dict.
        renamed: Name of the model.
        start_chosen: Id of a model, "scratch", or None.
    """

    change_requested = Signal()
    look_again_requested = Signal()
    runs_requested = Signal()
    show_requested = Signal(object)
    use_changed = Signal(object)
    decided = Signal(object)
    renamed = Signal(str)
    start_chosen = Signal(object)

    def __init__(
        self, thumbnails: Thumbnails, snapshots: SnapshotDesk, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Folder"), parent=parent)
        self._files = FileListModel(thumbnails, parent=self)  # only for its thumbnails
        self._state = FolderState()
        self._lines_for: tuple[object, bool] = (None, False)
        self.look_again = IconButton("reset", tr("Look at the folder again"), size=24)
        self.runs = IconButton("more", tr("All trainings"), size=24)
        self.head.addWidget(self.look_again)
        self.head.addWidget(self.runs)
        self._sign = QLabel()
        self._name = ElidedLabel()
        self.change = QPushButton(tr("Change"))
        self.change.setAccessibleName(tr("Choose another folder"))
        self._strip = PictureLabel(_STRIP_PX)
        self.findings = LineList()
        self.rights = RightsForm()
        self.crop = CropForm()
        self.start = StartForm()
        self._plan_words = mark(QLabel(), "second")
        self._plan_words.setWordWrap(True)
        self.checks = LineList()
        self.copies = CopiesPart(snapshots)
        self._lay_out()
        self._connect()
        thumbnails.ready.connect(self._on_thumbnails)

    def _lay_out(self) -> None:
        self._folder_row = QWidget()
        row = QHBoxLayout(self._folder_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addWidget(self._name, 1)
        row.addWidget(self.change)
        self._crop_part = PanelPart("", self.crop)
        self._start_part = PanelPart("", self.start)
        self._plan_part = PanelPart(tr("Before the start"), self.checks, self._plan_words)
        self._copies_part = PanelPart(tr("Copies of your pictures"), self.copies)
        for widget in (
            self._folder_row,
            self._strip,
            self.findings,
            self.rights,
            self._crop_part,
            self._start_part,
            self._plan_part,
            self._copies_part,
        ):
            self.column.addWidget(widget)
        self.column.addStretch(1)

    def _connect(self) -> None:
        self.change.clicked.connect(self.change_requested)
        self.look_again.clicked.connect(self.look_again_requested)
        self.runs.clicked.connect(self.runs_requested)
        self.findings.pressed.connect(self._on_pressed)
        self.rights.stated.connect(self._on_stated)
        self.crop.crop_chosen.connect(self._on_crop)
        self.crop.mirror_chosen.connect(self._on_mirror)
        self.start.renamed.connect(self.renamed)
        self.start.start_chosen.connect(self.start_chosen)

    # ---------------------------------------------------------------- showing

    def show_state(self, desk: DeskState) -> None:
        """Show everything as it is now."""
        state = self._state = desk.folder
        can_change = desk.run is None and desk.phase in ("reported", "planning", "planned")
        summary = state.summary
        self._show_folder(state, is_training=desk.is_training)
        for part in (self._strip, self.findings, self.rights):
            part.setVisible(summary is not None)
        for form in (self._crop_part, self._start_part):
            form.setVisible(summary is not None and can_change)
        if summary is not None:
            if (summary, can_change) != self._lines_for:
                self._lines_for = (summary, can_change)
                self.findings.show_lines(lines_of(summary, can_change=can_change))
                self._show_pictures()
            self.rights.show_right(state.choices.right, can_change=can_change)
            self.crop.show_choices(
                state.choices.crop,
                is_mirrored=is_mirrored(state.choices, summary.num_used),
                num_squares=summary.num_squares,
            )
        self.start.show_plan(state.plan, name=state.name, start=state.start)
        self._show_plan(desk)
        self.copies.show_view(desk.run.view if desk.run is not None else None)
        self._copies_part.setVisible(self.copies.has_words)

    def _show_folder(self, state: FolderState, *, is_training: bool) -> None:
        source = state.source
        self._folder_row.setVisible(source is not None or bool(state.name))
        name = source.name if source is not None else state.name
        if name != self._name.full_text:
            self._name.set_full_text(name)
            self._name.setToolTip(str(source) if source is not None else name)
        if self._sign.pixmap().isNull():
            self._sign.setPixmap(icon("folder", self.palette(), size=18).pixmap(18, 18))
        self.change.setEnabled(not is_training)
        self.look_again.setEnabled(not is_training and source is not None)

    def _show_plan(self, desk: DeskState) -> None:
        state = desk.folder
        lines: tuple[Line, ...] = ()
        words = ""
        if state.phase == "planning" and desk.run is None:
            lines = (Line("planning", "info", say_preparing(state), is_plain=True),)
        elif state.plan is not None:
            lines = lines_of_plan(state.plan)
            words = say_plan(state.plan) if state.plan.is_fine else ""
        self.checks.show_lines(lines)
        self._plan_words.setText(words)
        self._plan_words.setVisible(bool(words))
        self._plan_part.setVisible(bool(lines))

    @Slot(object)
    def _on_thumbnails(self, _keys: object) -> None:
        self._show_pictures()

    def _show_pictures(self) -> None:
        summary = self._state.summary
        if summary is None:
            return
        self._files.show_files(self._state.run, summary.shown, choices=self._state.choices)
        found = [(file, image) for file in summary.shown if (image := self._image(file))]
        self._strip.show_images(tuple(_square(image) for _, image in found))
        crop = summary.choices.crop
        self.crop.preview.show_pictures(
            tuple(
                CroppedPicture(image, squares_of(file, crop)) for file, image in found[:_NUM_CROPS]
            )
        )

    def _image(self, file: FileReport) -> QImage | None:
        image = self._files.thumbnail(file)
        return None if image is None or image.isNull() else image

    # ---------------------------------------------------------------- asking

    @Slot(object)
    def _on_pressed(self, pressed: tuple[str, str]) -> None:
        key, button = pressed
        summary = self._state.summary
        if button == "show":
            self.show_requested.emit(key)
        elif button == "look_again":
            self.look_again_requested.emit()
        elif summary is not None:
            finding: Finding = key  # type: ignore[assignment]
            self.use_changed.emit((summary.files_by_finding.get(finding, ()), button == "use"))

    @Slot(object)
    def _on_stated(self, right: object) -> None:
        self.decided.emit({"right": right})

    @Slot(object)
    def _on_crop(self, crop: object) -> None:
        self.decided.emit({"crop": crop})

    @Slot(object)
    def _on_mirror(self, is_mirrored: object) -> None:
        self.decided.emit({"is_mirrored": is_mirrored})


def _square(image: QImage) -> QImage:
    side = min(image.width(), image.height())
    left, top = (image.width() - side) // 2, (image.height() - side) // 2
    return image.copy(left, top, side, side)
