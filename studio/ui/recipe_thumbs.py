"""Small pictures of recipes as buttons: parents, sources, what stands beside a sheet."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QWidget

from studio.core.recipe import Recipe
from studio.ui.recipe_drag import drag_recipe
from studio.ui.theme import tokens_of
from studio.ui.wall_paint import inside

THUMB_PX = 32
# Gives the picture of a recipe, None until it has come; called whenever it is drawn.
Look = Callable[[Recipe], QImage | None]
_MANY, _MANY_PX = 4, 24  # more than this many are smaller, so that eight fit beside each other


class RecipeThumb(QAbstractButton):
    """The picture of one recipe; it can be dragged to wherever a picture is taken."""

    def __init__(
        self,
        recipe: Recipe,
        look: Look,
        *,
        tip: str,
        side_px: int = THUMB_PX,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.recipe, self._look = recipe, look
        self._press: QPointF | None = None
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setFixedSize(side_px, side_px)

    def sizeHint(self) -> QSize:
        """Give its size."""
        return self.size()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note where a drag would begin."""
        super().mousePressEvent(event)
        self._press = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the picture along."""
        way = (event.position() - self._press).manhattanLength() if self._press else 0
        if event.buttons() & Qt.MouseButton.LeftButton and way >= QApplication.startDragDistance():
            self._press = None
            self.setDown(False)
            drag_recipe(self, self.recipe, image=self._look(self.recipe))
        else:
            super().mouseMoveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture, a well until it has come."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        image = self._look(self.recipe)
        if image is None or image.isNull():
            painter.fillRect(self.rect(), QColor(tokens.base))
        else:
            painter.drawImage(inside(self.rect(), image), image)
        if self.hasFocus() or (self.underMouse() and self.isEnabled()):
            colour = tokens.accent if self.hasFocus() else tokens.handle
            painter.setPen(QPen(QColor(colour), 2 if self.hasFocus() else 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class RecipeThumbs(QWidget):
    """Several of them in a row.

    Signals:
        clicked: The `Recipe`.
    """

    clicked = Signal(object)

    def __init__(
        self,
        look: Look,
        *,
        side_px: int = THUMB_PX,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look, self._side_px = look, side_px
        self._shown: tuple[tuple[Recipe, str], ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """What is shown."""
        return tuple(recipe for recipe, _ in self._shown)

    def show_recipes(self, recipes: Sequence[Recipe], *, tips: Sequence[str]) -> None:
        """Show other recipes, each with the words of its tip."""
        shown = tuple(zip(recipes, tips, strict=True))
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for recipe, tip in shown:
            side_px = self._side_px if len(shown) <= _MANY else min(self._side_px, _MANY_PX)
            thumb = RecipeThumb(recipe, self._look, tip=tip, side_px=side_px)
            thumb.clicked.connect(self._on_clicked)
            self._row.addWidget(thumb)

    @Slot(object)
    def refresh(self, _cause: object = None) -> None:
        """Draw again what may have come."""
        for thumb in self.findChildren(RecipeThumb):
            thumb.update()

    @Slot()
    def _on_clicked(self) -> None:
        thumb = self.sender()
        if isinstance(thumb, RecipeThumb):
            self.clicked.emit(thumb.recipe)
