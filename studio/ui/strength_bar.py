"""How much of what was just dropped: a bar over the canvas that goes with the next other change."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.elided_label import ElidedLabel
from studio.ui.fine_slider import FineSlider
from studio.ui.icon_button import IconButton
from studio.ui.number_box import NumberBox
from studio.ui.texts import tr
from studio.ui.theme import mark

_WIDEST_PX: Final = 520
_MARGIN_PX: Final = 10
_ABOVE_PX: Final = 30  # above the line with the credit


class StrengthBar(QWidget):
    """Lies over the lower edge of its parent.

    Signals:
        gesture_began, gesture_ended: Around the changes of one move of the hand.
        strength_edited: The share chosen, 0…1.
        closed: The artist has done with it.
    """

    gesture_began = Signal()
    strength_edited = Signal(float)
    gesture_ended = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "popup")
        self.said = ElidedLabel()
        self.slider = FineSlider(0.0, 1.0, name=tr("How much"), step=0.05, default=1.0)
        self.slider.setMinimumWidth(110)
        self.slider.setToolTip(tr("How much of it is taken; the rest stays as it was"))
        self.box = NumberBox(0, 100, name=tr("How much in percent"), decimals=0)
        self.box.setSuffix(f"{chr(0x202F)}%")
        self.box.setSingleStep(5)
        close = IconButton("close", tr("Done (Esc)"), size=24)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 6, 5)
        row.setSpacing(8)
        row.addWidget(self.said, 3)
        row.addWidget(self.slider, 4)
        row.addWidget(self.box)
        row.addWidget(close)
        self.slider.gesture_began.connect(self.gesture_began)
        self.slider.gesture_ended.connect(self.gesture_ended)
        self.slider.value_edited.connect(self._on_slider)
        self.slider.default_requested.connect(self._to_full)
        self.box.number_edited.connect(self._on_percent)
        close.clicked.connect(self.closed)
        parent.installEventFilter(self)
        self.hide()

    def open(self, said: str, *, strength: float) -> None:
        """Show it with a sentence."""
        self.said.set_full_text(said)
        self.setAccessibleName(said)
        self.show_strength(strength)
        self._place()
        self.show()
        self.raise_()

    def show_strength(self, strength: float) -> None:
        """Show a share."""
        self.slider.show_number(strength)
        self.box.show_number(round(strength * 100))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower edge."""
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    @Slot(float)
    def _on_slider(self, strength: float) -> None:
        self.box.show_number(round(strength * 100))
        self.strength_edited.emit(strength)

    @Slot(float)
    def _on_percent(self, percent: float) -> None:
        self.slider.show_number(percent / 100)
        self.strength_edited.emit(percent / 100)

    @Slot()
    def _to_full(self) -> None:
        self.show_strength(1.0)
        self.strength_edited.emit(1.0)

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        room = parent.rect()
        wide = min(_WIDEST_PX, room.width() - 2 * _MARGIN_PX)
        high = self.sizeHint().height()
        left = (room.width() - wide) // 2
        self.setGeometry(left, room.bottom() - high - _ABOVE_PX, wide, high)
