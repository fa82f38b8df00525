"""The bar over the canvas while the grab tool is in the hand: what it does, and how far the pull came."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from studio.app.grab_desk import Grabbed
from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.icons import icon
from studio.ui.texts import tr
from studio.ui.theme import mark

_AROUND_PX: Final = 62  # the words' margins, and the button that closes
_MARGIN_PX: Final = 10


class GrabBar(QWidget):
    """Lies over the upper edge of its parent.

    Signals:
        unpin_requested: All pins shall go.
        closed: The artist has done with the tool.
    """

    unpin_requested = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "popup")
        self.said = ElidedLabel()
        self.unpin = QPushButton(tr("Remove pins"))
        self.unpin.setIcon(icon("pin", self.palette()))
        close = IconButton("close", tr("Done (Esc)"), size=24)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 6, 5)
        row.setSpacing(8)
        row.addWidget(self.said, 1)
        row.addWidget(self.unpin)
        row.addWidget(close)
        self.unpin.clicked.connect(self.unpin_requested)
        close.clicked.connect(self.closed)
        parent.installEventFilter(self)
        self.hide()

    def show_grabbed(self, grabbed: Grabbed) -> None:
        """Say where the pull stands; nothing is shown without the tool."""
        self.said.set_full_text(say_grabbed(grabbed))
        self.setAccessibleName(self.said.full_text)
        self.unpin.setVisible(bool(grabbed.pins))
        is_on = grabbed.state != "off"
        if is_on == self.isHidden():
            self.setVisible(is_on)
            self.raise_()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the upper edge."""
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        room = parent.rect()
        wanted = self.said.sizeHint().width() + _AROUND_PX
        if not self.unpin.isHidden():
            wanted += self.unpin.sizeHint().width() + 8
        wide = min(wanted, room.width() - 2 * _MARGIN_PX)
        left = (room.width() - wide) // 2
        self.setGeometry(left, room.top() + _MARGIN_PX, wide, self.sizeHint().height())


def say_grabbed(grabbed: Grabbed) -> str:
    """Give the honest word about a pull."""
    percent = round(grabbed.share * 100)
    words = {
        "ready": tr("Press on the picture and pull. Shift and a click put a pin that stays."),
        "holding": tr("Hold and pull."),
        "pulling": tr("{percent} % of the way", percent=percent),
        "there": tr("It came all the way."),
        "part": tr(
            "It came {percent} % of the way; the model's sliders bring it no further.",
            percent=percent,
        ),
        "stuck": tr("The model's sliders cannot move this there."),
        "flat": tr("There is nothing to hold on to here. Press on an edge or a spot."),
        "zones": tr("The fine zone only colours. Choose coarse or medium in Latents to pull."),
        "none": tr("This model has no sliders, so nothing can be pulled."),
    }
    return words.get(grabbed.state, "")
