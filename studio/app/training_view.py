"""A training run as its events tell it: one frozen value, folded event by event."""

from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from studio.core.errors import StudioError
from studio.core.snapshot import Snapshot
from studio.protocol.codec import LineDecoder, ProtocolError
from studio.protocol.training_messages import (
    Adapted,
    Continued,
    Exported,
    Failed,
    Finished,
    Gauged,
    Paused,
    Progress,
    RolledBack,
    Saved,
    SnapshotTaken,
    Started,
    TrainerEvent,
    Waiting,
)

RunPhase = Literal["starting", "running", "paused", "waiting", "finished", "made", "failed"]
EndReason = Literal["done", "time", "stopped", "best"]

MAX_NOTES: Final = 12
MAX_POINTS: Final = 400  # of one curve; beyond it every second one goes
_CHUNK_BYTES: Final = 1 << 20
_MAX_LINE_BYTES: Final = 4 << 20
_LINE_BEGIN: Final = b'{"type":"'


class Point(msgspec.Struct, frozen=True, gc=False):
    """One reading of a curve, `kimg` thousand pictures into the run."""

    kimg: float
    value: float


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a run.

    Attributes:
        phase: What it does, as its last event says; whether a trainer is alive is not looked at.
        kimg: Thousand pictures seen.
        total_kimg: Where it ends; 0 before it is known.
        resolution: Of the pictures that are trained on now, in px.
        images_per_s: As it was lately.
        seconds: Training time of all sittings.
        seconds_left: None when it is not known.
        num_pictures: Squares that are learned from.
        saved_kimg: Where the newest checkpoint is, None before the first.
        snapshots: Oldest first.
        best: Number of the best snapshot, None before one was measured.
        yielded: Share of the time that was given to the hand lately, 0…1.
        overfit: The hold-out gauge's readings.
        losses: The generator's and the critic's.
        notes: What controllers changed, newest last, sentences in English.
        need_bytes: What a waiting run wants free.
        end: Why it finished; the model is being made when that was not by hand.
        model: The model folder that was made of it, once it was.
        failure: Why it failed, or why no model could be made, (what, way_out).
    """

    phase: RunPhase = "starting"
    kimg: float = 0.0
    total_kimg: float = 0.0
    resolution: int = 0
    images_per_s: float = 0.0
    seconds: float = 0.0
    seconds_left: float | None = None
    num_pictures: int = 0
    saved_kimg: float | None = None
    snapshots: tuple[Snapshot, ...] = ()
    best: int | None = None
    yielded: float = 0.0
    overfit: tuple[Point, ...] = ()
    generator_loss: tuple[Point, ...] = ()
    critic_loss: tuple[Point, ...] = ()
    notes: tuple[str, ...] = ()
    need_bytes: int = 0
    end: EndReason | None = None
    model: str | None = None
    failure: tuple[str, str] | None = None

    @property
    def share(self) -> float:
        """How far it is, 0…1."""
        return min(1.0, self.kimg / self.total_kimg) if self.total_kimg > 0 else 0.0

    @property
    def best_snapshot(self) -> Snapshot | None:
        """The best snapshot so far."""
        return next((one for one in self.snapshots if one.number == self.best), None)

    @property
    def newest_scored(self) -> Snapshot | None:
        """The newest snapshot that was measured."""
        return next((one for one in reversed(self.snapshots) if one.scores is not None), None)

    @property
    def num_planned(self) -> int:
        """About how many snapshots there will be; 0 before the second one."""
        if self.phase in ("finished", "made"):
            return len(self.snapshots)
        if len(self.snapshots) < 2 or self.total_kimg <= 0:
            return 0
        step = self.snapshots[-1].images / (len(self.snapshots) - 1)
        return max(len(self.snapshots), round(1000 * self.total_kimg / step) + 1) if step else 0


def fold(view: RunView, event: TrainerEvent) -> RunView:
    """Give the view after one more event; what says nothing about the run leaves it as it is."""
    if isinstance(event, Progress):
        return _progressed(view, event)
    changes = _course(event) or _measured(view, event)
    return msgspec.structs.replace(view, **changes) if changes else view


def _course(event: TrainerEvent) -> dict[str, Any]:
    """Give what an event about the run's course changes."""
    match event:
        case Started():
            return {
                "phase": "running",
                "kimg": event.kimg,
                "total_kimg": event.total_kimg,
                "num_pictures": event.num_pictures,
                "end": None,
                "failure": None,
            }
        case Saved():
            return {"saved_kimg": event.kimg}
        case Paused() | Continued():
            phase = "paused" if isinstance(event, Paused) else "running"
            return {"phase": phase, "kimg": event.kimg}
        case Waiting():
            return {"phase": "waiting", "need_bytes": event.need_bytes}
        case Finished():
            return {"phase": "finished", "kimg": event.kimg, "end": event.reason}
        case Exported():
            return {"phase": "made", "model": event.folder}
        case Failed():
            return {"phase": "failed", "failure": (event.what, event.way_out)}
    return {}


def _measured(view: RunView, event: TrainerEvent) -> dict[str, Any]:
    """Give what an event about measurements and controllers changes."""
    match event:
        case SnapshotTaken():
            others = [one for one in view.snapshots if one.images != event.snapshot.images]
            found = tuple(sorted((*others, event.snapshot), key=lambda one: one.images))
            best = event.snapshot.number if event.is_best else view.best
            return {"snapshots": found, "best": best}
        case Gauged():
            overfit = view.overfit
            if event.overfit is not None:
                overfit = _added(overfit, Point(event.kimg, event.overfit))
            return {"yielded": event.yielded, "overfit": overfit}
        case Adapted():
            return {"notes": (*view.notes, event.what)[-MAX_NOTES:]}
        case RolledBack():
            said = "Unstable for a moment: training went back to the last good state."
            return {"kimg": event.to_kimg, "notes": (*view.notes, said)[-MAX_NOTES:]}
    return {}


def _progressed(view: RunView, event: Progress) -> RunView:
    generator, critic = view.generator_loss, view.critic_loss
    if event.generator_loss is not None:
        generator = _added(generator, Point(event.kimg, event.generator_loss))
    if event.critic_loss is not None:
        critic = _added(critic, Point(event.kimg, event.critic_loss))
    return msgspec.structs.replace(
        view,
        phase="running",
        kimg=event.kimg,
        total_kimg=event.total_kimg,
        resolution=event.resolution,
        images_per_s=event.images_per_s,
        seconds=event.seconds,
        seconds_left=event.seconds_left,
        generator_loss=generator,
        critic_loss=critic,
        end=None,
        failure=None,
    )


def _added(points: tuple[Point, ...], point: Point) -> tuple[Point, ...]:
    # A run that went back to a checkpoint tells the same stretch again: the newer telling counts.
    while points and points[-1].kimg >= point.kimg:
        points = points[:-1]
    if len(points) >= MAX_POINTS:
        points = points[::2]
    return (*points, point)


class EventTail:
    """Reads what was appended to an events file since the last look; not for two threads at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._decoder: LineDecoder[TrainerEvent] = LineDecoder(TrainerEvent)
        self._offset = 0
        self._rest = b""

    def read(self) -> tuple[TrainerEvent, ...]:
        """Give the events that are complete now.

        A line that a killed trainer left torn is dropped, and the whole one after it is still
        read. A missing file has no events; one that was replaced by a shorter one is read anew.

        Raises:
            StudioError: The file cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                if file.seek(0, 2) < self._offset:
                    self._offset, self._rest = 0, b""
                file.seek(self._offset)
                events: list[TrainerEvent] = []
                while chunk := file.read(_CHUNK_BYTES):
                    self._offset += len(chunk)
                    events += self._split(chunk)
        except FileNotFoundError:
            return ()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StudioError(
                f"What the training tells cannot be read ({reason}).",
                "Check that the disk is connected; training itself may go on.",
            ) from error
        return tuple(events)

    def _split(self, chunk: bytes) -> list[TrainerEvent]:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _MAX_LINE_BYTES:
            self._rest = b""
        return [event for line in lines if (event := self._decode(line)) is not None]

    def _decode(self, line: bytes) -> TrainerEvent | None:
        for begin in (0, line.rfind(_LINE_BEGIN)):
            if begin < 0:
                break
            try:
                return self._decoder.decode(line[begin:])
            except ProtocolError:
                continue
        return None
