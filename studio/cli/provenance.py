"""`studio provenance`: one page on where a picture comes from."""

import argparse
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.cli.known_picture import KnownPicture, card_of, file_bytes, hash_of, known_picture
from studio.cli.output import answer, answer_json, note
from studio.cli.parsers import Subparsers, add_command, add_json
from studio.cli.pictures_out import plan_file
from studio.core.model_card import ModelCard
from studio.core.recipe import Recipe
from studio.export.provenance_facts import SheetSubject, sheet_sections
from studio.export.provenance_sheet import make_sheet_page, save_sheet
from studio.files.places import studio_home
from studio.library.gallery import Gallery

_EXAMPLES: Final = """  studio provenance picture.png
  studio provenance picture.jpg --out sheet.pdf
  studio provenance 1f3a9c20 --out sheet.html
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add `provenance`."""
    parser = add_command(
        subparsers,
        "provenance",
        purpose="say where a picture comes from: model, data, rights, near copies, signature",
        examples=_EXAMPLES,
        detail="A copy without a recipe is looked for among the kept pictures by its looks.",
    )
    parser.add_argument("picture", metavar="PICTURE", help="a file, or a kept picture's id")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write one page: .pdf, .png, .html or .txt (default: text, to read here)",
    )
    parser.add_argument("--force", action="store_true", help="replace a file of that name")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Say it, or write the page."""
    out = plan_file(args.out, force=args.force) if args.out is not None else None
    with Gallery(studio_home()) as gallery:
        known = known_picture(args.picture, gallery)
    subject = _subject(known)
    if known.found_by != "recipe" and not args.json:
        note(f"Found in your gallery by its looks: not identical ({known.found_by}).")
    if out is not None:
        save_sheet(out, subject)
    if args.json:
        answer_json({"schema": 1, "found_by": known.found_by, **_fields(subject, out)})
    elif out is not None:
        answer(str(out))
    else:
        answer(make_sheet_page(subject, ".txt").decode().rstrip())
    return 0


def _subject(known: KnownPicture) -> SheetSubject:
    kept, opened = known.kept, known.opened
    assert opened.picture is not None  # `known_picture` gives none without
    card, is_installed = card_of(known.recipe, kept)
    return SheetSubject(
        name=kept.name if kept is not None else known.path.stem,
        picture=opened.picture,
        width=opened.width,
        height=opened.height,
        recipe=known.recipe,
        card=card or _unknown_card(known.recipe),
        is_installed=is_installed,
        file_hash=hash_of(file_bytes(known.path)),
        kept_at=None if kept is None else kept.kept_at,
        nearness=None if kept is None else kept.nearness,
        credentials=opened.credentials,
    )


def _unknown_card(recipe: Recipe) -> ModelCard:
    """Give what stands for a model of which nothing but its hash is known."""
    return ModelCard(
        id="", name="", family="", model=recipe.model, resolution=0, z=1, w=1, layers=1,
        zones=(1, 1), graphs={},
    )  # fmt: skip


def _fields(subject: SheetSubject, out: Path | None) -> dict[str, Any]:
    sections = {
        section.heading: [{"name": name, "says": says} for name, says in section.rows]
        for section in sheet_sections(subject)
    }
    return {
        "name": subject.name,
        "model": subject.recipe.model,
        "credit": subject.card.credit,
        "rights": msgspec.to_builtins(subject.card.rights),
        "is_near_copy": subject.nearness.is_copy if subject.nearness is not None else None,
        "credentials": msgspec.to_builtins(subject.credentials),
        "sections": sections,
        "file": None if out is None else str(out),
    }
