"""How an export writes: kind of file, size, what goes in. Shared by the words of `studio export`."""

import argparse
from typing import Final, Literal

import msgspec

from studio.cli.author_choice import add_author, author_from
from studio.cli.parsers import CommandParser, add_json, add_provider, whole_number
from studio.export.stills import FileFormat, StillSettings

# As named on the command line → the format and the bits for each colour.
KINDS: Final[dict[str, tuple[FileFormat, Literal[8, 16]]]] = {
    "png": ("png", 8),
    "png16": ("png", 16),
    "tiff": ("tiff", 8),
    "tiff16": ("tiff", 16),
    "jpeg": ("jpeg", 8),
    "webp": ("webp", 8),
    "avif": ("avif", 8),
    "ora": ("ora", 8),
    "psd": ("psd", 8),
}


def add_settings(parser: CommandParser) -> None:
    """Add what all kinds of files have in common."""
    group = parser.add_argument_group("how to write")
    group.add_argument(
        "--size",
        type=whole_number(16, 8192),
        metavar="PX",
        help="longer side, for example 1024: larger is made by our network, smaller is reduced "
        "(default: as made)",
    )
    group.add_argument("--no-recipe", action="store_true", help="do not store the recipe inside")
    add_author(group)
    group.add_argument("--force", action="store_true", help="replace files that are there")
    add_provider(group)
    add_json(parser)


def settings_from(args: argparse.Namespace, kind: str) -> StillSettings:
    """Give the settings that a call asks for.

    Args:
        args: Of a parser with `add_settings`.
        kind: One of `KINDS`.
    """
    file_format, bits = KINDS[kind]
    settings = StillSettings(
        format=file_format,
        bits=bits,
        size=args.size,
        with_recipe=not args.no_recipe,
        author=author_from(args),
        is_signed=args.sign,
        replaces=args.force,
    )
    quality = getattr(args, "quality", None)
    return settings if quality is None else msgspec.structs.replace(settings, quality=quality)
