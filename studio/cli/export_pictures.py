"""`studio export pictures`: each picture into a file of its own, of any kind."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.cli.export_job import ExportJob, begin_job, resume_job
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
from studio.export.plan import ExportPlan
from studio.export.presets import find_preset
from studio.export.stills import LAYERED_FORMATS, StillSettings, save_still
from studio.files.places import studio_home
from studio.library.gallery import Gallery

_PROG: Final = "studio export pictures"


class Written(msgspec.Struct, frozen=True):
    """One file, the picture in it, and how many times that was enlarged; None: in an earlier call."""

    path: Path
    subject: Subject
    enlarged: int | None


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
    parser.add_argument("--format", choices=tuple(KINDS), help="default: png")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the last export of several pictures that was stopped; what is written "
        "and whole is left alone",
    )
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="format, size, names and folder of a preset; what else is given goes before it",
    )
    parser.add_argument(
        "--quality", type=whole_number(1, 100), metavar="N", help="of JPEG, WebP, AVIF (95)"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="default: this folder")
    parser.add_argument(
        "--template",
        metavar="TEXT",
        help=f"names from {{name}}, {{seed}}, {{model}}, {{date}} and {{n}} ({DEFAULT_TEMPLATE})",
    )


def run(args: argparse.Namespace) -> int:
    """Write the files and say where they lie."""
    with Gallery(studio_home()) as gallery:
        job = resume_job(gallery) if args.resume else _begin(args, gallery)
        renderer = SubjectRenderer(
            gallery, settings=job.plan.settings, wish=args.provider, is_silent=args.json
        )
        written = write_all(job, renderer, is_silent=args.json)
    if args.json:
        answer_json({"schema": 1, "pictures": [_fields(one) for one in written]})
    else:
        for one in written:
            answer(str(one.path))
        tell_near(job.subjects)
    return 0


def _begin(args: argparse.Namespace, gallery: Gallery) -> ExportJob:
    settings = _settings(args)
    plan_folder(args.out, [], suffix="", force=True)
    subjects = read_subjects(args, gallery, prog=_PROG)
    return begin_job(subjects, ExportPlan(args.out, args.template, settings))


def _settings(args: argparse.Namespace) -> StillSettings:
    """Give the settings of a call; what it leaves open its preset says, else our own choice.

    Fills `args.out` and `args.template`.

    Raises:
        StorageError: There is no preset of this name.
    """
    preset = find_preset(studio_home(), args.preset) if args.preset else None
    settings = settings_from(args, args.format or "png")
    if preset is not None:
        args.template = args.template or preset.template
        args.out = args.out or (Path(preset.folder) if preset.folder else None)
        wished = preset.settings
        changes: dict[str, Any] = {"is_power_of_two": wished.is_power_of_two}
        if args.format is None:
            changes |= {"format": wished.format, "bits": wished.bits}
        if args.quality is None:
            changes["quality"] = wished.quality
        if args.size is None:
            changes["size"] = wished.size
        changes["with_recipe"] = settings.with_recipe and wished.with_recipe
        settings = msgspec.structs.replace(settings, **changes)
    args.template = args.template or DEFAULT_TEMPLATE
    args.out = args.out or Path()
    return settings


def write_all(job: ExportJob, renderer: SubjectRenderer, *, is_silent: bool) -> list[Written]:
    """Write every picture; what is written when one fails, or at Ctrl-C, stays, and is counted."""
    written: list[Written] = []
    count = len(job.subjects)
    with Progress("pictures", count, is_silent=is_silent or count == 1) as progress:
        try:
            for place in range(count):
                written.append(_write(job, place, renderer=renderer))
                progress.advance()
        except BaseException:
            progress.close()
            if written and not is_silent:
                note(
                    f"Written before that, and left there: {count_of(len(written), 'picture')}. "
                    "“studio export pictures --resume” goes on."
                )
            raise
        finally:
            job.close()
    job.end()
    return written


def _write(job: ExportJob, place: int, *, renderer: SubjectRenderer) -> Written:
    subject, plan, settings = job.subjects[place], job.plan, job.plan.settings

    def note(free: Path, content: bytes) -> None:
        job.note(place, free, content=content)

    if place in job.whole:
        return Written(job.whole[place], subject, None)
    if settings.format in LAYERED_FORMATS:
        layered = renderer.layered(subject)
        name = file_name(plan.template, subject.fields(layered.card, place + 1))
        assert layered.recipe is not None  # every subject has one
        path = save_layered(plan.folder / name, [layered], settings=settings, before_naming=note)
        return Written(path, subject, enlargement_of(layered.recipe))
    made = renderer.picture(subject)
    name = file_name(plan.template, subject.fields(made.card, place + 1))
    painted_in = "" if subject.kept is None else subject.kept.painted_in
    path = save_still(
        plan.folder / name,
        made.picture,
        recipe=made.recipe,
        card=made.card,
        settings=msgspec.structs.replace(settings, painted_in=painted_in),
        before_naming=note,
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
