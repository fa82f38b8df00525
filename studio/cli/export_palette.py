"""`studio export palette`: the colours of pictures for painting programs."""

import argparse

from studio.cli.export_sets import add_common, run_set
from studio.cli.parsers import Subparsers, add_command, whole_number
from studio.export.set_settings import (
    MAX_COLOURS,
    MIN_COLOURS,
    PALETTE_FORMATS,
    PaletteSettings,
    SetSettings,
)
from studio.export.stills import StillSettings


def add_parser(actions: Subparsers) -> None:
    """Add `export palette`."""
    parser = add_command(
        actions,
        "palette",
        purpose="write the colours of pictures as a palette",
        examples="  studio export palette kept.png --colours 24 --out palettes\n"
        '  studio export palette --board "Sea" --format gpl\n',
    )
    add_common(parser)
    group = parser.add_argument_group("the palette")
    group.add_argument(
        "--colours", type=whole_number(MIN_COLOURS, MAX_COLOURS), default=16, metavar="N",
        help=f"{MIN_COLOURS} to {MAX_COLOURS} (16)",
    )  # fmt: skip
    group.add_argument(
        "--format", choices=PALETTE_FORMATS, action="append",
        help="gpl: GIMP, Krita; ase: Adobe, Affinity; aco: Photoshop; several times (all three)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Write the palette."""
    formats = tuple(dict.fromkeys(args.format or PALETTE_FORMATS))
    palette = PaletteSettings(num_colours=args.colours, formats=formats)
    settings = SetSettings(palette=palette)
    return run_set(args, "palette", settings=settings, still=StillSettings())
