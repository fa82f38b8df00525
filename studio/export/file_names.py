"""Names for exported files: from a template, safe on every file system, never taken twice."""

import datetime
import re
import unicodedata
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import StorageError

DEFAULT_TEMPLATE: Final = "{model}-{seed}"
SET_TEMPLATE: Final = "{name} {kind}"
FIELDS: Final = ("name", "seed", "model", "date", "kind", "n")
# 255 bytes is the limit of most file systems; a temp name, a suffix and "-9999" must fit too.
MAX_NAME_BYTES: Final = 180
MAX_TRIES: Final = 10_000
# Source: Windows' naming rules for files ("CON", "con.txt" and "COM1" cannot be made there).
_RESERVED: Final = {"con", "prn", "aux", "nul"} | {
    f"{p}{i}" for p in ("com", "lpt") for i in range(10)
}
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')


class NameFields(msgspec.Struct, frozen=True, kw_only=True):
    """What a template can say.

    Attributes:
        name: Of the picture or the set.
        seed: Its seeds.
        model: Name of its model.
        made_at: Seconds since 1970.
        number: Counts the files of one export from 1.
        kind: Of a sheet or set, "" for a picture.
    """

    name: str = ""
    seed: str = ""
    model: str = ""
    made_at: float = 0.0
    number: int = 1
    kind: str = ""


def file_name(template: str, fields: NameFields) -> str:
    """Give a file name without suffix.

    {name}, {seed}, {model}, {date}, {kind} and {n} are filled in. Other braces stay as they are; what no file system takes is left out; never empty.
    """
    day = datetime.datetime.fromtimestamp(fields.made_at, tz=datetime.UTC).astimezone()
    texts = {
        "name": fields.name,
        "seed": fields.seed,
        "model": fields.model,
        "date": day.strftime("%Y-%m-%d"),
        "kind": fields.kind,
        "n": f"{fields.number:03d}",
    }
    filled = re.sub(
        r"\{(" + "|".join(FIELDS) + r")\}", lambda found: texts[found.group(1)], template
    )
    return safe_name(filled)


def safe_name(text: str) -> str:
    """Give the nearest name that Linux, Windows and macOS all take."""
    composed = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
    plain = "".join(char if char.isprintable() else " " for char in composed)
    plain = " ".join(_FORBIDDEN.sub(" ", plain).split()).strip(". ")
    if plain.partition(".")[0].strip().casefold() in _RESERVED:
        plain = f"_{plain}"
    while len(plain.encode()) > MAX_NAME_BYTES:
        plain = plain[:-1]
    return plain.rstrip(". ") or "picture"


def free_path(path: Path) -> Path:
    """Give the path, or with "-2", "-3" … before the suffix where the name is taken.

    Raises:
        StorageError: Ten thousand are taken.
    """
    candidate = path
    for number in range(2, MAX_TRIES):
        if not _is_taken(candidate):
            return candidate
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    raise StorageError(
        f"The folder “{path.parent.name}” holds too many files named “{path.stem}”.",
        "Choose another folder or name.",
    )


def _is_taken(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True
