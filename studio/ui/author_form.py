"""What goes into exports besides the picture: the recipe, the artist's name, a signature."""

from typing import Final

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.app.preferences import ExportPreferences
from studio.core.provenance import Authorship
from studio.opener.credentials_reader import has_c2pa
from studio.ui.texts import tr
from studio.ui.theme import mark

_MAX_CHARS: Final = 200


class AuthorForm(QWidget):
    """Boxes and two fields; all may stay empty.

    Signals:
        changed: Something was changed by hand.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recipe = QCheckBox(tr("Recipe, so it can be made again"))
        self.recipe.setToolTip(tr("Without it only the credit line stays that the data asks for"))
        self.creator = _field(tr("Your name"), tr("Your name, if it should be in the file"))
        self.rights = _field(tr("Rights"), tr("Rights, such as © 2026 and your name"))
        self.no_mining = QCheckBox(tr("“Not for machine learning”"))
        self.no_mining.setToolTip(tr("A statement in the file, as IPTC and PLUS define it"))
        self.signed = QCheckBox(tr("Content Credentials"))
        self.note = mark(QLabel(), "second")
        self.note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (
            self.recipe,
            self.creator,
            self.rights,
            self.no_mining,
            self.signed,
            self.note,
        ):
            column.addWidget(widget)
        for field in (self.creator, self.rights):
            field.editingFinished.connect(self.changed)
        for box in (self.recipe, self.no_mining, self.signed):
            box.toggled.connect(self.changed)
        self.signed.toggled.connect(self._say)
        self._can_sign = has_c2pa()
        self.signed.setEnabled(self._can_sign)
        self._say()

    def read(self, chosen: ExportPreferences) -> ExportPreferences:
        """Give what was chosen with what stands here in it."""
        author = Authorship(
            creator=" ".join(self.creator.text().split()),
            rights=" ".join(self.rights.text().split()),
            forbids_mining=self.no_mining.isChecked(),
        )
        return msgspec.structs.replace(
            chosen,
            with_recipe=self.recipe.isChecked(),
            author=author,
            is_signed=self.signed.isChecked() and self._can_sign,
        )

    def show_choice(self, chosen: ExportPreferences) -> None:
        """Show what is remembered."""
        author = chosen.author
        self.recipe.setChecked(chosen.with_recipe)
        for field, text in ((self.creator, author.creator), (self.rights, author.rights)):
            if field.text() != text:
                field.setText(text)
        self.no_mining.setChecked(author.forbids_mining)
        self.signed.setChecked(chosen.is_signed and self._can_sign)

    @Slot()
    def _say(self) -> None:
        """Say what the signature is worth, or what is missing for it."""
        if not self._can_sign:
            self.note.setText(tr("Needs the extra “provenance” (c2pa-python), which is not here."))
        elif self.signed.isChecked():
            self.note.setText(
                tr("Signed by you, not by an authority. The key stays on this computer.")
            )
        self.note.setVisible(not self._can_sign or self.signed.isChecked())


def _field(name: str, hint: str) -> QLineEdit:
    field = QLineEdit()
    field.setMaxLength(_MAX_CHARS)
    field.setPlaceholderText(name)
    field.setAccessibleName(name)
    field.setToolTip(hint)
    return field
