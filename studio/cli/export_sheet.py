"""`studio export sheet`: a contact sheet."""

import argparse
from typing import Final, get_args

from studio.cli.export_sets import add_common, run_set
from studio.cli.export_settings import KINDS
from studio.cli.parsers import Subparsers, add_command, whole_number
from studio.export.set_settings import (
    MAX_COLUMNS,
    Caption,
    ContactSheetSettings,
    Ground,
    SetSettings,
)
from studio.export.stills import LAYERED_FORMATS, StillSettings

_FORMATS: Final = tuple(
    name for name, (kind, bits) in KINDS.items() if bits == 8 and kind not in LAYERED_FORMATS
)


def add_parser(actions: Subparsers) -> None:
    """Add `export sheet`."""
    parser = add_command(
        actions,
        "sheet",
        purpose="lay pictures on a contact sheet, with their names and seeds",
        examples='  studio export sheet --board "Sea" --title "Sea" --caption both --out prints\n'
        "  studio export sheet --seed 100-135 --cell 192 --ground white\n",
    )
    add_common(parser)
    group = parser.add_argument_group("the sheet")
    group.add_argument("--title", default="", metavar="TEXT", help="a line above the pictures")
    group.add_argument(
        "--caption", choices=get_args(Caption), default="name", help="below each (default: name)"
    )
    group.add_argument(
        "--columns", type=whole_number(1, MAX_COLUMNS), default=0, metavar="N",
        help="pictures in a row (default: as square as it goes)",
    )  # fmt: skip
    group.add_argument(
        "--cell", type=whole_number(16, 4096), default=256, metavar="PX",
        help="longer side of each picture (256)",
    )  # fmt: skip
    group.add_argument("--gap", type=whole_number(0, 200), default=16, metavar="PX", help="(16)")
    group.add_argument("--margin", type=whole_number(0, 400), default=32, metavar="PX", help="(32)")
    group.add_argument("--ground", choices=get_args(Ground), default="dark", help="default: dark")
    group.add_argument(
        "--no-credit", action="store_true", help="no credit line below; it stays inside the file"
    )
    group.add_argument("--format", choices=_FORMATS, default="png", help="default: png")


def run(args: argparse.Namespace) -> int:
    """Make the sheet."""
    sheet = ContactSheetSettings(
        columns=args.columns,
        cell_px=args.cell,
        gap_px=args.gap,
        margin_px=args.margin,
        caption=args.caption,
        ground=args.ground,
        title=args.title,
        has_credit=not args.no_credit,
    )
    still = StillSettings(format=KINDS[args.format][0])
    return run_set(args, "sheet", settings=SetSettings(sheet=sheet), still=still)
