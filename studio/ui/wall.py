"""The explore wall: many small pictures at once; a click opens one, the star keeps it."""

import random
import time
from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import QEvent, QPointF, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from studio.app.engine_client import EngineClient, RequestFailure, SmallPicture
from studio.core.exploring import fresh_recipe, nearby_recipe
from studio.core.recipe import DEFAULT_PSI, Recipe
from studio.ui.pictures import to_image
from studio.ui.texts import tr
from studio.ui.theme import tokens_of
from studio.ui.wall_layout import WallLayout, lay_out
from studio.ui.wall_paint import FADE_MS, Tile, WallSheet, paint_wall, star_rect, tile_rect

KEY: Final = "wall"
_FRAME_MS: Final = 16
_SIZES: Final = (64, 128, 256)

WallKind = Literal["fresh", "nearby"]


class Wall(QWidget):
    """Fills itself with pictures as they arrive; arrows move, Enter opens, S keeps, R takes fresh ones.

    Signals:
        recipe_chosen: `Recipe` to put on the canvas.
        keep_requested: `Recipe` to keep as it is.
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
        self._engine = engine
        self._random = random_source or random.Random()
        self._clock = clock
        self._tiles: list[Tile] = []
        self._layout: WallLayout = lay_out(self.width(), self.height())
        self._current = 0
        self._hovered: int | None = None
        self._round = 0
        self._kind: WallKind = "fresh"
        self._recipe: Recipe | None = None
        self._fade = QTimer(self)
        self._fade.setInterval(_FRAME_MS)
        self._fade.timeout.connect(self._on_fade)
        engine.small_ready.connect(self._on_small_ready)
        engine.request_failed.connect(self._on_failed)
        self._name_current()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """The places of the wall."""
        return tuple(self._tiles)

    @property
    def kind(self) -> WallKind:
        """Whether it shows fresh pictures or variations."""
        return self._kind

    @property
    def current(self) -> int:
        """The place that the keyboard is at."""
        return self._current

    def tile_rect(self, place: int) -> QRect:
        """Give where a tile is."""
        return tile_rect(self._layout, place)

    def fill(self, kind: WallKind, recipe: Recipe | None) -> None:
        """Ask for a wall of pictures.

        Args:
            kind: "fresh" for random seeds, "nearby" for variations of the recipe.
            recipe: What is on the canvas; fresh pictures take its truncation.
        """
        if self._engine.opened is None:
            return
        self._kind = kind if recipe is not None else "fresh"
        self._recipe = recipe
        self._engine.cancel_small((KEY,))
        self._round += 1
        self._tiles = []
        self._current = 0
        self._grow()

    def empty(self) -> None:
        """Forget all pictures and what was asked."""
        self._engine.cancel_small((KEY,))
        self._fade.stop()
        self._tiles = []
        self.update()

    def refill(self) -> None:
        """Show other pictures of the same kind."""
        self.fill(self._kind, self._recipe)

    def mark_kept(self, recipe: Recipe) -> None:
        """Show the star on the tiles of a recipe that has been kept."""
        for tile in self._tiles:
            if tile.recipe == recipe:
                tile.is_kept = True
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tiles; a place whose picture is not there yet is plain grey."""
        sheet = WallSheet(
            tiles=self._tiles,
            layout=self._layout,
            current=self._current if self.hasFocus() else None,
            hovered=self._hovered,
            now_s=self._clock(),
        )
        paint_wall(QPainter(self), sheet, tokens=tokens_of(self.palette()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the grid to the room; new places are filled."""
        super().resizeEvent(event)
        self._layout = lay_out(self.width(), self.height())
        if self._tiles:
            del self._tiles[self._layout.num_tiles :]
            self._current = min(self._current, len(self._tiles) - 1)
            self._grow()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show star and frame under the pointer."""
        self._hover(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """Show them no longer."""
        super().leaveEvent(event)
        self._hovered = None
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep where the star is, open everywhere else on a tile."""
        place = self._place_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or place is None:
            return
        self._go(place)
        if star_rect(self.tile_rect(place)).contains(event.position().toPoint()):
            self._keep(place)
        else:
            self._open(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows, open with Enter or Space, leave with Escape."""
        columns = self._layout.columns
        steps: dict[int, int] = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }
        if event.key() in steps:
            self._go(self._current + steps[event.key()])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open(self._current)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_requested.emit()
        else:
            super().keyPressEvent(event)

    def keep_current(self) -> None:
        """Keep the picture that the keyboard is at, or the one under the pointer."""
        self._keep(self._hovered if self._hovered is not None else self._current)

    def _grow(self) -> None:
        opened = self._engine.opened
        if opened is None:
            return
        wanted_px = self._layout.tile_px * self.devicePixelRatioF()
        most = min(opened.card.resolution, _SIZES[-1])
        size = next((side for side in _SIZES if side >= min(wanted_px, most)), most)
        for place in range(len(self._tiles), self._layout.num_tiles):
            recipe = self._make_recipe(opened.card.model)
            self._tiles.append(Tile(recipe))
            self._engine.request_small((KEY, self._round, place), recipe, size=size)
        self._name_current()
        self.update()

    def _make_recipe(self, model: str) -> Recipe:
        opened = self._engine.opened
        if self._kind == "nearby" and self._recipe is not None and opened is not None:
            names = [entry.id for entry in opened.directions]
            return nearby_recipe(self._recipe, self._random, directions=names)
        psi = self._recipe.psi if self._recipe is not None else (DEFAULT_PSI,) * 3
        return fresh_recipe(model, self._random, psi=psi)

    @Slot(object)
    def _on_small_ready(self, small: SmallPicture) -> None:
        tile = self._tile_of(small.key)
        if tile is not None and tile.recipe == small.recipe:
            tile.image = to_image(small.picture)
            tile.problem = ""
            tile.arrived_s = self._clock()
            self._fade.start()
            self.update()

    @Slot(object)
    def _on_failed(self, failure: RequestFailure) -> None:
        tile = self._tile_of(failure.key) if failure.key is not None else None
        if tile is not None:
            tile.problem = failure.error.what
            self.update()

    def _tile_of(self, key: tuple[str | int, ...]) -> Tile | None:
        if len(key) != 3 or key[0] != KEY or key[1] != self._round:
            return None
        place = key[2]
        is_here = isinstance(place, int) and 0 <= place < len(self._tiles)
        return self._tiles[int(place)] if is_here else None

    @Slot()
    def _on_fade(self) -> None:
        self.update()
        newest_s = max((tile.arrived_s for tile in self._tiles), default=0.0)
        if (self._clock() - newest_s) * 1000 > FADE_MS:
            self._fade.stop()

    def _place_at(self, place: QPointF) -> int | None:
        found = self._layout.place_at(place.x(), place.y())
        return found if found is not None and found < len(self._tiles) else None

    def _hover(self, place: QPointF) -> None:
        hovered = self._place_at(place)
        if hovered != self._hovered:
            self._hovered = hovered
            tile = self._tiles[hovered] if hovered is not None else None
            self.setToolTip(tile.problem if tile else "")
            self.update()

    def _go(self, place: int) -> None:
        if 0 <= place < len(self._tiles):
            self._current = place
            self._name_current()
            self.update()

    def _open(self, place: int) -> None:
        if 0 <= place < len(self._tiles) and not self._tiles[place].problem:
            self.recipe_chosen.emit(self._tiles[place].recipe)

    def _keep(self, place: int) -> None:
        if 0 <= place < len(self._tiles) and not self._tiles[place].is_kept:
            self.keep_requested.emit(self._tiles[place].recipe)

    def _name_current(self) -> None:
        seed = self._tiles[self._current].recipe.sources[0].seed if self._tiles else None
        self.setAccessibleName(
            tr("Wall of pictures")
            if not self._tiles
            else tr(
                "Picture {place} of {count}, seed {seed}",
                place=self._current + 1,
                count=len(self._tiles),
                seed="–" if seed is None else seed,
            )
        )
