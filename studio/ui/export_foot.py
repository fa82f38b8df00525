"""The foot of the Export panel: how far an export is, what can go on, and the buttons."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from studio.app.exporting import ExportProgress
from studio.ui.icons import icon
from studio.ui.texts import tr, tr_plural
from studio.ui.theme import mark, tabular_font


class ExportFoot(QWidget):
    """Shows and asks.

    Signals:
        resume_requested: Go on with the export that was stopped.
        forget_requested: Let the rest of it be.
    """

    resume_requested = Signal()
    forget_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._num_pictures = 0
        self._is_running = False
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.percent = mark(QLabel(), "second")
        self.percent.setFont(tabular_font(self.percent.font()))
        self.cancel = QPushButton(tr("Cancel"))
        self.unfinished = QLabel()
        self.unfinished.setWordWrap(True)
        self.resume = QPushButton(tr("Go on"))
        self.resume.setToolTip(tr("What is written and whole is left alone"))
        self.forget = mark(QPushButton(tr("Let it be")), "flat")
        self.result = QLabel()
        self.result.setWordWrap(True)
        self.export = mark(QPushButton(), "main")
        self.copy = QPushButton(tr("Copy"))
        self.copy.setIcon(icon("copy", self.palette(), size=18))
        self.send = QPushButton(tr("Send to…"))
        self.again = mark(QPushButton(tr("As last time")), "flat")
        self._offer = QWidget()
        self._lay_out()
        self.resume.clicked.connect(self.resume_requested)
        self.forget.clicked.connect(self.forget_requested)
        self.show_progress(None)
        self.show_unfinished(None)
        self.show_result("")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(6)
        column.addWidget(_row(self.progress, self.percent, self.cancel, wide=self.progress))
        offer = QVBoxLayout(self._offer)
        offer.setContentsMargins(0, 0, 0, 0)
        offer.setSpacing(6)
        offer.addWidget(self.unfinished)
        offer.addWidget(_row(self.resume, self.forget))
        column.addWidget(self._offer)
        column.addWidget(self.result)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.copy, 1)
        buttons.addWidget(self.send, 1)
        column.addLayout(buttons)
        column.addWidget(self.export)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignRight)

    def show_count(self, num_pictures: int, *, is_set: bool, is_one: bool = False) -> None:
        """Say how many pictures would be exported, and whether as a set or into one file."""
        self._num_pictures = num_pictures
        files = tr_plural("Export {n} file", "Export {n} files", n=max(1, num_pictures))
        self.export.setText(tr("Export") if is_set or is_one or num_pictures <= 1 else files)
        for button in (self.copy, self.send, self.again):
            button.setEnabled(num_pictures > 0)
        self.again.setVisible(not is_set)
        self._enable()

    def show_progress(self, progress: ExportProgress | None) -> None:
        """Show how far an export is, None when none is going on."""
        self._is_running = progress is not None
        for widget in (self.progress, self.percent, self.cancel):
            widget.setVisible(progress is not None)
        if progress is not None:
            self.progress.setRange(0, 100 * max(1, progress.total))
            self.progress.setValue(round(100 * (progress.done + progress.share)))
            self.percent.setText(tr("{n} %", n=progress.percent))
            self.result.hide()
            self._offer.hide()
        self._enable()

    @Slot(object)
    def show_unfinished(self, progress: ExportProgress | None) -> None:
        """Offer to go on with an export that was stopped, None when there is none."""
        self._offer.setVisible(progress is not None)
        if progress is not None:
            self.unfinished.setText(say_unfinished(progress))

    def show_result(self, sentence: str, is_error: bool = False) -> None:
        """Show how the last export went, "" for nothing."""
        self.result.setText(sentence)
        self.result.setVisible(bool(sentence))
        mark(self.result, "error" if is_error else "second")

    def _enable(self) -> None:
        self.export.setEnabled(not self._is_running and self._num_pictures > 0)


def say_unfinished(progress: ExportProgress) -> str:
    """Give the sentence for an export that can go on."""
    return tr(
        "An export was stopped after {done} of {total} files.",
        done=progress.done,
        total=progress.total,
    )


def _row(*items: QWidget, wide: QWidget | None = None) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    for item in items:
        line.addWidget(item, 1 if item is wide else 0)
    if wide is None:
        line.addStretch(1)
    return row
