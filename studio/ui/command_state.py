"""Keeps what is possible and what is ticked in step with the parts."""

from typing import Final

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QMenu

from studio.ui.parts import Parts
from studio.ui.view_commands import PANELS

_CONTEXT_MENU: Final = (
    "keep", "star", "copy", "export", "send", "", "fit", "one_to_one", "compare", "mirror",
    "enlarged_view", "", "wall", "variations",
)  # fmt: skip


class CommandState(QObject):
    """Follows document, engine, canvas, docks and preferences."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._actions = parts.window.actions_table
        parts.document.history_changed.connect(self._on_history)
        parts.document.reference_changed.connect(self._on_history)
        parts.pictures.shown.connect(self._on_shown)
        parts.engine.model_opened.connect(self._on_model)
        parts.canvas.scale_changed.connect(self._on_scale)
        parts.canvas.menu_requested.connect(self._open_menu)
        parts.window.place_changed.connect(self._on_place)
        parts.window.page_changed.connect(self._on_place)
        parts.wall_page.wall.desk.sheet_changed.connect(self._on_sheet)
        parts.preferences.changed.connect(self._tick_preferences)
        parts.latent_panel.editor.lock_changed.connect(self._on_lock)
        self._actions.keys_changed.connect(self._on_keys)
        for key in PANELS:
            parts.window.docks.dock(key).visibilityChanged.connect(self._on_docks)
        for follow in (self._on_history, self._on_place, self._on_docks, self._tick_preferences):
            follow(None)
        self._on_lock(parts.latent_panel.editor.is_seed_locked)

    @Slot(object)
    def _on_history(self, _node: object) -> None:
        history = self._parts.document.history
        self._actions.give("undo", history.can_undo)
        self._actions.give("redo", history.can_redo)
        node = history.current
        parent = history.node(node.parent) if node and node.parent is not None else None
        self._actions.give("before", self._parts.document.reference != (parent and parent.recipe))

    @Slot(object)
    def _on_shown(self, _rendered: object) -> None:
        self._actions.give("picture", True)

    @Slot(object)
    def _on_model(self, _opened: object) -> None:
        self._actions.give("model", True)

    @Slot(object)
    def _on_scale(self, _scale: object) -> None:
        self._tick("fit", self._parts.canvas.is_fit)

    @Slot(object)
    def _on_place(self, _place: object) -> None:
        window = self._parts.window
        self._tick(f"go_{window.place}", True)
        window.status.show_picture_facts(window.place == "explore")
        self._actions.give("explore", window.place == "explore" and not window.page)
        self._on_sheet(None)

    @Slot(object)
    def _on_sheet(self, _cause: object) -> None:
        is_shown, trail = self._parts.window.is_wall_shown, self._parts.wall_page.wall.desk.trail
        self._actions.give("wall", is_shown)
        self._actions.give("sheet_before", is_shown and trail.can_go_back)
        self._actions.give("sheet_after", is_shown and trail.can_go_forward)

    @Slot(bool)
    def _on_docks(self, _is_visible: object) -> None:
        for key in PANELS:
            self._tick(f"panel_{key}", self._parts.window.docks.is_open(key))

    @Slot(object)
    def _on_lock(self, is_locked: bool) -> None:
        self._tick("lock_seed", is_locked)

    @Slot(object)
    def _on_keys(self, keys: dict[str, tuple[str, ...]]) -> None:
        shortcuts = {name: KEY_JOINT.join(found) for name, found in keys.items()}
        self._parts.preferences.change(shortcuts=shortcuts)

    @Slot(object)
    def _tick_preferences(self, _values: object) -> None:
        values = self._parts.preferences.values
        self._tick(f"theme_{values.theme}", True)
        self._tick(f"language_{values.language}", True)
        self._tick(f"run_{values.provider}", True)

    @Slot(object)
    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self._parts.window)
        for name in _CONTEXT_MENU:
            if not name:
                menu.addSeparator()
            elif self._actions.has(name):
                menu.addAction(self._actions.action(name))
        menu.exec(place)
        menu.deleteLater()

    def _tick(self, command_id: str, is_on: bool) -> None:
        if self._actions.has(command_id) and self._actions.action(command_id).isCheckable():
            self._actions.action(command_id).setChecked(is_on)


KEY_JOINT: Final = " ; "


def keys_of(shortcuts: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Give the keys by command that the preferences hold as texts."""
    return {
        name: tuple(key for key in text.split(KEY_JOINT) if key) for name, text in shortcuts.items()
    }
