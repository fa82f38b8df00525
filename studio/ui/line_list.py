"""Lines with a sign, a bold line, a grey sentence and buttons: findings, checks, advice."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.icons import pixmap
from studio.ui.texts import tr
from studio.ui.theme import mark, tokens_of
from studio.ui.train_words import TONE_ICONS, TONE_NAMES, Line

_SIGN_PX = 16


class LineRow(QWidget):
    """One line.

    Signals:
        pressed: (key of the line, key of the button).
    """

    pressed = Signal(object)

    def __init__(self, line: Line, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = line
        self._sign = QLabel()
        self._sign.setFixedSize(_SIGN_PX, _SIGN_PX + 2)
        self._sign.setAccessibleName(tr(TONE_NAMES[line.tone]))
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(1)
        title = mark(QLabel(line.title), "" if line.is_plain else "title")
        title.setWordWrap(True)
        words.addWidget(title)
        if line.text:
            text = mark(QLabel(line.text), "second")
            text.setWordWrap(True)
            words.addWidget(text)
        if line.buttons:
            words.addSpacing(4)
            words.addLayout(self._make_buttons())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.setAccessibleName(f"{line.title}. {line.text}")
        self._draw()

    def button(self, key: str) -> QPushButton:
        """Give one of its buttons."""
        return self._button_by_key[key]

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _make_buttons(self) -> QHBoxLayout:
        self._button_by_key: dict[str, QPushButton] = {}
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(6)
        for key, words in self.line.buttons:
            button = QPushButton(words)
            button.setAccessibleName(f"{words}: {self.line.title}")
            button.setProperty("key", key)
            button.clicked.connect(self._on_clicked)
            self._button_by_key[key] = button
            buttons.addWidget(button)
        buttons.addStretch(1)
        return buttons

    def _draw(self) -> None:
        tokens = tokens_of(self.palette())
        colours = {"ok": tokens.ok, "warn": tokens.warn, "error": tokens.error}
        self._sign.setPixmap(
            pixmap(
                TONE_ICONS[self.line.tone],
                size=_SIGN_PX,
                colour=colours.get(self.line.tone, tokens.second),
                ratio=self.devicePixelRatioF(),
            )
        )

    @Slot()
    def _on_clicked(self) -> None:
        self.pressed.emit((self.line.key, str(self.sender().property("key"))))


class LineList(QWidget):
    """Lines below each other; those that stay as they are keep their widgets and the focus.

    Signals:
        pressed: (key of the line, key of the button).
    """

    pressed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[LineRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines shown."""
        return tuple(row.line for row in self._rows)

    def row(self, key: str) -> LineRow:
        """Give the row of a line."""
        return next(row for row in self._rows if row.line.key == key)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        if tuple(lines) == self.lines:
            return
        old = {row.line: row for row in self._rows}
        self._rows = []
        for place, line in enumerate(lines):
            row = old.pop(line, None)
            if row is None:
                row = LineRow(line)
                row.pressed.connect(self.pressed)
            self._column.insertWidget(place, row)
            self._rows.append(row)
        for row in old.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.setVisible(bool(self._rows))
