"""The names of the artist's boards, in their order; which pictures lie there, each record says.

boards.json   a list of names; without it the boards of the records are there all the same
"""

import logging
from pathlib import Path
from typing import Final

import msgspec

from studio.files.atomic import DISK, Disk, write_bytes_atomic

BOARDS_FILE: Final = "boards.json"
MAX_BOARDS: Final = 500
MAX_NAME: Final = 60
MAX_FILE_BYTES: Final = 1024 * 1024
_log: Final = logging.getLogger(__name__)


def board_name(text: str) -> str:
    """Give a name for a board: on one line, without control characters, of bounded length."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:MAX_NAME].strip()


def is_same_board(one: str, other: str) -> bool:
    """Say whether two names mean the same board: capitals do not matter."""
    return one.casefold() == other.casefold()


class BoardList:
    """Reads and writes the list of one home."""

    def __init__(self, home: Path, *, disk: Disk = DISK) -> None:
        self._path = home / BOARDS_FILE
        self._disk = disk

    def read(self) -> tuple[str, ...]:
        """Give the names; () where there is no list, or a broken one."""
        try:
            with self._path.open("rb") as file:
                names = msgspec.json.decode(file.read(MAX_FILE_BYTES), type=list[str])
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            _log.warning("the list of boards cannot be read: %s", error)
            return ()
        clean = [board_name(name) for name in names]
        return tuple(dict.fromkeys(name for name in clean if name))[:MAX_BOARDS]

    def write(self, names: tuple[str, ...]) -> None:
        """Store the names.

        Raises:
            StorageError: The disk is full, or cannot be written to; the old list is untouched.
        """
        content = msgspec.json.encode(list(names))
        write_bytes_atomic(self._path, content, disk=self._disk, name="the list of boards")


def all_boards(listed: tuple[str, ...], used: tuple[str, ...]) -> tuple[str, ...]:
    """Give the listed boards, and after them those that only pictures name, by the alphabet."""
    known = {name.casefold() for name in listed}
    others = sorted({name for name in used if name.casefold() not in known}, key=str.casefold)
    return (*listed, *others)
