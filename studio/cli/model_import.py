"""`studio models import`: a model from elsewhere, asked about and put into the library."""

import argparse
from pathlib import Path
from typing import Final

from studio.cli.model_choice import open_library
from studio.cli.output import answer, answer_json, note
from studio.cli.parsers import Subparsers, add_command, add_json, whole_number
from studio.cli.progress import Progress
from studio.core.errors import ModelError
from studio.core.model_card import Right
from studio.files.places import studio_home
from studio.library.model_arrival import Arrival, accept, bring_in
from studio.library.model_library import InstalledModel
from studio.opener.trial_client import QuestionsError
from studio.protocol.trial_messages import Question, TrialWishes

_EXAMPLES: Final = """  studio models import friend.studio.zip
  studio models import generator.onnx --name Masks --licence "CC BY 4.0" --credit "A. Maker"
  studio models import digits.onnx --class 3 --colours 0..1
  studio models import network-snapshot-005000.pkl --name "My faces" --licence "my own"
  studio models import odd.onnx --input cond=1 --input eps=noise
"""
_DETAIL: Final = (
    "Takes a model's folder or zip, an ONNX file that makes pictures from a latent, or a file of "
    "StyleGAN2, StyleGAN2-ADA or StyleGAN3 (.pkl, .pt), which is read as data: nothing in it is run. "
    "It is checked and tried in a process with limits before it is put into the library."
)
_STEPS: Final = 100


def add_import_parser(subparsers: Subparsers) -> None:
    """Add `models import`."""
    parser = add_command(
        subparsers,
        "import",
        purpose="put a model from elsewhere into the library",
        examples=_EXAMPLES,
        detail=_DETAIL,
    )
    parser.add_argument(
        "file", type=Path, help="a model's folder or zip, an ONNX or a StyleGAN file"
    )
    parser.add_argument("--name", help="what the model is called; else as the file")
    parser.add_argument("--licence", help="the terms it comes under")
    parser.add_argument("--credit", help="whose it is; every export says so")
    parser.add_argument("--source", help="where it comes from")
    graph = parser.add_argument_group("of an ONNX file, where it is not found out by itself")
    graph.add_argument(
        "--colours", choices=("-1..1", "0..1", "0..255"), default="", help="black and white in it"
    )
    graph.add_argument("--layout", choices=("NCHW", "NHWC"), default="", help="order of its axes")
    graph.add_argument(
        "--input",
        action="append",
        default=[],
        type=_read_input,
        metavar="NAME=WHAT",
        help="what an input is: latent, class, noise or a number; can be given again",
    )
    graph.add_argument(
        "--class",
        dest="classes",
        type=_read_classes,
        default=(),
        metavar="N[,N…]",
        help="the class that is shown; more: those that get a slider",
    )
    add_json(parser)


def run_import(args: argparse.Namespace) -> int:
    """Run `models import`."""
    library = open_library()
    models = studio_home() / "models"
    wishes = TrialWishes(
        colours=args.colours, layout=args.layout, inputs=dict(args.input), classes=args.classes
    )
    try:
        arrival = _bring_in(args.file, models, wishes=wishes, is_silent=args.json)
    except QuestionsError as error:
        raise _as_error(error.questions[0]) from error
    good = [one for one in library.scan() if isinstance(one, InstalledModel)]
    same = next((one for one in good if one.card.model == arrival.card.model), None)
    if same is not None:
        arrival.stage.discard()
        note(f"It is in the library already, as “{same.card.name}”.")
        _tell(args, same.folder)
        return 0
    folder = accept(
        arrival,
        name=args.name or "",
        rights=_rights(args),
        credit=_credit(args, arrival),
        taken=tuple(one.folder.name for one in good),
    )
    if not args.json and not arrival.card.rights and not _rights(args):
        note("Nobody has said whose it is: ask before you publish, or import it with --credit.")
    _tell(args, folder)
    return 0


def _bring_in(path: Path, models: Path, *, wishes: TrialWishes, is_silent: bool) -> Arrival:
    with Progress("% looked at", _STEPS, is_silent=is_silent) as progress:

        def tell(share: float, _what: str) -> None:
            progress.advance(max(0, int(share * _STEPS) - progress.num_done))

        return bring_in(path, models, wishes=wishes, tell=tell)


def _rights(args: argparse.Namespace) -> tuple[Right, ...]:
    if not (args.licence or args.credit or args.source):
        return ()
    return (
        Right(
            source=args.source or args.file.name,
            licence=args.licence or "unknown",
            credit=args.credit or "unknown",
        ),
    )


def _credit(args: argparse.Namespace, arrival: Arrival) -> str:
    if not args.credit:
        return ""
    name = args.name or arrival.card.name or arrival.shown_name
    return f"Made with “{name}” by {args.credit}."


def _tell(args: argparse.Namespace, folder: Path) -> None:
    if args.json:
        answer_json({"schema": 1, "model": folder.name, "folder": str(folder)})
    else:
        answer(str(folder))


def _as_error(question: Question) -> ModelError:
    choices = ", ".join(question.choices)
    if question.key.startswith("input:"):
        name = question.key.removeprefix("input:")
        return ModelError(question.what, f"Say it with --input {name}=… ({choices} or a number).")
    if question.key == "class":
        choices = f"{question.choices[0]} to {question.choices[-1]}"
    return ModelError(question.what, f"Say it with --{question.key} ({choices}).")


def _read_input(text: str) -> tuple[str, str]:
    name, equals, what = text.rpartition("=")
    if not equals or not name or not what:
        raise argparse.ArgumentTypeError(f"“{text}” is not NAME=WHAT")
    return name, what


def _read_classes(text: str) -> tuple[int, ...]:
    return tuple(whole_number(0, 1_000_000)(part) for part in text.split(","))
