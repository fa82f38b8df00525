"""A model that comes in: how far its trial is, what is asked, its pictures, its name and rights."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.app.model_desk import Naming
from studio.core.errors import StudioError
from studio.core.model_card import ModelCard, Right
from studio.library.model_arrival import Arrival
from studio.protocol.trial_messages import Question
from studio.ui.import_words import FACTS, answer_words, fact_rows, question_words, step_words
from studio.ui.picture_label import PictureLabel
from studio.ui.rights_form import LICENCES
from studio.ui.texts import N_, tr, tr_error
from studio.ui.theme import mark

_MAX_CHARS: Final = 300
_SHEET_PX: Final = 420
_COLUMN_PX: Final = 560
_UNKNOWN: Final = N_("Unknown: ask before you publish")


class ModelImportPage(QWidget):
    """Shows one arrival from its first byte to the library.

    Signals:
        stop_requested: While it is looked at.
        answered: {key: answer} for the questions asked.
        keep_requested: `Naming`.
        discard_requested: It is not wanted.
    """

    stop_requested = Signal()
    answered = Signal(object)
    keep_requested = Signal(object)
    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = mark(QLabel(), "title")
        self.said = mark(QLabel(), "second")
        self.said.setWordWrap(True)
        for label in (self.title, self.said):
            label.setTextFormat(Qt.TextFormat.PlainText)  # names come from strangers
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("How far the model is looked at"))
        self.stop = QPushButton(tr("Cancel"))
        self.stop.clicked.connect(self.stop_requested)
        self.questions = _Questions()
        self.questions.answered.connect(self.answered)
        self.form = _ArrivalForm()
        self.form.keep_requested.connect(self.keep_requested)
        self.form.discard.clicked.connect(self.discard_requested)
        self._lay_out()
        self.setFocusProxy(self.stop)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape stops or throws away."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.form.isVisible():
            self.discard_requested.emit()
        else:
            self.stop_requested.emit()

    def show_beginning(self, name: str) -> None:
        """Show that a file of this name is looked at."""
        self.title.setText(tr("Looking at “{name}”", name=name))
        self.said.setText(
            tr("It is tried in a process with limits before it can do anything here.")
        )
        self.bar.setValue(0)
        self._show(self.bar, self.stop)
        self.stop.setText(tr("Cancel"))
        self.stop.setFocus()

    def show_step(self, share: float, what: str) -> None:
        """Show how far it is."""
        self.bar.setValue(round(share * 100))
        self.said.setText(step_words(what))

    def show_questions(self, questions: Sequence[Question]) -> None:
        """Ask what could not be found out."""
        self.said.setText(tr("This could not be found out. Answer, and it is tried again."))
        self.questions.show_questions(questions)
        self._show(self.questions, self.stop)
        self.questions.setFocus()

    def show_arrival(self, arrival: Arrival, sheet: QImage, *, same: str = "") -> None:
        """Show what arrived, to be named and kept.

        Args:
            arrival: What arrived.
            sheet: Its pictures.
            same: Name of the same model in the library, "" for none.
        """
        self.title.setText(arrival.card.name or arrival.shown_name)
        if same:
            self.said.setText(tr("It is in the library already, as “{name}”.", name=same))
        else:
            self.said.setText(tr("It works. These are pictures of its first seeds."))
        self.form.show_arrival(arrival, sheet, can_keep=not same)
        self._show(self.form)
        self.form.name.setFocus()
        self.form.name.selectAll()

    def show_error(self, error: StudioError) -> None:
        """Say why it cannot be used, in place."""
        self.said.setText(tr_error(error))
        self.stop.setText(tr("Back"))
        self._show(self.stop)
        self.stop.setFocus()

    def _show(self, *wanted: QWidget) -> None:
        for part in (self.bar, self.stop, self.questions, self.form):
            part.setVisible(part in wanted)

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setMaximumWidth(_COLUMN_PX + _SHEET_PX)
        column = QVBoxLayout(inside)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self.title)
        column.addWidget(self.said)
        column.addWidget(self.bar)
        column.addWidget(self.questions)
        column.addWidget(self.form)
        column.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(2)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 24, 24, 24)
        row.addStretch(1)
        row.addWidget(inside, 6)
        row.addStretch(1)


class _Questions(QWidget):
    """A choice for each question, and one button."""

    answered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.boxes: dict[str, QComboBox] = {}
        self._rows = QVBoxLayout()
        self.again = mark(QPushButton(tr("Try again")), "main")
        self.again.clicked.connect(self._tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._rows)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)

    def show_questions(self, questions: Sequence[Question]) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self.boxes = {}
        for question in questions:
            label = QLabel(question_words(question))
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            box = QComboBox()
            for choice in question.choices:
                box.addItem(answer_words(question, choice), choice)
            box.setAccessibleName(label.text())
            self.boxes[question.key] = box
            self._rows.addWidget(label)
            self._rows.addWidget(box)
        if self.boxes:
            self.setFocusProxy(next(iter(self.boxes.values())))

    @Slot()
    def _tell(self) -> None:
        self.answered.emit({key: box.currentData() for key, box in self.boxes.items()})


class _ArrivalForm(QWidget):
    """The pictures, what was found out, name and rights."""

    keep_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._arrival: Arrival | None = None
        self.sheet = PictureLabel(_SHEET_PX)
        self.name, self.whose, self.source = QLineEdit(), QLineEdit(), QLineEdit()
        self.licence = QComboBox()
        self.licence.setEditable(True)
        for text in (_UNKNOWN, *LICENCES):
            self.licence.addItem(tr(text))
        self.keep = mark(QPushButton(tr("Add to the library")), "main")
        self.discard = QPushButton(tr("Do not add it"))
        self._facts = QGridLayout()
        self._rights = mark(QLabel(), "second")
        self._rights.setTextFormat(Qt.TextFormat.PlainText)
        self._rights.setWordWrap(True)
        self._asked: list[QWidget] = []
        self._lay_out()
        self.keep.clicked.connect(self._tell)
        for field in (self.name, self.whose, self.source):
            field.setMaxLength(_MAX_CHARS)
            field.returnPressed.connect(self.keep.click)
        self.name.textChanged.connect(self._on_edited)

    def show_arrival(self, arrival: Arrival, sheet: QImage, *, can_keep: bool) -> None:
        card = arrival.card
        self._arrival = arrival
        self.sheet.show_image(sheet)
        self.name.setText(card.name or arrival.shown_name)
        self._show_facts(card)
        has_rights = bool(card.rights)
        lines = [f"{right.source} · {right.licence} · {right.credit}" for right in card.rights]
        self._rights.setText("\n".join(lines))
        self._rights.setVisible(has_rights)
        for widget in self._asked:
            widget.setVisible(can_keep and not has_rights)
        self.name.setEnabled(can_keep)
        self.keep.setVisible(can_keep)
        self.discard.setText(tr("Do not add it") if can_keep else tr("Back"))

    def _show_facts(self, card: ModelCard) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for row, (key, value) in enumerate(fact_rows(card)):
            name, label = mark(QLabel(tr(FACTS[key])), "second"), QLabel(value)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            self._facts.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(label, row, 1)

    def _lay_out(self) -> None:
        self._facts.setHorizontalSpacing(12)
        self._facts.setColumnStretch(1, 1)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addLayout(self._facts)
        right.addSpacing(12)
        rows: tuple[tuple[str, QWidget, bool], ...] = (
            (tr("Name"), self.name, False),
            (tr("Whose it is"), self.whose, True),
            (tr("Under which terms"), self.licence, True),
            (tr("Where it comes from"), self.source, True),
        )
        for text, widget, is_asked in rows:
            label = mark(QLabel(text), "second")
            widget.setAccessibleName(text)
            right.addWidget(label)
            right.addWidget(widget)
            if is_asked:
                self._asked += [label, widget]
        right.addWidget(self._rights)
        right.addSpacing(12)
        foot = QHBoxLayout()
        foot.addWidget(self.keep)
        foot.addWidget(self.discard)
        foot.addStretch(1)
        right.addLayout(foot)
        right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        row.addWidget(self.sheet, 3)
        row.addLayout(right, 2)

    @Slot(str)
    def _on_edited(self, text: str) -> None:
        self.keep.setEnabled(bool(text.strip()))

    @Slot()
    def _tell(self) -> None:
        if self._arrival is None or not self.keep.isEnabled():
            return
        name, whose = self.name.text().strip(), self.whose.text().strip()
        rights: tuple[Right, ...] = ()
        if not self._arrival.card.rights:
            source = self.source.text().strip() or self._arrival.shown_name
            licence = self.licence.currentText().strip()[:_MAX_CHARS]
            rights = (Right(source, licence, whose or tr("unknown")),)
        credit = tr("Made with “{name}” by {whose}.", name=name, whose=whose) if whose else ""
        self.keep_requested.emit(Naming(name, rights, credit))
