"""`studio recipe`: what a picture says about how it was made, and a copy that does not say it."""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.cli.known_picture import card_of, file_bytes
from studio.cli.output import answer, answer_json
from studio.cli.parsers import Subparsers, add_command, add_json
from studio.cli.pictures_out import plan_file
from studio.core.errors import PictureError, RecipeError, StorageError
from studio.core.model_card import ModelCard
from studio.core.provenance import Provenance, credit_only, parameters_text
from studio.core.recipe_json import recipe_to_json
from studio.core.xmp import xmp_packet
from studio.files.atomic import write_bytes_atomic
from studio.files.stripped import strip_words
from studio.opener.client import OpenedPicture, open_recipe_picture
from studio.opener.credit_reader import read_credit

_EXAMPLES: Final = """  studio recipe show picture.png
  studio recipe show picture.webp --json
  studio recipe strip picture.png --out to-send.png
"""
_MAX_SHOWN: Final = 4000


def add_parser(subparsers: Subparsers) -> None:
    """Add `recipe`."""
    parser = add_command(
        subparsers,
        "recipe",
        purpose="show the recipe in a picture, or make a copy without it",
        examples=_EXAMPLES,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="show | strip")
    show = add_command(
        actions,
        "show",
        purpose="show what a picture says about how it was made",
        examples="  studio recipe show picture.png\n  studio recipe show picture.png --json\n",
    )
    show.add_argument("file", type=Path, metavar="FILE", help="a picture from anywhere")
    add_json(show)
    strip = add_command(
        actions,
        "strip",
        purpose="write a copy that keeps every pixel and loses its words",
        examples="  studio recipe strip picture.jpg --out to-send.jpg\n",
        detail="Only the credit line stays, where the licence of the model's data asks for one.",
    )
    strip.add_argument("file", type=Path, metavar="FILE", help="a picture from anywhere")
    strip.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to")
    strip.add_argument("--force", action="store_true", help="replace a file of that name")
    add_json(strip)


def run(args: argparse.Namespace) -> int:
    """Run the part of `recipe` that was called."""
    return _show(args) if args.action == "show" else _strip(args)


def _show(args: argparse.Namespace) -> int:
    opened = _opened(args.file)
    if args.json:
        answer_json({"schema": 1, **_fields(opened)})
        return 0
    if opened.recipe is None:
        if opened.refused is not None:
            raise opened.refused
        answer(_foreign(opened, args.file.name))
        return 0
    recipe = opened.recipe.recipe
    card, _ = card_of(recipe, None)
    name = card.name if card is not None else "not installed here"
    answer(parameters_text(recipe, size=(opened.width, opened.height), model_name=name))
    answer(f"Pixels: {_pixels(opened)}")
    return 0


def _pixels(opened: OpenedPicture) -> str:
    if opened.is_unchanged:
        return "as they were when it was made"
    if not opened.pixel_hash_in_file:
        return "the file does not say how they were when it was made"
    return "changed, resized or saved with loss after it was made"


def _foreign(opened: OpenedPicture, name: str) -> str:
    """Give what another program wrote; a terminal gets no control characters."""
    said = f"“{name}” carries no recipe of ours."
    if opened.made_with:
        said += f" It was made with {opened.made_with}."
    text = "".join(
        char for char in opened.parameters_text[:_MAX_SHOWN] if char == "\n" or char.isprintable()
    )
    return f"{said}\nText in the picture:\n{text}" if text.strip() else said


def _fields(opened: OpenedPicture) -> dict[str, Any]:
    if opened.refused is not None and opened.recipe is None:
        raise opened.refused
    found = opened.recipe
    return {
        "recipe": None if found is None else json.loads(recipe_to_json(found.recipe)),
        "unknown_fields": [] if found is None else list(found.unknown_fields),
        "width": opened.width,
        "height": opened.height,
        "is_unchanged": opened.is_unchanged,
        "made_with": opened.made_with,
        "parameters": opened.parameters_text,
    }


def _strip(args: argparse.Namespace) -> int:
    out = plan_file(args.out, force=args.force)
    before = _opened(args.file)
    if before.picture is None:
        raise before.refused or PictureError("This is no picture.", "Choose another picture.")
    content = file_bytes(args.file)
    packet = xmp_packet(_what_stays(before, content), with_recipe=False)
    write_bytes_atomic(out, strip_words(content, packet), name="the picture")
    try:
        _check(before, out)
    except StorageError:
        out.unlink(missing_ok=True)
        raise
    credit = read_credit(file_bytes(out))
    if args.json:
        answer_json({"schema": 1, "file": str(out), "credit": credit})
    else:
        answer(str(out))
        answer(f"Credit line kept: {credit}" if credit else "Nothing is said in it any more.")
    return 0


def _what_stays(opened: OpenedPicture, content: bytes) -> Provenance:
    """Give the credit line: by the model's card; of an unknown model what the file itself says."""
    card: ModelCard | None = None
    if opened.recipe is not None:
        card, _ = card_of(opened.recipe.recipe, None)
    return credit_only(card) if card is not None else Provenance(credit=read_credit(content))


def _check(before: OpenedPicture, out: Path) -> None:
    """Read the copy as a stranger would."""
    after = _opened(out)
    is_same = after.picture is not None and np.array_equal(after.picture, before.picture)  # type: ignore[arg-type]
    says = after.recipe or after.parameters_text or after.pixel_hash_in_file or after.credentials
    if not is_same or says:
        raise StorageError(
            "The copy was not written: reading it back gave something else.",
            "Export the picture without its recipe instead.",
        )


def _opened(path: Path) -> OpenedPicture:
    if not path.exists():
        raise RecipeError(f"There is no file “{path}”.", "Name a picture.")
    return open_recipe_picture(path)
