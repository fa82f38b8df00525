"""`studio export sprites`: a sprite sheet with its JSON."""

import argparse
from typing import get_args

from studio.cli.export_sets import add_common, run_set
from studio.cli.parsers import Subparsers, add_command, whole_number
from studio.export.set_settings import (
    MAX_COLUMNS,
    MAX_EXTRUDE_PX,
    MAX_PADDING_PX,
    JsonForm,
    SetSettings,
    SpriteSettings,
)
from studio.export.stills import StillSettings


def add_parser(actions: Subparsers) -> None:
    """Add `export sprites`."""
    parser = add_command(
        actions,
        "sprites",
        purpose="lay frames into one picture, with a JSON that game engines read",
        examples='  studio export sprites --board "Cats" --side 64 --extrude 1 --out game\n'
        "  studio export sprites --seed 1-12 --duration 80 --form array\n",
    )
    add_common(parser)
    group = parser.add_argument_group("the sheet")
    group.add_argument(
        "--side", type=whole_number(1, 4096), default=0, metavar="PX",
        help="longer side of each frame (default: as made)",
    )  # fmt: skip
    group.add_argument("--columns", type=whole_number(1, MAX_COLUMNS), default=0, metavar="N")
    group.add_argument(
        "--padding", type=whole_number(0, MAX_PADDING_PX), default=2, metavar="PX",
        help="empty space between frames (2)",
    )  # fmt: skip
    group.add_argument(
        "--extrude", type=whole_number(0, MAX_EXTRUDE_PX), default=0, metavar="PX",
        help="repeat each frame's edge around it (0)",
    )  # fmt: skip
    group.add_argument(
        "--any-size", action="store_true", help="do not make the sides powers of two"
    )
    group.add_argument("--form", choices=get_args(JsonForm), default="hash", help="of the JSON")
    group.add_argument(
        "--duration", type=whole_number(1, 600_000), default=0, metavar="MS",
        help="how long each frame of an animation is shown",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Make the sheet and its JSON."""
    sprites = SpriteSettings(
        side_px=args.side,
        columns=args.columns,
        padding_px=args.padding,
        extrude_px=args.extrude,
        is_power_of_two=not args.any_size,
        form=args.form,
        duration_ms=args.duration,
    )
    settings = SetSettings(sprites=sprites)
    return run_set(args, "sprites", settings=settings, still=StillSettings())
