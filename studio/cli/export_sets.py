"""What the words of `studio export` for sheets and sets have in common."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec

from studio.cli.export_pictures import tell_near
from studio.cli.export_render import SubjectRenderer
from studio.cli.export_sources import Subject, add_sources, read_subjects
from studio.cli.output import answer, answer_json
from studio.cli.parsers import CommandParser, add_json, add_provider
from studio.cli.pictures_out import plan_folder
from studio.cli.progress import Progress
from studio.export.set_files import SetPicture
from studio.export.set_settings import SetKind, SetSettings, wanted_px
from studio.export.sets import SetPlan, check_planned, write_planned
from studio.export.stills import StillSettings
from studio.files.deep_images import narrow
from studio.files.places import studio_home
from studio.library.gallery import Gallery


def add_common(parser: CommandParser) -> None:
    """Add which pictures, where to, and what goes in."""
    add_sources(parser)
    group = parser.add_argument_group("where to")
    group.add_argument(
        "--out", type=Path, default=Path(), metavar="FOLDER", help="default: this folder"
    )
    group.add_argument(
        "--name", metavar="TEXT", help="of the files, without suffix; never another file's"
    )
    group.add_argument(
        "--no-recipe", action="store_true", help="do not say how the pictures were made"
    )
    add_provider(group)
    add_json(parser)


def run_set(
    args: argparse.Namespace, kind: SetKind, *, settings: SetSettings, still: StillSettings
) -> int:
    """Make a set of the pictures that a call means, and say where it lies.

    Args:
        args: Of a parser with `add_common`.
        kind: Of the set.
        settings: How it is laid out.
        still: Format and quality where there is a choice.
    """
    still = msgspec.structs.replace(still, with_recipe=not args.no_recipe)
    plan_folder(args.out, [], suffix="", force=True)
    with Gallery(studio_home()) as gallery:
        subjects = read_subjects(args, gallery, prog=f"studio export {kind}")
        plan = SetPlan(
            kind=kind,
            folder=args.out,
            name=args.name or f"{_name_of_all(args, subjects)} {kind}",
            settings=settings,
            still=still,
        )
        check_planned(len(subjects), plan)
        size = wanted_px(kind, settings, count=len(subjects))
        renderer = SubjectRenderer(
            gallery, settings=StillSettings(size=size), wish=args.provider, is_silent=args.json
        )
        pictures = _render(subjects, renderer, is_silent=args.json)
    paths = write_planned(pictures, plan)
    if args.json:
        files = [str(path.absolute()) for path in paths]
        answer_json({"schema": 1, "kind": kind, "num_pictures": len(pictures), "files": files})
        return 0
    for path in paths if kind != "page" else paths[:1]:
        answer(str(path))
    tell_near(subjects)
    return 0


def _name_of_all(args: argparse.Namespace, subjects: Sequence[Subject]) -> str:
    if args.board:
        return str(args.board)
    return subjects[0].name if len(subjects) == 1 else f"{len(subjects)} pictures"


def _render(
    subjects: Sequence[Subject], renderer: SubjectRenderer, *, is_silent: bool
) -> list[SetPicture]:
    made = []
    silent = is_silent or len(subjects) == 1
    with Progress("pictures", len(subjects), is_silent=silent) as progress:
        for subject in subjects:
            rendered = renderer.picture(subject)
            made.append(
                SetPicture(
                    picture=narrow(rendered.picture),
                    name=subject.name,
                    recipe=rendered.recipe,
                    card=rendered.card,
                )
            )
            progress.advance()
    return made
