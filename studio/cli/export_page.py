"""`studio export page`: a web page that stands alone."""

import argparse

import msgspec

from studio.cli.export_sets import add_common, run_set
from studio.cli.parsers import Subparsers, add_command, whole_number
from studio.export.set_settings import PageSettings, SetSettings
from studio.export.stills import PAGE_STILL


def add_parser(actions: Subparsers) -> None:
    """Add `export page`."""
    parser = add_command(
        actions,
        "page",
        purpose="make a web page of pictures that needs no network and no server",
        examples='  studio export page --board "Sea" --title "Sea" --out site\n'
        "  studio export page --seed 1-24 --folder --size 1536\n",
    )
    add_common(parser)
    group = parser.add_argument_group("the page")
    group.add_argument("--title", default="", metavar="TEXT", help="at its head")
    group.add_argument(
        "--folder", action="store_true",
        help="a folder with the pictures beside the page, instead of one file",
    )  # fmt: skip
    group.add_argument(
        "--size", type=whole_number(16, 8192), default=1024, metavar="PX",
        help="longer side of the pictures (1024)",
    )  # fmt: skip
    group.add_argument(
        "--format", choices=("webp", "jpeg", "png", "avif"), default="webp", help="default: webp"
    )
    group.add_argument("--quality", type=whole_number(1, 100), default=90, metavar="N", help="(90)")


def run(args: argparse.Namespace) -> int:
    """Make the page."""
    page = PageSettings(form="folder" if args.folder else "file", title=args.title, size=args.size)
    still = msgspec.structs.replace(PAGE_STILL, format=args.format, quality=args.quality)
    return run_set(args, "page", settings=SetSettings(page=page), still=still)
