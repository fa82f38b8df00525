"""Where an export goes and what its files are called, with the names as they will be."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from studio.ui.elided_label import ElidedLabel
from studio.ui.form_rows import form_column, section
from studio.ui.texts import tr
from studio.ui.theme import mark


class ExportPlace(QWidget):
    """Shows and asks.

    Signals:
        folder_chosen: Path of a folder, as text.
        template_edited: The template, at every letter.
        template_given: The template, when it is finished.
    """

    folder_chosen = Signal(str)
    template_edited = Signal(str)
    template_given = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = ""
        self.folder = ElidedLabel()
        self.choose = QPushButton(tr("Choose…"))
        self.choose.setAccessibleName(tr("Choose the folder"))
        self.template = QLineEdit()
        self.template.setAccessibleName(tr("File name"))
        self.template.setToolTip(
            tr("{fields} are filled in", fields="{name} {seed} {model} {date} {n}")
        )
        self.names = mark(ElidedLabel(), "second")
        where = QWidget()
        row = QHBoxLayout(where)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.folder, 1)
        row.addWidget(self.choose)
        column = form_column(self)
        for widget in (
            section(tr("Folder")), where, section(tr("File name")), self.template, self.names,
        ):  # fmt: skip
            column.addWidget(widget)
        self.template.textEdited.connect(self.template_edited)
        self.template.editingFinished.connect(self._on_finished)
        self.choose.clicked.connect(self._choose)

    def show_folder(self, folder: str) -> None:
        """Show where files go."""
        self._folder = folder
        self.folder.set_full_text(say_folder(Path(folder)))

    def show_template(self, template: str) -> None:
        """Show another template, unless it is being typed."""
        if self.template.text() != template and not self.template.hasFocus():
            self.template.setText(template)

    def show_names(self, said: str) -> None:
        """Show what files will be called, "" for nothing."""
        self.names.set_full_text(said)
        self.names.setVisible(bool(said))

    @Slot()
    def _on_finished(self) -> None:
        self.template_given.emit(self.template.text())

    @Slot()
    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Export to"), self._folder)
        if folder:
            self.folder_chosen.emit(folder)


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
