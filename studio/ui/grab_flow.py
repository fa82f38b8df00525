"""Connects the grab tool with the canvas and the rest of the window."""

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent

from studio.app.brush_hand import BrushHand, PaintMode
from studio.app.grab_desk import Grabbed, GrabDesk
from studio.ui.grab_bar import GrabBar
from studio.ui.grab_overlay import GrabOverlay
from studio.ui.parts import Parts


class GrabFlow(QObject):
    """Takes the tool up and lays it down; only one of brush and grab tool is in the hand.

    Attributes:
        desk: What is pulled.
        overlay: What takes the mouse.
        bar: What says how far it came.
    """

    def __init__(self, parts: Parts, brush: BrushHand) -> None:
        super().__init__(parts.window)
        self._parts, self._brush = parts, brush
        self.desk = GrabDesk(
            parts.document,
            parts.engine,
            sliders=parts.latent_panel.desk,
            editor=parts.latent_panel.editor,
            parent=self,
        )
        self.overlay = GrabOverlay(parts.canvas, self.desk)
        self.bar = GrabBar(parts.canvas)
        self._action = parts.window.actions_table.connect_command("grab", self._toggle)
        for place in (parts.canvas, parts.window):  # a button in focus lets Escape through to it
            place.installEventFilter(self)
        self.desk.changed.connect(self._on_grabbed)
        self.bar.unpin_requested.connect(self.desk.clear_pins)
        self.bar.closed.connect(self._lay_down)
        brush.mode_changed.connect(self._on_brush)
        parts.document.recipe_changed.connect(self._on_recipe)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape takes a pull back, then lays the tool down."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and event.type() == QEvent.Type.KeyPress and self._is_on:
            if not self.desk.cancel():
                self._lay_down()
            return True
        return super().eventFilter(watched, event)

    @property
    def _is_on(self) -> bool:
        return self.desk.grabbed.state != "off"

    @Slot()
    def _toggle(self) -> None:
        if self._is_on:
            self._lay_down()
            return
        self._parts.window.show_place("explore")
        self._parts.window.show_page("")
        self._brush.set_mode("off")
        self.overlay.show_repeats(self._parts.pictures.repeats)
        self.desk.set_on(True)
        self._parts.canvas.setFocus()
        self._on_grabbed(self.desk.grabbed)

    @Slot()
    def _lay_down(self) -> None:
        self.desk.set_on(False)
        self._parts.canvas.setFocus()

    @Slot(object)
    def _on_brush(self, mode: PaintMode) -> None:
        if mode != "off":
            self.desk.set_on(False)

    @Slot(object)
    def _on_recipe(self, _recipe: object) -> None:
        self.overlay.show_repeats(self._parts.pictures.repeats)

    @Slot(object)
    def _on_grabbed(self, grabbed: Grabbed) -> None:
        self._action.setChecked(grabbed.state != "off")
        self.bar.show_grabbed(grabbed)
