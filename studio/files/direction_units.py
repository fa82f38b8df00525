"""How many σ one unit of a model's sliders is: beside the model, or measured here and kept.

That is `units.json` in the model's folder, or `STUDIO_HOME/cache/units/<model hash>.json`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from studio.core.recipe import MAX_STRENGTH
from studio.files.atomic import write_bytes_atomic
from studio.files.remembered import read_remembered

# To be raised when the way of measuring or the feature network changes: it is measured again then.
UNITS_VERSION: Final = 1
UNITS_FILE: Final = "units.json"
_MAX_BYTES: Final = 1 << 20


class MeasuredUnits(msgspec.Struct, frozen=True):
    """Direction id → how many σ one unit of its slider is."""

    version: int
    units: dict[str, float]


def units_path(home: Path, model: str) -> Path:
    """Give where they lie; they need not be there."""
    return home / "cache" / "units" / f"{model}.json"


def read_units(home: Path, model: str, *, folder: Path | None = None) -> dict[str, float] | None:
    """Give a model's units; None when they have to be measured (again). Never raises.

    Args:
        home: Where what was measured here is remembered.
        model: The model's hash.
        folder: The model's folder: the program's own models bring theirs along.
    """
    brought = None if folder is None else _read(folder / UNITS_FILE)
    measured = _read(units_path(home, model))
    return {**(measured or {}), **(brought or {})} or None


def _read(path: Path) -> dict[str, float] | None:
    found = read_remembered(path, MeasuredUnits, max_bytes=_MAX_BYTES)
    if found is None:
        return None
    is_sound = all(0 < unit <= MAX_STRENGTH for unit in found.units.values())
    return found.units if is_sound and found.version == UNITS_VERSION else None


def write_units(home: Path, model: str, *, units: Mapping[str, float]) -> None:
    """Remember a model's units.

    Raises:
        StorageError: They cannot be written; they can be measured again at any time.
    """
    write_bytes_atomic(units_path(home, model), encode_units(units))


def encode_units(units: Mapping[str, float]) -> bytes:
    """Give the bytes of a file of units."""
    return msgspec.json.encode(MeasuredUnits(UNITS_VERSION, dict(units))) + b"\n"
