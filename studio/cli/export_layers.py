"""`studio export layers`: pictures into one OpenRaster or PSD file, the first on top."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from studio.cli.export_pictures import tell_near
from studio.cli.export_render import SubjectRenderer
from studio.cli.export_settings import add_settings, settings_from
from studio.cli.export_sources import Subject, add_sources, read_subjects
from studio.cli.output import answer, answer_json, count_of, note
from studio.cli.parsers import CommandParser, Subparsers, add_command
from studio.cli.pictures_out import plan_file
from studio.cli.progress import Progress
from studio.export.layers import LayeredPicture, check_room, save_layered
from studio.export.stills import LAYERED_FORMATS
from studio.files.places import studio_home
from studio.library.gallery import Gallery

_PROG: Final = "studio export layers"


def add_parser(actions: Subparsers) -> None:
    """Add `export layers`."""
    parser = add_command(
        actions,
        "layers",
        purpose="write pictures into one OpenRaster or PSD file, layer by layer",
        detail="The first picture lies on top. One that was painted is a group: its base, and a "
        "layer for each region.",
        examples="  studio export layers painted.png --out painted.psd\n"
        '  studio export layers --board "Sea" --size 1024 --out sea.ora\n',
    )
    add_sources(parser)
    add_settings(parser)
    parser.add_argument("--format", choices=LAYERED_FORMATS, help="default: from the name")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help="ends in .ora or .psd"
    )


def run(args: argparse.Namespace) -> int:
    """Write the file and say where it lies."""
    kind = _kind(args)
    settings = settings_from(args, kind)
    out = args.out if args.out.suffix.lower() == f".{kind}" else Path(f"{args.out}.{kind}")
    plan_file(out, force=args.force)
    with Gallery(studio_home()) as gallery:
        subjects = read_subjects(args, gallery, prog=_PROG)
        renderer = SubjectRenderer(
            gallery, settings=settings, wish=args.provider, is_silent=args.json
        )
        pictures = _pictures(subjects, renderer, is_silent=args.json)
    path = save_layered(out, pictures, settings=settings)
    if args.json:
        told = [_fields(one) for one in pictures]
        answer_json({"schema": 1, "path": str(path.absolute()), "pictures": told})
        return 0
    answer(str(path))
    num_layers = sum(len(one.layers) for one in pictures)
    note(f"{count_of(len(pictures), 'picture')}, {count_of(num_layers, 'layer')}.")
    tell_near(subjects)
    return 0


def _kind(args: argparse.Namespace) -> str:
    """Give the kind of file; leaves with status 2 where name and --format do not say one."""
    parser = CommandParser(prog=_PROG)
    named = args.out.suffix.lower().removeprefix(".")
    if args.format and named in LAYERED_FORMATS and named != args.format:
        parser.error(f"the name ends in .{named}, but --format says {args.format}")
    kind: str = args.format or named
    if kind not in LAYERED_FORMATS:
        parser.error("the name must end in .ora or .psd, or --format say which")
    return kind


def _pictures(
    subjects: Sequence[Subject], renderer: SubjectRenderer, *, is_silent: bool
) -> list[LayeredPicture]:
    """Make every picture; more than a file holds is refused as soon as it is known."""
    pictures: list[LayeredPicture] = []
    with Progress("pictures", len(subjects), is_silent=is_silent or len(subjects) == 1) as progress:
        for subject in subjects:
            pictures.append(renderer.layered(subject))
            num_layers = sum(len(one.layers) for one in pictures)
            height, width = pictures[-1].merged.shape[:2]
            check_room(num_layers, (width, height))
            progress.advance()
    return pictures


def _fields(one: LayeredPicture) -> dict[str, Any]:
    return {
        "name": one.name,
        "width": one.merged.shape[1],
        "height": one.merged.shape[0],
        "difference": one.difference,
        "layers": [{"name": layer.name, "is_visible": layer.is_visible} for layer in one.layers],
    }
