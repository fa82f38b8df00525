"""Presets: ours stay, the artist's are stored, renamed, removed, and survive damage elsewhere."""

from pathlib import Path

import pytest

from studio.core.errors import StorageError
from studio.export.presets import (
    FILE,
    SHIPPED,
    ExportPreset,
    find_preset,
    read_presets,
    remove_preset,
    rename_preset,
    save_preset,
)
from studio.export.stills import StillSettings

MINE = ExportPreset(
    name=" Krita\n ", settings=StillSettings(bits=16, size=512), template="{n}", folder="/art"
)


def test_a_preset_is_stored_under_its_name_and_replaced_under_the_same(tmp_path: Path) -> None:
    save_preset(tmp_path, MINE)
    (found,) = read_presets(tmp_path)
    assert (found.name, found.settings.bits, found.template, found.folder) == (
        "Krita", 16, "{n}", "/art",
    )  # fmt: skip
    save_preset(tmp_path, ExportPreset(name="Other", settings=StillSettings()))
    save_preset(tmp_path, ExportPreset(name="KRITA", settings=StillSettings(size=64)))
    assert [(one.name, one.settings.size) for one in read_presets(tmp_path)] == [
        ("KRITA", 64), ("Other", None),
    ]  # fmt: skip


def test_renaming_and_removing(tmp_path: Path) -> None:
    save_preset(tmp_path, MINE)
    save_preset(tmp_path, ExportPreset(name="Other", settings=StillSettings()))
    rename_preset(tmp_path, "krita", new="Painting")
    rename_preset(tmp_path, "Painting", new="painting")
    with pytest.raises(StorageError):
        rename_preset(tmp_path, "painting", new="other")
    assert [one.name for one in remove_preset(tmp_path, "Other")] == ["painting"]
    with pytest.raises(StorageError):
        remove_preset(tmp_path, "Other")


@pytest.mark.parametrize("name", ["", " \n", "for blender"])
def test_names_that_cannot_be_taken(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError):
        save_preset(tmp_path, ExportPreset(name=name, settings=StillSettings()))
    save_preset(tmp_path, MINE)
    with pytest.raises(StorageError):
        rename_preset(tmp_path, "Krita", new=name)


def test_one_is_found_by_name_and_what_is_missing_names_what_is_there(tmp_path: Path) -> None:
    assert find_preset(tmp_path, "FOR print") == SHIPPED[1]
    with pytest.raises(StorageError) as told:
        find_preset(tmp_path, "Krita")
    assert "“For the web”" in told.value.way_out


def test_a_damaged_file_costs_no_start(tmp_path: Path) -> None:
    for content in (b"", b"[]", b'{"schema": 1, "presets": [{"name": 3}]}', b"[" * 100_000):
        (tmp_path / FILE).write_bytes(content)
        assert read_presets(tmp_path) == ()
