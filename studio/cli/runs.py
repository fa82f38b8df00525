"""`studio runs`: the training runs of this machine, wherever they were started."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from studio.cli.new_run import taken_ids
from studio.cli.output import answer, answer_json, note, table
from studio.cli.parsers import CommandParser, Subparsers, add_command, add_json, real_number
from studio.cli.progress import time_text
from studio.cli.trainer import do_job
from studio.core.errors import TrainingError
from studio.export.run_report import write_report
from studio.files.model_folder import read_card
from studio.files.places import studio_home
from studio.files.run_lock import is_locked
from studio.library.run_shelf import Run, find_run, list_runs, read_job, read_run, remove, send
from studio.protocol.training_messages import (
    LOCK_FILE,
    Continue,
    Exported,
    ExportJob,
    ModelWish,
    Pause,
    Stop,
)

_EXAMPLES: Final = """  studio runs list
  studio runs stop 3f2a91c04b7d
  studio runs model 3f2a91c04b7d --images 12000 --nearness 0.7 --name "A little freer"
  studio runs model 3f2a91c04b7d --nearness 0,0.5,1 --name "Old shapes, new surface"
  studio runs report 3f2a91c04b7d
"""
# Read ten times a second; a step that is under way ends within seconds, a save of a large
# network takes some more.
_PATIENCE_S: Final = 10.0
_STOP_PATIENCE_S: Final = 120.0
_WORDS: Final = {
    "prepared": "not begun",
    "running": "running",
    "paused": "paused",
    "waiting": "waits for disk space",
    "making": "making its model",
    "finished": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "broken": "broken off",
}


def add_parser(subparsers: Subparsers) -> None:
    """Add `runs`."""
    parser = add_command(
        subparsers,
        "runs",
        purpose="list the training runs, steer them, make their models",
        examples=_EXAMPLES,
    )
    actions = parser.add_subparsers(
        dest="action",
        required=True,
        metavar="list | stop | pause | continue | model | report | remove",
    )
    listing = add_command(
        actions, "list", purpose="list every run, newest first", examples="  studio runs list\n"
    )
    add_json(listing)
    _add(actions, "stop", purpose="let a run save and end")
    _add(actions, "pause", purpose="let a run rest")
    _add(actions, "continue", purpose="let a run that rests go on")
    _add_model(_add(actions, "model", purpose="make a model of a run, or of one of its snapshots"))
    _add(actions, "report", purpose="write a run's report, one page to print")
    _add(actions, "remove", purpose="remove a run for good; the models made of it stay")


def _add(actions: Subparsers, name: str, *, purpose: str) -> CommandParser:
    parser = add_command(
        actions, name, purpose=purpose, examples=f"  studio runs {name} 3f2a91c04b7d\n"
    )
    parser.add_argument("run", help="id of the run, its beginning, or its folder")
    add_json(parser)
    return parser


def _add_model(parser: CommandParser) -> None:
    parser.add_argument("--name", help="what the model is called; default: as the run says")
    parser.add_argument(
        "--images",
        type=int,
        metavar="N",
        help="which snapshot, by the pictures it had seen; default: the best",
    )
    parser.add_argument(
        "--nearness",
        type=nearness,
        default=(1.0,),
        metavar="X",
        help="how near to the folder's pictures: 0 is the start, 1 the snapshot (default); "
        "or three numbers, as 0,0.5,1: for composition, shapes and surface each",
    )


def nearness(text: str) -> tuple[float, ...]:
    """Read one share 0…1, or three for the zones."""
    read = real_number(0, 1)
    shares = tuple(read(part) for part in text.split(","))
    if len(shares) not in (1, 3):
        raise argparse.ArgumentTypeError("give one number, or three with commas between")
    return shares


def run(args: argparse.Namespace) -> int:
    """Run one of the actions."""
    if args.action == "list":
        return _list(args)
    found = find_run(studio_home(), args.run)
    actions: dict[str, Callable[[argparse.Namespace, Run], dict[str, Any]]] = {
        "stop": _stop,
        "pause": _pause,
        "continue": _continue,
        "model": _make_model,
        "report": _report,
        "remove": _remove,
    }
    result = actions[args.action](args, found)
    if args.json:
        answer_json({"schema": 1, "run": found.id, **result})
    elif "folder" in result or "file" in result:
        answer(str(result.get("folder") or result["file"]))
    return 0


def _list(args: argparse.Namespace) -> int:
    runs = list_runs(studio_home())
    if args.json:
        answer_json({"schema": 1, "runs": [_fields(run) for run in runs]})
    elif not runs:
        note("There is no run yet. `studio train FOLDER --name NAME` begins one.")
    else:
        headings = ("run", "name", "state", "kimg", "of", "time", "likeness", "begun")
        answer(table(headings, [_row(run) for run in runs]))
    return 0


def _row(run: Run) -> tuple[str, ...]:
    state = run.state
    scores = None if state.best is None else state.best.scores
    return (
        run.id,
        run.name or "–",
        _WORDS[run.standing],
        f"{state.kimg:.1f}",
        f"{state.total_kimg:g}",
        time_text(state.seconds),
        "–" if scores is None else f"{scores.likeness:.1f}",
        time.strftime("%Y-%m-%d %H:%M", time.localtime(run.begun_at)),
    )


def _fields(run: Run) -> dict[str, Any]:
    state = run.state
    scores = None if state.best is None else state.best.scores
    return {
        "id": run.id,
        "name": run.name,
        "folder": str(run.folder),
        "state": run.standing,
        "is_alive": run.is_alive,
        "kimg": state.kimg,
        "total_kimg": state.total_kimg,
        "seconds": state.seconds,
        "seconds_left": state.seconds_left,
        "reason": state.reason,
        "model": state.model,
        "best_images": None if state.best is None else state.best.images,
        "likeness": None if scores is None else scores.likeness,
        "copies": None if scores is None else scores.copies,
        "failure": None if state.failure is None else list(state.failure),
    }


def _stop(args: argparse.Namespace, run: Run) -> dict[str, Any]:  # noqa: ARG001
    send(run, Stop(), patience_s=_PATIENCE_S)
    deadline = time.monotonic() + _STOP_PATIENCE_S
    while is_locked(run.folder / LOCK_FILE):
        if time.monotonic() > deadline:
            raise TrainingError(
                f"The run “{run.id}” was told to stop and is still saving.",
                "Wait a little, then look with `studio runs list`.",
            )
        time.sleep(0.1)
    note(f"Stopped and saved. To go on: studio train --resume {run.id}")
    return {"state": read_run(run.folder).standing}


def _pause(args: argparse.Namespace, run: Run) -> dict[str, Any]:  # noqa: ARG001
    send(run, Pause(), patience_s=_PATIENCE_S)
    note(f"It rests, and keeps its memory. To go on: studio runs continue {run.id}")
    return {"state": "paused"}


def _continue(args: argparse.Namespace, run: Run) -> dict[str, Any]:  # noqa: ARG001
    send(run, Continue(), patience_s=_PATIENCE_S)
    note("It goes on.")
    return {"state": "running"}


def _make_model(args: argparse.Namespace, run: Run) -> dict[str, Any]:
    job = read_job(run.folder)
    wish = ModelWish(name=args.name or run.folder.name) if job is None else job.wish
    if args.name:
        wish = ModelWish(
            name=args.name, rights=wish.rights, credit=wish.credit, command=wish.command
        )
    made = do_job(
        run.folder,
        ExportJob(
            wish=wish,
            models=str(studio_home() / "models"),
            taken=taken_ids(),
            images=args.images,
            nearness=args.nearness[0],
            zones=args.nearness if len(args.nearness) == 3 else None,
        ),
        name="model",
    )
    if not isinstance(made, Exported):
        raise TrainingError("The model was not made.", "Try again.")
    folder = Path(made.folder)
    card = read_card(folder)
    return {"model": card.id, "folder": made.folder, "export_error": card.export_error}


def _report(args: argparse.Namespace, run: Run) -> dict[str, Any]:  # noqa: ARG001
    return {"file": str(write_report(run.folder))}


def _remove(args: argparse.Namespace, run: Run) -> dict[str, Any]:  # noqa: ARG001
    remove(run)
    note(f"The run “{run.id}” is gone; models that were made of it stay.")
    return {"state": "removed"}
