"""One of the two piles: pictures to drop on, click away, drag over to the other."""

from typing import Final

from PySide6.QtCore import QMimeData, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.app.small_pictures import SmallPictures
from studio.core.recipe import Recipe
from studio.ui.canvas_drop import can_take
from studio.ui.elided_label import name_label
from studio.ui.icon_button import IconButton
from studio.ui.recipe_thumbs import RecipeThumb
from studio.ui.texts import tr
from studio.ui.theme import mark, tokens_of

_LARGE_PX: Final = 34
_SMALL_PX: Final = 22
_MANY: Final = 8
_MOST: Final = 24
_GAP_PX: Final = 3


class PileThumb(RecipeThumb):
    """A picture on a pile; Delete takes it off, as a click does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Delete and Backspace for a click."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.click()
        else:
            super().keyPressEvent(event)


class PileBox(QWidget):
    """Shows a pile and takes drops.

    Attributes:
        thumbs: The pictures shown, the first of them when there are many.

    Signals:
        present_requested: The picture on the canvas is to lie here.
        dropped: `QMimeData` that was let go here; it lives until the slot returns.
        removed: `Recipe` that is to go.
    """

    present_requested = Signal()
    dropped = Signal(object)
    removed = Signal(object)

    def __init__(
        self, title: str, pictures: SmallPictures, *, key: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._title, self._pictures = title, pictures
        self._shown: tuple[Recipe, ...] = ()
        self.thumbs: list[PileThumb] = []
        self._is_target = False
        self.setAcceptDrops(True)
        self.setAccessibleName(title)
        self.add_present = IconButton(
            "plus", tr("{pile}: the picture on the canvas ({key})", pile=title, key=key), size=24
        )
        self.add_present.clicked.connect(self.present_requested)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(name_label(QLabel(title)), 1)
        head.addWidget(self.add_present)
        self._empty = mark(QLabel(tr("Drop pictures here")), "second")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._rest = mark(QLabel(), "second")
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP_PX)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._empty, 1)
        column.addLayout(self._grid)
        column.addWidget(self._rest)
        column.addStretch(1)
        self.setMinimumHeight(96)
        pictures.ready.connect(self._on_ready)
        self._say_rest()

    def show_pile(self, recipes: tuple[Recipe, ...]) -> None:
        """Show other pictures; the focus stays where it was."""
        if recipes == self._shown:
            return
        had_focus = any(thumb.hasFocus() for thumb in self.thumbs)
        self._shown = recipes
        for thumb in self.thumbs:
            self._grid.removeWidget(thumb)
            thumb.hide()
            thumb.deleteLater()
        self.thumbs = []
        side_px = _LARGE_PX if len(recipes) <= _MANY else _SMALL_PX
        num_columns = max(1, (self.width() - 12 + _GAP_PX) // (side_px + _GAP_PX))
        for place, recipe in enumerate(recipes[:_MOST]):
            thumb = PileThumb(recipe, self._pictures.request, tip=_tip(recipe), side_px=side_px)
            thumb.clicked.connect(self._on_clicked)
            self.thumbs.append(thumb)
            self._grid.addWidget(thumb, place // num_columns, place % num_columns)
            thumb.show()
        self._say_rest()
        if had_focus:
            (self.thumbs[-1] if self.thumbs else self.add_present).setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for anything that can carry a recipe."""
        if can_take(event.mimeData()):
            self._set_target(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._set_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was let go here."""
        self._set_target(False)
        event.acceptProposedAction()
        mime: QMimeData = event.mimeData()
        self.dropped.emit(mime)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a well, lit while something hangs over it."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(tokens.base))
        painter.setPen(QPen(QColor(tokens.accent if self._is_target else tokens.base), 2))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)

    def _set_target(self, is_target: bool) -> None:
        self._is_target = is_target
        self.update()

    def _say_rest(self) -> None:
        self._empty.setVisible(not self._shown)
        more = len(self._shown) - _MOST
        self._rest.setText(tr("and {n} more", n=more))
        self._rest.setVisible(more > 0)

    @Slot()
    def _on_clicked(self) -> None:
        thumb = self.sender()
        if isinstance(thumb, PileThumb):
            self.removed.emit(thumb.recipe)

    @Slot(object)
    def _on_ready(self, _recipe: object) -> None:
        for thumb in self.thumbs:
            thumb.update()


def _tip(recipe: Recipe) -> str:
    seed = recipe.sources[0].seed
    if seed is None:
        return tr("Click to take it off the pile")
    return tr("Seed {seed}: click to take it off the pile", seed=seed)
