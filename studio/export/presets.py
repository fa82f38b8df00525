"""Export presets: named sets of format, size, names, folder and recipe, ours and the artist's."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import StorageError
from studio.export.file_names import DEFAULT_TEMPLATE
from studio.export.stills import StillSettings
from studio.files.atomic import write_bytes_atomic

FILE: Final = "export-presets.json"
SCHEMA: Final = 1
MAX_NAME: Final = 60
_MAX_BYTES: Final = 1024 * 1024
_log = logging.getLogger(__name__)


class ExportPreset(msgspec.Struct, frozen=True, kw_only=True):
    """A named way to export.

    Attributes:
        name: For people; the names of ours are English here and translated where they are shown.
        settings: Format, size, and whether the recipe goes in. What the artist says of pictures
            (`author`) is no part of a preset.
        template: Of the files' names.
        folder: Where to, "" for the folder that is chosen.
    """

    name: str
    settings: StillSettings
    template: str = DEFAULT_TEMPLATE
    folder: str = ""


SHIPPED: Final[tuple[ExportPreset, ...]] = (
    ExportPreset(
        name="For Blender",
        settings=StillSettings(format="png", size=1024, is_power_of_two=True),
    ),
    ExportPreset(name="For print", settings=StillSettings(format="tiff", bits=16, size=2048)),
    ExportPreset(name="For the web", settings=StillSettings(format="webp", quality=85, size=1024)),
)


class _File(msgspec.Struct):
    schema: int
    presets: tuple[ExportPreset, ...]


def read_presets(home: Path) -> tuple[ExportPreset, ...]:
    """Give the artist's own presets, in their order; a damaged file counts as none."""
    path = home / FILE
    try:
        if path.stat().st_size > _MAX_BYTES:
            return ()
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        _log.warning("the presets cannot be read (%s)", type(error).__name__)
        return ()
    return found.presets


def save_preset(home: Path, preset: ExportPreset) -> tuple[ExportPreset, ...]:
    """Store a preset, in place of one of the same name; gives all of the artist's own.

    Raises:
        StorageError: It has no name or one of ours, or it could not be written.
    """
    name = clean_name(preset.name)
    if not name:
        raise StorageError("A preset needs a name.", "Type one.")
    if any(is_same_name(name, one.name) for one in SHIPPED):
        raise StorageError(
            "This name is taken by a preset of the program.", "Give the preset another name."
        )
    preset = msgspec.structs.replace(preset, name=name)
    others = list(read_presets(home))
    place = next((i for i, one in enumerate(others) if is_same_name(one.name, name)), len(others))
    others[place : place + 1] = [preset]
    return _write(home, others)


def rename_preset(home: Path, old: str, *, new: str) -> tuple[ExportPreset, ...]:
    """Give a preset another name.

    Raises:
        StorageError: There is none of that name, the new one is taken, or it could not be written.
    """
    own = list(read_presets(home))
    place, name = _place(own, old), clean_name(new)
    taken = [*SHIPPED, *own[:place], *own[place + 1 :]]
    if not name or any(is_same_name(name, one.name) for one in taken):
        raise StorageError("There is a preset of this name already.", "Give it another name.")
    own[place] = msgspec.structs.replace(own[place], name=name)
    return _write(home, own)


def remove_preset(home: Path, name: str) -> tuple[ExportPreset, ...]:
    """Remove a preset of the artist's own.

    Raises:
        StorageError: There is none of that name, or it could not be written.
    """
    own = list(read_presets(home))
    del own[_place(own, name)]
    return _write(home, own)


def find_preset(home: Path, name: str) -> ExportPreset:
    """Give the preset of a name, ours or the artist's.

    Raises:
        StorageError: There is none.
    """
    known = (*SHIPPED, *read_presets(home))
    for one in known:
        if is_same_name(one.name, name):
            return one
    names = ", ".join(f"“{one.name}”" for one in known)
    raise StorageError(f"There is no preset “{name}”.", f"These are there: {names}.")


def clean_name(name: str) -> str:
    """Give a name that can be stored and shown, "" for none."""
    shown = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(shown.split())[:MAX_NAME].strip()


def is_same_name(one: str, other: str) -> bool:
    """Say whether two names are the same for people."""
    return clean_name(one).casefold() == clean_name(other).casefold()


def _place(own: Sequence[ExportPreset], name: str) -> int:
    for place, one in enumerate(own):
        if is_same_name(one.name, name):
            return place
    raise StorageError(
        f"There is no preset “{name}” of your own.", "Presets of the program stay as they are."
    )


def _write(home: Path, presets: Sequence[ExportPreset]) -> tuple[ExportPreset, ...]:
    content = msgspec.json.format(msgspec.json.encode(_File(SCHEMA, tuple(presets))), indent=1)
    write_bytes_atomic(home / FILE, content, name="the presets")
    return tuple(presets)
