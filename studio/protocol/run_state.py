"""What a run's events add up to: one frozen value, and the events themselves from their file."""

from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Literal

import msgspec

from studio.core.snapshot import Snapshot
from studio.protocol.codec import LineDecoder, ProtocolError
from studio.protocol.training_messages import (
    EVENTS_FILE,
    Continued,
    Exported,
    Failed,
    Finished,
    Paused,
    Progress,
    RolledBack,
    SnapshotTaken,
    Started,
    TrainerEvent,
    Waiting,
)

RunPhase = Literal["begun", "running", "paused", "waiting", "ended", "made", "failed"]
_CHUNK = 1 << 20


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    """A run as its events tell it; whether its trainer lives is another question.

    Attributes:
        phase: "ended" is trained to an end, "made" is its model, too.
        kimg: Where it is.
        total_kimg: Where it will end.
        seconds: Training time so far, all sittings together.
        seconds_left: None when unknown.
        reason: Why it ended, None before.
        model: Folder of the model that was made of it, None before.
        best: The best snapshot, None before one was scored.
        failure: What happened and the way out, None when nothing did.
    """

    phase: RunPhase = "begun"
    kimg: float = 0.0
    total_kimg: float = 0.0
    seconds: float = 0.0
    seconds_left: float | None = None
    reason: Literal["done", "time", "stopped", "best"] | None = None
    model: str | None = None
    best: Snapshot | None = None
    failure: tuple[str, str] | None = None


def read_events(run: Path) -> Iterator[TrainerEvent]:
    """Give the events of a run, oldest first; lines that are none are passed over.

    A kill can cut a line in two; a file that is missing holds no events.
    """
    decoder: LineDecoder[TrainerEvent] = LineDecoder(TrainerEvent)
    try:
        with (run / EVENTS_FILE).open("rb") as file:
            while chunk := file.read(_CHUNK):
                for event in decoder.feed(chunk):
                    if not isinstance(event, ProtocolError):
                        yield event
    except OSError:
        return


def read_state(run: Path) -> RunState:
    """Give what the events of a run add up to."""
    return reduce(fold, read_events(run), RunState())


def fold(state: RunState, event: TrainerEvent) -> RunState:
    """Give the state after one more event."""
    match event:
        case Started():
            return RunState(
                phase="running",
                kimg=event.kimg,
                total_kimg=event.total_kimg,
                seconds=state.seconds,
                best=state.best,
            )
        case Progress():
            return msgspec.structs.replace(
                state,
                phase="running",
                kimg=event.kimg,
                total_kimg=event.total_kimg,
                seconds=event.seconds,
                seconds_left=event.seconds_left,
            )
        case RolledBack():
            return msgspec.structs.replace(state, kimg=event.to_kimg)
        case SnapshotTaken():
            return _with_snapshot(state, event)
        case Paused():
            return msgspec.structs.replace(state, phase="paused", kimg=event.kimg)
        case Continued():
            return msgspec.structs.replace(state, phase="running", kimg=event.kimg)
        case Waiting():
            return msgspec.structs.replace(state, phase="waiting")
        case _:
            return _fold_end(state, event)


def _fold_end(state: RunState, event: TrainerEvent) -> RunState:
    match event:
        case Finished():
            return msgspec.structs.replace(
                state, phase="ended", kimg=event.kimg, reason=event.reason, seconds_left=None
            )
        case Exported():
            return msgspec.structs.replace(state, phase="made", model=event.folder)
        case Failed():
            return msgspec.structs.replace(
                state, phase="failed", failure=(event.what, event.way_out)
            )
        case _:
            return state


def _with_snapshot(state: RunState, event: SnapshotTaken) -> RunState:
    return msgspec.structs.replace(state, best=event.snapshot) if event.is_best else state
