"""The books of sliders on disk: `STUDIO_HOME/directions/<model hash>.json`, with a last good copy."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from studio.core.direction_book import BOOK_SCHEMA, DirectionBook, first_problem
from studio.core.errors import StorageError
from studio.files.atomic import write_bytes_atomic

BOOKS_FOLDER: Final = "directions"
MAX_BYTES: Final = 16 * 1024 * 1024
_log = logging.getLogger(__name__)


class ReadBook(msgspec.Struct, frozen=True):
    """A book, and what to tell the artist about its file; None when all was well."""

    book: DirectionBook
    note: StorageError | None = None


def book_path(home: Path, model: str) -> Path:
    """Give where a model's book lies; it need not be there."""
    return home / BOOKS_FOLDER / f"{model}.json"


def read_book(home: Path, model: str) -> ReadBook:
    """Give the book of a model, an empty one before the first; never raises.

    A damaged file is set aside under another name, so that nothing of it is lost, and the last good
    copy takes its place.
    """
    path = book_path(home, model)
    good_path = path.with_suffix(".good.json")
    is_there = path.exists()
    found = _read(path, model) if is_there else None
    if found is not None:
        return ReadBook(found)
    good = _read(good_path, model) if good_path.exists() else None
    if not is_there:  # set aside before, or the first time
        return ReadBook(good or DirectionBook(model=model))
    _set_aside(path)
    if good is not None:
        return ReadBook(
            good,
            StorageError(
                "The names of this model’s sliders were damaged.",
                "The last good copy was taken; look them over once.",
            ),
        )
    return ReadBook(
        DirectionBook(model=model),
        StorageError(
            "The names of this model’s sliders were damaged, so the model’s own are shown.",
            "The damaged file was set aside in the studio’s folder “directions”.",
        ),
    )


def update_book(
    home: Path, model: str, *, change: Callable[[DirectionBook], DirectionBook]
) -> DirectionBook:
    """Change the book as it lies on disk now, so that window and command line lose nothing.

    Raises:
        StorageError: No space or no permission, or a newer program wrote it; the old book stays.
    """
    path = book_path(home, model)
    before = read_book(home, model).book
    if before.schema > BOOK_SCHEMA:
        raise StorageError(
            "A newer program wrote the names of this model’s sliders.",
            "They are shown, but change them with that program.",
        )
    after = change(before)
    if after != before or not path.exists():
        content = msgspec.json.format(msgspec.json.encode(after), indent=1) + b"\n"
        write_bytes_atomic(path, content, name="the sliders’ file")
        write_bytes_atomic(path.with_suffix(".good.json"), content, name="the sliders’ file")
    return after


def _read(path: Path, model: str) -> DirectionBook | None:
    """Give a book; None when the file is damaged or another model's."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        book = msgspec.json.decode(path.read_bytes(), type=DirectionBook)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _log.warning("%s cannot be read: %s", path.name, type(error).__name__)
        return None
    if book.model != model or first_problem(book):
        _log.warning("%s is not what it should be: %s", path.name, first_problem(book) or "model")
        return None
    return book


def _set_aside(path: Path) -> None:
    """Give a damaged file a name that nothing has, so that it can be looked at."""
    number = 1
    while (aside := path.with_suffix(f".damaged-{number}.json")).exists():
        number += 1
    try:
        path.replace(aside)
    except OSError:
        _log.warning("%s cannot be set aside", path.name)
