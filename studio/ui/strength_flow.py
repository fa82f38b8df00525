"""After a zone was taken from another picture: how much of it, without a dialog."""

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.document import Document
from studio.core.errors import RecipeError
from studio.core.mixing import TooManySourcesError, take_zone
from studio.core.recipe import ZONES, Recipe
from studio.ui.canvas import Canvas
from studio.ui.restore_flow import ZoneWish
from studio.ui.strength_bar import StrengthBar
from studio.ui.texts import tr
from studio.ui.zone_chips import ZONE_NAMES


class Taken(msgspec.Struct, frozen=True):
    """Zones that were taken from another picture, and the recipe without them."""

    before: Recipe
    wish: ZoneWish


class StrengthFlow(QObject):
    """Takes zones and offers the strength; the offer goes when anything else changes the picture.

    Signals:
        refused: `StudioError`: it cannot be taken; nothing was changed.
    """

    refused = Signal(object)

    def __init__(
        self, document: Document, canvas: Canvas, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self.bar = StrengthBar(canvas)
        self._taken: Taken | None = None
        self._mine: Recipe | None = None
        self.bar.gesture_began.connect(document.begin_gesture)
        self.bar.gesture_ended.connect(document.end_gesture)
        self.bar.strength_edited.connect(self._on_strength)
        self.bar.closed.connect(self.close)
        document.recipe_changed.connect(self._on_recipe)

    @Slot(object)
    def take(self, wish: ZoneWish) -> None:
        """Take zones from another recipe in full, and offer to take less."""
        before = self._document.recipe
        if before is None:
            return
        taken = Taken(before, wish)
        recipe = self._try(taken, 1.0)
        if recipe is None:
            return
        self._taken, self._mine = taken, recipe
        self._document.edit(recipe)
        self.bar.open(_say(wish), strength=1.0)

    @Slot()
    def close(self) -> None:
        """Offer nothing more; what was taken stays."""
        self._document.end_gesture()
        self._taken = self._mine = None
        self.bar.hide()

    @Slot(float)
    def _on_strength(self, strength: float) -> None:
        if self._taken is None:
            return
        recipe = self._try(self._taken, strength)
        if recipe is not None:
            self._mine = recipe
            self._document.edit(recipe)

    @Slot(object)
    def _on_recipe(self, recipe: Recipe) -> None:
        if self._taken is not None and recipe != self._mine:
            self._taken = self._mine = None
            self.bar.hide()

    def _try(self, taken: Taken, strength: float) -> Recipe | None:
        recipe = taken.before
        try:
            for zone in taken.wish.zones:
                recipe = take_zone(recipe, taken.wish.other, zone=zone, share=strength)
        except TooManySourcesError:
            self.refused.emit(
                RecipeError(
                    "A picture can be mixed from eight sources at most.",
                    "Take the zone from a picture that is made of fewer, or take all of it.",
                )
            )
            return None
        except ValueError:
            self.refused.emit(
                RecipeError(
                    "A zone can be taken only from a picture of the same model.",
                    "Open the picture as a whole instead.",
                )
            )
            return None
        return recipe


def _say(wish: ZoneWish) -> str:
    names = [tr(ZONE_NAMES[zone]) for zone in ZONES if zone in wish.zones]
    zones = tr("Everything") if len(names) == len(ZONES) else ", ".join(names)
    if not wish.name:
        return tr("{zones} from another picture", zones=zones)
    return tr("{zones} from “{name}”", zones=zones, name=wish.name)
