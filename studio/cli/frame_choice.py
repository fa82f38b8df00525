"""The words of a call that say what is done beyond the plain square: tiles, other sizes, mirror."""

import argparse
from typing import Final

import msgspec

from studio.cli.arguments import read_seed
from studio.core.recipe import (
    BASE_CELLS,
    MAX_AREA_CELLS,
    MAX_CELLS,
    MAX_SEED,
    Frame,
    Recipe,
    Tile,
    with_frame,
)

_SAME: Final = -1


class FrameWish(msgspec.Struct, frozen=True, kw_only=True):
    """What a call says about the frame; None leaves things as the recipe has them.

    Attributes:
        tile: Which sides fit their opposite ones.
        size: Width and height in cells.
        beyond: Seed of what lies beyond the square; −1 goes on with the picture's own latent.
        is_mirrored: Whether left and right are swapped.
    """

    tile: Tile | None = None
    size: tuple[int, int] | None = None
    beyond: int | None = None
    is_mirrored: bool | None = None


def add_frame(parser: argparse.ArgumentParser) -> None:
    """Add the words to a command."""
    group = parser.add_argument_group("beyond the square")
    group.add_argument(
        "--tile",
        choices=("none", "x", "y", "both"),
        help="a seamless tile: left fits right (x), top fits bottom (y), or both",
    )
    group.add_argument(
        "--shape",
        type=read_shape,
        metavar="W:H",
        help="a wider or taller picture: 2:1, 3:2, 1:2, or cells such as 12x4 (the square is 4x4)",
    )
    group.add_argument(
        "--beyond",
        type=read_beyond,
        metavar="SEED",
        help="what lies beyond the square: a seed, or “same” to go on with the picture's own "
        "(default: the seed after the picture's)",
    )
    group.add_argument("--mirrored", action="store_true", default=None, help="swap left and right")


def read_shape(text: str) -> tuple[int, int]:
    """Read `2:1` as the fewest cells of that shape, or `12x4` as cells."""
    for mark in (":", "x", "×"):
        left, found, right = text.strip().partition(mark)
        if found and left.strip().isdecimal() and right.strip().isdecimal():
            across, down = int(left), int(right)
            if mark == ":" and across > 0 and down > 0 and BASE_CELLS % min(across, down) == 0:
                scale = BASE_CELLS // min(across, down)
                across, down = across * scale, down * scale
            if _fits(across, down):
                return across, down
            raise argparse.ArgumentTypeError(
                f"“{text}” is not {BASE_CELLS} to {MAX_CELLS} cells each way and at most "
                f"{MAX_AREA_CELLS} in all"
            )
    raise argparse.ArgumentTypeError(f"“{text}” is neither a shape like 2:1 nor cells like 12x4")


def read_beyond(text: str) -> int:
    """Read a seed, or `same`."""
    return _SAME if text.strip().lower() == "same" else read_seed(text)


def wish_from(args: argparse.Namespace) -> FrameWish:
    """Give what a call said."""
    return FrameWish(tile=args.tile, size=args.shape, beyond=args.beyond, is_mirrored=args.mirrored)


def framed(recipe: Recipe, wish: FrameWish) -> Recipe:
    """Give the recipe with the frame that was wished."""
    frame = recipe.frame or Frame()
    if wish.tile is not None:
        frame = msgspec.structs.replace(frame, tile=wish.tile)
    if wish.size is not None:
        frame = msgspec.structs.replace(frame, size=wish.size)
        if wish.beyond is None and frame.beyond is None:
            frame = msgspec.structs.replace(frame, beyond=_next_seed(recipe))
    if wish.beyond is not None:
        beyond = None if wish.beyond == _SAME else wish.beyond
        frame = msgspec.structs.replace(frame, beyond=beyond)
    if wish.is_mirrored is not None:
        frame = msgspec.structs.replace(frame, is_mirrored=wish.is_mirrored)
    return with_frame(recipe, frame)


def _next_seed(recipe: Recipe) -> int:
    """Give the seed after the picture's own, so that every picture goes on in another way."""
    seed = next((source.seed for source in recipe.sources if source.seed is not None), 0)
    return (seed + 1) % (MAX_SEED + 1)


def _fits(across: int, down: int) -> bool:
    sides = (across, down)
    return (
        all(BASE_CELLS <= side <= MAX_CELLS for side in sides) and across * down <= MAX_AREA_CELLS
    )
