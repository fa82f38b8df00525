"""What can be asked of the window on the command line."""

import argparse
from collections.abc import Sequence

import msgspec

from studio.ui.texts import LANGUAGES
from studio.ui.theme import THEMES


class Options(msgspec.Struct, frozen=True):
    """What was asked for on the command line; None takes what it was last time.

    Attributes:
        model: Id, name, hash or folder of the model to open.
        language: Of the window.
        theme: Of the window.
        files: Pictures, recipes and models to open, as if they were dropped.
    """

    model: str | None = None
    language: str | None = None
    theme: str | None = None
    files: tuple[str, ...] = ()
    osc: int | None = None


def read_options(words: Sequence[str]) -> Options:
    """Give what the words of the command line ask for; a wrong one ends the program."""
    parser = argparse.ArgumentParser(prog="studio window", description="Open the window.")
    parser.add_argument("--model", help="id, name, hash or folder of the model to open")
    parser.add_argument("--language", choices=("system", *LANGUAGES), help="language of the window")
    parser.add_argument("--theme", choices=tuple(THEMES), help="colours of the window")
    parser.add_argument(
        "--osc", type=int, metavar="PORT", help="receive live messages on this port, this time"
    )
    parser.add_argument("files", nargs="*", help="pictures, recipes or models to open")
    found = parser.parse_args(list(words))
    return Options(
        model=found.model,
        language=found.language,
        theme=found.theme,
        files=tuple(found.files),
        osc=found.osc,
    )
