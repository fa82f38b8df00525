"""The Train place without a folder: one sentence, one button, and earlier trainings; or a scan."""

import time
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from studio.app.folder_desk import FolderState
from studio.app.training_folder import RunEntry
from studio.ui.canvas_drop import DropSurface
from studio.ui.change_words import say_ago
from studio.ui.empty_state import EmptyState
from studio.ui.seed_row import group_digits
from studio.ui.texts import tr
from studio.ui.theme import mark

_NUM_RUNS: Final = 5
_BAR_PX: Final = 320


class TrainEmptyPage(DropSurface):
    """Lets a folder be chosen or dropped, or an earlier training be opened.

    Signals:
        choose_requested: The button.
        run_chosen: Folder of an earlier run.
    """

    choose_requested = Signal()
    run_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "canvas")
        self.empty = EmptyState(
            tr("Drop a folder of your pictures here, and a model learns your hand."),
            tr("Choose a folder…"),
            is_on_canvas=True,
        )
        self._runs: tuple[RunEntry, ...] = ()
        self._title = mark(QLabel(tr("Earlier trainings")), "sentence-second")
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 48)
        column.addWidget(self.empty, 3)
        column.addWidget(self._title)
        column.addLayout(self._list)
        column.addStretch(1)
        self.empty.pressed.connect(self.choose_requested)
        self.show_runs(())
        self._title.hide()

    @property
    def run_buttons(self) -> list[QPushButton]:
        """The buttons of the earlier runs."""
        items = [self._list.itemAt(place) for place in range(self._list.count())]
        return [item.widget() for item in items if isinstance(item.widget(), QPushButton)]  # type: ignore[union-attr, misc]

    def show_runs(self, runs: tuple[RunEntry, ...]) -> None:
        """Show earlier trainings, the newest first."""
        if runs == self._runs:
            return
        self._runs = runs
        for button in self.run_buttons:
            self._list.removeWidget(button)
            button.deleteLater()
        for entry in runs[:_NUM_RUNS]:
            button = mark(QPushButton(say_run(entry)), "flat")
            button.setProperty("run", entry.folder)
            button.clicked.connect(self._on_run)
            self._list.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._title.setVisible(bool(runs))

    @Slot()
    def _on_run(self) -> None:
        self.run_chosen.emit(self.sender().property("run"))


class ScanPage(QWidget):
    """Says how far the look at a folder is.

    Signals:
        cancel_requested: The button.
    """

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "canvas")
        self._sentence = mark(QLabel(tr("Looking at the pictures…")), "sentence")
        self._count = mark(QLabel(), "sentence-second")
        for label in (self._sentence, self._count):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(_BAR_PX)
        self.bar.setAccessibleName(tr("Progress"))
        self.cancel = QPushButton(tr("Cancel"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.bar)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(self._sentence)
        column.addLayout(row)
        column.addWidget(self._count)
        column.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.cancel.clicked.connect(self.cancel_requested)

    @property
    def words(self) -> str:
        """What is said of the progress."""
        return self._count.text()

    def show_state(self, state: FolderState) -> None:
        """Show how far it is."""
        self.bar.setRange(0, max(1, state.num_found))
        self.bar.setValue(state.num_read)
        self._count.setText(
            tr(
                "{read} of {found} files",
                read=group_digits(state.num_read),
                found=group_digits(state.num_found),
            )
            if state.num_found
            else ""
        )


def say_run(entry: RunEntry) -> str:
    """Give an earlier training in one line."""
    if entry.is_alive:
        return tr("{name} · training now", name=entry.name)
    ago = say_ago(max(0.0, time.time() - entry.changed_at))
    if not entry.was_started:
        return tr("{name} · not started · {ago}", name=entry.name, ago=ago)
    return tr("{name} · {ago}", name=entry.name, ago=ago)
