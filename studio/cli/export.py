"""`studio export`: pictures as files of every kind. Each word is a module of its own."""

import argparse
import importlib
from typing import Final, Protocol

from studio.cli.parsers import Subparsers, add_command

# Word → its module.
MODULES: Final = {
    "pictures": "export_pictures",
    "layers": "export_layers",
    "sheet": "export_sheet",
    "sprites": "export_sprites",
    "tiles": "export_tiles",
    "palette": "export_palette",
    "page": "export_page",
    "presets": "export_presets",
}
_EXAMPLES: Final = """  studio export pictures kept.png 1f3a9c20 --format tiff16 --out prints
  studio export pictures --board "Sea" --size 1024 --template "{n} {name}" --out sea
  studio export layers painted.png --out painted.psd
  studio export layers --board "Sea" --size 1024 --out sea.ora
  studio export sheet --board "Sea" --caption both --out prints
  studio export palette kept.png --colours 24
  studio export page --board "Sea" --title "Sea" --out site
"""


class Word(Protocol):
    """What the module of a word offers."""

    def add_parser(self, actions: Subparsers) -> None:
        """Add the word's parser."""

    def run(self, args: argparse.Namespace) -> int:
        """Run it; gives the exit status."""


def add_parser(subparsers: Subparsers) -> None:
    """Add `export`."""
    parser = add_command(
        subparsers,
        "export",
        purpose="write pictures as files of every kind, in layers or one by one",
        detail="Pictures are named by their files, by ids of the gallery, by a board or by seeds.",
        examples=_EXAMPLES,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar=" | ".join(MODULES))
    for module in MODULES.values():
        _load(module).add_parser(actions)


def run(args: argparse.Namespace) -> int:
    """Run the word that was called."""
    return _load(MODULES[args.action]).run(args)


def _load(module: str) -> Word:
    loaded: Word = importlib.import_module(f"studio.cli.{module}")
    return loaded
