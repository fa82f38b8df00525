"""A small window that asks for the artist's own program to send pictures to."""

import os
from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.errors import StudioError
from studio.files.desktop_entry import FILE
from studio.files.paint_programs import PaintProgram, own_program
from studio.ui.texts import tr, tr_error
from studio.ui.theme import mark


class OwnProgramForm(QDialog):
    """Asks for name, program and arguments; `take` gets a program that can be started."""

    def __init__(
        self,
        name: str,
        command: tuple[str, ...],
        *,
        take: Callable[[PaintProgram], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._take = take
        self.setWindowTitle(tr("My own program"))
        self.setMinimumWidth(460)
        self.name = QLineEdit(name)
        self.program = QLineEdit(command[0] if command else "")
        self.arguments = QPlainTextEdit("\n".join(command[1:]) or FILE)
        self.arguments.setFixedHeight(96)
        self.arguments.setTabChangesFocus(True)
        self.choose = QPushButton(tr("Choose…"))
        self.wrong = mark(QLabel(), "error")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        self.save = mark(QPushButton(tr("Take it")), "main")
        self.save.setDefault(True)
        self._lay_out()
        self.choose.clicked.connect(self._choose)
        self.save.clicked.connect(self._save)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(6)
        rows: tuple[tuple[str, QWidget], ...] = (
            (tr("Name"), self.name),
            (tr("Program"), self.program),
            (tr("Arguments, one a line; {file} stands for the picture", file=FILE), self.arguments),
        )
        for text, widget in rows:
            column.addWidget(mark(QLabel(text), "second"))
            widget.setAccessibleName(text)
            if widget is self.program:
                line = QHBoxLayout()
                line.addWidget(widget, 1)
                line.addWidget(self.choose)
                column.addLayout(line)
            else:
                column.addWidget(widget)
        self.choose.setAccessibleName(tr("Choose the program"))
        column.addWidget(self.wrong)
        foot = QHBoxLayout()
        foot.addStretch(1)
        cancel = QPushButton(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        foot.addWidget(cancel)
        foot.addWidget(self.save)
        column.addLayout(foot)

    @Slot()
    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("Choose the program"))
        if path:
            self.program.setText(path)

    @Slot()
    def _save(self) -> None:
        lines = self.arguments.toPlainText().splitlines()
        try:
            program = own_program(
                self.name.text(), self.program.text(), arguments=lines, environ=os.environ
            )
        except StudioError as error:
            self.wrong.setText(tr_error(error))
            self.wrong.show()
            self.program.setFocus()
            return
        self._take(program)
        self.accept()
