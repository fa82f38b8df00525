"""`studio export tiles`: a tile set with the `.tsj` of Tiled."""

import argparse

from studio.cli.export_sets import add_common, run_set
from studio.cli.parsers import Subparsers, add_command, whole_number
from studio.export.set_settings import (
    MAX_EXTRUDE_PX,
    MAX_TILES_ACROSS,
    SetSettings,
    TileSetSettings,
)
from studio.export.stills import StillSettings


def add_parser(actions: Subparsers) -> None:
    """Add `export tiles`."""
    parser = add_command(
        actions,
        "tiles",
        purpose="cut one picture into tiles, or make a tile of each of several",
        examples="  studio export tiles seamless.png --tile 32 --across 8 --down 8 --out game\n"
        '  studio export tiles --board "Ground" --tile 64 --extrude 1\n',
    )
    add_common(parser)
    group = parser.add_argument_group("the tile set")
    group.add_argument(
        "--tile", type=whole_number(4, 1024), default=64, metavar="PX", help="side of a tile (64)"
    )
    across = whole_number(1, MAX_TILES_ACROSS)
    group.add_argument(
        "--across", type=across, default=4, metavar="N", help="tiles side by side, of one picture"
    )
    group.add_argument("--down", type=across, default=4, metavar="N", help="tiles below each other")
    group.add_argument(
        "--extrude", type=whole_number(0, MAX_EXTRUDE_PX), default=0, metavar="PX",
        help="repeat each tile's edge around it (0)",
    )  # fmt: skip
    group.add_argument("--power-of-two", action="store_true", help="make both sides powers of two")


def run(args: argparse.Namespace) -> int:
    """Make the tile set."""
    tiles = TileSetSettings(
        tile_px=args.tile,
        across=args.across,
        down=args.down,
        extrude_px=args.extrude,
        is_power_of_two=args.power_of_two,
    )
    return run_set(args, "tiles", settings=SetSettings(tiles=tiles), still=StillSettings())
