"""The table of commands made live: a QAction each, its keys, and whether it is possible now."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QPalette
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from studio.ui.commands import COMMAND_BY_ID, COMMANDS, MENUS, Command
from studio.ui.icons import icon
from studio.ui.texts import tr

_MAX_RECENT: Final = 30


class Actions(QObject):
    """Gives a QAction for every command that has something to do; others show up nowhere.

    Signals:
        ran: Id of a command that was just triggered, by whatever way.
        keys_changed: The changed keys as {id: (key, …)}, after a rebinding.
    """

    ran = Signal(object)
    keys_changed = Signal(object)

    def __init__(self, window: QWidget, *, keys: Mapping[str, Sequence[str]] | None = None) -> None:
        # No parent: it must outlive the buttons, which look at their actions until they are gone.
        super().__init__()
        self._window = window
        self._changed_keys = {
            name: tuple(found) for name, found in (keys or {}).items() if name in COMMAND_BY_ID
        }
        self._action_by_id: dict[str, QAction] = {}
        self._do_by_id: dict[str, Callable[[], object]] = {}
        self._group_by_choice: dict[str, QActionGroup] = {}
        self._given: set[str] = {""}
        self._recent: list[str] = []

    # ---------------------------------------------------------------- what there is

    def connect_command(
        self, command_id: str, do: Callable[[], object], *, on: QWidget | None = None
    ) -> QAction:
        """Say what a command does; `on` is the widget in which canvas-only keys work."""
        command = COMMAND_BY_ID[command_id]
        action = self._action_by_id.get(command_id) or self._make(command, on)
        self._do_by_id[command_id] = do
        return action

    def action(self, command_id: str) -> QAction:
        """Give the action of a command that was connected."""
        return self._action_by_id[command_id]

    def has(self, command_id: str) -> bool:
        """Say whether a command does anything."""
        return command_id in self._action_by_id

    def commands(self) -> tuple[Command, ...]:
        """Give all commands that do something, in the table's order; held keys are among them."""
        return tuple(c for c in COMMANDS if c.scope == "held" or c.id in self._action_by_id)

    def recent(self) -> tuple[str, ...]:
        """Give the ids of the commands used last, newest first."""
        return tuple(self._recent)

    # ---------------------------------------------------------------- what is possible

    def give(self, need: str, is_given: bool) -> None:
        """Say whether a need of the table is met now."""
        if is_given == (need in self._given):
            return
        if is_given:
            self._given.add(need)
        else:
            self._given.discard(need)
        for name, action in self._action_by_id.items():
            if COMMAND_BY_ID[name].needs == need:
                action.setEnabled(is_given)

    def is_given(self, need: str) -> bool:
        """Say whether a need is met."""
        return need in self._given

    # ---------------------------------------------------------------- keys

    def keys(self, command_id: str) -> tuple[str, ...]:
        """Give a command's keys as they are now, portable spelling."""
        return self._changed_keys.get(command_id, COMMAND_BY_ID[command_id].keys)

    def users_of(self, key: str, *, other_than: str = "") -> tuple[str, ...]:
        """Give the ids of the commands that have a key."""
        wanted = _normal(key)
        return tuple(
            command.id
            for command in self.commands()
            if command.id != other_than and wanted in map(_normal, self.keys(command.id))
        )

    def set_keys(self, command_id: str, keys: Sequence[str]) -> None:
        """Give a command other keys; whoever had one of them loses it."""
        for key in keys:
            for loser in self.users_of(key, other_than=command_id):
                left = [k for k in self.keys(loser) if _normal(k) != _normal(key)]
                self._put_keys(loser, left)
        self._put_keys(command_id, keys)
        self.keys_changed.emit(dict(self._changed_keys))

    def reset_keys(self) -> None:
        """Give every command its usual keys."""
        for name in tuple(self._changed_keys):
            self._put_keys(name, COMMAND_BY_ID[name].keys)
        self.keys_changed.emit({})

    def has_changed_keys(self, command_id: str) -> bool:
        """Say whether a command has other keys than usual."""
        return command_id in self._changed_keys

    # ---------------------------------------------------------------- showing them

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Build the menus; give them by key."""
        menus: dict[str, QMenu] = {}
        for key, text in MENUS.items():
            entries = [c for c in COMMANDS if c.menu == key and self.has(c.id)]
            if entries:
                menus[key] = bar.addMenu(tr(text))
                self._fill_menu(menus[key], entries)
        return menus

    def recolour(self, palette: QPalette) -> None:
        """Draw all icons in the colours of a theme."""
        for name, action in self._action_by_id.items():
            if COMMAND_BY_ID[name].icon:
                action.setIcon(icon(COMMAND_BY_ID[name].icon, palette, size=16))

    def _fill_menu(self, menu: QMenu, entries: list[Command]) -> None:
        submenus: dict[str, QMenu] = {}
        group = entries[0].group
        for command in entries:
            if command.group != group:
                menu.addSeparator()
                group = command.group
            target = menu
            if command.submenu:
                target = submenus.get(command.submenu) or menu.addMenu(tr(command.submenu))
                submenus[command.submenu] = target
            target.addAction(self._action_by_id[command.id])

    # ---------------------------------------------------------------- inside

    def _make(self, command: Command, on: QWidget | None) -> QAction:
        number = command.id.rpartition("_")[2]
        action = QAction(tr(command.text, number=number), self)
        action.setObjectName(command.id)
        action.setData(command.id)
        action.setCheckable(command.is_checkable)
        action.setEnabled(command.needs in self._given)
        if command.icon:
            action.setIcon(icon(command.icon, self._window.palette(), size=16))
        if command.choice:
            group = self._group_by_choice.get(command.choice)
            if group is None:
                group = self._group_by_choice[command.choice] = QActionGroup(self)
            group.addAction(action)
        action.setShortcutContext(
            Qt.ShortcutContext.WidgetShortcut
            if command.scope == "canvas"
            else Qt.ShortcutContext.WindowShortcut
        )
        action.triggered.connect(self._on_triggered)
        self._action_by_id[command.id] = action
        self._show_keys(command.id)
        (on or self._window).addAction(action)
        return action

    def _put_keys(self, command_id: str, keys: Sequence[str]) -> None:
        if tuple(keys) == COMMAND_BY_ID[command_id].keys:
            self._changed_keys.pop(command_id, None)
        else:
            self._changed_keys[command_id] = tuple(keys)
        self._show_keys(command_id)

    def _show_keys(self, command_id: str) -> None:
        action = self._action_by_id.get(command_id)
        if action is not None and COMMAND_BY_ID[command_id].scope != "held":
            action.setShortcuts([QKeySequence(key) for key in self.keys(command_id)])

    @Slot()
    def _on_triggered(self) -> None:
        sender = self.sender()
        if isinstance(sender, QAction):
            name = str(sender.data())
            self._recent = [name, *(n for n in self._recent if n != name)][:_MAX_RECENT]
            self._do_by_id[name]()
            self.ran.emit(name)


def shown_keys(keys: Sequence[str]) -> str:
    """Give the first of some keys as this system writes it, "" for none."""
    return QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""


def tip(action: QAction) -> str:
    """Give the tool tip of a command: its name and its key."""
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{action.text()} ({keys})" if keys else action.text()


def _normal(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
