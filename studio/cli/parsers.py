"""What the parsers of all commands have in common; imports nothing heavy, `--help` must be quick."""

import argparse
import math
import sys
from collections.abc import Callable
from typing import NoReturn, TypeAlias

Subparsers: TypeAlias = "argparse._SubParsersAction[CommandParser]"


class CommandParser(argparse.ArgumentParser):
    """A parser whose complaint is one sentence and a pointer to the help."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the call and leave with status 2."""
        if sys.stderr is not None:
            sentence = message[:1].upper() + message[1:]
            self._print_message(f"{sentence}\n`{self.prog} --help` shows how.\n", sys.stderr)
        sys.exit(2)


def add_command(
    subparsers: Subparsers, name: str, *, purpose: str, examples: str, detail: str = ""
) -> CommandParser:
    """Add a command's parser with its description and its examples below the options."""
    return subparsers.add_parser(
        name,
        help=purpose,
        description=f"{purpose[:1].upper()}{purpose[1:]}. {detail}".rstrip(),
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument(
        "--json", action="store_true", help="answer with one JSON document, for programs"
    )


def add_model(parser: argparse._ActionsContainer) -> None:
    """Add `--model`."""
    parser.add_argument(
        "--model", metavar="NAME", help="id, name or hash of a model, or its folder"
    )


def add_provider(parser: argparse._ActionsContainer) -> None:
    """Add `--provider`."""
    parser.add_argument(
        "--provider", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute"
    )


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Give the reader of a whole number in a range."""

    def read(text: str) -> int:
        if not text.strip().lstrip("+-").isascii() or not text.strip().lstrip("+-").isdigit():
            raise argparse.ArgumentTypeError(f"“{text}” is not a whole number")
        if len(text) > 20 or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text[:24]} is not between {low} and {high}")
        return int(text)

    return read


def real_number(low: float, high: float) -> Callable[[str], float]:
    """Give the reader of a number in a range; NaN and infinity are refused."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{text}” is not a number") from None
        if not math.isfinite(value) or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low:g} and {high:g}")
        return value

    return read
