"""Settings as JSON with a type: atomic, with a last good copy, newer versions' keys kept."""

import json
import logging
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import msgspec

from studio.core.errors import StorageError
from studio.files.atomic import write_bytes_atomic

SETTINGS_FILE: Final = "settings.json"
GOOD_COPY: Final = "settings.good.json"
DAMAGED_COPY: Final = "settings.damaged.json"
MAX_BYTES: Final = 4 * 1024 * 1024  # a thousand times what the window writes

S = TypeVar("S", bound=msgspec.Struct)
_log = logging.getLogger(__name__)


class ReadSettings(msgspec.Struct, Generic[S], frozen=True):
    """What the settings file held.

    Attributes:
        values: The typed settings; what was missing or did not fit has its default.
        unknown: Keys that this version does not know, to be written back.
        note: What to tell the artist, None when all was well.
    """

    values: S
    unknown: dict[str, Any]
    note: StorageError | None = None


def read_settings(home: Path, kind: type[S]) -> ReadSettings[S]:
    """Give the settings of a home; never raises: damage costs the settings, not the start."""
    path = home / SETTINGS_FILE
    fields = _read_fields(path)
    note = None
    if fields is None:
        has_good_copy = (fields := _read_fields(home / GOOD_COPY)) is not None
        note = _set_aside(path, has_good_copy=has_good_copy)
    fields = fields or {}
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    unknown = {key: value for key, value in fields.items() if key not in known}
    values, wrong = _convert({k: v for k, v in fields.items() if k in known}, kind)
    if wrong and note is None:
        note = StorageError(
            f"A setting did not fit and was left out ({', '.join(wrong)}).",
            "Set it again in the window; the other settings were kept.",
        )
    return ReadSettings(values, unknown, note)


def write_settings(home: Path, values: msgspec.Struct, *, unknown: dict[str, Any]) -> None:
    """Write the settings and then their good copy, each whole or not at all.

    Raises:
        StorageError: No space or no permission; at least one whole file stays.
    """
    fields = {**unknown, **msgspec.to_builtins(values)}
    content = json.dumps(fields, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    write_bytes_atomic(home / SETTINGS_FILE, content)
    write_bytes_atomic(home / GOOD_COPY, content)


def _read_fields(path: Path) -> dict[str, Any] | None:
    """Give the top level of a settings file; {} without a file, None when it is damaged."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        fields = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        _log.warning("%s cannot be read: %s", path.name, type(error).__name__)
        return None
    return fields if isinstance(fields, dict) else None


def _convert(fields: dict[str, Any], kind: type[S]) -> tuple[S, list[str]]:
    """Give the typed settings and the keys that did not fit."""
    try:
        return msgspec.convert(fields, kind), []
    except (msgspec.ValidationError, RecursionError):
        fitting: dict[str, Any] = {}
        wrong = []
        for key, value in fields.items():
            try:
                msgspec.convert({key: value}, kind)
                fitting[key] = value
            except (msgspec.ValidationError, RecursionError):
                wrong.append(key)
        return msgspec.convert(fitting, kind), wrong


def _set_aside(path: Path, *, has_good_copy: bool) -> StorageError:
    try:
        path.replace(path.with_name(DAMAGED_COPY))
    except OSError:
        _log.warning("%s cannot be set aside", path.name)
    if has_good_copy:
        return StorageError(
            "The settings were damaged.", "The last good copy was taken; look them over once."
        )
    return StorageError(
        "The settings were damaged, so the window starts with its own.",
        "Set them again; your pictures and models are untouched.",
    )
