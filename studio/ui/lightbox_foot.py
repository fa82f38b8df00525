"""What can be done with the snapshot that is looked at: freer, closest, keep, open."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from studio.core.snapshot import Snapshot
from studio.ui.fine_slider import FineSlider
from studio.ui.texts import tr, tr_plural
from studio.ui.theme import mark


class LightboxFoot(QWidget):
    """A slider from closer to freer, and three buttons.

    Signals:
        open_pressed, keep_pressed, closest_pressed: The buttons.
    """

    open_pressed = Signal()
    keep_pressed = Signal()
    closest_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.freedom = FineSlider(0.0, 1.0, name=tr("Closer or freer"), step=0.05)
        self.freedom.setMinimumWidth(48)
        self.freedom.setMaximumWidth(200)
        self.freedom.setToolTip(tr("Closer to your pictures, or freer: nearer to the start"))
        self.freedom_text = mark(QLabel(), "sentence-small")
        self.closest = QPushButton()
        self.keep = QPushButton(tr("Keep as a model"))
        self.open = QPushButton(tr("Open on the canvas"))
        self._busy = mark(QLabel(), "sentence-small")
        self._can_blend = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(mark(QLabel(tr("closer")), "sentence-small"))
        row.addWidget(self.freedom, 1)
        row.addWidget(mark(QLabel(tr("freer")), "sentence-small"))
        row.addWidget(self.freedom_text)
        row.addStretch(1)
        for item in (self._busy, self.closest, self.keep, self.open):
            row.addWidget(item)
        self.freedom.value_edited.connect(self._show_freedom)
        self.freedom.default_requested.connect(self._back_to_closest)
        self.open.clicked.connect(self.open_pressed)
        self.keep.clicked.connect(self.keep_pressed)
        self.closest.clicked.connect(self.closest_pressed)
        self.set_busy("")

    @property
    def nearness(self) -> float:
        """How near to the artist's pictures what is opened will be, 0…1."""
        return 1.0 - self.freedom.number if self._can_blend else 1.0

    @property
    def is_busy(self) -> bool:
        """Whether something is being done with a snapshot."""
        return bool(self._busy.text())

    def set_busy(self, sentence: str) -> None:
        """Say what is being done, "" when it is done; nothing else can be asked meanwhile."""
        self._busy.setText(sentence)
        self._busy.setVisible(bool(sentence))
        for button in (self.open, self.keep):
            button.setEnabled(not sentence)

    def show_snapshot(self, snapshot: Snapshot | None, *, is_closest_shown: bool) -> None:
        """Offer what can be done with a snapshot."""
        self._can_blend = snapshot is not None and snapshot.number > 0
        self.freedom.setEnabled(self._can_blend)
        self._show_freedom(None)
        count = len(snapshot.nearest) if snapshot is not None else 0
        self.closest.setVisible(count > 0 or is_closest_shown)
        offer = tr_plural("Show the closest", "Show the {n} closest", n=count)
        self.closest.setText(tr("Back to the grid") if is_closest_shown else offer)

    @Slot(object)
    def _show_freedom(self, _number: object) -> None:
        share = round(100 * self.nearness)
        self.freedom_text.setText(tr("{share} %", share=share) if self._can_blend else "")
        self.freedom_text.setToolTip(tr("{share} % yours", share=share))

    @Slot()
    def _back_to_closest(self) -> None:
        self.freedom.show_number(0.0)
        self._show_freedom(None)
