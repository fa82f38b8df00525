"""What the commands about the view, the panels and help do."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout

from studio import __version__
from studio.ui.application import application
from studio.ui.parts import Parts
from studio.ui.shortcuts_sheet import ShortcutsSheet
from studio.ui.status_bar import LatencyPanel
from studio.ui.texts import LANGUAGES, tr
from studio.ui.theme import apply_theme, mark

PANELS = ("styles", "history", "latents", "paint", "export", "walk", "live")


class ViewCommands(QObject):
    """Connects the commands of the menus View, Window and Help."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._actions = parts.window.actions_table
        self._is_hand_timed = False
        self._latency = LatencyPanel(parts.latencies, parent=parts.window)
        self._connect_view()
        self._connect_window_and_help()
        parts.window.status.latency_requested.connect(self._open_latency)

    def _do(self, command_id: str, do: Callable[[], object]) -> None:
        self._actions.connect_command(command_id, do)

    def _connect_view(self) -> None:
        canvas = self._parts.canvas
        self._do("fit", self._fit)
        self._do("one_to_one", self._one_to_one)
        self._do("zoom_in", partial(canvas.zoom, 1.25))
        self._do("zoom_out", partial(canvas.zoom, 0.8))
        self._do("compare", self._compare)
        self._do("mirror", self._mirror)
        self._actions.connect_command("canvas_only", self._toggle_bare, on=canvas)
        self._do("full_screen", self._full_screen)
        for theme in ("dark", "grey", "light"):
            self._do(f"theme_{theme}", partial(self._set_theme, theme))
        for language in ("system", *LANGUAGES):
            self._do(f"language_{language}", partial(self._set_language, language))

    def _connect_window_and_help(self) -> None:
        window = self._parts.window
        self._do("go_gallery", partial(window.show_place, "gallery"))
        self._do("go_explore", partial(window.show_place, "explore"))
        self._do("go_train", partial(window.show_place, "train"))
        for key in PANELS:
            self._do(f"panel_{key}", partial(self._toggle_panel, key))
        self._do("lock_panels", self._lock_panels)
        self._do("reset_layout", self._reset_layout)
        self._do("shortcuts", self._open_shortcuts)
        self._do("latency", self._open_latency)
        self._do("hand_time", self._time_hand)
        self._do("about", self._about)

    # ---------------------------------------------------------------- view

    @Slot()
    def _fit(self) -> None:
        self._parts.canvas.fit()
        self._actions.action("fit").setChecked(True)

    @Slot()
    def _one_to_one(self) -> None:
        """Show a pixel of the picture as one of the screen, whether the view is enlarged or not."""
        canvas = self._parts.canvas
        canvas.set_scale(1.0 / canvas.sheet.enlarged)

    @Slot()
    def _compare(self) -> None:
        self._parts.canvas.set_compared(self._actions.action("compare").isChecked())

    @Slot()
    def _mirror(self) -> None:
        self._parts.canvas.set_mirrored(self._actions.action("mirror").isChecked())

    @Slot()
    def _toggle_bare(self) -> None:
        self._parts.window.set_bare(not self._parts.window.is_bare)
        self._actions.action("canvas_only").setChecked(self._parts.window.is_bare)
        self._parts.canvas.setFocus()

    @Slot()
    def _full_screen(self) -> None:
        self._parts.window.set_full_screen(self._actions.action("full_screen").isChecked())

    def _set_theme(self, theme: str) -> None:
        if theme != self._parts.preferences.values.theme:
            apply_theme(application(), theme)
            self._parts.preferences.change(theme=theme)

    def _set_language(self, language: str) -> None:
        if language != self._parts.preferences.values.language:
            self._parts.preferences.change(language=language)
            self._parts.window.toast.say(tr("The language changes with the next start."))

    def _toggle_panel(self, key: str) -> None:
        docks = self._parts.window.docks
        if docks.is_open(key) and docks.dock(key).visibleRegion().isEmpty():
            docks.open(key)  # behind another one: bring it to the front
        elif docks.is_open(key):
            docks.dock(key).close()
        else:
            docks.open(key)

    @Slot()
    def _lock_panels(self) -> None:
        self._parts.window.docks.set_locked(self._actions.action("lock_panels").isChecked())

    @Slot()
    def _reset_layout(self) -> None:
        self._parts.window.show_place("explore")
        self._parts.window.docks.lay_out(self._parts.window.width())

    @Slot()
    def _open_shortcuts(self) -> None:
        sheet = ShortcutsSheet(self._actions, parent=self._parts.window)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    @Slot()
    def _open_latency(self) -> None:
        status, latest = self._parts.window.status, self._parts.pictures.latest
        corner = status.mapToGlobal(QPoint(status.width() - 8, -4))
        self._latency.open_above(
            corner,
            engine_ms=latest.engine_ms if latest else None,
            provider=self._parts.models.provider,
        )

    @Slot()
    def _time_hand(self) -> None:
        self._is_hand_timed = not self._is_hand_timed
        self._actions.action("hand_time").setChecked(self._is_hand_timed)
        self._parts.pictures.time_hand(self._is_hand_timed)

    @Slot()
    def _about(self) -> None:
        box = QDialog(self._parts.window)
        box.setWindowTitle(tr("About Latent Studio"))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(box)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        opened = self._parts.engine.opened
        texts = (
            ("title", f"Latent Studio {__version__}"),
            ("", tr("Nothing leaves this computer.")),
            ("second", f"{opened.card.name}: {opened.card.credit}" if opened else ""),
        )
        for role, text in texts:
            label = mark(QLabel(text, box), role)
            label.setWordWrap(True)
            column.addWidget(label)
        box.setMinimumWidth(360)
        box.open()
