"""What stands in the command palette, and what choosing it does."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Slot

from studio.ui.actions import shown_keys
from studio.ui.command_palette import Entry
from studio.ui.commands import MENUS, NUM_DIRECTION_KEYS
from studio.ui.parts import Parts
from studio.ui.texts import tr, tr_sentence

_MODEL_PREFIX: Final = "model:"
_SLIDER_PREFIX: Final = "slider:"


class PaletteFlow(QObject):
    """Fills the palette with commands, sliders and models."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._actions = parts.window.actions_table
        self._actions.connect_command("palette", self.open)

    def follow(self) -> None:
        """Do what is chosen; after the window was built."""
        self._parts.window.palette_box.chosen.connect(self._on_chosen)
        self._actions.ran.connect(self._on_ran)

    @Slot()
    def open(self) -> None:
        """Show everything that can be done."""
        recent = self._actions.recent() or self._parts.preferences.values.recent_commands
        self._parts.window.palette_box.open(self.entries(), recent=recent)

    def _is_shown(self, command_id: str) -> bool:
        """Say whether a command stands in its menu: a program may not be installed."""
        return self._actions.action(command_id).isVisible()

    def entries(self) -> list[Entry]:
        """Give the lines of the palette: commands, sliders, models."""
        entries = [
            Entry(
                key=command.id,
                text=self._actions.action(command.id).text(),
                place=tr(MENUS[command.menu])
                + (f" · {tr(command.submenu)}" if command.submenu else ""),
                keys=shown_keys(self._actions.keys(command.id)),
                icon=command.icon,
                is_possible=self._actions.action(command.id).isEnabled(),
                other_text=command.text,
            )
            for command in self._actions.commands()
            if command.menu and command.id != "palette" and self._is_shown(command.id)
        ]
        for place, direction in enumerate(self._parts.latent_panel.desk.shown):
            keys = str(place + 1) if place < NUM_DIRECTION_KEYS else ""
            entries.append(
                Entry(
                    f"{_SLIDER_PREFIX}{place}",
                    tr_sentence(direction.name),
                    tr("Slider"),
                    keys,
                    "sliders",
                )
            )
        for choice in self._parts.models.choices():
            if not choice.problem and not choice.is_open:
                key = f"{_MODEL_PREFIX}{choice.folder}"
                entries.append(Entry(key, choice.name, tr("Open model"), "", "model"))
        return entries

    @Slot(object)
    def _on_chosen(self, key: str) -> None:
        if key.startswith(_MODEL_PREFIX):
            self._parts.models.open(Path(key.removeprefix(_MODEL_PREFIX)))
        elif key.startswith(_SLIDER_PREFIX):
            self._go_to_slider(int(key.removeprefix(_SLIDER_PREFIX)))
        else:
            self._actions.action(key).trigger()

    @Slot(object)
    def _on_ran(self, command_id: str) -> None:
        if command_id != "palette":
            recent = [c for c in self._actions.recent() if c != "palette"]
            before = [c for c in self._parts.preferences.values.recent_commands if c not in recent]
            self._parts.preferences.change(recent_commands=tuple((*recent, *before)[:30]))

    def _go_to_slider(self, place: int) -> None:
        self._parts.window.show_place("explore")
        self._parts.window.docks.open("latents")
        self._parts.latent_panel.focus_direction(place)
