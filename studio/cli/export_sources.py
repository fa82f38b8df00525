"""Which pictures an export means: files with a recipe, kept pictures, a board, seeds."""

import argparse
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from studio.cli.arguments import MAX_PICTURES, read_psi, read_seeds
from studio.cli.gallery_boards import find_kept, on_board
from studio.cli.model_choice import choose_model, open_library
from studio.cli.parsers import CommandParser, add_model
from studio.cli.recipe_choice import read_recipe
from studio.core.errors import StorageError
from studio.core.model_card import ModelCard
from studio.core.provenance import seed_text
from studio.core.recipe import DEFAULT_PSI, Recipe, new_recipe
from studio.export.file_names import NameFields
from studio.library.gallery import Gallery, Kept

_ID: Final = re.compile(r"[0-9a-fA-F]{6,32}")


class Subject(msgspec.Struct, frozen=True):
    """One picture to export: its recipe, its name for people, and the kept one, None for none."""

    recipe: Recipe
    name: str
    kept: Kept | None = None

    def fields(self, card: ModelCard, number: int) -> NameFields:
        """Give what a template can say of it; `number` is its place in the export, from 1."""
        return NameFields(
            name=self.name,
            seed=seed_text(self.recipe),
            model=card.name,
            made_at=time.time() if self.kept is None else self.kept.kept_at,
            number=number,
        )


def add_sources(parser: CommandParser) -> None:
    """Add the arguments that name pictures."""
    group = parser.add_argument_group("which pictures")
    group.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help="a picture or file with a recipe, or the id of a kept picture",
    )
    group.add_argument("--board", metavar="NAME", help="the pictures on this board, too")
    group.add_argument(
        "--seed", type=read_seeds, metavar="N", help="seeds, too: 7 or 1,5,9 or 100-115"
    )
    group.add_argument(
        "--psi", type=read_psi, default=DEFAULT_PSI, metavar="X", help="truncation of the seeds"
    )
    add_model(group)


def read_subjects(args: argparse.Namespace, gallery: Gallery, *, prog: str) -> list[Subject]:
    """Give the pictures that a call means, in its order; leaves with status 2 where there are none.

    Raises:
        StudioError: One is missing, carries no recipe, or the board is empty.
    """
    kept = gallery.items()
    found = [_read(word, kept) for word in args.what]
    if args.board is not None:
        found += read_board(kept, args.board)
    if args.seed:
        model = choose_model(open_library(), args.model).card.model
        found += [_named(new_recipe(model, seed, psi=args.psi)) for seed in args.seed]
    if not found:
        CommandParser(prog=prog).error("name a picture, --board or --seed")
    if len(found) > MAX_PICTURES:
        CommandParser(prog=prog).error(f"more than {MAX_PICTURES} pictures")
    return found


def read_board(kept: Sequence[Kept], name: str) -> list[Subject]:
    """Give the pictures on a board; raises `StorageError` where there are none."""
    items = on_board(kept, name)
    if not items:
        raise StorageError(
            f"There is no picture on the board “{name}”.",
            "`studio gallery boards` lists the boards.",
        )
    return [_of_kept(one) for one in items]


def _read(word: str, kept: Sequence[Kept]) -> Subject:
    path = Path(word)
    if _ID.fullmatch(word) and not path.exists():
        return _of_kept(find_kept(kept, word))
    return _named(read_recipe(path), name=path.stem)


def _named(recipe: Recipe, name: str = "") -> Subject:
    return Subject(recipe, name or f"Seed {seed_text(recipe)}")


def _of_kept(kept: Kept) -> Subject:
    return Subject(kept.recipe, kept.name or f"Seed {kept.seed_text}", kept)
