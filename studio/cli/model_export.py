"""`studio models export`: a model as one file to pass on."""

import argparse
from pathlib import Path
from typing import Final

from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, note
from studio.cli.parsers import Subparsers, add_command, add_json
from studio.cli.progress import Progress
from studio.core.model_card import CLOSENESS_FILE
from studio.files.model_zip import write_model_zip, zip_name

_EXAMPLES: Final = """  studio models export my-fjords
  studio models export my-fjords --out ~/fjords.studio.zip
"""
_STEPS: Final = 100


def add_export_parser(subparsers: Subparsers) -> None:
    """Add `models export`."""
    parser = add_command(
        subparsers,
        "export",
        purpose="write a model as one zip to pass on",
        examples=_EXAMPLES,
        detail="The same model gives the same bytes. Small copies of training pictures never leave.",
    )
    parser.add_argument("model", help="id, name or hash of the model, or its folder")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where to; else ID.studio.zip in this folder"
    )
    add_json(parser)


def run_export(args: argparse.Namespace) -> int:
    """Run `models export`."""
    model = choose_model(open_library(), args.model)
    target = args.out or Path(zip_name(model.card))
    if target.is_dir():
        target = target / zip_name(model.card)
    with Progress("% written", _STEPS, is_silent=args.json) as progress:
        write_model_zip(
            model.folder,
            model.card,
            target=target,
            tell=lambda share: progress.advance(max(0, int(share * _STEPS) - progress.num_done)),
        )
    if args.json:
        size = target.stat().st_size
        answer_json({"schema": 1, "file": str(target), "bytes": size, "model": model.card.id})
        return 0
    if CLOSENESS_FILE in model.card.graphs:
        note("Left out: the small copies of the pictures that it learned from.")
    if not model.card.rights:
        note("Its card names no rights: say whose it is before you pass it on.")
    answer(str(target))
    return 0
