"""`studio export presets`: the named ways to export, of the program and of the artist."""

import argparse
from pathlib import Path
from typing import Any

import msgspec

from studio.cli.output import answer, answer_json, table
from studio.cli.parsers import Subparsers, add_command, add_json
from studio.export.presets import SHIPPED, ExportPreset, read_presets
from studio.files.places import studio_home


def add_parser(actions: Subparsers) -> None:
    """Add `export presets`."""
    parser = add_command(
        actions,
        "presets",
        purpose="list the presets that --preset of `export pictures` takes",
        examples="  studio export presets --json\n",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """List them."""
    home: Path = studio_home()
    rows = [(one, False) for one in SHIPPED] + [(one, True) for one in read_presets(home)]
    if args.json:
        answer_json({"schema": 1, "presets": [_fields(one, is_own=own) for one, own in rows]})
        return 0
    headings = ("preset", "format", "size", "names", "folder")
    answer(table(headings, [_row(one) for one, _ in rows]))
    return 0


def _row(preset: ExportPreset) -> tuple[str, ...]:
    settings = preset.settings
    kind = f"{settings.format} 16" if settings.is_deep else settings.format
    size = "as made" if settings.size is None else f"{settings.size} px"
    return preset.name, kind, size, preset.template, preset.folder or "–"


def _fields(preset: ExportPreset, *, is_own: bool) -> dict[str, Any]:
    return {**msgspec.to_builtins(preset), "is_own": is_own}
