"""What stands where nothing is yet: one sentence, and one button when there is something to do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.theme import mark


class EmptyState(QWidget):
    """One sentence in the middle.

    Signals:
        pressed: The button.
    """

    pressed = Signal()

    def __init__(
        self,
        sentence: str = "",
        button: str = "",
        *,
        is_on_canvas: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sentence = QLabel(sentence)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setWordWrap(True)
        mark(self._sentence, "sentence-second" if is_on_canvas else "second")
        self.button = QPushButton(button)
        self.button.setVisible(bool(button))
        self.button.clicked.connect(self.pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(self._sentence)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    @property
    def sentence(self) -> str:
        """The sentence shown."""
        return self._sentence.text()

    def say(self, sentence: str) -> None:
        """Show another sentence."""
        if sentence != self._sentence.text():
            self._sentence.setText(sentence)
