"""What stands on the wall's sheets: makes their recipes, asks for pictures and takes them."""

import random
from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.engine_client import EngineClient, RequestFailure, SmallPicture
from studio.core.arrays import middle_square
from studio.core.breeding import DEFAULT_SPREAD, MAX_PARENTS, Sheet, SheetKind, recipe_on
from studio.core.recipe import DEFAULT_PSI, ZONES, Recipe, Zone
from studio.ui.pictures import to_image
from studio.ui.wall_layout import MAX_SIDE
from studio.ui.wall_paint import Tile
from studio.ui.wall_sheets import SheetTrail

KEY: Final = "wall"
NINE: Final = 3  # 3 × 3: large enough to judge, few enough to compare
_SIZES: Final = (64, 128, 256)
_MAX_NUMBER: Final = 2**31 - 1


class WallDesk(QObject):
    """Owns the sheets. The wall says how many tiles there is room for, and how large they are.

    Signals:
        sheet_changed: None; another sheet is shown, or other tiles of it are chosen.
        tiles_changed: None; something about the tiles is different.
        sheet_varied: None; the spread or the zones of the sheet are different.
        arrived: None; a place was filled for the first time.
    """

    sheet_changed = Signal(object)
    tiles_changed = Signal(object)
    sheet_varied = Signal(object)
    arrived = Signal(object)

    def __init__(
        self,
        engine: EngineClient,
        *,
        random_source: random.Random,
        clock: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine, self._random, self._clock = engine, random_source, clock
        self.trail = SheetTrail()
        self._side, self._spread = NINE, DEFAULT_SPREAD
        self._zones: tuple[Zone, ...] = ZONES
        self._wanted_px = 0.0
        engine.small_ready.connect(self._on_small_ready)
        engine.request_failed.connect(self._on_failed)

    @property
    def sheet(self) -> Sheet | None:
        """What is shown, None before the first sheet."""
        return self.trail.present.sheet if self.trail.present else None

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """The places."""
        return tuple(self.trail.present.tiles) if self.trail.present else ()

    @property
    def side(self) -> int:
        """How many tiles stand beside each other at most."""
        is_fresh = self.sheet is None or self.sheet.kind == "fresh"
        return MAX_SIDE if is_fresh else self._side

    @property
    def spread(self) -> float:
        """How far variations go, 0…1."""
        return self._spread

    # ---------------------------------------------------------------- other sheets

    def fill(self, kind: SheetKind, recipe: Recipe | None) -> None:
        """Show a new sheet: random seeds, or variations of the recipe on the canvas."""
        opened = self._engine.opened
        if opened is None:
            return
        if kind == "nearby" and recipe is not None and recipe.model == opened.card.model:
            self.show_children_of((recipe,))
        else:
            psi = recipe.psi if recipe is not None else (DEFAULT_PSI,) * 3
            self._show(Sheet("fresh", opened.card.model, psi=psi))

    def show_children_of(self, parents: tuple[Recipe, ...]) -> None:
        """Show children of some pictures, variations of one."""
        kind: SheetKind = "nearby" if len(parents) == 1 else "children"
        some = parents[:MAX_PARENTS]
        model, spread, zones = some[0].model, self._spread, self._zones
        self._show(Sheet(kind, model, parents=some, spread=spread, zones=zones))

    def refill(self) -> None:
        """Show other pictures of the same kind; of another model fresh ones."""
        sheet, opened = self.sheet, self._engine.opened
        if sheet is None or opened is None:
            return
        if sheet.model != opened.card.model:
            self.trail.clear()
            sheet = Sheet("fresh", opened.card.model, psi=sheet.psi)
        self._show(sheet)

    def turn(self, step: int) -> None:
        """Show the sheet before (-1) or after (1)."""
        shown = self.trail.move(step)
        if shown is not None:
            self._engine.cancel_small((KEY,))
            if shown.sheet.kind != "fresh":
                self._spread = shown.sheet.spread
            self.sheet_changed.emit(None)

    def set_spread(self, spread: float) -> None:
        """Show the same variations nearer or farther."""
        self._spread = spread
        self._vary(lambda sheet: msgspec.structs.replace(sheet, spread=spread))

    def set_zones(self, zones: tuple[Zone, ...]) -> None:
        """Let other zones vary."""
        self._zones = zones
        self._vary(lambda sheet: msgspec.structs.replace(sheet, zones=zones))

    def set_side(self, side: int) -> None:
        """Show more or fewer variations."""
        if side != self._side:
            self._side = side
            self.sheet_changed.emit(None)

    def stop(self) -> None:
        """Ask for nothing more."""
        self._engine.cancel_small((KEY,))

    def choose(self, place: int) -> None:
        """Choose a tile to be bred, or no longer; at most eight are chosen."""
        shown = self.trail.present
        if shown is None or not 0 <= place < len(shown.tiles) or shown.tiles[place].problem:
            return
        if place in shown.chosen:
            shown.chosen.remove(place)
        elif len(shown.chosen) < MAX_PARENTS:
            shown.chosen.append(place)
        self.tiles_changed.emit(None)

    def mark_kept(self, recipe: Recipe) -> None:
        """Show the star on the tiles of a recipe that has been kept."""
        self.trail.mark_kept(recipe)
        self.tiles_changed.emit(None)

    # ---------------------------------------------------------------- tiles

    def fit(self, num_tiles: int, *, wanted_px: float) -> None:
        """Bring the tiles to a number; new ones and those without a picture are asked for."""
        shown = self.trail.present
        self._wanted_px = wanted_px
        if shown is None:
            return
        del shown.tiles[num_tiles:]
        shown.chosen = [place for place in shown.chosen if place < num_tiles]
        for place in range(num_tiles):
            if place == len(shown.tiles):
                number = self._random.randint(0, _MAX_NUMBER)
                recipe = recipe_on(shown.sheet, number, directions=self._directions())
                shown.tiles.append(Tile(recipe, number))
            if shown.tiles[place].image is None:
                self._ask(place)
        shown.current = min(shown.current, num_tiles - 1)
        self.tiles_changed.emit(None)

    def _show(self, sheet: Sheet) -> None:
        self._engine.cancel_small((KEY,))
        self.trail.push(sheet)
        self.sheet_changed.emit(None)

    def _vary(self, change: Callable[[Sheet], Sheet]) -> None:
        """Make the present recipes anew from the same numbers; the old pictures stay till then."""
        shown = self.trail.present
        if shown is None or shown.sheet.kind == "fresh":
            return
        sheet = change(shown.sheet)
        if sheet == shown.sheet:
            return
        shown.sheet = sheet
        for place, tile in enumerate(shown.tiles):
            recipe = recipe_on(sheet, tile.number, directions=self._directions())
            if recipe != tile.recipe:
                tile.recipe, tile.is_kept, tile.problem = recipe, False, ""
                self._ask(place)
        self.sheet_varied.emit(None)
        self.tiles_changed.emit(None)

    def _ask(self, place: int) -> None:
        shown, opened = self.trail.present, self._engine.opened
        if shown is None or opened is None or shown.sheet.model != opened.card.model:
            return
        most = min(opened.card.resolution, _SIZES[-1])
        size = next((side for side in _SIZES if side >= min(self._wanted_px, most)), most)
        self._engine.request_small((KEY, shown.number, place), shown.tiles[place].recipe, size=size)

    def _directions(self) -> list[str]:
        opened = self._engine.opened
        return [entry.id for entry in opened.directions] if opened else []

    @Slot(object)
    def _on_small_ready(self, small: SmallPicture) -> None:
        tile = self._tile_of(small.key)
        if tile is None or tile.recipe != small.recipe:
            return
        is_first = tile.image is None
        tile.image, tile.problem = to_image(middle_square(small.picture)), ""
        if is_first:
            tile.arrived_s = self._clock()
            self.arrived.emit(None)
        self.tiles_changed.emit(None)

    @Slot(object)
    def _on_failed(self, failure: RequestFailure) -> None:
        tile = self._tile_of(failure.key) if failure.key is not None else None
        if tile is not None:
            tile.problem = failure.error.what
            self.tiles_changed.emit(None)

    def _tile_of(self, key: tuple[str | int, ...]) -> Tile | None:
        shown = self.trail.present
        if shown is None or len(key) != 3 or key[:2] != (KEY, shown.number):
            return None
        place = int(key[2])
        return shown.tiles[place] if 0 <= place < len(shown.tiles) else None
