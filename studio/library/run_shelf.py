"""The training runs of this studio: found, described, told what to do, removed."""

import shutil
import time
from pathlib import Path
from typing import Final, Literal

import msgspec

from studio.core.errors import TrainingError
from studio.core.run_plan import PLAN_FILE
from studio.files.atomic import storage_error, write_bytes_atomic
from studio.files.run_lock import is_locked
from studio.protocol.codec import LineDecoder, ProtocolError, encode_line
from studio.protocol.run_state import RunState, read_events, read_state
from studio.protocol.training_messages import (
    COMMANDS_FOLDER,
    JOB_FILE,
    LOCK_FILE,
    Acknowledged,
    RunJob,
    TrainerCommand,
)

RUNS: Final = "runs"
RunStanding = Literal[
    "prepared", "running", "paused", "waiting", "making", "finished", "stopped", "failed", "broken"
]
_POLL_S: Final = 0.05


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run folder.

    Attributes:
        id: Its folder's name.
        folder: Where it lies.
        name: What its model will be called, "" before that was said.
        standing: "prepared" has a plan or less; "making" trains no more and makes its model;
            "broken" was ended from outside (a kill, a power cut) and can be resumed.
        is_alive: Whether a trainer is at work on it.
        state: What its events say.
        begun_at: When its folder was made, seconds since 1970.
    """

    id: str
    folder: Path
    name: str
    standing: RunStanding
    is_alive: bool
    state: RunState
    begun_at: float


def list_runs(home: Path) -> tuple[Run, ...]:
    """Give the runs, newest first; folders that hold no run are passed over."""
    try:
        folders = [path for path in (home / RUNS).iterdir() if path.is_dir()]
    except OSError:
        return ()
    runs = [read_run(path) for path in folders if _is_run(path)]
    return tuple(sorted(runs, key=lambda run: run.begun_at, reverse=True))


def find_run(home: Path, wish: str) -> Run:
    """Give the run with this id, the beginning of it, or this folder.

    Raises:
        TrainingError: There is none, or several begin like that.
    """
    place = Path(wish).expanduser()
    if place.is_dir() and _is_run(place):
        return read_run(place)
    runs = home / RUNS
    plain = wish if Path(wish).name == wish and wish not in ("", ".", "..") else ""
    found = [path for path in runs.glob("*") if path.name.startswith(plain) and _is_run(path)]
    exact = [path for path in found if path.name == plain]
    if plain and len(exact or found) == 1:
        return read_run((exact or found)[0])
    several = "Several runs begin with" if plain and found else "There is no run called"
    raise TrainingError(f"{several} “{wish}”.", "`studio runs list` shows them all.")


def read_run(folder: Path) -> Run:
    """Give a run folder as it is now."""
    # Whether it lives comes first: what it told before its death is then surely read.
    is_alive = is_locked(folder / LOCK_FILE)
    state = read_state(folder)
    job = read_job(folder)
    return Run(
        id=folder.name,
        folder=folder,
        name="" if job is None else job.wish.name,
        standing=_standing(state, is_alive=is_alive, has_job=job is not None),
        is_alive=is_alive,
        state=state,
        begun_at=folder.stat().st_mtime if job is None else (folder / JOB_FILE).stat().st_mtime,
    )


def read_job(folder: Path) -> RunJob | None:
    """Give the job of a run, None before it has one or when it is damaged."""
    decoder: LineDecoder[RunJob] = LineDecoder(RunJob)
    try:
        return decoder.decode((folder / JOB_FILE).read_bytes())
    except (OSError, ProtocolError):
        return None


def send(run: Run, command: TrainerCommand, *, patience_s: float) -> None:
    """Tell a run's trainer something and wait until it has read it.

    Raises:
        TrainingError: No trainer is at work on it, or it does not answer.
        StorageError: The disk is full or cannot be written.
    """
    if not run.is_alive:
        raise TrainingError(
            f"No trainer is at work on the run “{run.id}”.",
            f"`studio train --resume {run.id}` goes on with it.",
        )
    # Numbered by the clock: the window gives commands, too.
    number = time.time_ns() // 1_000_000
    write_bytes_atomic(run.folder / COMMANDS_FOLDER / f"{number}.json", encode_line(command))
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if any(
            isinstance(event, Acknowledged) and event.number == number
            for event in read_events(run.folder)
        ):
            return
        if not is_locked(run.folder / LOCK_FILE):
            return  # it has left meanwhile, which is all that a stop wants
        time.sleep(_POLL_S)
    raise TrainingError(
        f"The trainer of the run “{run.id}” does not answer.",
        "Wait a little; if it stays like that, end its process: what was saved is safe.",
    )


def remove(run: Run) -> None:
    """Remove a run for good; the models that were made of it stay.

    Raises:
        TrainingError: A trainer is at work on it.
        StorageError: It cannot be removed.
    """
    if is_locked(run.folder / LOCK_FILE):
        raise TrainingError(
            f"A trainer is at work on the run “{run.id}”.",
            f"Stop it first: studio runs stop {run.id}",
        )
    gone = run.folder.with_name(f".gone-{run.id}")
    try:
        run.folder.rename(gone)  # half a run must never be listed
        shutil.rmtree(gone)
    except OSError as error:
        raise storage_error(error, run.folder) from error


def _is_run(folder: Path) -> bool:
    names = (JOB_FILE, PLAN_FILE, "preflight.json", "scan.json")
    return not folder.name.startswith(".") and any((folder / name).is_file() for name in names)


def _standing(state: RunState, *, is_alive: bool, has_job: bool) -> RunStanding:
    if is_alive:
        alive: dict[str, RunStanding] = {
            "paused": "paused",
            "waiting": "waiting",
            "ended": "making",
        }
        return alive.get(state.phase, "running" if has_job else "prepared")
    if state.phase == "failed":
        return "failed"
    if state.phase in ("ended", "made"):
        return "stopped" if state.reason == "stopped" else "finished"
    return "broken" if state.phase != "begun" else "prepared"
