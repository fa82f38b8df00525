"""The mix of two sources: their thumbnails, how much of B, swap, another B."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from studio.ui.fine_slider import FineSlider
from studio.ui.icon_button import IconButton
from studio.ui.icons import icon
from studio.ui.number_box import NumberBox
from studio.ui.texts import tr
from studio.ui.theme import tokens_of
from studio.ui.zone_chips import draw_source

_THUMB_PX = 38


class SourceThumb(QAbstractButton):
    """The picture of one source; a plus where there is none."""

    def __init__(self, letter: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._letter = letter
        self._image: QImage | None = None
        self._is_there = True
        self.setFixedSize(_THUMB_PX, _THUMB_PX)

    def show_image(self, image: QImage | None, *, is_there: bool) -> None:
        """Show the source's picture, a well until it has come, or that there is no source."""
        self._image, self._is_there = image, is_there
        self.update()

    def set_tip(self, tip: str) -> None:
        """Say what a click does."""
        self.setToolTip(tip)
        self.setAccessibleName(tip)

    def sizeHint(self) -> QSize:
        """Give its size."""
        return QSize(_THUMB_PX, _THUMB_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture and its letter."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._is_there:
            draw_source(
                painter, QRectF(self.rect()), image=self._image, letter=self._letter, tokens=tokens
            )
        else:
            painter.fillRect(self.rect(), QColor(tokens.base))
            plus = icon("plus", self.palette()).pixmap(20, 20)
            inset = (_THUMB_PX - 20) // 2
            painter.drawPixmap(inset, inset, plus)
        is_lit = self.hasFocus() or (self.underMouse() and self.isEnabled())
        if is_lit:
            painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.edge), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class MixRow(QWidget):
    """Shows the mix and asks for others.

    Signals:
        gesture_began, gesture_ended: Around the changes of one move of the hand.
        mix_edited: The share of B chosen, 0…1.
        swap_requested, dice_requested: Put A and B in each other's place; another B.
    """

    gesture_began = Signal()
    mix_edited = Signal(float)
    gesture_ended = Signal()
    swap_requested = Signal()
    dice_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.a = SourceThumb("A")
        self.a.set_tip(tr("Source A"))
        self.a.setEnabled(False)
        self.b = SourceThumb("B")
        self.slider = FineSlider(0.0, 1.0, name=tr("Share of B"), step=0.05)
        self.swap = IconButton("swap", tr("Swap A and B"))
        self.dice = IconButton("dice", tr("New source B"))
        self.box = NumberBox(0, 100, name=tr("Share of B in percent"), decimals=0)
        self.box.setSuffix(f"{chr(0x202F)}%")
        self.box.setSingleStep(5)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.a)
        row.addWidget(self.slider, 1)
        for widget in (self.b, self.dice, self.swap, self.box):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        row.setSpacing(4)
        self.slider.gesture_began.connect(self.gesture_began)
        self.slider.gesture_ended.connect(self.gesture_ended)
        self.slider.value_edited.connect(self.mix_edited)
        self.slider.default_requested.connect(self._to_a)
        self.box.number_edited.connect(self._take_percent)
        self.b.clicked.connect(self.dice_requested)
        self.dice.clicked.connect(self.dice_requested)
        self.swap.clicked.connect(self.swap_requested)

    def show_mix(self, share: float, *, has_b: bool) -> None:
        """Show the share of B in the chosen zones."""
        self.slider.show_number(share)
        self.box.show_number(round(share * 100))
        for widget in (self.slider, self.swap, self.box):
            widget.setEnabled(has_b)
        self.b.set_tip(tr("New source B") if has_b else tr("Add a second source"))
        self.dice.setVisible(has_b)

    def _to_a(self) -> None:
        self.mix_edited.emit(0.0)

    def _take_percent(self, percent: float) -> None:
        self.mix_edited.emit(percent / 100)
