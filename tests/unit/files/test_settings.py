"""Settings: damage costs a setting at most, never the start."""

import json
from pathlib import Path

import msgspec
import pytest

from studio.files.settings import read_settings, write_settings


class Values(msgspec.Struct, frozen=True):
    theme: str = "dark"
    size: int = 3


def _write(home: Path, text: bytes) -> None:
    home.mkdir(exist_ok=True)
    (home / "settings.json").write_bytes(text)


def test_they_come_back_with_the_keys_of_a_newer_version(tmp_path: Path) -> None:
    _write(tmp_path, json.dumps({"theme": "grey", "brush": {"x": 1}}).encode())
    found = read_settings(tmp_path, Values)
    assert (found.values, found.note) == (Values("grey"), None)
    write_settings(tmp_path, Values("light"), unknown=found.unknown)
    assert json.loads((tmp_path / "settings.json").read_text())["brush"] == {"x": 1}
    assert read_settings(tmp_path, Values).values == Values("light")


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"theme": NaN}', b" " * 5_000_000]
)
def test_damage_takes_the_last_good_copy(tmp_path: Path, damage: bytes) -> None:
    write_settings(tmp_path, Values("grey", 7), unknown={})
    _write(tmp_path, damage)
    found = read_settings(tmp_path, Values)
    assert found.values == Values("grey", 7)
    assert found.note is not None
    assert (tmp_path / "settings.damaged.json").read_bytes() == damage
    assert read_settings(tmp_path, Values).note is None


def test_damage_without_a_copy_takes_the_defaults(tmp_path: Path) -> None:
    _write(tmp_path, b"nonsense")
    assert read_settings(tmp_path, Values).values == Values()


def test_one_wrong_setting_costs_only_itself(tmp_path: Path) -> None:
    _write(tmp_path, b'{"theme": 5, "size": 9}')
    found = read_settings(tmp_path, Values)
    assert found.values == Values("dark", 9)
    assert found.note is not None
    assert "theme" in found.note.what
