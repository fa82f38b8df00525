"""Live messages in the window: the panel, and the wishes that others fulfil."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from studio.app.gallery_desk import GalleryDesk
from studio.app.live_desk import LiveDesk, LiveState
from studio.app.preferences import LivePreferences
from studio.app.style_shelf import StyleShelf
from studio.core.errors import StudioError
from studio.core.live import LiveWish
from studio.core.mixing import TooManySourcesError, take_zone
from studio.core.recipe import ZONES, Recipe
from studio.ui.late_widget import LateWidget
from studio.ui.parts import Parts
from studio.ui.texts import tr_error, tr_sentence
from studio.ui.walk_flow import WalkFlow

if TYPE_CHECKING:
    from studio.ui.live_panel import LivePanel


class LiveFlow(QObject):
    """Connects the Live panel with its desk, and the desk with styles, gallery and walk.

    Attributes:
        panel: The panel; its dock is the window's.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        gallery: GalleryDesk,
        styles: StyleShelf,
        walking: WalkFlow,
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._gallery, self._styles = parts, gallery, styles
        self._course, self._player = walking.course, walking.player
        self._sliders = parts.latent_panel.desk
        self._editor = parts.latent_panel.editor
        self.desk = LiveDesk(
            parts.document, self._editor, sliders=self._sliders, engine=parts.engine, parent=self
        )
        self.panel = LateWidget["LivePanel"](self._make_panel)
        self.desk.changed.connect(self._on_state)
        self.desk.wished.connect(self._fulfil)
        self._sliders.changed.connect(self._show_sliders)
        parts.window.actions_table.connect_command("live", self._toggle)

    def _make_panel(self) -> "LivePanel":
        from studio.ui.live_panel import LivePanel  # noqa: PLC0415 - only once it is shown

        panel = LivePanel(self._parts.preferences.values.live)
        panel.listen_asked.connect(self._on_listen)
        panel.send_asked.connect(self._on_send)
        panel.ports_chosen.connect(self._on_ports)
        panel.show_sliders(self._names())
        panel.show_state(self.desk.state)
        return panel

    def finish(self) -> None:
        """Close the ports."""
        self.desk.finish()

    def begin(self, port: int | None) -> None:
        """Receive from the start on a port of the command line, None when none was given."""
        if port is not None:
            self.listen(port)

    def listen(self, port: int) -> None:
        """Receive on a port, and say so where it cannot be done."""
        try:
            self.desk.listen(port)
        except StudioError as error:
            self._say_error(error)

    # ---------------------------------------------------------------- the panel

    @Slot()
    def _toggle(self) -> None:
        is_on = self.desk.state.port > 0
        self._on_listen(not is_on)
        self._parts.window.docks.open("live")

    @Slot(bool)
    def _on_listen(self, is_wanted: bool) -> None:
        if is_wanted:
            self.listen(self._parts.preferences.values.live.port)
        else:
            self.desk.stop_listening()

    @Slot(bool)
    def _on_send(self, is_wanted: bool) -> None:
        if not is_wanted:
            self.desk.stop_sending()
            return
        try:
            self.desk.send_to(self._parts.preferences.values.live.out_port)
        except StudioError as error:
            self._say_error(error)

    @Slot(object)
    def _on_ports(self, ports: LivePreferences) -> None:
        self._parts.preferences.change(live=ports)

    @Slot(object)
    def _on_state(self, state: LiveState) -> None:
        self._parts.window.actions_table.action("live").setChecked(state.port > 0)
        if self.panel.is_made:
            self.panel.content.show_state(state)

    @Slot(object)
    def _show_sliders(self, _cause: object) -> None:
        if self.panel.is_made:
            self.panel.content.show_sliders(self._names())

    def _names(self) -> list[str]:
        return [tr_sentence(entry.name) for entry in self._sliders.shown]

    def _say_error(self, error: StudioError) -> None:
        self.panel.content.show_state(self.desk.state)
        said = tr_error(error)
        self.panel.content.say(said, is_error=True)
        self._parts.window.docks.open("live")

    # ---------------------------------------------------------------- wishes

    @Slot(object)
    def _fulfil(self, wish: LiveWish) -> None:
        match wish.kind:
            case "dice":
                self._editor.roll()
            case "style":
                self._take_style(wish)
            case "kept":
                self._take_kept(int(wish.number))
            case "play":
                self._player.play()
            case "stop":
                self._player.stop()
            case _:
                course = self._course.course
                if course is not None:
                    self._player.go_to(wish.number * course.seconds)

    def _take_style(self, wish: LiveWish) -> None:
        """Show a style of the open model: another model is never opened by a message."""
        recipe = self._parts.document.recipe
        if recipe is None:
            return
        styles = [one for one in self._styles.styles if one.recipe.model == recipe.model]
        place = int(wish.target or wish.number) - 1 if _is_place(wish) else -1
        saved = next((one for one in styles if one.key == f"saved/{wish.target}"), None)
        style = styles[place] if 0 <= place < len(styles) else saved
        if style is None:
            return
        if style.zones == ZONES:
            self._parts.document.edit(style.recipe)
            return
        try:
            for zone in style.zones:
                recipe = take_zone(recipe, style.recipe, zone=zone)
        except TooManySourcesError:
            return
        self._parts.document.edit(recipe)

    def _take_kept(self, place: int) -> None:
        here = self._parts.document.recipe
        found: list[Recipe] = [
            kept.recipe
            for kept in self._gallery.items()
            if here is not None and kept.model == here.model
        ]
        if place <= len(found):
            self._parts.document.edit(found[place - 1])


def _is_place(wish: LiveWish) -> bool:
    return not wish.target or len(wish.target) < 6  # an id has 32 digits
