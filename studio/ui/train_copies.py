"""Whether the newest measured snapshot copies, with the pair that is closest."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.app.snapshot_desk import SnapshotDesk
from studio.app.training_view import RunView
from studio.core.snapshot import Snapshot
from studio.ui.line_list import LineList
from studio.ui.picture_label import PictureLabel
from studio.ui.texts import tr
from studio.ui.theme import mark
from studio.ui.train_advice import copies_line

_PAIR_PX = 96


class CopiesPart(QWidget):
    """A sentence, the closest made picture beside the artist's, and a way to see more.

    Signals:
        closest_requested: Show all that were found closest.
    """

    closest_requested = Signal()

    def __init__(self, desk: SnapshotDesk, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._snapshot: Snapshot | None = None
        self.line = LineList()
        self._pair = QWidget()
        self._pictures = PictureLabel(_PAIR_PX)
        self._pictures.setFixedWidth(2 * _PAIR_PX + 6)
        captions = QHBoxLayout()
        captions.setSpacing(6)
        for words in (tr("made"), tr("closest of yours")):
            caption = mark(QLabel(words), "second")
            caption.setFixedWidth(_PAIR_PX)
            captions.addWidget(caption)
        captions.addStretch(1)
        pair = QVBoxLayout(self._pair)
        pair.setContentsMargins(28, 0, 0, 0)
        pair.setSpacing(2)
        pair.addWidget(self._pictures)
        pair.addLayout(captions)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(self._pair)
        self.line.pressed.connect(self._on_pressed)
        desk.pictures_ready.connect(self._show_pair)

    @property
    def has_words(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.line.lines)

    def show_view(self, view: RunView | None) -> None:
        """Show what a run's newest measured snapshot says; None for no run."""
        line = copies_line(view) if view is not None else None
        self._snapshot = view.newest_scored if view is not None else None
        self.line.show_lines((line,) if line is not None else ())
        self._show_pair(None)

    @Slot(object)
    def _show_pair(self, _cause: object) -> None:
        snapshot = self._snapshot
        pair = self._desk.pair(snapshot, 0) if snapshot is not None and snapshot.nearest else None
        self._pictures.show_images(pair or ())
        self._pair.setVisible(pair is not None)

    @Slot(object)
    def _on_pressed(self, _pressed: object) -> None:
        self.closest_requested.emit()
