"""`studio models blend`: a model between two of one lineage, kept as one of its own."""

import argparse
import tempfile
from pathlib import Path
from typing import Final

from studio.cli.model_choice import choose_model, open_library
from studio.cli.output import answer, answer_json, note
from studio.cli.parsers import CommandParser, Subparsers, add_command, add_json, real_number
from studio.cli.trainer import do_job
from studio.core.errors import TrainingError
from studio.core.recipe import ZONES
from studio.files.places import studio_home
from studio.protocol.training_messages import BlendJob, Exported, ModelWish

_EXAMPLES: Final = """  studio models blend landscapes my-fjords --share 0.5 --name "Half way"
  studio models blend landscapes my-fjords --coarse 0 --medium 0.5 --fine 1 --name "My colours"
"""
_read_share = real_number(0.0, 1.0)


def add_parser(actions: Subparsers) -> None:
    """Add `blend` to `models`."""
    parser = add_command(
        actions,
        "blend",
        purpose="make a model between two that come from one another, or from one start",
        detail="Each zone has a share of its own: 0 is the first model, 1 the second.",
        examples=_EXAMPLES,
    )
    for name in ("first", "second"):
        parser.add_argument(
            name, metavar=name.upper(), help="id, name or hash of a model, or its folder"
        )
    parser.add_argument("--name", required=True, help="what the new model is called")
    parser.add_argument(
        "--share", type=_read_share, metavar="S", help="of the second model, in all zones"
    )
    for zone in ZONES:
        parser.add_argument(
            f"--{zone}", type=_read_share, metavar="S", help=f"of the second model, {zone} zone"
        )
    add_json(parser)


def run_blend(args: argparse.Namespace) -> int:
    """Run `models blend`."""
    shares = _shares(args)
    library = open_library()
    first, second = choose_model(library, args.first), choose_model(library, args.second)
    home_models = studio_home() / "models"
    command = f"studio models blend {first.card.id} {second.card.id}" + "".join(
        f" --{zone} {share:g}" for zone, share in zip(ZONES, shares, strict=True)
    )
    job = BlendJob(
        wish=ModelWish(name=args.name, command=command),
        first=str(first.folder),
        second=str(second.folder),
        shares=shares,
        models=str(home_models),
        taken=tuple(one.folder.name for one in library.scan()),
    )
    if not args.json:
        note("Making the model; its sliders and its sheet are made anew …")
    with tempfile.TemporaryDirectory() as place:
        made = do_job(Path(place), job, name="blend")
    if not isinstance(made, Exported):
        raise TrainingError("The model was not made.", "Try again.")
    folder = Path(made.folder)
    if args.json:
        answer_json({"schema": 1, "model": folder.name, "folder": str(folder), "shares": shares})
    else:
        answer(str(folder))
    return 0


def _shares(args: argparse.Namespace) -> tuple[float, float, float]:
    given = [getattr(args, zone) for zone in ZONES]
    if args.share is None and all(share is None for share in given):
        CommandParser(prog="studio models blend").error(
            "say how near to the second model: --share, or --coarse, --medium and --fine"
        )
    rest = 0.0 if args.share is None else args.share
    coarse, medium, fine = (rest if share is None else share for share in given)
    return coarse, medium, fine
