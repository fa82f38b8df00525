"""The command line's side of a trainer child: starts it, shows its events, ends it."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, Self

import msgspec

from studio.cli.output import note
from studio.cli.progress import bar, time_text
from studio.core.errors import TrainingError
from studio.core.snapshot import SHEET_FILE
from studio.files.appended import AppendedFile
from studio.files.atomic import write_bytes_atomic
from studio.files.places import child_command
from studio.protocol.codec import LineDecoder, ProtocolError, encode_line
from studio.protocol.training_messages import (
    TRAINER_LOG,
    Adapted,
    Continued,
    EncoderFitted,
    Exported,
    Failed,
    Finished,
    Job,
    Paused,
    Planned,
    Progress,
    RolledBack,
    Sampled,
    SnapshotTaken,
    Started,
    TrainerEvent,
    Waiting,
)

_CHUNK: Final = 1 << 16
# A step and a save take a few seconds; an unfinished one is worth waiting for.
_PATIENCE_S: Final = 120.0


class TrainerRun(msgspec.Struct, frozen=True):
    """How a sitting ended; `model` is the folder of the model that was made of it."""

    kimg: float
    reason: Literal["done", "time", "stopped", "best"]
    seconds: float
    model: str | None = None


class TrainerChild:
    """A trainer at work on one job; leaving the `with` block makes it save and leave."""

    def __init__(self, job: Path) -> None:
        environment = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
        log = AppendedFile((job if job.is_dir() else job.parent) / TRAINER_LOG)
        # Its own group: Ctrl-C on the terminal reaches us alone, and we ask it to stop.
        self._process = subprocess.Popen(
            child_command("trainer", str(job)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.fileno(),
            env=environment,
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        assert self._process.stdout is not None
        self._process.stdout.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Asks it to save and leave: the end of its stdin says so."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def events(self) -> Iterator[TrainerEvent]:
        """Gives events until the child leaves.

        Raises:
            TrainingError: it failed, or died without a word.
        """
        assert self._process.stdout is not None
        decoder: LineDecoder[TrainerEvent] = LineDecoder(TrainerEvent)
        handle = self._process.stdout.fileno()
        while chunk := os.read(handle, _CHUNK):
            for event in decoder.feed(chunk):
                if isinstance(event, ProtocolError):
                    raise event
                if isinstance(event, Failed):
                    raise TrainingError(event.what, event.way_out)
                yield event
        status = self._process.wait(_PATIENCE_S)
        if status != 0:
            raise TrainingError(
                f"The trainer ended unexpectedly (status {status}).",
                "Resume the run: nothing that was saved is lost. What it said lies in "
                f"“{TRAINER_LOG}” of the run.",
            )


def do_job(
    run: Path,
    job: Job,
    *,
    name: str,
    show: Callable[[TrainerEvent], None] | None = None,
) -> TrainerEvent | None:
    """Does a job in a child; gives its last event, None when it tells nothing.

    Args:
        run: the run folder.
        job: what to do.
        name: of the job's file.
        show: called with each event.

    Raises:
        TrainingError: it failed.
    """
    path = run / f"{name}.json"
    write_bytes_atomic(path, encode_line(job))
    last: TrainerEvent | None = None
    with TrainerChild(path) as child:
        for event in child.events():
            last = event
            if show is not None:
                show(event)
    return last


def watch_run(run: Path, *, is_silent: bool) -> TrainerRun:
    """Trains until the run ends; shows progress on stderr. Ctrl-C saves and ends it.

    Raises:
        TrainingError: the trainer failed.
    """
    screen = _Screen(run, is_silent=is_silent)
    with TrainerChild(run) as child:
        events = child.events()
        while True:
            try:
                for event in events:
                    screen.show(event)
                break
            except KeyboardInterrupt:
                screen.say("Stopping: the run is being saved …")
                child.stop()
                events = child.events()
    if screen.finished is None:
        raise TrainingError("The trainer left without finishing.", "Resume the run.")
    return TrainerRun(
        screen.finished.kimg, screen.finished.reason, screen.seconds, model=screen.model
    )


END_WORDS: Final = {
    "done": "Done",
    "time": "The time is up",
    "stopped": "Stopped",
    "best": "It will not get better",
}


def snapshot_line(event: SnapshotTaken, run: Path) -> str:
    """Gives a line about a snapshot: where its sheet lies, or what was measured of it."""
    snapshot = event.snapshot
    head = f"Snapshot {snapshot.number} at {snapshot.images / 1000:.1f} kimg"
    scores = snapshot.scores
    if scores is None:
        return f"{head}: {run / snapshot.folder / SHEET_FILE}"
    best = ", the best so far" if event.is_best else ""
    return (
        f"{head}: likeness {scores.likeness:.1f} (floor {scores.likeness_floor:.1f}), "
        f"variety {scores.variety:.0%}, near copies {scores.copies:.0%}{best}"
    )


class _Screen:
    """Events as a person wants to see them: one line that moves, and a few that stay."""

    def __init__(self, run: Path, *, is_silent: bool) -> None:
        self.finished: Finished | None = None
        self.seconds = 0.0
        self.model: str | None = None
        self._run = run
        self._is_silent = is_silent or sys.stderr is None
        self._is_terminal = not self._is_silent and sys.stderr.isatty()
        self._columns = 0
        self._told_share = -1.0

    def show(self, event: TrainerEvent) -> None:
        """Shows one event."""
        match event:
            case Planned():
                self.say(f"Planned: {event.kimg:g} thousand pictures fit into the time")
            case Started():
                self.say(f"{event.num_pictures} squares, {event.threads} threads")
            case Progress():
                self.seconds = event.seconds
                self._show_progress(event)
            case Sampled():
                self.say(f"Samples at {event.kimg:.1f} kimg: {self._run / event.file}")
            case SnapshotTaken():
                self.say(snapshot_line(event, self._run))
            case Finished():
                self.finished = event
                self.say(f"{END_WORDS[event.reason]} at {event.kimg:.1f} kimg")
                if event.reason != "stopped":
                    self.say("Making the model …")
            case Exported():
                self.model = event.folder
            case _:
                self._show_rare(event)

    def _show_rare(self, event: TrainerEvent) -> None:
        match event:
            case EncoderFitted():
                text = f"{100 * event.share:3.0f} %  fitting the encoder"
                self._show_line(event.share, text, step=0.5)
            case RolledBack():
                self.say(f"Unstable at {event.from_kimg:.1f} kimg: back to {event.to_kimg:.1f}")
            case Adapted():
                self.say(event.what)
            case Waiting():
                self.say(f"The disk is full: training waits for {event.need_bytes >> 20} MB.")
            case Paused():
                self.say("Paused")
            case Continued():
                self.say("Going on")
            case _:
                pass

    def say(self, text: str) -> None:
        """Writes a line that stays."""
        self._clear()
        if not self._is_silent:
            note(text)

    def _show_progress(self, event: Progress) -> None:
        share = event.kimg / event.total_kimg
        text = (
            f"{100 * share:3.0f} %  {event.kimg:.1f} of {event.total_kimg:g} kimg, "
            f"{event.resolution} px, {event.images_per_s:.0f} pictures/s"
        )
        if event.seconds_left is not None:
            text += f", {time_text(event.seconds_left)} left"
        self._show_line(share, text, step=0.05)

    def _show_line(self, share: float, text: str, *, step: float) -> None:
        """Moves the bar on a terminal; elsewhere a line now and then."""
        if self._is_terminal:
            line = f"{bar(share)}  {text}"
            sys.stderr.write("\r" + line.ljust(self._columns))
            sys.stderr.flush()
            self._columns = len(line)
        elif share - self._told_share >= step or share < self._told_share:
            self._told_share = share
            self.say(text)

    def _clear(self) -> None:
        if self._columns:
            sys.stderr.write("\r" + " " * self._columns + "\r")
            self._columns = 0
