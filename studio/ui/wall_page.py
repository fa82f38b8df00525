"""The wall with the line above it: what is shown, fresh ones, back."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.core.recipe import Recipe
from studio.ui.icon_button import IconButton
from studio.ui.texts import tr
from studio.ui.theme import mark
from studio.ui.wall import Wall, WallKind


class WallPage(QWidget):
    """Holds a wall and its buttons."""

    def __init__(self, wall: Wall, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "canvas")
        self.wall = wall
        self._title = mark(QLabel(self), "sentence")
        self._note = mark(
            QLabel(tr("Click opens a picture, the star keeps it."), self), "sentence-second"
        )
        self._more = mark(QPushButton(tr("More"), self), "bar")
        self._more.setAccessibleName(tr("More pictures"))
        self._more.setToolTip(tr("Other pictures (R)"))
        self._more.clicked.connect(wall.refill)
        self._close = IconButton("close", tr("Back to the picture (Esc)"), parent=self)
        self._close.clicked.connect(wall.close_requested)
        bar = QHBoxLayout()
        bar.setContentsMargins(24, 12, 24, 0)
        bar.setSpacing(12)
        bar.addWidget(self._title)
        bar.addWidget(self._note, 1)
        bar.addWidget(self._more)
        bar.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(wall, 1)

    @property
    def title(self) -> str:
        """What is said to be shown."""
        return self._title.text()

    def open(self, kind: WallKind, recipe: Recipe | None) -> None:
        """Fill the wall and take the keyboard."""
        self.wall.fill(kind, recipe)
        self._say()
        self.wall.setFocus()

    @Slot()
    def _say(self) -> None:
        is_fresh = self.wall.kind == "fresh"
        self._title.setText(tr("New pictures") if is_fresh else tr("Variations of this picture"))
