"""A small question over the window: what becomes of a training when the window closes."""

from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.texts import tr
from studio.ui.theme import mark

LeaveAnswer = Literal["keep", "stop", "stay"]
_WIDTH_PX = 460


class LeavePanel(QWidget):
    """Lies in the middle of its parent until it is answered; Escape stays.

    Signals:
        answered: "keep" the training at work, "stop" and save it, or "stay".
    """

    answered = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "popup")
        self._title = mark(QLabel(), "title")
        self._text = QLabel(
            tr("It can go on without the window, and is found again when you come back.")
        )
        for label in (self._title, self._text):
            label.setWordWrap(True)
        self.keep = mark(QPushButton(tr("Keep training")), "main")
        self.stop = mark(QPushButton(tr("Stop and save")), "bar")
        self.stay = mark(QPushButton(tr("Do not close")), "bar")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.stay)
        row.addStretch(1)
        row.addWidget(self.stop)
        row.addWidget(self.keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addSpacing(8)
        column.addLayout(row)
        self.keep.clicked.connect(self._on_keep)
        self.stop.clicked.connect(self._on_stop)
        self.stay.clicked.connect(self._on_stay)
        parent.installEventFilter(self)
        self.hide()

    def ask(self, name: str) -> None:
        """Ask about a training."""
        self._title.setText(tr("“{name}” is still training.", name=name))
        self.setAccessibleName(self._title.text())
        self._place()
        self.show()
        self.raise_()
        self.keep.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape stays; Return presses the button that has the keyboard, as in a dialog."""
        focused = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            self._on_stay()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if isinstance(focused, QPushButton):
                focused.click()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle when the parent changes its size."""
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        self.setFixedWidth(min(_WIDTH_PX, parent.width() - 32))
        self.adjustSize()
        self.move((parent.width() - self.width()) // 2, (parent.height() - self.height()) // 2)

    @Slot()
    def _on_keep(self) -> None:
        self._answer("keep")

    @Slot()
    def _on_stop(self) -> None:
        self._answer("stop")

    @Slot()
    def _on_stay(self) -> None:
        self._answer("stay")

    def _answer(self, answer: LeaveAnswer) -> None:
        self.hide()
        self.answered.emit(answer)
