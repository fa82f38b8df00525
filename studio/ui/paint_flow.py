"""Connects brush, regions and frame with the canvas and the rest of the window."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent

from studio.app.brush_hand import SIZE_STEP, PaintMode
from studio.app.engine_client import OpenedModel
from studio.core.brush import Brush
from studio.core.errors import StudioError
from studio.core.recipe import Frame, Recipe, Tile, cells_of
from studio.ui.canvas_drop import Dropped
from studio.ui.paint_overlay import PaintOverlay
from studio.ui.paint_panel import PaintPanel
from studio.ui.parts import Parts
from studio.ui.texts import tr_error

_TILES: Final[tuple[Tile, ...]] = ("none", "x", "y", "both")


class PaintFlow(QObject):
    """What happens between the Paint panel and all others."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self.panel = self._panel = panel = PaintPanel(parts.document, parts.engine)
        self._actions = parts.window.actions_table
        self._cells = (0, 0)
        self.overlay = PaintOverlay(parts.canvas, panel.hand, editor=panel.editor)
        for place in (
            parts.canvas,
            parts.window,
        ):  # a button in focus lets it through to the window
            place.installEventFilter(self)
        self._connect_commands()
        panel.hand.mode_changed.connect(self._on_mode)
        panel.hand.brush_changed.connect(self._on_brush)
        panel.editor.chosen_changed.connect(self._on_chosen)
        panel.editor.refused.connect(self._say)
        panel.form.repeats_edited.connect(self._show_repeated)
        panel.regions.dropped.connect(self._on_dropped)
        self.overlay.dropped_on.connect(self._on_dropped)
        parts.document.recipe_changed.connect(self._on_recipe)
        parts.engine.model_opened.connect(self._on_opened)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape lays the brush down."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        is_press = event.type() == QEvent.Type.KeyPress
        if is_escape and is_press and self._panel.hand.mode != "off":
            self._panel.hand.set_mode("off")
            return True
        return super().eventFilter(watched, event)

    def _connect_commands(self) -> None:
        hand, editor = self._panel.hand, self._panel.editor
        self._do("paint_keep", partial(self._take_up, "keep"))
        self._do("paint_mix", partial(self._take_up, "mix"))
        self._do("paint_erase", self._toggle_eraser)
        self._do("brush_smaller", partial(hand.scale_brush, 1 / SIZE_STEP))
        self._do("brush_larger", partial(hand.scale_brush, SIZE_STEP))
        self._do("region_new", partial(editor.choose, -1))
        self._do("region_dice", lambda: editor.roll(editor.chosen))
        self._do("region_invert", lambda: editor.invert(editor.chosen))
        self._do("region_remove", lambda: editor.remove(editor.chosen))
        self._do("tile_next", self._next_tile)
        self._do("repeats", self._toggle_repeats)
        self._do("swap_sides", self._swap_sides)

    def _do(self, command_id: str, do: Callable[[], object]) -> None:
        self._actions.connect_command(command_id, do)

    # ---------------------------------------------------------------- commands

    def _take_up(self, mode: PaintMode) -> None:
        self._parts.window.show_place("explore")
        self._parts.window.show_page("")
        self._panel.hand.toggle_mode(mode)
        if self._panel.hand.mode != "off":
            self._parts.window.docks.open("paint")
        self._parts.canvas.setFocus()
        self._on_mode(self._panel.hand.mode)

    @Slot()
    def _toggle_eraser(self) -> None:
        is_eraser = not self._panel.hand.brush.is_eraser
        self._panel.hand.change_brush(is_eraser=is_eraser)
        if is_eraser and self._panel.hand.mode == "off":
            self._take_up("mix")

    @Slot()
    def _next_tile(self) -> None:
        place = _TILES.index(self._panel.frame.frame.tile)
        self._panel.frame.set_tile(_TILES[(place + 1) % len(_TILES)])

    @Slot()
    def _toggle_repeats(self) -> None:
        self._show_repeated(self._parts.pictures.repeats == (1, 1))

    @Slot()
    def _swap_sides(self) -> None:
        self._panel.frame.set_mirrored(not self._panel.frame.frame.is_mirrored)

    # ---------------------------------------------------------------- following

    @Slot(object)
    def _on_mode(self, mode: PaintMode) -> None:
        self._actions.action("paint_keep").setChecked(mode == "keep")
        self._actions.action("paint_mix").setChecked(mode == "mix")

    @Slot(object)
    def _on_brush(self, brush: Brush) -> None:
        self._actions.action("paint_erase").setChecked(brush.is_eraser)

    @Slot(object)
    def _on_chosen(self, _place: object) -> None:
        self._actions.give("region", self._panel.editor.chosen_region is not None)

    @Slot(object)
    def _on_recipe(self, recipe: Recipe) -> None:
        frame = recipe.frame or Frame()
        self._actions.action("swap_sides").setChecked(frame.is_mirrored)
        self.overlay.show_frame(frame, self._parts.pictures.repeats)
        if self._cells != cells_of(recipe):
            self._cells = cells_of(recipe)
            self._parts.canvas.fit()

    @Slot(object)
    def _on_opened(self, opened: OpenedModel) -> None:
        self._panel.form.set_possible(opened.can_spread)
        self._actions.give("spread", opened.can_spread)

    @Slot(bool)
    def _show_repeated(self, is_repeated: bool) -> None:
        self._parts.pictures.show_repeated(is_repeated)
        self._panel.form.show_repeats(is_repeated)
        self._actions.action("repeats").setChecked(is_repeated)
        self.overlay.show_frame(self._panel.frame.frame, self._parts.pictures.repeats)

    @Slot(object, object)
    def _on_dropped(self, dropped: Dropped, place: int) -> None:
        if place < 0:
            self._parts.restoring.take(dropped)
            return
        recipe = self._parts.restoring.recipe_of(dropped)
        if recipe is not None:
            self._panel.editor.set_source(place, recipe)

    @Slot(object)
    def _say(self, error: StudioError) -> None:
        self._parts.window.toast.say(tr_error(error))
