"""What another program wrote into a picture: shown to be read, never acted on."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from studio.ui.icon_button import IconButton
from studio.ui.texts import tr
from studio.ui.theme import mark

MAX_CHARS: Final = 16_384  # some ten pages: what nobody reads is no help
_SIZE: Final = QSize(360, 220)
_MARGIN_PX: Final = 12


class ForeignText(QWidget):
    """A box at the upper left of the canvas; goes when it is closed or another file comes."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "popup")
        self.title = mark(QLabel(), "title")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setUndoRedoEnabled(False)
        self.text.setAccessibleName(tr("Text in the picture"))
        self.text.setTabChangesFocus(True)
        self.copy = QPushButton(tr("Copy the text"))
        self.shut = IconButton("close", tr("Close"))
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.shut)
        foot = QHBoxLayout()
        self.note = mark(QLabel(tr("Only shown: nothing of it is used.")), "second")
        foot.addWidget(self.note, 1)
        foot.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        column.addLayout(foot)
        self.copy.clicked.connect(self._on_copy)
        self.shut.clicked.connect(self.hide)
        canvas.installEventFilter(self)
        self.hide()

    def show_text(self, text: str, *, made_with: str = "") -> None:
        """Show a stranger's text and the program that wrote it; nothing is shown for neither."""
        plain = readable(text)
        self.setVisible(bool(plain or made_with))
        if self.isHidden():
            return
        self.title.setText(
            tr("Made with {program}", program=made_with) if made_with else tr("Text in the picture")
        )
        self.setAccessibleName(self.title.text())
        self.text.setPlainText(plain)
        self.text.setVisible(bool(plain))
        self.copy.setVisible(bool(plain))
        self._place()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay inside the canvas."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _place(self) -> None:
        room = self._canvas.size()
        wanted = _SIZE if not self.text.isHidden() else QSize(_SIZE.width(), 84)
        width = min(wanted.width(), room.width() - 2 * _MARGIN_PX)
        height = min(wanted.height(), room.height() - 2 * _MARGIN_PX)
        self.setGeometry(_MARGIN_PX, _MARGIN_PX, max(width, 0), max(height, 0))


def readable(text: str) -> str:
    """Give a stranger's text for showing: no control or direction characters, bounded length."""
    kept = "".join(
        char for char in text[: 4 * MAX_CHARS] if char in "\n\t" or char.isprintable()
    ).strip()
    return kept if len(kept) <= MAX_CHARS else f"{kept[:MAX_CHARS]}\n…"
