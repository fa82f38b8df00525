"""Where a slider is taught: two piles, what they have taught, its strip, a name."""

from PySide6.QtCore import QMimeData, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.app.pile_store import Pile
from studio.app.strips import POSITIONS
from studio.app.teaching_desk import TeachingDesk
from studio.core.direction_book import MAX_NAME
from studio.core.recipe import Recipe
from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.pile import PileBox
from studio.ui.preview_strip import PreviewStrip
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.teach_words import say_lesson
from studio.ui.texts import tr, tr_error
from studio.ui.theme import mark


class TeachPage(QScrollArea):
    """Shows the piles of a desk and hands it the artist's wishes.

    Signals:
        dropped: (`QMimeData`, "more" or "less") that has to be turned into recipes.
        kept: `TaughtDirection` that is a slider now.
        closed: The artist goes back to the sliders; the piles stay.
    """

    dropped = Signal(object)
    kept = Signal(object)
    closed = Signal()

    def __init__(self, desk: TeachingDesk, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        keep_room(self)
        self.boxes: dict[Pile, PileBox] = {
            "more": PileBox(tr("More like this"), desk.pictures, key="+"),
            "less": PileBox(tr("Less like this"), desk.pictures, key="\N{MINUS SIGN}"),
        }
        self.apart = QCheckBox(tr("Leave starred sliders alone"))
        self.apart.setAccessibleName(self.apart.text())
        self.sentence = mark(QLabel(), "second")
        self.sentence.setWordWrap(True)
        self.strip = PreviewStrip(POSITIONS, name=tr("the new slider"))
        self.name = QLineEdit()
        self.name.setMaxLength(MAX_NAME)
        self.name.setPlaceholderText(tr("Name, such as “calm ↔ storm”"))
        self.name.setAccessibleName(tr("Name of the slider"))
        self.keep = mark(QPushButton(tr("Keep slider")), "main")
        self.keep.setAccessibleName(self.keep.text())
        self.clear = mark(QPushButton(tr("Clear")), "quiet")
        self.clear.setAccessibleName(tr("Empty both piles"))
        self.close_button = IconButton("close", tr("Back to the sliders"), size=24)
        self._lay_out()
        self._connect()
        self._show()

    def sizeHint(self) -> QSize:
        """Give a height that shows all where there is room."""
        return QSize(300, 360)

    def showEvent(self, event: QShowEvent) -> None:
        """The piles are laid out for the width they have now."""
        super().showEvent(event)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the sliders."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 4, 2, 8)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(mark(ElidedLabel(tr("Teach a slider")), "second"), 1)
        head.addWidget(self.clear)
        head.addWidget(self.close_button)
        piles = QHBoxLayout()
        piles.setSpacing(8)
        for box in self.boxes.values():
            piles.addWidget(box, 1)
        last = QHBoxLayout()
        last.setSpacing(8)
        last.addWidget(self.name, 1)
        last.addWidget(self.keep)
        column.addLayout(head)
        column.addLayout(piles)
        column.addWidget(self.sentence)
        column.addWidget(self.strip)
        column.addWidget(self.apart)
        column.addLayout(last)
        column.addStretch(1)
        self.setWidget(inside)

    def _connect(self) -> None:
        desk = self._desk
        for box in self.boxes.values():
            box.present_requested.connect(self._on_present)
            box.dropped.connect(self._on_dropped)
            box.removed.connect(self._on_removed)
        desk.changed.connect(self._show)
        desk.picture_ready.connect(self._on_picture)
        self.apart.toggled.connect(desk.set_apart)
        self.strip.position_chosen.connect(desk.try_at)
        self.name.returnPressed.connect(self._keep)
        self.keep.clicked.connect(self._keep)
        self.clear.clicked.connect(desk.clear)
        self.close_button.clicked.connect(self.closed)

    @Slot()
    def _show(self, _cause: object = None) -> None:
        desk = self._desk
        for which, box in self.boxes.items():
            box.show_pile(desk.pile(which))
        has_any = any(desk.pile(which) for which in self.boxes)
        self.clear.setVisible(has_any)
        self.keep.setVisible(has_any)
        self.keep.setEnabled(desk.learned is not None)
        self.apart.setVisible(bool(desk.starred))
        self.sentence.setText(self._words(has_any=has_any))
        mark(self.sentence, "warn" if desk.problem else "second")
        self.strip.setVisible(desk.learned is not None)
        self.strip.show_number(desk.number)
        self.name.setVisible(has_any)
        if desk.learned is None:
            for place in range(len(POSITIONS)):
                self.strip.set_image(place, None)

    def _words(self, *, has_any: bool) -> str:
        desk = self._desk
        if desk.problem is not None:
            return tr_error(desk.problem)
        if not has_any:
            return tr(
                "Put pictures that have what you want on the left pile, and pictures that lack it on "
                "the right one: drag them from Styles, or press + and − for the picture on the canvas."
            )
        if desk.learned is None:
            return tr("Looking for what sets the piles apart…")
        more, less = len(desk.pile("more")), len(desk.pile("less"))
        return say_lesson(more, less, hits=desk.learned.hits)

    def _sender_pile(self) -> Pile:
        return "more" if self.sender() is self.boxes["more"] else "less"

    @Slot()
    def _on_present(self) -> None:
        self._desk.add_present(self._sender_pile())

    @Slot(object)
    def _on_dropped(self, mime: QMimeData) -> None:
        self.dropped.emit((mime, self._sender_pile()))

    @Slot(object)
    def _on_removed(self, recipe: Recipe) -> None:
        self._desk.remove(recipe, self._sender_pile())

    @Slot(object)
    def _on_picture(self, picture: tuple[int, QImage]) -> None:
        self.strip.set_image(*picture)

    @Slot()
    def _keep(self) -> None:
        taught = self._desk.keep(self.name.text().strip() or tr("Taught slider"))
        if taught is not None:
            self.name.clear()
            self.kept.emit(taught)
