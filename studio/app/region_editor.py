"""What the list of regions does to the document's recipe, and which region is chosen."""

import random
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.document import Document
from studio.core.errors import RecipeError
from studio.core.mask import inverted, mask_from_text
from studio.core.recipe import (
    MAX_REGION_NAME,
    MAX_SEED,
    Recipe,
    Region,
    Source,
    first_problem,
    plain,
)


class RegionEditor(QObject):
    """Holds which region is chosen; the regions themselves are in the recipe.

    Every method does nothing without a recipe, or for a place where no region is. Places in the
    picture are in parts of the picture as it is shown, from the left and from the top.

    Signals:
        chosen_changed: Place of the chosen region, −1 for none; also when the regions changed.
        refused: `RecipeError` about what cannot be done.
    """

    chosen_changed = Signal(object)
    refused = Signal(object)

    def __init__(
        self,
        document: Document,
        *,
        chance: random.Random | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._chance = chance or random.Random()
        self._chosen = -1
        document.recipe_changed.connect(self._on_recipe)

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions, the lowest first."""
        return self._document.recipe.regions if self._document.recipe else ()

    @property
    def chosen(self) -> int:
        """Place of the chosen region, −1 for none."""
        return self._chosen

    @property
    def chosen_region(self) -> Region | None:
        """The chosen region."""
        return self.regions[self._chosen] if 0 <= self._chosen < len(self.regions) else None

    def choose(self, place: int) -> None:
        """Choose a region, −1 for none: then the next stroke makes a new one."""
        place = place if 0 <= place < len(self.regions) else -1
        if place != self._chosen:
            self._chosen = place
            self.chosen_changed.emit(place)

    def change(self, place: int, **changes: Any) -> None:
        """Give a region another strength, name or visibility."""
        recipe = self._document.recipe
        if recipe is None or not 0 <= place < len(recipe.regions):
            return
        if "name" in changes:
            name = " ".join(str(changes["name"]).split())[:MAX_REGION_NAME]
            changes["name"] = "".join(sign for sign in name if sign.isprintable())
        regions = list(recipe.regions)
        regions[place] = msgspec.structs.replace(regions[place], **changes)
        self.put(tuple(regions))

    def invert(self, place: int) -> None:
        """Turn a region's inside out."""
        if 0 <= place < len(self.regions):
            self.change(place, mask=inverted(self.regions[place].mask))

    def remove(self, place: int) -> None:
        """Take a region out."""
        recipe = self._document.recipe
        if recipe is not None and 0 <= place < len(recipe.regions):
            self.put(recipe.regions[:place] + recipe.regions[place + 1 :])

    def roll(self, place: int) -> None:
        """Give a mixed region another seed."""
        recipe = self._document.recipe
        if recipe is not None and 0 <= place < len(recipe.regions):
            self.set_source(place, self.drawn(recipe))

    def set_source(self, place: int, source: Recipe) -> None:
        """Let a region show another picture of the same model."""
        recipe = self._document.recipe
        if recipe is None or not 0 <= place < len(recipe.regions):
            return
        if source.model != recipe.model:
            self.refused.emit(
                RecipeError(
                    "That picture was made with another model.", "Drop one of the same model."
                )
            )
            return
        self.change(place, recipe=plain(source), kind="mix")

    def region_at(self, x: float, y: float) -> int:
        """Give the place of the highest visible region at a place of the picture, −1 for none."""
        recipe = self._document.recipe
        if recipe is None or not (0 <= x < 1 and 0 <= y < 1):
            return -1
        x = 1 - x if is_mirrored(recipe) else x
        for place in reversed(range(len(recipe.regions))):
            mask = mask_from_text(recipe.regions[place].mask)
            height, width = mask.shape
            level = mask[int(y * height), min(int(x * width), width - 1)]
            if recipe.regions[place].is_visible and level > 127:
                return place
        return -1

    def put(self, regions: tuple[Region, ...]) -> None:
        """Put other regions in the place of all."""
        recipe = self._document.recipe
        if recipe is None:
            return
        changed = msgspec.structs.replace(recipe, regions=regions)
        if problem := first_problem(changed):
            self.refused.emit(
                RecipeError(f"This cannot be painted: {problem}.", "Remove a region first.")
            )
            return
        self._document.edit(changed)

    def drawn(self, recipe: Recipe) -> Recipe:
        """Give a picture's recipe with another seed: what a new mix shows."""
        source = Source(seed=self._chance.randint(0, MAX_SEED))
        return msgspec.structs.replace(plain(recipe), sources=(source,))

    @Slot(object)
    def _on_recipe(self, _recipe: object) -> None:
        self._chosen = min(self._chosen, len(self.regions) - 1)
        self.chosen_changed.emit(self._chosen)


def is_mirrored(recipe: Recipe) -> bool:
    """Say whether a picture's masks are shown mirrored, as the picture itself."""
    return recipe.frame is not None and recipe.frame.is_mirrored
