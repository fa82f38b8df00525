"""The pictures of the folder with the line above them: which are shown, and what to do with them."""

from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.app.file_list_model import FileListModel
from studio.app.folder_desk import FolderState
from studio.app.training_folder import FolderSummary
from studio.core.folder_report import FileReport, Finding
from studio.ui.elided_label import ElidedLabel
from studio.ui.file_grid import FileGrid
from studio.ui.texts import N_, tr, tr_plural
from studio.ui.theme import mark, tokens_of
from studio.ui.train_words import say_plan, say_preparing

_KINDS: Final[dict[str, str]] = {
    "all": N_("All pictures"),
    "near_duplicate": N_("Look like others"),
    "outlier": N_("Unlike the others"),
    "duplicate": N_("There twice"),
    "small": N_("Too small"),
    "damaged": N_("Cannot be read"),
    "refused": N_("Not opened"),
}
_FIXED: Final = ("damaged", "refused")


class FilePage(QWidget):
    """Lets every finding be seen and overruled.

    Signals:
        use_changed: (files, is_used) that the artist wants; is_used None takes back.
    """

    use_changed = Signal(object)

    def __init__(self, model: FileListModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._summary: FolderSummary | None = None
        self._state = FolderState()
        self.title = mark(QLabel(), "sentence")
        self.plan = mark(ElidedLabel(), "sentence-second")
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(tr("Which pictures are shown"))
        self.kinds.setMinimumWidth(180)
        self.leave_out = QPushButton(tr("Leave out"))
        self.use = QPushButton(tr("Use"))
        self.leave_out.setToolTip(tr("Leave out the chosen pictures, or all that are shown"))
        self.use.setToolTip(tr("Use the chosen pictures, or all that are shown"))
        for button in (self.leave_out, self.use):
            button.setAccessibleName(button.toolTip())
        self.grid = FileGrid(model)
        head = QHBoxLayout()
        head.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.plan)
        head.addLayout(words, 1)
        head.addWidget(self.kinds)
        head.addWidget(self.leave_out)
        head.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 14, 12, 8)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.grid, 1)
        self.kinds.activated.connect(self._on_kind)
        self.grid.use_changed.connect(self.use_changed)
        self.leave_out.clicked.connect(self._on_leave_out)
        self.use.clicked.connect(self._on_use)

    @property
    def kind(self) -> str:
        """Which pictures are shown: "all" or a finding."""
        return str(self.kinds.currentData() or "all")

    def show_state(self, state: FolderState) -> None:
        """Show the folder as it is now."""
        summary, kind = state.summary, self.kind
        self._state = state
        if summary is not self._summary:
            self._summary = summary
            self._fill_kinds(kind)
            if summary is not None:
                self.title.setText(
                    tr_plural(
                        "{n} picture is learned from",
                        "{n} pictures are learned from",
                        n=summary.num_used,
                    )
                )
        plan = ""
        if state.phase == "planning":
            plan = say_preparing(state)
        elif state.plan is not None and state.plan.is_fine:
            plan = say_plan(state.plan)
        self.plan.set_full_text(plan)
        self._show()

    def show_kind(self, kind: str) -> None:
        """Show all pictures, or those of one finding."""
        place = self.kinds.findData("all" if kind == "good" else kind)
        if place >= 0:
            self.kinds.setCurrentIndex(place)
            self._show()
        self.grid.setFocus()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the neutral ground that pictures are judged against."""
        QPainter(self).fillRect(self.rect(), QColor(tokens_of(self.palette()).canvas))

    def _fill_kinds(self, kind: str) -> None:
        summary = self._summary
        self.kinds.clear()
        if summary is None:
            return
        counts = {key: len(files) for key, files in summary.files_by_finding.items()}
        for key, words in _KINDS.items():
            count = len(summary.report.files) if key == "all" else counts.get(key, 0)  # type: ignore[call-overload]
            if count or key == "all":
                self.kinds.addItem(f"{tr(words)} ({count})", key)
        self.kinds.setCurrentIndex(max(0, self.kinds.findData(kind)))

    def _files(self) -> tuple[FileReport, ...]:
        if self._summary is None:
            return ()
        if self.kind == "all":
            return self._summary.report.files
        finding: Finding = self.kind  # type: ignore[assignment]
        return self._summary.files_by_finding.get(finding, ())

    def _show(self) -> None:
        self._model.show_files(self._state.run, self._files(), choices=self._state.choices)
        can_change = self.kind not in _FIXED
        self.leave_out.setVisible(can_change)
        self.use.setVisible(can_change)

    def _chosen(self) -> tuple[FileReport, ...]:
        chosen = tuple(item.file for item in self.grid.chosen)
        return chosen or self._model.files

    @Slot(int)
    def _on_kind(self, _place: int) -> None:
        self.grid.clearSelection()
        self._show()

    @Slot()
    def _on_leave_out(self) -> None:
        self.use_changed.emit((self._chosen(), False))

    @Slot()
    def _on_use(self) -> None:
        self.use_changed.emit((self._chosen(), True))
