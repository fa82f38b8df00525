"""The one table of commands."""

import pytest
from PySide6.QtGui import QKeySequence

from studio.ui.commands import COMMANDS, MENUS

# Source: the look, §Keys.
LOOK_KEYS = {
    "fit": "Ctrl+0", "one_to_one": "Ctrl+1", "canvas_only": "Tab", "mirror": "M", "before": "B",
    "dice": "R", "lock_seed": "L", "keep": "K", "variations": "V", "wall": "W", "previous": "[",
    "next": "]", "undo": "Z", "redo": "Ctrl+Shift+Z", "star": "S", "export": "E",
    "export_again": "Ctrl+E", "palette": "Ctrl+K", "full_screen": "F11", "pan": "Space",
    "direction_1": "1", "direction_9": "9",
}  # fmt: skip


def test_every_id_is_there_once() -> None:
    ids = [command.id for command in COMMANDS]
    assert len(ids) == len(set(ids))


def test_no_key_belongs_to_two_commands() -> None:
    owner_by_key: dict[str, str] = {}
    for command in COMMANDS:
        for key in command.keys:
            normal = QKeySequence(key).toString()
            assert normal, key
            assert normal not in owner_by_key, f"{key}: {command.id} and {owner_by_key[normal]}"
            owner_by_key[normal] = command.id


@pytest.mark.parametrize("command_id", LOOK_KEYS)
def test_keys_are_those_of_the_look(command_id: str) -> None:
    command = next(command for command in COMMANDS if command.id == command_id)
    assert LOOK_KEYS[command_id] in command.keys


def test_every_menu_is_known() -> None:
    assert {command.menu for command in COMMANDS} - {""} <= set(MENUS)
