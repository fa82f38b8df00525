"""What stands on the canvas when there is no picture, or when something went wrong."""

import msgspec
from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.texts import tr
from studio.ui.theme import mark


class Message(msgspec.Struct, frozen=True):
    """A sentence, its way out, and at most one thing to press.

    Attributes:
        sentence: What there is to say.
        way_out: What to do now; "" when the button says it.
        button: Text of the button; "" for none.
        wish: What the button asks for, given back by `asked`.
        details: More for those who want it; "" for none.
    """

    sentence: str
    way_out: str = ""
    button: str = ""
    wish: str = ""
    details: str = ""


class CanvasMessage(QWidget):
    """Shows a message in the middle of the canvas.

    Signals:
        asked: The message's `wish`, when its button was pressed.
    """

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message: Message | None = None
        self._sentence = mark(self._make_label(), "sentence")
        self._way_out = mark(self._make_label(), "sentence-second")
        self._details = mark(self._make_label(), "sentence-second")
        self._details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._button = mark(QPushButton(self), "bar")
        self._more = mark(QPushButton(tr("Details"), self), "bar")
        self._more.setAccessibleName(tr("Details"))
        self._more.setCheckable(True)
        self._button.clicked.connect(self._on_pressed)
        self._more.toggled.connect(self._details.setVisible)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self._button)
        buttons.addWidget(self._more)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(self._sentence)
        column.addWidget(self._way_out)
        column.addSpacing(8)
        column.addLayout(buttons)
        column.addWidget(self._details)
        column.addStretch(1)
        self.hide()

    def lie_in(self, canvas: QRect, *, is_over_picture: bool) -> None:
        """Fill the canvas, or lie along its lower edge when there is a picture."""
        height = min(self.sizeHint().height(), canvas.height())
        top = canvas.height() - height if is_over_picture else 0
        self.setGeometry(canvas.adjusted(0, top, 0, 0))

    @property
    def message(self) -> Message | None:
        """What is shown, None when nothing is."""
        return self._message

    def show_message(self, message: Message | None) -> None:
        """Show a message instead of the one before; None takes it away."""
        if message == self._message:
            return
        self._message = message
        self.setVisible(message is not None)
        if message is None:
            return
        self._sentence.setText(message.sentence)
        self._way_out.setText(message.way_out)
        self._way_out.setVisible(bool(message.way_out))
        self._button.setText(message.button)
        self._button.setAccessibleName(message.button or tr("Go on"))
        self._button.setVisible(bool(message.button))
        self._details.setText(message.details)
        self._more.setVisible(bool(message.details))
        self._more.setChecked(False)
        self._details.hide()
        self.setAccessibleName(message.sentence)

    def _make_label(self) -> QLabel:
        label = QLabel(self)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        label.setWordWrap(True)
        return label

    @Slot()
    def _on_pressed(self) -> None:
        if self._message is not None:
            self.asked.emit(self._message.wish)
