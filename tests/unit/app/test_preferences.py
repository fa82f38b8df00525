"""Preferences: remembered, written a moment later, told only on change."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from studio.app.preferences import Preferences


def test_a_change_is_told_once_and_comes_back(tmp_path: Path, qtbot: QtBot) -> None:
    preferences = Preferences(tmp_path)
    told: list[object] = []
    preferences.changed.connect(told.append)
    preferences.change(theme="grey")
    preferences.change(theme="grey")
    assert len(told) == 1
    qtbot.waitUntil((tmp_path / "settings.json").exists)
    preferences.save_now()
    assert Preferences(tmp_path).values == preferences.values


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path, qtbot: QtBot) -> None:
    blocked = tmp_path / "home"
    blocked.write_bytes(b"")
    preferences = Preferences(blocked)
    told: list[object] = []
    preferences.failed.connect(told.append)
    preferences.change(theme="light")
    preferences.save_now()
    assert len(told) == 1
