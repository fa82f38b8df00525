"""The sheets of the wall, one after another: what stands on each, and the way back and forward."""

from typing import Final

import msgspec

from studio.core.breeding import Sheet
from studio.core.recipe import Recipe
from studio.ui.wall_paint import Tile

MAX_SHEETS: Final = 20
_WITH_PICTURES: Final = 2  # sheets further away are made again: 36 pictures of 256 px have 9 MB


class ShownSheet(msgspec.Struct):
    """A sheet and its tiles.

    Attributes:
        number: Its own, never used again.
        sheet: What its pictures have in common.
        tiles: The places, as many as were wanted so far.
        current: The place that the keyboard is at.
        chosen: The places of chosen tiles, in the order they were chosen.
    """

    number: int
    sheet: Sheet
    tiles: list[Tile] = []
    current: int = 0
    chosen: list[int] = []

    @property
    def chosen_recipes(self) -> tuple[Recipe, ...]:
        """The recipes of the chosen tiles."""
        return tuple(self.tiles[place].recipe for place in self.chosen)


class SheetTrail:
    """All sheets that were shown; a new one takes the place of those further on."""

    def __init__(self) -> None:
        self._sheets: list[ShownSheet] = []
        self._place = -1
        self._next = 1

    @property
    def present(self) -> ShownSheet | None:
        """The sheet that is shown, None before the first."""
        return self._sheets[self._place] if self._sheets else None

    @property
    def can_go_back(self) -> bool:
        """Whether there is a sheet before."""
        return self._place > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a sheet after."""
        return self._place + 1 < len(self._sheets)

    def push(self, sheet: Sheet) -> ShownSheet:
        """Go on to a new sheet."""
        shown = ShownSheet(self._next, sheet)
        self._next += 1
        self._sheets = [*self._sheets[: self._place + 1], shown][-MAX_SHEETS:]
        self._place = len(self._sheets) - 1
        self._forget_far()
        return shown

    def move(self, step: int) -> ShownSheet | None:
        """Go back (-1) or forward (1); None where there is nothing."""
        place = self._place + step
        if not 0 <= place < len(self._sheets):
            return None
        self._place = place
        self._forget_far()
        return self._sheets[place]

    def clear(self) -> None:
        """Forget all sheets."""
        self._sheets, self._place = [], -1

    def mark_kept(self, recipe: Recipe) -> None:
        """Put the star on all tiles of a recipe."""
        for shown in self._sheets:
            for tile in shown.tiles:
                tile.is_kept = tile.is_kept or tile.recipe == recipe

    def _forget_far(self) -> None:
        for place, shown in enumerate(self._sheets):
            if abs(place - self._place) > _WITH_PICTURES:
                for tile in shown.tiles:
                    tile.image = None
