"""`studio generate`: pictures from seeds or from a recipe, without a window."""

import argparse
import json
import secrets
import time
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from studio.cli.arguments import (
    MAX_PICTURES,
    read_edit,
    read_psi,
    read_seed,
    read_seeds,
    read_zones,
)
from studio.cli.author_choice import add_author, author_from
from studio.cli.frame_choice import add_frame, wish_from
from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, count_of, note
from studio.cli.parsers import (
    CommandParser,
    Subparsers,
    add_command,
    add_json,
    add_model,
    add_provider,
    whole_number,
)
from studio.cli.picture_writer import Made, PictureWriter, write_sheet
from studio.cli.pictures_out import FORMAT_BY_SUFFIX, is_folder, plan_file, plan_folder
from studio.cli.recipe_choice import (
    DEFAULT_MIX_ZONES,
    Wishes,
    build_recipes,
    read_recipe,
    seeds_from,
    seeds_text,
)
from studio.cli.slider_choice import read_sliders
from studio.core.enlargement import enlargement_of
from studio.core.errors import RecipeError
from studio.core.provenance import seed_text
from studio.core.recipe import (
    BASE_CELLS,
    DEFAULT_PSI,
    MAX_AREA_CELLS,
    MAX_SEED,
    Recipe,
    first_problem,
)
from studio.core.recipe_json import recipe_to_json
from studio.engine.session import GeneratorModel
from studio.export.stills import SUFFIX_BY_FORMAT, Format, StillSettings
from studio.library.model_library import InstalledModel

_EXAMPLES: Final = """  studio generate --seed 7 --out picture.png
  studio generate --seed 7 --size 1024 --out large.png
  studio generate --seed 100-115 --psi 0.6 --out sheet.png --sheet
  studio generate --model landscapes --count 20 --out pictures
  studio generate --recipe kept.png --edit dawn=2 --out warmer.png
  studio generate --seed 7 --mix 12 --zones coarse,medium
  studio generate --seed 7 --tile both --out tile.png
  studio generate --seed 7 --shape 2:1 --beyond 12 --out wide.png
"""
# A picture larger than this helps nobody and fills the memory: 100 Mpx, as readers of pictures accept.
_MAX_SHEET_PX: Final = 100_000_000
_SLASHES: Final = ("/", "\\")
_BATCH: Final = 4  # small enough that Ctrl-C answers soon, large enough to keep the cores busy


class _Plan(msgspec.Struct, frozen=True):
    """Everything decided before the first picture is made."""

    model: InstalledModel
    recipes: list[Recipe]
    paths: list[Path]
    settings: StillSettings


def add_parser(subparsers: Subparsers) -> None:
    """Add `generate`."""
    parser = add_command(
        subparsers,
        "generate",
        purpose="make pictures from seeds or from a recipe",
        detail="Without --seed a random one is taken, and said.",
        examples=_EXAMPLES,
    )
    _add_what(parser)
    add_frame(parser)
    _add_where(parser)


def _add_what(parser: CommandParser) -> None:
    group = parser.add_argument_group("what to make")
    add_model(group)
    group.add_argument(
        "--seed", type=read_seeds, metavar="N", help="one seed, or several: 7 or 1,5,9 or 100-115"
    )
    group.add_argument(
        "--count",
        type=whole_number(1, MAX_PICTURES),
        metavar="N",
        help="this many pictures, with seeds rising from --seed",
    )
    group.add_argument(
        "--psi",
        type=read_psi,
        metavar="X",
        help=f"truncation 0…1.5: 0 the mean, 1 as drawn (default {DEFAULT_PSI})",
    )
    group.add_argument(
        "--recipe",
        type=Path,
        metavar="FILE",
        help="start from a recipe, or from a picture that carries one",
    )
    group.add_argument("--mix", type=read_seed, metavar="SEED", help="mix in a second seed")
    group.add_argument(
        "--zones",
        type=read_zones,
        metavar="LIST",
        help="what the second seed rules: coarse, medium, fine (default fine)",
    )
    group.add_argument(
        "--edit",
        type=read_edit,
        action="append",
        default=[],
        metavar="NAME=X",
        help="go X (-5…5) along a direction; may come several times",
    )
    add_provider(group)


def _add_where(parser: CommandParser) -> None:
    group = parser.add_argument_group("where to put it")
    group.add_argument(
        "--out",
        metavar="PATH",
        help="a file, or a folder for several (default: a name from the seed, in this folder)",
    )
    group.add_argument(
        "--format", choices=get_args(Format), help="default: from the name, else png"
    )
    group.add_argument(
        "--size",
        type=whole_number(16, 8192),
        metavar="PX",
        help="longer side of the saved picture, for example 1024: a larger one is "
        "enlarged by our network, a smaller one reduced (default: as made; "
        "with --sheet: side of each square)",
    )
    group.add_argument(
        "--bits",
        type=int,
        choices=(8, 16),
        default=8,
        help="for each colour; 16 for PNG and TIFF (default 8)",
    )
    group.add_argument(
        "--quality",
        type=whole_number(1, 100),
        metavar="N",
        help="of JPEG, WebP and AVIF (default 95)",
    )
    group.add_argument("--sheet", action="store_true", help="all pictures on one sheet")
    group.add_argument("--no-recipe", action="store_true", help="do not store the recipe inside")
    add_author(group)
    group.add_argument("--force", action="store_true", help="replace files that are there")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Make the pictures and say where they lie."""
    _check_call(args)
    begin_s = time.monotonic()
    plan = _make_plan(args)
    engine = GeneratorModel.open(plan.model.folder, wish=args.provider)
    if args.provider == "cuda" and engine.fallback_reason:
        _say(args, engine.fallback_reason)
    writer = PictureWriter(engine, settings=plan.settings, is_silent=args.json)
    if args.sheet:
        size = args.size if args.size != plan.model.card.resolution else None
        made = write_sheet(writer, plan.recipes, path=plan.paths[0], size=size)
    else:
        made = writer.write(plan.recipes, plan.paths, batch=_BATCH)
    _tell(args, plan, engine=engine, made=made, seconds=time.monotonic() - begin_s)
    return 0


def _check_call(args: argparse.Namespace) -> None:
    """Leave with status 2 where the words contradict each other."""
    parser = CommandParser(prog="studio generate")
    if args.count and args.seed and len(args.seed) > 1:
        parser.error("--count goes with a single --seed")
    if args.count and args.count > 1 and args.recipe and not args.seed:
        parser.error("a recipe gives one picture: add --seed for more, or leave --count out")
    if args.zones and args.mix is None:
        parser.error("--zones says what --mix rules: add --mix SEED")
    suffix = Path(args.out or "").suffix.lower()
    named = FORMAT_BY_SUFFIX.get(suffix)
    if args.format and named and args.format != named:
        parser.error(f"the name ends in {suffix}, but --format says {args.format}")


def _make_plan(args: argparse.Namespace) -> _Plan:
    library = open_library()
    base = read_recipe(args.recipe) if args.recipe else None
    model = choose_model(library, args.model or (base.model if base else None))
    if base is not None and base.model != model.card.model:
        _say(args, "The recipe was made with another model; the picture will be a different one.")
    wishes = Wishes(
        seeds=_seeds(args, has_base=base is not None),
        psi=args.psi,
        mix=args.mix,
        mix_zones=args.zones or DEFAULT_MIX_ZONES,
        edits=tuple(args.edit),
        frame=wish_from(args),
    )
    sliders = read_sliders(model) if args.edit else None
    recipes = build_recipes(
        base,
        wishes,
        model=model.card.model,
        directions=sliders.entries if sliders else (),
        vectors={one.id: one.vector for one in sliders.book.taught} if sliders else None,
    )
    if problem := first_problem(recipes[0]):
        raise RecipeError(f"The recipe does not fit: {problem}.", "Leave --mix or --edit out.")
    if args.sheet:
        _check_sheet(args, model)
    paths, picture_format = _plan_paths(args, recipes, prefix=model.card.id)
    return _Plan(model, recipes, paths, _settings(args, picture_format))


def _seeds(args: argparse.Namespace, *, has_base: bool) -> tuple[int, ...]:
    if args.seed and len(args.seed) > 1:
        seeds: tuple[int, ...] = args.seed
        return seeds
    if args.seed:
        return seeds_from(args.seed[0], args.count or 1)
    if has_base:
        return ()
    first = secrets.randbelow(MAX_SEED + 1)
    _say(
        args, f"Seed {first}" + (f" and the next {args.count - 1}" if (args.count or 1) > 1 else "")
    )
    return seeds_from(first, args.count or 1)


def _check_sheet(args: argparse.Namespace, model: InstalledModel) -> None:
    card = model.card
    sizes = (*card.previews, card.resolution)
    parser = CommandParser(prog="studio generate")
    if args.size and args.size not in sizes:
        parser.error(f"on a sheet --size is one of {', '.join(map(str, sizes))} for this model")
    num_pictures = len(args.seed) if args.seed and len(args.seed) > 1 else args.count or 1
    num_squares = num_pictures * MAX_AREA_CELLS / BASE_CELLS**2 if args.shape else num_pictures
    if num_squares * (args.size or card.resolution) ** 2 > _MAX_SHEET_PX:
        parser.error(
            "the sheet would be larger than 100 million pixels: fewer, or a smaller --size"
        )


def _plan_paths(
    args: argparse.Namespace, recipes: list[Recipe], *, prefix: str
) -> tuple[list[Path], Format]:
    """Give the files to write and their format."""
    out = Path(args.out) if args.out else None
    suffix = out.suffix.lower() if out else ""
    kind: Format = args.format or FORMAT_BY_SUFFIX.get(suffix, "png")
    is_one = args.sheet or len(recipes) == 1
    if out is not None and not args.out.endswith(_SLASHES) and not is_folder(out):
        if is_one:
            return [plan_file(_with_format(out, kind), force=args.force)], kind
        if suffix in FORMAT_BY_SUFFIX:
            CommandParser(prog="studio generate").error(
                f"--out names one file for {count_of(len(recipes), 'picture')}: "
                "name a folder, or add --sheet"
            )
    stems = [f"{prefix}-seed-{seed_text(recipe)}" for recipe in recipes]
    if args.sheet:
        stems = [f"{prefix}-sheet-{seed_text(recipes[0])}"]
    end = SUFFIX_BY_FORMAT[kind]
    return plan_folder(out or Path(), stems, suffix=end, force=args.force), kind


def _with_format(out: Path, kind: Format) -> Path:
    """Give the name with the format's suffix when it has none; leave with 2 when it has a wrong one."""
    suffix = out.suffix.lower()
    if not suffix:
        return out.with_name(out.name + SUFFIX_BY_FORMAT[kind])
    if suffix not in FORMAT_BY_SUFFIX:
        known = ", ".join(FORMAT_BY_SUFFIX)
        CommandParser(prog="studio generate").error(
            f"“{suffix}” is no kind of picture that can be written ({known})"
        )
    return out


def _settings(args: argparse.Namespace, picture_format: Format) -> StillSettings:
    settings = StillSettings(
        format=picture_format,
        bits=args.bits,
        size=None if args.sheet else args.size,
        with_recipe=not args.no_recipe,
        author=author_from(args),
        is_signed=args.sign,
        replaces=args.force,
    )
    if args.quality is not None:
        settings = msgspec.structs.replace(settings, quality=args.quality)
    return settings


def _tell(
    args: argparse.Namespace,
    plan: _Plan,
    *,
    engine: GeneratorModel,
    made: list[Made],
    seconds: float,
) -> None:
    if args.json:
        answer_json(_fields(args, plan, engine=engine, made=made, seconds=seconds))
        return
    for path in dict.fromkeys(item.path for item in made):
        answer(str(path))
    if args.sheet and len(made) > 1:
        note(f"Left to right, row by row: {seeds_text(plan.recipes)}.")
    card = plan.model.card
    note(
        f"{count_of(len(made), 'picture')} by {card.name} on the {engine.provider} "
        f"in {seconds:.1f} s."
    )


def _fields(
    args: argparse.Namespace,
    plan: _Plan,
    *,
    engine: GeneratorModel,
    made: list[Made],
    seconds: float,
) -> dict[str, Any]:
    card = plan.model.card
    return {
        "schema": 1,
        "model": {"id": card.id, "name": card.name, "hash": card.model},
        "provider": {
            "wish": args.provider,
            "got": engine.provider,
            "fallback_reason": engine.fallback_reason,
        },
        "seconds": round(seconds, 3),
        "is_sheet": args.sheet,
        "pictures": [
            {
                "path": str(item.path.absolute()),
                "seed": item.recipe.sources[0].seed,
                "pixel_hash": item.pixel_hash,
                "enlarged": enlargement_of(item.recipe),
                "recipe": json.loads(recipe_to_json(item.recipe)),
            }
            for item in made
        ],
    }


def _say(args: argparse.Namespace, text: str) -> None:
    if not args.json:
        note(text)
