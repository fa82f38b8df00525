"""Units of sliders on disk: the program's own models bring theirs, damage costs a measurement."""

from pathlib import Path

import pytest

from studio.files.direction_units import (
    UNITS_FILE,
    encode_units,
    read_units,
    units_path,
    write_units,
)
from studio.files.model_folder import read_card, read_directions
from studio.files.places import shipped_models

MODEL = "ab" * 32
SHIPPED = sorted(path.parent for path in shipped_models().glob(f"*/{UNITS_FILE}"))


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_a_shipped_model_brings_all_its_units(folder: Path, tmp_path: Path) -> None:
    card = read_card(folder)
    units = read_units(tmp_path, card.model, folder=folder)
    assert units is not None
    assert set(units) == {entry.id for entry in read_directions(folder, card).entries}


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b'{"version": 0, "units": {"a": 1}}', b'{"version": 1, "units": {"a": -1}}'],
)
def test_what_is_damaged_or_old_is_measured_again(tmp_path: Path, damage: bytes) -> None:
    assert read_units(tmp_path, MODEL) is None
    write_units(tmp_path, MODEL, units={"a": 0.5})
    assert read_units(tmp_path, MODEL) == {"a": 0.5}
    units_path(tmp_path, MODEL).write_bytes(damage)
    assert read_units(tmp_path, MODEL) is None


def test_units_of_other_sliders_beside_the_model_do_not_hide_those_measured(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / UNITS_FILE).write_bytes(encode_units({"b": 2.0}))
    write_units(tmp_path, MODEL, units={"a": 0.5})
    assert read_units(tmp_path, MODEL, folder=folder) == {"a": 0.5, "b": 2.0}
