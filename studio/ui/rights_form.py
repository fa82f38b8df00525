"""The artist's statement of rights: whose pictures, under which licence, in own words."""

from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from studio.core.model_card import Right
from studio.ui.line_list import LineList
from studio.ui.texts import N_, tr
from studio.ui.theme import mark
from studio.ui.train_words import Line

_MAX_CHARS: Final = 300
LICENCES: Final = (
    N_("My own pictures, all rights mine"),
    N_("Used with permission"),
    N_("Public domain"),
    "CC0 1.0",
    "CC BY 4.0",
    "CC BY-SA 4.0",
)


class RightsForm(QWidget):
    """Says what is stated; opens three fields to state it or to change it.

    Signals:
        stated: `Right`.
    """

    stated = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._right: Right | None = None
        self._can_change = True
        self._line = LineList()
        self.licence = QComboBox()
        self.licence.setEditable(True)
        for text in LICENCES:
            self.licence.addItem(tr(text))
        self.whose = QLineEdit()
        self.words = QLineEdit()
        self.save = QPushButton(tr("State this"))
        self._fields = QWidget()
        fields = QVBoxLayout(self._fields)
        fields.setContentsMargins(28, 0, 0, 0)
        fields.setSpacing(4)
        rows: tuple[tuple[str, QWidget], ...] = (
            (tr("Whose pictures"), self.whose),
            (tr("Under which terms"), self.licence),
            (tr("In your own words (may stay empty)"), self.words),
        )
        for name, widget in rows:
            fields.addWidget(mark(QLabel(name), "second"))
            widget.setAccessibleName(name)
            fields.addWidget(widget)
        for field in (self.whose, self.words):
            field.setMaxLength(_MAX_CHARS)
        fields.addSpacing(4)
        fields.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._line)
        column.addWidget(self._fields)
        self._fields.hide()
        self._line.pressed.connect(self._toggle)
        self.save.clicked.connect(self._on_save)
        self.whose.textChanged.connect(self._on_edited)
        self._show()
        self._on_edited("")

    def show_right(self, right: Right | None, *, can_change: bool = True) -> None:
        """Show what is stated, None for nothing."""
        if (right, can_change) == (self._right, self._can_change):
            return
        self._right, self._can_change = right, can_change
        if right is not None:
            self.whose.setText(right.credit)
            self.licence.setCurrentText(right.licence)
            self.words.setText(right.source)
        self._fields.hide()
        self._show()

    def open_fields(self) -> None:
        """Let it be stated."""
        self._fields.show()
        self.whose.setFocus()

    def _show(self) -> None:
        right = self._right
        if right is None:
            line = Line(
                "rights",
                "warn",
                tr("Whose pictures are these?"),
                tr("What you state here stands on the model’s card."),
                (("state", tr("State it…")),) if self._can_change else (),
            )
        else:
            said = f"{right.licence} · {right.credit}"
            buttons = (("state", tr("Change…")),) if self._can_change else ()
            line = Line("rights", "ok", tr("Rights stated"), said, buttons)
        self._line.show_lines((line,))

    @Slot(object)
    def _toggle(self, _pressed: object) -> None:
        if self._fields.isHidden():
            self.open_fields()
        else:
            self._fields.hide()

    @Slot(str)
    def _on_edited(self, _text: str) -> None:
        self.save.setEnabled(bool(self.whose.text().strip()))

    @Slot()
    def _on_save(self) -> None:
        source = self.words.text().strip() or self.whose.text().strip()
        licence = self.licence.currentText().strip()[:_MAX_CHARS]
        self._fields.hide()
        self.stated.emit(Right(source=source, licence=licence, credit=self.whose.text().strip()))
