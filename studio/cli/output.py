"""How commands speak: answers on stdout, everything else on stderr."""

import json
import sys
import unicodedata
from collections.abc import Sequence

from studio.core.errors import StudioError


def json_line(value: object) -> str:
    """Give a value as one line of JSON; numbers that are not finite are a fault of ours."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def answer(text: str) -> None:
    """Write a line of the answer."""
    print(text)


def answer_json(value: object) -> None:
    """Write the whole answer as one indented JSON document."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))


def note(text: str) -> None:
    """Say something beside the answer; nobody listening is no failure."""
    if sys.stderr is None:
        return
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        return


def tell_error(error: StudioError, *, as_json: bool) -> None:
    """Say what happened and the way out."""
    if as_json:
        note(json_line({"error": {"what": error.what, "way_out": error.way_out}}))
    else:
        note(f"{error.what}\n{error.way_out}")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give rows as aligned columns, two spaces apart; numbers stand right.

    Args:
        headings: One per column.
        rows: Cells as text, as many in each row as there are headings.
    """
    columns = list(zip(headings, *rows, strict=True))
    widths = [max(map(width, column)) for column in columns]
    is_number = [bool(rows) and all(_is_number(cell) for cell in column[1:]) for column in columns]
    lines = []
    for row in (headings, *rows):
        cells = [_padded(cell, widths[i], is_right=is_number[i]) for i, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def width(text: str) -> int:
    """Give how many columns of a terminal a text takes: wide East Asian letters take two."""
    return sum(
        0
        if unicodedata.combining(letter)
        else 2
        if unicodedata.east_asian_width(letter) in "WF"
        else 1
        for letter in text
    )


def count_of(number: int, thing: str) -> str:
    """Give `1 picture`, `2 pictures`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _padded(text: str, columns: int, *, is_right: bool) -> str:
    space = " " * (columns - width(text))
    return space + text if is_right else text + space


def _is_number(text: str) -> bool:
    return text in {"–", ""} or text.replace(",", "").replace(".", "", 1).lstrip("-−").isdigit()
