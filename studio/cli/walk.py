"""`studio walk`: a film of the way from picture to picture, without a window."""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.cli.arguments import read_psi, read_seeds
from studio.cli.film_run import FilmFacts, make_film
from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, count_of, json_line, note
from studio.cli.parsers import (
    CommandParser,
    Subparsers,
    add_command,
    add_json,
    add_provider,
    real_number,
    whole_number,
)
from studio.cli.pictures_out import exists, plan_file
from studio.cli.walk_child import follow_stdin, plan_fields, report_line, yield_to_hand
from studio.cli.walk_choice import (
    has_only_seeds,
    named_recipes,
    read_walk,
    walk_of,
    with_drive,
    with_wishes,
    zones_of,
)
from studio.core.course import MAX_FPS, Course, latents_wanted
from studio.core.errors import StorageError
from studio.core.walk import DEFAULT_SECONDS, EASINGS, MAX_SECONDS, MIN_SECONDS, Walk
from studio.core.walk_json import walk_to_json
from studio.engine.session import GeneratorModel
from studio.export.film import SUFFIX_BY_KIND, FilmKind, FilmMatter, FilmSettings
from studio.export.sound import fitted, loudness_of, read_sound
from studio.export.video import SoundTrack
from studio.files.atomic import write_bytes_atomic
from studio.library.model_library import InstalledModel

_EXAMPLES: Final = """  studio walk --from 7 --to 12 --seconds 8 --out film.mp4
  studio walk --seeds 1,5,9,12 --loop --even --out loop.webp
  studio walk --from kept.png --via 7 --to "Evening light" --fps 24 --out frames
  studio walk --walk mine.json --sound song.wav --direction mist --out film.webm
"""
_KIND_BY_SUFFIX: Final[dict[str, FilmKind]] = {
    suffix: kind for kind, suffix in SUFFIX_BY_KIND.items() if suffix
}
_MAX_TOTAL_S: Final = 3600.0


class _Plan(msgspec.Struct, frozen=True):
    model: InstalledModel
    walk: Walk
    path: Path
    settings: FilmSettings
    sound: SoundTrack | None


def add_parser(subparsers: Subparsers) -> None:
    """Add `walk`."""
    parser = add_command(
        subparsers,
        "walk",
        purpose="make a film of the way from picture to picture",
        detail="A picture is a seed, a file with a recipe, or the name or id of a kept picture. "
        "A film that was stopped goes on where it was when the same call comes again.",
        examples=_EXAMPLES,
    )
    _add_pictures(parser)
    _add_time(parser)
    _add_sound(parser)
    _add_where(parser)


def _add_pictures(parser: CommandParser) -> None:
    group = parser.add_argument_group("pictures")
    group.add_argument("--from", dest="start", metavar="PICTURE", help="where it begins")
    group.add_argument(
        "--via", action="append", default=[], metavar="PICTURE", help="on the way; several times"
    )
    group.add_argument("--to", dest="end", metavar="PICTURE", help="where it ends")
    group.add_argument(
        "--seeds", type=read_seeds, metavar="LIST", help="1,5,9 or 100-103, one after the other"
    )
    group.add_argument("--walk", type=Path, metavar="FILE", help="a walk that was saved")
    group.add_argument("--model", metavar="NAME", help="of seeds: id, name or hash of a model")
    group.add_argument("--psi", type=read_psi, metavar="X", help="truncation 0…1.5 of all pictures")


def _add_time(parser: CommandParser) -> None:
    group = parser.add_argument_group("time")
    group.add_argument(
        "--seconds",
        type=real_number(MIN_SECONDS, _MAX_TOTAL_S),
        metavar="S",
        help="length of the whole film",
    )
    group.add_argument(
        "--each",
        type=real_number(MIN_SECONDS, MAX_SECONDS),
        metavar="S",
        help=f"from picture to picture (default {DEFAULT_SECONDS:g})",
    )
    group.add_argument(
        "--fps", type=real_number(1.0, MAX_FPS), default=30.0, metavar="N", help="default 30"
    )
    group.add_argument("--easing", choices=EASINGS, help="how to go (default smooth)")
    group.add_argument("--loop", action="store_true", help="back to the first, without a seam")
    group.add_argument("--even", action="store_true", help="change equally fast everywhere")
    group.add_argument(
        "--repeat-first",
        action="store_true",
        help="end a loop with its first picture once more, for editing programs",
    )


def _add_sound(parser: CommandParser) -> None:
    group = parser.add_argument_group("sound")
    group.add_argument(
        "--sound", type=Path, metavar="FILE", help="drives the walk, and is in MP4 and WebM"
    )
    group.add_argument("--drive", choices=("strength", "speed"), help="what loudness changes")
    group.add_argument(
        "--direction",
        action="append",
        default=[],
        metavar="NAME",
        help="a direction that it moves (default the first of the model)",
    )
    group.add_argument(
        "--amount", type=real_number(-5.0, 5.0), metavar="X", help="how much at the loudest place"
    )


def _add_where(parser: CommandParser) -> None:
    group = parser.add_argument_group("where to put it")
    group.add_argument(
        "--out",
        type=Path,
        metavar="PATH",
        help=f"a name that ends in {', '.join(_KIND_BY_SUFFIX)}, or a new folder for PNG pictures",
    )
    group.add_argument(
        "--size",
        type=whole_number(16, 8192),
        metavar="PX",
        help="longer side; larger ones by the network for that (default: as made)",
    )
    group.add_argument(
        "--quality", type=whole_number(1, 100), metavar="N", help="of MP4, WebM and WebP (85)"
    )
    group.add_argument("--name", default="", metavar="TEXT", help="what the walk is called")
    group.add_argument("--save", type=Path, metavar="FILE", help="save the walk itself besides")
    group.add_argument("--no-recipe", action="store_true", help="do not store the walk inside")
    group.add_argument("--fresh", action="store_true", help="render all pictures anew")
    group.add_argument("--force", action="store_true", help="replace a file that is there")
    add_provider(group)
    group.add_argument(
        "--plan",
        action="store_true",
        help="make nothing: answer with what a preview needs, as the window does",
    )
    group.add_argument(
        "--report",
        action="store_true",
        help="progress as JSON lines on stdout, and stop when stdin ends",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Make the film and say where it lies."""
    names = _check_call(args)
    if args.report:
        follow_stdin()
        yield_to_hand()
    plan = _make_plan(args, names)
    engine = GeneratorModel.open(plan.model.folder, wish=args.provider)
    if args.provider == "cuda" and engine.fallback_reason and not args.json:
        note(engine.fallback_reason)
    walk = with_drive(plan.walk, args, directions=engine.directions.entries)
    latents = {recipe: engine.generator.w_of(recipe) for recipe in latents_wanted(walk)}
    envelope = loudness_of(plan.sound) if plan.sound else None
    if args.plan:
        answer_json(plan_fields(walk, latents, envelope=envelope))
        return 0
    course = Course(
        walk,
        latents=latents,
        envelope=envelope,
        zones_by_direction=zones_of(engine.directions.entries),
    )
    sound = fitted(plan.sound, course.seconds) if plan.sound else None
    matter = FilmMatter(walk, course.frames(args.fps), plan.model.card, sound)
    if args.save is not None:
        write_bytes_atomic(args.save, walk_to_json(walk).encode())
    facts = make_film(
        engine,
        plan.path,
        matter=matter,
        settings=plan.settings,
        is_silent=args.json or args.report,
        report=report_line if args.report else None,
        is_fresh=args.fresh,
    )
    _tell(args, plan, engine=engine, course=course, facts=facts)
    return 0


def _check_call(args: argparse.Namespace) -> list[str]:
    """Give the names of the pictures; leave with status 2 where the words contradict each other."""
    parser = CommandParser(prog="studio walk")
    ways = [bool(args.start or args.end or args.via), bool(args.seeds), bool(args.walk)]
    if sum(ways) != 1:
        parser.error("name the pictures by --from and --to, by --seeds, or by --walk FILE")
    if ways[0] and not (args.start and args.end):
        parser.error("--from and --to go together")
    if args.seeds and len(args.seeds) < 2:
        parser.error("a walk needs at least two seeds")
    if args.each is not None and args.walk:
        parser.error("--each is for a new walk; --seconds stretches one that was saved")
    if args.sound is None and (args.drive or args.direction or args.amount is not None):
        parser.error("--drive, --direction and --amount say what --sound does")
    if args.out is None:
        if not args.plan:
            parser.error("--out is missing: a file name, or a new folder")
        args.out = Path("film.webp")
    suffix = args.out.suffix.lower()
    if suffix and suffix not in _KIND_BY_SUFFIX:
        known = ", ".join(_KIND_BY_SUFFIX)
        parser.error(f"“{suffix}” is no film that can be made ({known}, or a folder)")
    if args.seeds:
        return [str(seed) for seed in args.seeds]
    return [args.start, *args.via, args.end] if args.start else []


def _make_plan(args: argparse.Namespace, names: list[str]) -> _Plan:
    library = open_library()
    if args.walk:
        walk = read_walk(args.walk)
        model = choose_model(library, args.model or walk.model or None)
    else:
        wish = args.model if args.model or not has_only_seeds(names) else None
        chosen = choose_model(library, wish) if wish or has_only_seeds(names) else None
        recipes = named_recipes(names, model=chosen.card.model if chosen else None)
        walk = walk_of(recipes, each_s=args.each or DEFAULT_SECONDS)
        model = chosen or choose_model(library, walk.model)
    walk = with_wishes(walk, args)
    settings = FilmSettings(
        kind=_KIND_BY_SUFFIX.get(args.out.suffix.lower(), "png"),
        fps=args.fps,
        size=args.size,
        quality=args.quality or FilmSettings().quality,
        with_recipe=not args.no_recipe,
        repeats_first=args.repeat_first,
    )
    sound = read_sound(args.sound) if args.sound else None
    path = args.out if args.plan else _plan_path(args, settings)
    return _Plan(model, walk, path, settings, sound)


def _plan_path(args: argparse.Namespace, settings: FilmSettings) -> Path:
    path: Path = args.out
    if settings.kind != "png":
        return plan_file(path, force=args.force)
    if exists(path) and not (path.is_dir() and not any(path.iterdir())):
        raise StorageError(
            f"“{path.name}” is already there and was not touched.",
            "Name a new folder, or an empty one, with --out.",
        )
    return path.absolute()


def _tell(
    args: argparse.Namespace,
    plan: _Plan,
    *,
    engine: GeneratorModel,
    course: Course,
    facts: FilmFacts,
) -> None:
    if args.report:
        answer(json_line({"stage": "done", "path": str(plan.path.absolute())}))
        return
    if args.json:
        answer_json(_fields(plan, engine=engine, course=course, facts=facts))
        return
    answer(str(plan.path))
    speed = facts.num_rendered / facts.render_s if facts.render_s > 0 else 0.0
    note(
        f"{count_of(facts.num_pictures, 'picture')}, {course.seconds:g} s, by "
        f"{plan.model.card.name} on the {engine.provider}: {facts.num_rendered} rendered "
        f"({speed:.0f} a second), written in {facts.write_s:.1f} s."
    )


def _fields(
    plan: _Plan, *, engine: GeneratorModel, course: Course, facts: FilmFacts
) -> dict[str, Any]:
    card = plan.model.card
    closes = plan.walk.is_loop and course.recipe_at(course.seconds) == course.recipe_at(0.0)
    return {
        "schema": 1,
        "path": str(plan.path.absolute()),
        "model": {"id": card.id, "name": card.name, "hash": card.model},
        "provider": engine.provider,
        "kind": plan.settings.kind,
        "fps": plan.settings.fps,
        "seconds": round(course.seconds, 3),
        "num_pictures": facts.num_pictures,
        "num_rendered": facts.num_rendered,
        "render_s": round(facts.render_s, 3),
        "write_s": round(facts.write_s, 3),
        "loop_closes": closes,
        "walk": json.loads(walk_to_json(plan.walk)),
    }
