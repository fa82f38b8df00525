"""`studio export pictures`: each picture into a file of its own, of any kind."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.cli.export_render import SubjectRenderer
from studio.cli.export_settings import KINDS, add_settings, settings_from
from studio.cli.export_sources import Subject, add_sources, read_subjects
from studio.cli.output import answer, answer_json, count_of, note
from studio.cli.parsers import Subparsers, add_command, whole_number
from studio.cli.pictures_out import plan_folder
from studio.cli.progress import Progress
from studio.core.enlargement import enlargement_of
from studio.core.recipe_json import recipe_to_json
from studio.export.file_names import DEFAULT_TEMPLATE, file_name
from studio.export.layers import save_layered
from studio.export.stills import LAYERED_FORMATS, StillSettings, save_still
from studio.files.places import studio_home
from studio.library.gallery import Gallery

_PROG: Final = "studio export pictures"


class Written(msgspec.Struct, frozen=True):
    """One file, and the picture in it."""

    path: Path
    subject: Subject
    enlarged: int


def add_parser(actions: Subparsers) -> None:
    """Add `export pictures`."""
    parser = add_command(
        actions,
        "pictures",
        purpose="write each picture into a file of its own",
        detail="A file that is there is never written over without --force.",
        examples="  studio export pictures 1f3a9c20 88d01b7e --format webp --out web\n"
        '  studio export pictures --board "Sea" --format psd --size 1024 --out sea\n'
        '  studio export pictures kept.png --format png16 --template "{model} {seed}"\n',
    )
    add_sources(parser)
    add_settings(parser)
    parser.add_argument("--format", choices=tuple(KINDS), default="png", help="default: png")
    parser.add_argument(
        "--quality", type=whole_number(1, 100), metavar="N", help="of JPEG, WebP, AVIF (95)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path(), metavar="FOLDER", help="default: this folder"
    )
    parser.add_argument(
        "--template",
        default=DEFAULT_TEMPLATE,
        metavar="TEXT",
        help=f"names from {{name}}, {{seed}}, {{model}}, {{date}} and {{n}} ({DEFAULT_TEMPLATE})",
    )


def run(args: argparse.Namespace) -> int:
    """Write the files and say where they lie."""
    settings = settings_from(args, args.format)
    plan_folder(args.out, [], suffix="", force=True)
    with Gallery(studio_home()) as gallery:
        subjects = read_subjects(args, gallery, prog=_PROG)
        renderer = SubjectRenderer(
            gallery, settings=settings, wish=args.provider, is_silent=args.json
        )
        written = write_all(subjects, renderer, settings=settings, args=args)
    if args.json:
        answer_json({"schema": 1, "pictures": [_fields(one) for one in written]})
    else:
        for one in written:
            answer(str(one.path))
        tell_near(subjects)
    return 0


def write_all(
    subjects: Sequence[Subject],
    renderer: SubjectRenderer,
    *,
    settings: StillSettings,
    args: argparse.Namespace,
) -> list[Written]:
    """Write every picture; what is written when one fails, or at Ctrl-C, stays, and is counted."""
    written: list[Written] = []
    with Progress("pictures", len(subjects), is_silent=args.json or len(subjects) == 1) as progress:
        try:
            for number, subject in enumerate(subjects, start=1):
                written.append(
                    _write(subject, renderer, settings=settings, args=args, number=number)
                )
                progress.advance()
        except BaseException:
            progress.close()
            if written and not args.json:
                note(f"Written before that, and left there: {count_of(len(written), 'picture')}.")
            raise
    return written


def _write(
    subject: Subject,
    renderer: SubjectRenderer,
    *,
    settings: StillSettings,
    args: argparse.Namespace,
    number: int,
) -> Written:
    if settings.format in LAYERED_FORMATS:
        layered = renderer.layered(subject)
        path = args.out / file_name(args.template, subject.fields(layered.card, number))
        assert layered.recipe is not None  # every subject has one
        path = save_layered(path, [layered], settings=settings)
        return Written(path, subject, enlargement_of(layered.recipe))
    made = renderer.picture(subject)
    path = args.out / file_name(args.template, subject.fields(made.card, number))
    painted_in = "" if subject.kept is None else subject.kept.painted_in
    path = save_still(
        path,
        made.picture,
        recipe=made.recipe,
        card=made.card,
        settings=msgspec.structs.replace(settings, painted_in=painted_in),
    )
    return Written(path, subject, enlargement_of(made.recipe))


def tell_near(subjects: Sequence[Subject]) -> None:
    """Say how many kept pictures are near copies of what their model learned from."""
    kept = [one.kept for one in subjects if one.kept is not None]
    num_near = sum(one.nearness is not None and one.nearness.is_copy for one in kept)
    if num_near:
        verb = "is" if num_near == 1 else "are"
        note(f"{count_of(num_near, 'picture')} {verb} very close to a training picture.")


def _fields(one: Written) -> dict[str, Any]:
    return {
        "path": str(one.path.absolute()),
        "name": one.subject.name,
        "id": None if one.subject.kept is None else one.subject.kept.id,
        "enlarged": one.enlarged,
        "recipe": json.loads(recipe_to_json(one.subject.recipe)),
    }
