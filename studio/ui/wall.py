"""The explore wall: sheets of small pictures; a click opens one, the star keeps it, ticks breed."""

import random
import time
from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import QEvent, QPointF, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from studio.app.engine_client import EngineClient
from studio.core.breeding import SheetKind
from studio.core.recipe import Recipe
from studio.ui.recipe_drag import drag_recipe
from studio.ui.texts import tr
from studio.ui.theme import tokens_of
from studio.ui.wall_desk import WallDesk
from studio.ui.wall_layout import WallLayout, lay_out
from studio.ui.wall_paint import (
    FADE_MS,
    Tile,
    WallSheet,
    paint_wall,
    star_rect,
    tick_rect,
    tile_rect,
)
from studio.ui.wall_words import name_tile, say_seeds

_FRAME_MS: Final = 16

WallKind = SheetKind


class WallPick(msgspec.Struct, frozen=True):
    """A picture of the wall that something is to be done with, and what it was bred from."""

    recipe: Recipe
    made_from: tuple[Recipe, ...] = ()


class Wall(QWidget):
    """Fills itself with pictures as they arrive; arrows move, Enter opens, S keeps, Space chooses.

    Signals:
        recipe_chosen: `WallPick` to put on the canvas.
        keep_requested: `WallPick` to keep as it is.
        close_requested: Back to the canvas.
    """

    recipe_chosen = Signal(object)
    keep_requested = Signal(object)
    close_requested = Signal()

    def __init__(
        self,
        engine: EngineClient,
        *,
        parent: QWidget | None = None,
        random_source: random.Random | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._clock = clock
        chance = random_source or random.Random()
        self.desk = WallDesk(engine, random_source=chance, clock=clock, parent=self)
        self._layout: WallLayout = lay_out(self.width(), self.height())
        self._hovered: int | None = None
        self._press: QPointF | None = None
        self.num_painted = 0  # tiles whose picture was on the screen when it was last drawn
        self._fade = QTimer(self)
        self._fade.setInterval(_FRAME_MS)
        self._fade.timeout.connect(self._on_fade)
        self.desk.sheet_changed.connect(self._on_sheet)
        self.desk.tiles_changed.connect(self._on_tiles)
        self.desk.arrived.connect(self._on_arrived)
        self._on_tiles(None)

    @property
    def kind(self) -> WallKind:
        """Whether it shows fresh pictures, variations or children."""
        return self.desk.sheet.kind if self.desk.sheet else "fresh"

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """The places of the wall."""
        return self.desk.tiles

    @property
    def current(self) -> int:
        """The place that the keyboard is at."""
        return self.desk.trail.present.current if self.desk.trail.present else 0

    @property
    def at_hand(self) -> Recipe | None:
        """The picture under the pointer, else the one that the keyboard is at; None without any."""
        place = self._at_hand()
        return self.tiles[place].recipe if 0 <= place < len(self.tiles) else None

    @property
    def chosen(self) -> tuple[int, ...]:
        """The places that are chosen to be bred, in the order they were chosen."""
        return tuple(self.desk.trail.present.chosen) if self.desk.trail.present else ()

    def tile_rect(self, place: int) -> QRect:
        """Give where a tile is."""
        return tile_rect(self._layout, place)

    def empty(self) -> None:
        """Ask for nothing more; the sheets stay for the way back."""
        self.desk.stop()
        self._fade.stop()
        self._hovered = None
        self.update()

    def breed(self) -> None:
        """Show children of the chosen tiles; variations of one, or of the one at hand."""
        shown = self.desk.trail.present
        if shown is not None and shown.tiles:
            at_hand = (shown.tiles[self._at_hand()].recipe,)
            self.desk.show_children_of(shown.chosen_recipes or at_hand)

    def keep_current(self) -> None:
        """Keep the picture that the keyboard is at, or the one under the pointer."""
        self._keep(self._at_hand())

    # ---------------------------------------------------------------- Qt's side

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tiles; a place whose picture is not there yet is plain grey."""
        sheet = WallSheet(
            tiles=self.tiles,
            layout=self._layout,
            current=self.current if self.hasFocus() else None,
            hovered=self._hovered,
            now_s=self._clock(),
            chosen=self.chosen,
        )
        paint_wall(QPainter(self), sheet, tokens=tokens_of(self.palette()))
        self.num_painted = sum(tile.image is not None for tile in self.tiles)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the grid to the room; new places are filled."""
        super().resizeEvent(event)
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note where a click or a drag begins."""
        self._press = event.position() if event.button() == Qt.MouseButton.LeftButton else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what is offered under the pointer, or take the picture along."""
        self._hover(event.position())
        if self._press is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        way = (event.position() - self._press).manhattanLength()
        place = self._place_at(self._press)
        if place is not None and way >= QApplication.startDragDistance():
            self._press = None
            drag_recipe(self, self.tiles[place].recipe, image=self.tiles[place].image)

    def leaveEvent(self, event: QEvent) -> None:
        """Show it no longer."""
        super().leaveEvent(event)
        self._hovered = None
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep where the star is, choose where the tick is, open everywhere else on a tile."""
        pressed, self._press = self._press, None
        place = self._place_at(event.position())
        if pressed is None or place is None or self._place_at(pressed) != place:
            return
        self._go(place)
        at, rect = event.position().toPoint(), self.tile_rect(place)
        many = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if star_rect(rect).contains(at):
            self._keep(place)
        elif tick_rect(rect).contains(at) or event.modifiers() & many:
            self.desk.choose(place)
        else:
            self._open(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, open with Enter, choose with Space, leave with Escape."""
        columns = self._layout.columns
        steps: dict[int, int] = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }
        if event.key() in steps and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._go(self.current + steps[event.key()])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.current)
        elif event.key() == Qt.Key.Key_Space:
            self.desk.choose(self.current)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_requested.emit()
        else:
            super().keyPressEvent(event)

    # ---------------------------------------------------------------- inside

    def _fit(self) -> None:
        self._layout = lay_out(self.width(), self.height(), side=self.desk.side)
        self.desk.fit(
            self._layout.num_tiles, wanted_px=self._layout.tile_px * self.devicePixelRatioF()
        )

    @Slot(object)
    def _on_sheet(self, _cause: object) -> None:
        self._hovered = None
        self.num_painted = 0
        self._fit()

    @Slot(object)
    def _on_tiles(self, _cause: object) -> None:
        tiles, place = self.tiles, self.current
        said = tr("Wall of pictures")
        if tiles:
            is_chosen = place in self.chosen
            said = name_tile(tiles[place], place, count=len(tiles), is_chosen=is_chosen)
        self.setAccessibleName(said)
        self.update()

    @Slot(object)
    def _on_arrived(self, _cause: object) -> None:
        self._fade.start()

    @Slot()
    def _on_fade(self) -> None:
        self.update()
        newest_s = max((tile.arrived_s for tile in self.tiles), default=0.0)
        if (self._clock() - newest_s) * 1000 > FADE_MS:
            self._fade.stop()

    def _at_hand(self) -> int:
        return self._hovered if self._hovered is not None else self.current

    def _place_at(self, place: QPointF) -> int | None:
        found = self._layout.place_at(place.x(), place.y())
        return found if found is not None and found < len(self.tiles) else None

    def _hover(self, place: QPointF) -> None:
        hovered = self._place_at(place)
        if hovered != self._hovered:
            self._hovered = hovered
            tile = self.tiles[hovered] if hovered is not None else None
            self.setToolTip(tile.problem or say_seeds(tile.recipe) if tile else "")
            self.update()

    def _go(self, place: int) -> None:
        shown = self.desk.trail.present
        if shown is not None and 0 <= place < len(shown.tiles):
            shown.current = place
            self._on_tiles(None)

    def _pick(self, place: int) -> WallPick:
        parents = self.desk.sheet.parents if self.desk.sheet else ()
        return WallPick(self.tiles[place].recipe, parents)

    def _open(self, place: int) -> None:
        if 0 <= place < len(self.tiles) and not self.tiles[place].problem:
            self.recipe_chosen.emit(self._pick(place))

    def _keep(self, place: int) -> None:
        if 0 <= place < len(self.tiles) and not self.tiles[place].is_kept:
            self.keep_requested.emit(self._pick(place))
