"""`studio mix`: one picture mixed of two, or a sheet of mixes of rows and columns."""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.cli.arguments import read_zones, seeds_in
from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, count_of, note
from studio.cli.parsers import (
    CommandParser,
    Subparsers,
    add_command,
    add_json,
    add_model,
    add_provider,
    real_number,
)
from studio.cli.picture_writer import Made, PictureWriter
from studio.cli.pictures_out import FORMAT_BY_SUFFIX, plan_file
from studio.cli.recipe_choice import read_recipe
from studio.core.arrays import Picture, pixel_hash
from studio.core.errors import RecipeError
from studio.core.mixing import TooManySourcesError, take_zone
from studio.core.mixing_sheet import COLUMN_ZONES, as_square, mix_cells
from studio.core.recipe import ZONES, Recipe, Zone, new_recipe
from studio.core.recipe_json import recipe_to_json
from studio.engine.session import GeneratorModel
from studio.export.mixing_sheet import make_mixing_sheet
from studio.export.stills import StillSettings
from studio.library.model_library import InstalledModel

_EXAMPLES: Final = """  studio mix 7 12 --share 0.4 --zones coarse,medium --out mixed.png
  studio mix kept.png 12 --zones fine --share 1 --out colour-of-12.png
  studio mix --rows 1,5,9,14 --columns kept.png other.png 3 8 --out sheet.png
  studio mix --model cats --rows 1-4 --columns 10-13 --zones medium,fine --out sheet.png
"""
_DEFAULT_SHARE: Final = 0.5
MAX_SIDE: Final = 16  # pictures in a row or a column: what an eye can still compare
_BATCH: Final = 4


class _Plan(msgspec.Struct, frozen=True):
    """What to mix: either a sheet of rows and columns, or one mix of two."""

    model: InstalledModel
    path: Path
    rows: tuple[Recipe, ...]
    columns: tuple[Recipe, ...]
    cells: tuple[Recipe, ...]
    zones: tuple[Zone, ...]
    is_sheet: bool


def add_parser(subparsers: Subparsers) -> None:
    """Add `mix`."""
    parser = add_command(
        subparsers,
        "mix",
        purpose="mix two pictures, or make a sheet of mixes",
        detail="A picture is a seed, a recipe, or a file that was kept or exported with its recipe.",
        examples=_EXAMPLES,
    )
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help="the two to mix: A and B")
    parser.add_argument(
        "--share",
        type=real_number(0.0, 1.0),
        metavar="X",
        help=f"how much of B, 0…1 (default {_DEFAULT_SHARE:g})",
    )
    group = parser.add_argument_group("a sheet instead")
    for name, gives in (("rows", "what stands at the left"), ("columns", "what stands on top")):
        group.add_argument(
            f"--{name}",
            nargs="+",
            metavar="PICTURE",
            help=f"{gives}: files, or seeds as 1,5,9 or 1-4",
        )
    parser.add_argument(
        "--zones",
        type=read_zones,
        metavar="LIST",
        help="what B or a column gives: coarse, medium, fine (default all of them; on a sheet fine)",
    )
    add_model(parser)
    add_provider(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: a name in this folder")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Mix, write one picture, and say where it lies."""
    _check_call(args)
    begin_s = time.monotonic()
    plan = _make_plan(args)
    engine = GeneratorModel.open(plan.model.folder, wish=args.provider)
    if args.provider == "cuda" and engine.fallback_reason and not args.json:
        note(engine.fallback_reason)
    kind = FORMAT_BY_SUFFIX[plan.path.suffix.lower()]
    settings = StillSettings(format=kind, replaces=args.force)
    writer = PictureWriter(engine, settings=settings, is_silent=args.json)
    made = _write_sheet(writer, plan) if plan.is_sheet else _write_mix(writer, plan)
    _tell(args, plan, engine=engine, made=made, seconds=time.monotonic() - begin_s)
    return 0


def _check_call(args: argparse.Namespace) -> None:
    """Leave with status 2 where the words contradict each other."""
    parser = CommandParser(prog="studio mix")
    is_sheet = bool(args.rows or args.columns)
    if is_sheet and not (args.rows and args.columns):
        parser.error(f"a sheet needs both: add --{'columns' if args.rows else 'rows'}")
    if is_sheet and args.pictures:
        parser.error("name either two pictures to mix, or --rows and --columns")
    if is_sheet and args.share is not None:
        parser.error("--share goes with two pictures, not with a sheet")
    if not is_sheet and len(args.pictures) != 2:
        parser.error("two pictures are mixed: name A and B, or --rows and --columns for a sheet")
    suffix = args.out.suffix.lower() if args.out else ".png"
    if suffix and suffix not in FORMAT_BY_SUFFIX:
        known = ", ".join(FORMAT_BY_SUFFIX)
        parser.error(f"“{suffix}” is no kind of picture that can be written ({known})")


def _make_plan(args: argparse.Namespace) -> _Plan:
    is_sheet = bool(args.rows)
    words = (args.rows, args.columns) if is_sheet else (args.pictures[:1], args.pictures[1:])
    named = [[_read(word) for word in side] for side in words]
    recipes = [one for side in named for entry in side for one in entry if isinstance(one, Recipe)]
    model = choose_model(open_library(), args.model or (recipes[0].model if recipes else None))
    rows, columns = (
        _recipes(side, entries, model=model) for side, entries in zip(words, named, strict=True)
    )
    for name, side in (("rows", rows), ("columns", columns)):
        if len(side) > MAX_SIDE:
            CommandParser(prog="studio mix").error(f"--{name}: {MAX_SIDE} pictures at most")
    if not is_sheet and (len(rows) != 1 or len(columns) != 1):
        CommandParser(prog="studio mix").error("A and B are one picture each")
    if is_sheet:
        rows, columns = (tuple(as_square(recipe) for recipe in side) for side in (rows, columns))
    zones = args.zones or (COLUMN_ZONES if is_sheet else ZONES)
    try:
        if is_sheet:
            cells = mix_cells(rows, columns, zones=zones)
        else:
            share = _DEFAULT_SHARE if args.share is None else args.share
            cells = (_mix(rows[0], columns[0], zones=zones, share=share),)
    except TooManySourcesError as error:
        raise RecipeError(
            "A picture can be mixed from eight sources at most.",
            "Mix pictures that are made of fewer, or take whole zones with --share 1.",
        ) from error
    stem = f"{model.card.id}-{'mixing-sheet' if is_sheet else 'mix'}"
    out = args.out or Path(f"{stem}.png")
    path = out if out.suffix else out.with_name(f"{out.name}.png")
    return _Plan(model, plan_file(path, force=args.force), rows, columns, cells, zones, is_sheet)


def _read(word: str) -> tuple[int | Recipe, ...]:
    """Give what a word names: seeds, or the recipe of a file."""
    seeds = seeds_in(word, prog="studio mix")
    return (read_recipe(Path(word)),) if seeds is None else seeds


def _recipes(
    words: Sequence[str], entries: Sequence[tuple[int | Recipe, ...]], *, model: InstalledModel
) -> tuple[Recipe, ...]:
    """Give the recipes of one side; RecipeError for one of another model."""
    found: list[Recipe] = []
    for word, entry in zip(words, entries, strict=True):
        for one in entry:
            recipe = one if isinstance(one, Recipe) else new_recipe(model.card.model, one)
            if recipe.model != model.card.model:
                raise RecipeError(
                    f"“{Path(word).name}” was made with another model than “{model.card.name}”.",
                    "Mix pictures of one model; --model says which.",
                )
            found.append(recipe)
    return tuple(found)


def _mix(a: Recipe, b: Recipe, *, zones: tuple[Zone, ...], share: float) -> Recipe:
    mixed = a
    for zone in zones:
        mixed = take_zone(mixed, b, zone=zone, share=share)
    return mixed


def _write_mix(writer: PictureWriter, plan: _Plan) -> list[Made]:
    return writer.write(plan.cells, [plan.path], batch=1)


def _write_sheet(writer: PictureWriter, plan: _Plan) -> list[Made]:
    wanted = (*plan.rows, *plan.columns, *plan.cells)
    pictures = writer.render(wanted, batch=_BATCH, size=None)
    num_rows, num_heads = len(plan.rows), len(plan.rows) + len(plan.columns)
    cells: list[Picture] = pictures[num_heads:]
    sheet = make_mixing_sheet(pictures[:num_rows], pictures[num_rows:num_heads], cells=cells)
    path = writer.save_plain(plan.path, sheet)
    pairs = zip(plan.cells, cells, strict=True)
    return [Made(path, recipe, pixel_hash(picture)) for recipe, picture in pairs]


def _tell(
    args: argparse.Namespace,
    plan: _Plan,
    *,
    engine: GeneratorModel,
    made: list[Made],
    seconds: float,
) -> None:
    if args.json:
        answer_json(_fields(plan, engine=engine, made=made, seconds=seconds))
        return
    answer(str(made[0].path))
    zones = ", ".join(plan.zones)
    if plan.is_sheet:
        note(f"Rows at the left, columns on top; columns give {zones}.")
    card = plan.model.card
    note(
        f"{count_of(len(plan.cells), 'picture')} by {card.name} on the {engine.provider} in {seconds:.1f} s."
    )


def _fields(
    plan: _Plan, *, engine: GeneratorModel, made: list[Made], seconds: float
) -> dict[str, Any]:
    card = plan.model.card
    return {
        "schema": 1,
        "model": {"id": card.id, "name": card.name, "hash": card.model},
        "provider": engine.provider,
        "seconds": round(seconds, 3),
        "path": str(made[0].path.absolute()),
        "is_sheet": plan.is_sheet,
        "zones": list(plan.zones),
        "num_rows": len(plan.rows),
        "num_columns": len(plan.columns),
        "pictures": [
            {"pixel_hash": one.pixel_hash, "recipe": json.loads(recipe_to_json(one.recipe))}
            for one in made
        ],
    }
