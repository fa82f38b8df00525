"""The command line: chooses one command, runs it, and turns every failure into a sentence.

Exit status: 0 done, 1 failed (one sentence and the way out on stderr), 2 wrong call,
130 stopped with Ctrl-C. With `--json` stdout carries one JSON document and nothing else; a failure
is `{"error": {"what": …, "way_out": …}}` on stderr.
"""

import argparse
import errno
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final, Protocol

from studio import __version__
from studio.cli.output import note, tell_error
from studio.cli.parsers import CommandParser, Subparsers
from studio.core.errors import StudioError

# Name → what it does. A command's module has the same name and is imported only when it is called,
# so that `studio --help` costs nothing and `generate` never meets Qt or torch.
COMMANDS: Final = {
    "generate": "make pictures from seeds or from a recipe",
    "mix": "mix two pictures, or make a sheet of mixes",
    "export": "write pictures as files of every kind, in layers or one by one",
    "walk": "make a film of the way from picture to picture",
    "directions": "list, name, star, hide, draw and teach a model's sliders",
    "invert": "find your own picture in a model's latent space",
    "models": "list, show, name or blend models, take them in, pass them on",
    "import": "bring pictures with recipes into the gallery",
    "recipe": "show the recipe in a picture, or make a copy without it",
    "provenance": "say where a picture comes from, on one page",
    "gallery": "list kept pictures and boards, or rebuild the index",
    "doctor": "check this machine and say what is missing",
    "dataset": "look at a folder of pictures before training on it",
    "train": "train a generator on a folder of pictures",
    "runs": "list the training runs, steer them, make their models",
    "score": "measure a model's pictures against a folder of real ones",
    "bench": "measure how fast pictures come on this machine",
}
# Where the module's name cannot be the command's: `import` is a word of the language.
_MODULE_BY_COMMAND: Final = {"import": "picture_import"}

STATUS_FAILED: Final = 1
STATUS_WRONG_CALL: Final = 2
STATUS_STOPPED: Final = 130  # what shells expect after Ctrl-C: 128 + SIGINT

_EPILOG: Final = """examples:
  studio                                     open the window
  studio generate --seed 7 --out picture.png
  studio models list
  studio COMMAND --help                      what a command can do
"""


class Command(Protocol):
    """What the module of a command offers."""

    def add_parser(self, subparsers: Subparsers) -> None:
        """Add the command's parser."""

    def run(self, args: argparse.Namespace) -> int:
        """Run the command; gives the exit status."""


def run_command(words: Sequence[str]) -> int:
    """Run one command; gives the exit status and never raises.

    Args:
        words: What stands behind `studio` on the command line.
    """
    _accept_any_letter()
    wants_json = "--json" in words
    logging.basicConfig(
        level=logging.ERROR if wants_json else logging.WARNING, format="%(message)s"
    )
    try:
        status = _run(list(words))
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit as stop:  # argparse's way out: 0 after --help, 2 after a wrong call
        return stop.code if isinstance(stop.code, int) else STATUS_WRONG_CALL
    except KeyboardInterrupt:
        note("Stopped.")
        return STATUS_STOPPED
    except BrokenPipeError:
        _forget_stdout()  # the reader has gone (`| head`): nobody is left to tell
        return STATUS_FAILED
    except Exception as error:  # noqa: BLE001  the last border: a person never sees a traceback
        tell_error(_explain(error), as_json=wants_json)
        return STATUS_FAILED
    return status


def build_parser(word: str | None) -> CommandParser:
    """Give the parser with the command `word` built in full and the others by name only."""
    parser = CommandParser(
        prog="studio",
        description="Latent Studio: explore, steer and train picture generators on this machine.\n"
        "Without a command the window opens.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"Latent Studio {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for name, purpose in COMMANDS.items():
        if name == word:
            _load(name).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=purpose)
    return parser


def _run(words: list[str]) -> int:
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    word = next((word for word in words if not word.startswith("-")), None)
    parser = build_parser(word)
    if word is not None and word not in COMMANDS:
        near = get_close_matches(word, COMMANDS, n=1)
        hint = f"did you mean “{near[0]}”?" if near else "`studio --help` lists the commands"
        parser.error(f"there is no command “{word}”: {hint}")
    args = parser.parse_args(words)
    if args.command is None:
        parser.error("a command is missing: `studio --help` lists the commands")
    return _load(args.command).run(args)


def _load(name: str) -> Command:
    module: Command = importlib.import_module(f"studio.cli.{_MODULE_BY_COMMAND.get(name, name)}")
    return module


def _explain(error: Exception) -> StudioError:
    """Give the sentence for a failure; the details of one that nobody foresaw are kept."""
    if isinstance(error, StudioError):
        return error
    if isinstance(error, ImportError) and not (error.name or "").startswith("studio"):
        return StudioError(
            f"A library cannot be loaded ({error}).",
            "Run `bash packaging/run.sh` again: it brings what is missing.",
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _forget_stdout()
        return StudioError(
            "The answer could not be written: the disk is full.", "Free some space, then try again."
        )
    return _explain_unexpected(error)


def _forget_stdout() -> None:
    """Send what is still unwritten nowhere: Python would fail on it once more at exit."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _accept_any_letter() -> None:
    """Let a terminal that cannot show a letter show a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _explain_unexpected(error: Exception) -> StudioError:
    import traceback  # noqa: PLC0415  only needed when something went wrong

    from studio.cli.error_log import keep_traceback  # noqa: PLC0415

    place = keep_traceback("".join(traceback.format_exception(error)))
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    return StudioError(
        f"Something went wrong inside the program ({reason}).",
        f"The details lie in {place}; please send them with a report."
        if place
        else "The details could not be stored; please report this sentence.",
    )
