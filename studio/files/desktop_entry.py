"""What a Linux desktop entry says about starting its program: an argument list, no shell.

Source: Desktop Entry Specification 1.5, "The Exec key".
"""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# Where the picture's path goes: in one argument, or, standing alone, all paths of a hand-off.
FILE: Final = "{file}"
FILES: Final = "{files}"
_MAX_BYTES: Final = 256 * 1024
# An argument wholly in double quotes, in which a backslash takes the next letter as it is; or bare.
_WORD: Final = re.compile(r'"(?:\\.|[^"\\])*"|[^\s"]+')
_FIELDS: Final = {"%f": FILE, "%u": FILE, "%F": FILES, "%U": FILES}
_ESCAPES: Final = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


def application_folders(environ: Mapping[str, str]) -> list[Path]:
    """Give the folders of desktop entries, the artist's own first; flatpak's and snap's are there."""
    home = Path(environ.get("HOME") or "/nowhere")
    own = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    shared = environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    roots = [own, own / "flatpak/exports/share", *map(Path, shared.split(":"))]
    roots += [Path("/var/lib/flatpak/exports/share"), Path("/var/lib/snapd/desktop")]
    return [root / "applications" for root in dict.fromkeys(roots) if root.is_absolute()]


def read_command(path: Path, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """Give the arguments that open files with a desktop entry's program.

    Args:
        path: The entry.
        environ: Whose PATH is looked through.

    Returns:
        None when there is no such entry, it is hidden, or its program is not installed.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    keys = _keys_of(text)
    needed = keys.get("TryExec")
    if keys.get("Hidden") == "true" or (needed and find_executable(needed, environ) is None):
        return None
    try:
        words = _split(keys.get("Exec", ""))
    except ValueError:
        return None
    if not words or find_executable(words[0], environ) is None:
        return None
    return _with_fields(words)


def find_executable(name: str, environ: Mapping[str, str]) -> str | None:
    """Give the path of a program by its name or path, None when it is not there."""
    return shutil.which(name, path=environ.get("PATH", os.defpath))


def _keys_of(text: str) -> dict[str, str]:
    """Give keys and values of the group "Desktop Entry"."""
    found: dict[str, str] = {}
    is_ours = False
    for line in text.splitlines():
        if line.startswith("["):
            is_ours = line.strip() == "[Desktop Entry]"
        elif is_ours and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key.strip(), _unescaped(value.strip()))
    return found


def _unescaped(value: str) -> str:
    parts = iter(value)
    out = []
    for char in parts:
        if char == "\\":
            follower = next(parts, "")
            out.append(_ESCAPES.get(follower, f"\\{follower}"))
        else:
            out.append(char)
    return "".join(out)


def _split(text: str) -> list[str]:
    """Give the arguments; only double quotes quote. ValueError where one is left open."""
    pieces = re.findall(_WORD, text)
    if "".join(text.split()) != "".join("".join(pieces).split()):
        raise ValueError("a quote is left open")
    return [
        re.sub(r"\\([\"`$\\])", r"\1", piece[1:-1]) if piece[0] == '"' else piece
        for piece in pieces
    ]


def _with_fields(words: list[str]) -> tuple[str, ...]:
    """Put the places of files in; fields of another kind are left out."""
    command = []
    for word in words:
        if word in _FIELDS:
            command.append(_FIELDS[word])
        elif len(word) == 2 and word[0] == "%" and word != "%%":
            continue
        else:
            command.append(word.replace("%%", "%"))
    if FILE not in command and FILES not in command:
        command.append(FILES)
    return tuple(command)
