"""The brush's own controls: what a stroke does, size, softness, eraser."""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.app.brush_hand import BrushHand, PaintMode
from studio.core.brush import MAX_SIZE, MIN_SIZE, Brush
from studio.ui.elided_label import name_label
from studio.ui.fine_slider import FineSlider
from studio.ui.icon_button import IconButton
from studio.ui.number_box import NumberBox
from studio.ui.segments import Segments
from studio.ui.texts import tr
from studio.ui.theme import mark

_PERCENT: Final = 100.0
_LINE_PX: Final = 17


class BrushTools(QWidget):
    """Shows the brush and asks for another.

    Signals:
        mode_edited: "off", "keep" or "mix".
    """

    mode_edited = Signal(object)

    def __init__(self, hand: BrushHand, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hand = hand
        self.modes = Segments(
            (("off", tr("Off")), ("keep", tr("Keep as is")), ("mix", tr("Mix in"))),
            name=tr("Brush"),
        )
        self.eraser = IconButton("eraser", tr("Rub out"), checkable=True)
        self.extent = PercentRow(tr("Size"), low=MIN_SIZE, high=MAX_SIZE)
        self.softness = PercentRow(tr("Softness"), low=0.0, high=1.0)
        self._said = mark(QLabel(), "second")
        self._said.setWordWrap(True)
        self._said.setMinimumHeight(2 * _LINE_PX)  # nothing below moves with the words
        self._said.setAlignment(Qt.AlignmentFlag.AlignTop)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.modes)
        top.addStretch(1)
        top.addWidget(self.eraser)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._said)
        column.addWidget(self.extent)
        column.addWidget(self.softness)
        self.modes.current_changed.connect(self.mode_edited)
        self.eraser.toggled.connect(self._on_eraser)
        self.extent.edited.connect(self._on_size)
        self.softness.edited.connect(self._on_softness)
        hand.mode_changed.connect(self._on_mode)
        hand.brush_changed.connect(self._on_brush)
        self._on_mode(hand.mode)
        self._on_brush(hand.brush)

    @Slot(object)
    def _on_mode(self, mode: PaintMode) -> None:
        self.modes.set_current(mode)
        self._said.setText(
            {
                "off": tr("Take up the brush to hold a part of the picture, or to mix another in."),
                "keep": tr("What you paint stays as it is, whatever the sliders do."),
                "mix": tr(
                    "What you paint becomes another picture: drop one on it, or roll the dice."
                ),
            }[mode]
        )

    @Slot(object)
    def _on_brush(self, brush: Brush) -> None:
        self.extent.show_part(brush.size)
        self.softness.show_part(brush.softness)
        self.eraser.setChecked(brush.is_eraser)

    @Slot(bool)
    def _on_eraser(self, is_on: bool) -> None:
        self._hand.change_brush(is_eraser=is_on)

    @Slot(float)
    def _on_size(self, size: float) -> None:
        self._hand.change_brush(size=size)

    @Slot(float)
    def _on_softness(self, softness: float) -> None:
        self._hand.change_brush(softness=softness)


class PercentRow(QWidget):
    """A name, a slider and its percent.

    Signals:
        gesture_began, gesture_ended: Around the changes of one move of the hand.
        edited: The part chosen, as float.
    """

    gesture_began = Signal()
    edited = Signal(float)
    gesture_ended = Signal()

    def __init__(
        self, name: str, *, low: float = 0.0, high: float = 1.0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.slider = FineSlider(low, high, name=name, step=0.05)
        self.box = NumberBox(_PERCENT * low, _PERCENT * high, name=name, decimals=0)
        self.box.setSuffix(f"{chr(0x202F)}%")
        self.box.setSingleStep(5)
        label = name_label(QLabel(name))
        label.setMinimumWidth(72)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.slider, 1)
        row.addWidget(self.box)
        self.slider.gesture_began.connect(self.gesture_began)
        self.slider.gesture_ended.connect(self.gesture_ended)
        self.slider.value_edited.connect(self.edited)
        self.box.number_edited.connect(self._take_percent)

    def show_part(self, part: float) -> None:
        """Show a part that came from elsewhere."""
        self.slider.show_number(part)
        self.box.show_number(round(part * _PERCENT, 2))

    @Slot(float)
    def _take_percent(self, percent: float) -> None:
        self.edited.emit(percent / _PERCENT)
