"""The mixing sheet under the hand: a click on a mix goes there, heads take what is dropped on them."""

from typing import Final

import msgspec
from PySide6.QtCore import QEvent, QPointF, QRect, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from studio.app.mixing_desk import SIDE, Head, MixingDesk
from studio.app.small_pictures import SmallPictures
from studio.core.recipe import Recipe
from studio.ui.canvas_drop import Dropped, has_zones, read_drop
from studio.ui.mixing_layout import MixingLayout, lay_out
from studio.ui.recipe_drag import drag_recipe
from studio.ui.texts import N_, tr
from studio.ui.theme import tokens_of
from studio.ui.wall import WallPick
from studio.ui.wall_paint import Tile, TileMarks, paint_tile, star_rect, tick_rect
from studio.ui.wall_words import say_seeds

Place = tuple[int, int]
_TOO_MANY: Final = N_("This mix would need more than eight sources.")
_STEPS: Final[dict[int, Place]] = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class HeadDrop(msgspec.Struct, frozen=True):
    """What was dropped on a head of the sheet."""

    head: Head
    place: int
    dropped: Dropped


class MixingView(QWidget):
    """Draws heads and mixes; arrows move, Enter opens, S keeps, R takes another picture for a head.

    Signals:
        recipe_chosen: `WallPick` to put on the canvas.
        keep_requested: `WallPick` to keep as it is.
        head_dropped: `HeadDrop`.
        close_requested: Back to the canvas.
    """

    recipe_chosen = Signal(object)
    keep_requested = Signal(object)
    head_dropped = Signal(object)
    close_requested = Signal()

    def __init__(
        self, desk: MixingDesk, pictures: SmallPictures, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._desk, self._pictures = desk, pictures
        self._kept: frozenset[Recipe] = frozenset()
        self._layout: MixingLayout = lay_out(self.width(), self.height(), side=SIDE)
        self.current: Place = (1, 1)
        self._hovered: Place | None = None
        self._lit: Place | None = None
        self._press: QPointF | None = None
        desk.changed.connect(self._on_changed)
        pictures.ready.connect(self._on_picture)
        self._on_changed(None)

    def tile_rect(self, place: Place) -> QRect:
        """Give where a tile is; line 0 and column 0 are heads."""
        left, top = self._layout.tile(*place)
        return QRect(left, top, self._layout.tile_px, self._layout.tile_px)

    def recipe_at(self, place: Place) -> Recipe | None:
        """Give the recipe of a tile, None for the corner, an empty sheet and an impossible mix."""
        line, column = place
        if not self._desk.rows or place == (0, 0):
            return None
        if line == 0:
            return self._desk.columns[column - 1]
        return self._desk.rows[line - 1] if column == 0 else self._desk.cell(line - 1, column - 1)

    def set_kept(self, recipes: frozenset[Recipe]) -> None:
        """Show the star on what was kept."""
        self._kept = recipes
        self.update()

    def keep_current(self) -> None:
        """Keep the picture under the pointer, or the one that the keyboard is at."""
        self._keep(self._hovered or self.current)

    def roll_current(self) -> None:
        """Take another picture for the head at hand, or for all where a mix is."""
        line, column = self._hovered or self.current
        if line and column:
            self._desk.roll_all()
        else:
            self._roll((line, column))

    # ---------------------------------------------------------------- Qt's side

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tiles; a place whose picture is not there yet is plain grey."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.canvas))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for place in self._places():
            recipe = self.recipe_at(place)
            tile = Tile(recipe or self._desk.rows[0], problem="" if recipe else _TOO_MANY)
            tile.image = self._pictures.request(recipe) if recipe else None
            tile.is_kept = recipe in self._kept
            is_head = 0 in place
            marks = TileMarks(
                is_current=self.hasFocus() and place == self.current,
                is_hovered=place == self._hovered,
                offer="dice" if is_head else "",
            )
            paint_tile(painter, tile, rect=self.tile_rect(place), marks=marks, tokens=tokens)
            if place == self._lit:
                painter.setPen(QPen(QColor(tokens.accent), 3))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.tile_rect(place).adjusted(1, 1, -2, -2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the grid to the room."""
        super().resizeEvent(event)
        self._layout = lay_out(self.width(), self.height(), side=SIDE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note where a click or a drag begins."""
        self._press = event.position() if event.button() == Qt.MouseButton.LeftButton else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what is offered under the pointer, or take the picture along."""
        self._hover(self._layout.place_at(event.position().x(), event.position().y()))
        if self._press is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        way = (event.position() - self._press).manhattanLength()
        place = self._layout.place_at(self._press.x(), self._press.y())
        recipe = self.recipe_at(place) if place else None
        if recipe is not None and way >= QApplication.startDragDistance():
            self._press = None
            drag_recipe(self, recipe, image=self._pictures.image(recipe))

    def leaveEvent(self, event: QEvent) -> None:
        """Show it no longer."""
        super().leaveEvent(event)
        self._hover(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep where the star is, take another seed where the dice is, else go there."""
        pressed, self._press = self._press, None
        place = self._layout.place_at(event.position().x(), event.position().y())
        if pressed is None or place is None:
            return
        if self._layout.place_at(pressed.x(), pressed.y()) != place:
            return
        self._go(place)
        at, rect = event.position().toPoint(), self.tile_rect(place)
        if star_rect(rect).contains(at):
            self._keep(place)
        elif 0 in place and tick_rect(rect).contains(at):
            self._roll(place)
        else:
            self._open(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, open with Enter or Space, leave with Escape."""
        if event.key() in _STEPS and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            line, column = _STEPS[event.key()]
            self._go((self.current[0] + line, self.current[1] + column))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open(self.current)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_requested.emit()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures that can be mixed."""
        if has_zones(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Light the head under the pointer."""
        self._light(self._head_at(event.position()))
        event.setAccepted(self._lit is not None)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark."""
        self._light(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped on which head."""
        lit, dropped = self._head_at(event.position()), read_drop(event.mimeData())
        self._light(None)
        if lit is None or dropped is None:
            return
        event.acceptProposedAction()
        head, place = _head_of(lit)
        self.head_dropped.emit(HeadDrop(head, place, dropped))

    # ---------------------------------------------------------------- inside

    def _places(self) -> list[Place]:
        sides = range(SIDE + 1)
        if not self._desk.rows:
            return []
        return [(line, column) for line in sides for column in sides if (line, column) != (0, 0)]

    def _head_at(self, at: QPointF) -> Place | None:
        place = self._layout.place_at(at.x(), at.y())
        return place if place is not None and 0 in place and self._desk.rows else None

    def _go(self, place: Place) -> None:
        if place in self._places():
            self.current = place
            self._on_changed(None)

    def _roll(self, place: Place) -> None:
        head, number = _head_of(place)
        self._desk.roll(head, number)

    def _pick(self, place: Place) -> WallPick | None:
        recipe = self.recipe_at(place)
        if recipe is None:
            return None
        if 0 in place:
            return WallPick(recipe)
        parents = (self._desk.rows[place[0] - 1], self._desk.columns[place[1] - 1])
        return WallPick(recipe, parents)

    def _open(self, place: Place) -> None:
        if (pick := self._pick(place)) is not None:
            self.recipe_chosen.emit(pick)

    def _keep(self, place: Place) -> None:
        pick = self._pick(place)
        if pick is not None and pick.recipe not in self._kept:
            self.keep_requested.emit(pick)

    def _hover(self, place: Place | None) -> None:
        if place != self._hovered:
            self._hovered = place
            self.setToolTip(self._say(place) if place else "")
            self.update()

    def _light(self, place: Place | None) -> None:
        if place != self._lit:
            self._lit = place
            self.update()

    def _say(self, place: Place) -> str:
        recipe = self.recipe_at(place)
        if recipe is None:
            return tr(_TOO_MANY) if self._desk.rows else tr("Mixing sheet")
        line, column = place
        if line == 0:
            return tr("Column {n}: {seeds}", n=column, seeds=say_seeds(recipe))
        if column == 0:
            return tr("Row {n}: {seeds}", n=line, seeds=say_seeds(recipe))
        return tr("Mix of row {row} and column {column}", row=line, column=column)

    @Slot(object)
    def _on_changed(self, _cause: object) -> None:
        self.setAccessibleName(self._say(self.current))
        self.update()

    @Slot(object)
    def _on_picture(self, _recipe: object) -> None:
        self.update()


def _head_of(place: Place) -> tuple[Head, int]:
    line, column = place
    return ("column", column - 1) if line == 0 else ("row", line - 1)
