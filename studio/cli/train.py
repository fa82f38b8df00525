"""`studio train`: a generator from a folder of pictures, ready to use at the end."""

import argparse
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import msgspec

from studio.cli.new_run import begin_from_nothing, taken_ids
from studio.cli.output import answer, answer_json, note
from studio.cli.parsers import (
    CommandParser,
    Subparsers,
    add_command,
    add_json,
    real_number,
    whole_number,
)
from studio.cli.progress import time_text
from studio.cli.trainer import TrainerRun, watch_run
from studio.cli.tuned_run import begin_from_model
from studio.core.errors import TrainingError
from studio.core.training_spec import CHANNELS, MAX_RESOLUTION, MIN_RESOLUTION
from studio.files.appended import AppendedFile
from studio.files.atomic import write_bytes_atomic
from studio.files.model_folder import read_card
from studio.files.places import child_command, studio_home
from studio.files.run_lock import is_locked
from studio.library.run_shelf import find_run, read_job
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import EVENTS_FILE, JOB_FILE, LOCK_FILE, TRAINER_LOG

_EXAMPLES: Final = """  studio train ~/pictures --name "My hand"
  studio train ~/pictures --from landscapes --name "My hills" --minutes 30
  studio train ~/pictures --from scratch --resolution 64 --name Study --kimg 20
  studio train ~/pictures --spec models/landscapes/spec.json --name "Landscapes again"
  studio train --resume 3f2a91c04b7d
"""
# A cold disk reads torch for a while before the first step.
_START_PATIENCE_S: Final = 90.0


def add_parser(subparsers: Subparsers) -> None:
    """Add `train`."""
    parser = add_command(
        subparsers,
        "train",
        purpose="train a generator on a folder of pictures",
        detail="The folder is only read. Ctrl-C saves; --resume goes on.",
        examples=_EXAMPLES,
    )
    parser.add_argument("folder", nargs="?", type=Path, help="the pictures (folders inside count)")
    parser.add_argument("--name", help="what the model is called")
    parser.add_argument(
        "--from",
        dest="start",
        metavar="MODEL",
        help="what to start from: a model's id, auto (the nearest one) or scratch; default auto, "
        "and scratch when a resolution, a config or a spec is given",
    )
    parser.add_argument(
        "--resolution",
        type=int,
        metavar="R",
        help=f"from scratch: side of the pictures, {MIN_RESOLUTION} to {MAX_RESOLUTION}",
    )
    parser.add_argument(
        "--config",
        choices=tuple(CHANNELS),
        help="from scratch: size of the network: s for a graphics card, xs, sketch for a "
        "processor (default)",
    )
    parser.add_argument("--spec", type=Path, metavar="FILE", help="take every number from a spec")
    _add_how_long(parser)
    _add_rights(parser)
    add_json(parser)


def _add_how_long(parser: CommandParser) -> None:
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--kimg",
        type=real_number(0.01, 1e6),
        metavar="N",
        help="thousand pictures to learn from",
    )
    length.add_argument(
        "--minutes", type=real_number(0.1, 1e6), metavar="M", help="how long it may take"
    )
    parser.add_argument("--resume", metavar="RUN", help="go on with a run: its id or its folder")
    parser.add_argument(
        "--detach", action="store_true", help="leave the run at work and return at once"
    )
    parser.add_argument(
        "--threads", type=whole_number(1, 512), metavar="N", help="processor threads to use"
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "fp32", "bf16"),
        default="auto",
        help="from scratch: bf16 is twice as fast where the processor has it",
    )
    parser.add_argument("--seed", type=whole_number(0, 2**31 - 1), default=1, metavar="N")


def _add_rights(parser: CommandParser) -> None:
    parser.add_argument(
        "--rights",
        type=Path,
        metavar="FILE",
        help='JSON list of {"source", "licence", "credit"}: where the pictures come from',
    )
    parser.add_argument(
        "--credit", default="", metavar="TEXT", help="the line that every export carries"
    )


def run(args: argparse.Namespace) -> int:
    """Run `train`; gives the exit status, 130 when it was stopped by hand."""
    place = _resumed(args) if args.resume else _begun(args)
    note(f"Run {place.name}")
    if args.detach:
        _detach(place)
        _answer_detached(args, place)
        return 0
    watched = watch_run(place, is_silent=args.json)
    if watched.reason == "stopped":
        note(f"Stopped and saved. To go on: studio train --resume {place.name}")
        return 130
    if watched.model is None:
        raise TrainingError(
            "The run has ended, but its model was not made.", f"studio runs model {place.name}"
        )
    _answer(args, place, watched=watched, model=Path(watched.model))
    return 0


def _begun(args: argparse.Namespace) -> Path:
    """Gives the folder of a new run, with everything in it that a trainer needs."""
    is_shaped = args.resolution is not None or args.config is not None or args.spec is not None
    start = args.start or ("scratch" if is_shaped else "auto")
    if args.folder is None or not args.name:
        raise TrainingError(
            "A new run needs a folder of pictures and a name.",
            "Write: studio train FOLDER --name NAME",
        )
    if start == "scratch":
        return begin_from_nothing(args)
    if is_shaped:
        raise TrainingError(
            "A run that starts from a model has its size and its network.",
            "Leave out --resolution, --config and --spec, or write --from scratch.",
        )
    return begin_from_model(args, start=start)


def _resumed(args: argparse.Namespace) -> Path:
    """Gives the folder of a run that exists, its job brought up to date."""
    place = find_run(studio_home(), args.resume).folder
    job = read_job(place)
    if job is None:
        raise TrainingError(f"The run “{place.name}” cannot be read.", "Start the training again.")
    if is_locked(place / LOCK_FILE):
        raise TrainingError(
            f"A trainer is at work on the run “{place.name}” already.",
            f"`studio runs list` shows it; stop it with `studio runs stop {place.name}`.",
        )
    changes: dict[str, Any] = {
        "models": str(studio_home() / "models"),
        "taken": taken_ids(),
        "is_detached": args.detach,
    }
    if args.threads is not None:
        changes["threads"] = args.threads
    if args.minutes is not None or args.kimg is not None:
        changes["minutes"] = args.minutes
    job = msgspec.structs.replace(job, **changes)
    write_bytes_atomic(place / JOB_FILE, encode_line(job))
    return place


# --------------------------------------------------------------------------------------- end


def _detach(place: Path) -> None:
    """Starts a trainer that outlives this process, and waits until it is at work.

    Raises:
        TrainingError: it left again at once.
    """
    job = read_job(place)
    if job is not None and not job.is_detached:
        job = msgspec.structs.replace(job, is_detached=True)
        write_bytes_atomic(place / JOB_FILE, encode_line(job))
    before = _size(place / EVENTS_FILE)
    log = AppendedFile(place / TRAINER_LOG)
    child = subprocess.Popen(
        child_command("trainer", str(place)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log.fileno(),
        env=os.environ | {"ORT_DISABLE_TELEMETRY": "1"},
        start_new_session=os.name != "nt",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    log.close()
    deadline = time.monotonic() + _START_PATIENCE_S
    while child.poll() is None and time.monotonic() < deadline:
        if b'"started"' in _read_from(place / EVENTS_FILE, before):
            break
        time.sleep(0.1)
    if child.returncode:
        lines = _read_from(place / TRAINER_LOG, 0).decode("utf-8", "replace").strip().splitlines()
        raise TrainingError(
            lines[-1] if lines else f"The trainer did not stay (status {child.returncode}).",
            f"What it said lies in “{TRAINER_LOG}” of the run {place.name}.",
        )
    child.returncode = 0  # nobody waits for it: it is meant to live on


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _read_from(path: Path, begin: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(begin)
            return file.read()
    except OSError:
        return b""


def _answer_detached(args: argparse.Namespace, place: Path) -> None:
    if args.json:
        answer_json({"schema": 1, "run": place.name, "folder": str(place)})
        return
    note(
        f"The run goes on by itself. To see it: studio runs list. To end it: studio runs stop {place.name}"
    )
    answer(place.name)


def _answer(args: argparse.Namespace, place: Path, *, watched: TrainerRun, model: Path) -> None:
    card = read_card(model)
    if args.json:
        answer_json(
            {
                "schema": 1,
                "run": place.name,
                "model": model.name,
                "folder": str(model),
                "kimg": watched.kimg,
                "seconds": watched.seconds,
                "export_error": card.export_error,
                "scores": msgspec.to_builtins(card.scores),
            }
        )
        return
    note(
        f"{watched.kimg:g} thousand pictures in {time_text(watched.seconds)}; "
        f"graph and network differ by at most {card.export_error or 0:.1e}"
    )
    answer(str(model))
