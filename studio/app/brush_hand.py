"""The brush in the hand: what a stroke does, and the strokes themselves."""

from typing import Any, Final, Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.app.document import Document
from studio.app.engine_client import EngineClient
from studio.app.region_editor import RegionEditor, is_mirrored
from studio.core.brush import MAX_SIZE, MIN_SIZE, Brush, Stroke, empty_mask
from studio.core.errors import RecipeError
from studio.core.mask import Mask, mask_from_text, mask_to_text
from studio.core.recipe import MAX_REGIONS, Recipe, Region, plain, size_px

PaintMode = Literal["off", "keep", "mix"]
SIZE_STEP: Final = 1.2


class BrushHand(QObject):
    """Holds the brush and paints with it into the recipe's regions.

    Signals:
        mode_changed: "off", "keep" or "mix".
        brush_changed: `Brush`.
    """

    mode_changed = Signal(object)
    brush_changed = Signal(object)

    def __init__(
        self,
        document: Document,
        engine: EngineClient,
        *,
        editor: RegionEditor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._engine, self._editor = document, engine, editor
        self._mode: PaintMode = "off"
        self._brush = Brush()
        self._stroke: Stroke | None = None
        self._place = 0

    # ---------------------------------------------------------------- brush

    @property
    def mode(self) -> PaintMode:
        """What a stroke does."""
        return self._mode

    @property
    def brush(self) -> Brush:
        """What the hand holds."""
        return self._brush

    def set_mode(self, mode: PaintMode) -> None:
        """Take up the brush to keep or to mix, or lay it down."""
        if mode != self._mode:
            self.end_stroke()
            self._mode = mode
            self.mode_changed.emit(mode)

    def toggle_mode(self, mode: PaintMode) -> None:
        """Take up the brush for this, or lay it down."""
        self.set_mode("off" if self._mode == mode else mode)

    def change_brush(self, **changes: Any) -> None:
        """Give the brush another size, softness or end."""
        brush = msgspec.structs.replace(self._brush, **changes)
        size = min(max(brush.size, MIN_SIZE), MAX_SIZE)
        brush = msgspec.structs.replace(brush, size=size)
        if brush != self._brush:
            self._brush = brush
            self.brush_changed.emit(brush)

    def scale_brush(self, factor: float) -> None:
        """Make the brush larger or smaller."""
        self.change_brush(size=self._brush.size * factor)

    # ---------------------------------------------------------------- strokes

    @property
    def is_painting(self) -> bool:
        """Whether a stroke is being made."""
        return self._stroke is not None

    def begin_stroke(
        self, x: float, y: float, *, pressure: float = 1.0, is_eraser: bool = False
    ) -> None:
        """Press the brush on the picture; the whole stroke is one step of the history.

        Args:
            x: From the left.
            y: From the top.
            pressure: Of the pen, 0…1.
            is_eraser: Whether the pen is turned round.
        """
        recipe = self._document.recipe
        if recipe is None or self._mode == "off" or self._stroke is not None:
            return
        brush = msgspec.structs.replace(self._brush, is_eraser=self._brush.is_eraser or is_eraser)
        place = self._place_to_erase(x, y) if brush.is_eraser else self._place_to_paint(recipe)
        if place is None:
            return
        if place == len(recipe.regions) and len(recipe.regions) >= MAX_REGIONS:
            self._editor.refused.emit(
                RecipeError(
                    f"There are {MAX_REGIONS} regions already.", "Remove one, or paint on one."
                )
            )
            return
        self._document.begin_gesture()
        self._place = place
        is_new = place == len(recipe.regions)
        mask = self._new_mask(recipe) if is_new else mask_from_text(recipe.regions[place].mask)
        self._stroke = Stroke(mask, brush)
        self.stroke_to(x, y, pressure=pressure)
        self._editor.choose(place)

    def stroke_to(self, x: float, y: float, *, pressure: float = 1.0) -> None:
        """Go on painting; nothing happens when the stroke was ended from elsewhere."""
        recipe = self._document.recipe
        if self._stroke is None or recipe is None:
            return
        if not self._document.is_in_gesture:  # undone in the middle
            self._stroke = None
            return
        self._stroke.move_to(1 - x if is_mirrored(recipe) else x, y, pressure=pressure)
        text = mask_to_text(self._stroke.mask)
        regions = list(recipe.regions)
        if self._place < len(regions):
            regions[self._place] = msgspec.structs.replace(regions[self._place], mask=text)
        else:
            regions.append(self._new_region(recipe, text))
        self._editor.put(tuple(regions))

    def end_stroke(self) -> None:
        """Lift the brush; a region that was rubbed out wholly goes."""
        stroke, self._stroke = self._stroke, None
        recipe = self._document.recipe
        if stroke is None:
            return
        if recipe is not None and self._document.is_in_gesture and not stroke.mask.any():
            self._editor.remove(self._place)
        self._document.end_gesture()

    # ---------------------------------------------------------------- inside

    def _place_to_erase(self, x: float, y: float) -> int | None:
        if self._editor.chosen_region is not None:
            return self._editor.chosen
        place = self._editor.region_at(x, y)
        return place if place >= 0 else None

    def _place_to_paint(self, recipe: Recipe) -> int:
        """Give which region a stroke goes on with; one behind the last is a new one.

        What is kept is what is seen now, so only the highest region goes on, and only while the
        sliders stand where they stood.
        """
        last = len(recipe.regions)
        if self._mode == "mix":
            chosen = self._editor.chosen_region
            return self._editor.chosen if chosen is not None and chosen.kind == "mix" else last
        if last and recipe.regions[-1].kind == "keep" and self._editor.chosen == last - 1:
            return last - 1 if recipe.regions[-1].recipe == plain(recipe) else last
        return last

    def _new_mask(self, recipe: Recipe) -> Mask:
        opened = self._engine.opened
        width, height = size_px(recipe, opened.card.resolution if opened else 256)
        return empty_mask(width, height)

    def _new_region(self, recipe: Recipe, mask: str) -> Region:
        if self._mode == "mix":
            return Region(kind="mix", mask=mask, recipe=self._editor.drawn(recipe))
        return Region(kind="keep", mask=mask, recipe=plain(recipe))
