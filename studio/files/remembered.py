"""Small JSON files of things that were measured here and can be measured again."""

import logging
from pathlib import Path
from typing import TypeVar

import msgspec

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def read_remembered(path: Path, kind: type[_T], *, max_bytes: int) -> _T | None:
    """Give what a file holds; None when it is missing, damaged, too long or of another kind.

    Never raises; what is wrong with a file that is there goes into the log.
    """
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(max_bytes), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _log.warning("%s cannot be read: %s", path.name, type(error).__name__)
        return None
