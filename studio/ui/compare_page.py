"""Two states side by side: both pictures, and in words what differs."""

from typing import Final

import msgspec
from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.app.small_pictures import SmallPictures
from studio.core.recipe import Recipe
from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.texts import tr, tr_plural
from studio.ui.theme import mark, tokens_of

_LINES_PX: Final = 108


class ComparedState(msgspec.Struct, frozen=True):
    """One of the two: its id in the history, its recipe, and what is said of it."""

    node_id: int
    recipe: Recipe
    name: str
    when: str


class ComparePage(QWidget):
    """Shows two states; a click on one goes there.

    Signals:
        state_chosen: Id of the state.
        close_requested: Back to the canvas.
    """

    state_chosen = Signal(object)
    close_requested = Signal()

    def __init__(self, pictures: SmallPictures, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "canvas")
        self._title = mark(ElidedLabel(tr("Two states side by side")), "sentence")
        self._note = mark(ElidedLabel(tr("Click a picture to go there.")), "sentence-second")
        close = IconButton("close", tr("Back to the picture (Esc)"))
        self.sides = (StateView(pictures), StateView(pictures))
        self.lines = mark(QLabel(), "sentence-second")
        self.lines.setWordWrap(True)
        self.lines.setTextFormat(Qt.TextFormat.PlainText)
        self.lines.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setFocusProxy(self.sides[0].picture)
        self._lay_out(close)
        close.clicked.connect(self.close_requested)
        for side in self.sides:
            side.chosen.connect(self.state_chosen)
        pictures.ready.connect(self._on_picture)

    def show_states(
        self, one: ComparedState, other: ComparedState, *, differences: list[str]
    ) -> None:
        """Show two states and the lines that tell what differs."""
        for side, state in zip(self.sides, (one, other), strict=True):
            side.show_state(state)
        count = len(differences)
        self._title.set_full_text(
            tr_plural("One difference", "{n} differences", n=count)
            if count
            else tr("The two states are equal")
        )
        self.lines.setText("\n".join(differences))
        self.lines.setAccessibleName("; ".join(differences))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from one to the other with the arrows, leave with Escape."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            side = self.sides[event.key() == Qt.Key.Key_Right]
            side.picture.setFocus(Qt.FocusReason.TabFocusReason)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_requested.emit()
        else:
            super().keyPressEvent(event)

    def _lay_out(self, close: QWidget) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(24, 12, 24, 0)
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._note, 1)
        head.addWidget(close)
        both = QHBoxLayout()
        both.setContentsMargins(24, 12, 24, 0)
        both.setSpacing(12)
        for side in self.sides:
            both.addWidget(side, 1)
        area = QScrollArea()
        area.setWidget(self.lines)
        area.setWidgetResizable(True)
        area.setFixedHeight(_LINES_PX)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setAutoFillBackground(False)
        self.lines.setAutoFillBackground(False)
        self.lines.setContentsMargins(24, 0, 14, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(both, 1)
        column.addWidget(area)

    @Slot(object)
    def _on_picture(self, _recipe: object) -> None:
        for side in self.sides:
            side.picture.update()


class StateView(QWidget):
    """One state: its picture and what is said of it.

    Signals:
        chosen: Id of the state.
    """

    chosen = Signal(object)

    def __init__(self, pictures: SmallPictures, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state: ComparedState | None = None
        self.picture = StatePicture(pictures)
        self._name = mark(ElidedLabel(), "sentence-title")
        self._when = mark(ElidedLabel(), "sentence-small")
        for label in (self._name, self._when):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.picture, 1)
        column.addWidget(self._name)
        column.addWidget(self._when)
        self.picture.clicked.connect(self._on_clicked)

    def show_state(self, state: ComparedState) -> None:
        """Show another state."""
        self.state = state
        self._name.set_full_text(state.name)
        self._when.set_full_text(state.when)
        self.picture.show_recipe(state.recipe, tip=tr("Go to “{name}”", name=state.name))

    @Slot()
    def _on_clicked(self) -> None:
        if self.state is not None:
            self.chosen.emit(self.state.node_id)


class StatePicture(QAbstractButton):
    """The picture of a state, as large as it goes."""

    def __init__(self, pictures: SmallPictures, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._recipe: Recipe | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Picture"))

    def show_recipe(self, recipe: Recipe, *, tip: str) -> None:
        """Show another picture."""
        self._recipe = recipe
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.update()

    def sizeHint(self) -> QSize:
        """Give little: it takes what there is."""
        return QSize(120, 120)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture in the middle, a well until it has come."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        image = self._pictures.request(self._recipe) if self._recipe is not None else None
        size = QSize(1, 1) if image is None else image.size()
        shown = size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - shown.width()) / 2, self.height() - shown.height()
        area = QRectF(left, top, shown.width(), shown.height())  # its words stand right below
        if image is None:
            painter.fillRect(area, QColor(tokens.panel))
        else:
            painter.drawImage(area, image)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.handle), 2))
            painter.drawRect(area.adjusted(1, 1, -1, -1))
