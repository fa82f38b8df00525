"""What a sitting shows while it works, by the clock: progress, sample sheets, snapshots."""

import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from studio.core.errors import StorageError
from studio.core.training_spec import TrainingSpec
from studio.files.atomic import write_bytes_atomic
from studio.files.source_pictures import encode_picture
from studio.protocol.training_messages import SAMPLES_FOLDER, Progress, Sampled, SnapshotTaken
from studio.training.correspondence import EventLog
from studio.training.loop import StepMarks
from studio.training.sheets import sample_grid
from studio.training.snapshots import read_snapshots, take_snapshot
from studio.training.state import TrainingState
from studio.training.work_clock import Speed

PROGRESS_S: Final = 2.0
SAMPLE_S: Final = 60.0
FIRST_SAMPLE_S: Final = 30.0
SAMPLE_COST: Final = 30.0  # a sheet may take this part of the time at most: 1 in 30
SNAPSHOT_S: Final = 60.0
SNAPSHOT_IMAGES: Final = 2000
LONGEST_S: Final = 300.0  # between snapshots on a machine that sees fewer than that
FIRST_SNAPSHOT_S: Final = 30.0


class Showing:
    """Progress every two seconds, a sheet every minute, a snapshot every 2 kimg or 5 minutes."""

    def __init__(self, run: Path, spec: TrainingSpec, *, log: EventLog) -> None:
        self._run = run
        self._spec = spec
        self._log = log
        self._marks: list[StepMarks] = []
        self._speed = Speed(images=0, seconds=0.0)
        now = time.monotonic()
        self._told = self._shot = now
        self._next_sample = now + FIRST_SAMPLE_S
        self._shot_images = 0
        self._has_first = False

    def begin(self, state: TrainingState, *, seconds: float) -> None:
        """Takes up where a run is after `seconds` of work."""
        self._speed = Speed(images=state.images, seconds=seconds)
        self._shot_images = state.images
        self._has_first = state.images > 0

    def note(self, marks: StepMarks) -> None:
        """Keeps what a step measured for the next word of progress."""
        self._marks.append(marks)

    def show(self, state: TrainingState, *, seconds: float, wants_snapshot: bool) -> None:
        """Shows what is due.

        Raises:
            StorageError: a snapshot could not be written.
        """
        now = time.monotonic()
        if now - self._told >= PROGRESS_S:
            self._told = now
            self._tell_progress(state, seconds=seconds)
        if now >= self._next_sample:
            self.sample(state)
        if wants_snapshot or self._is_snapshot_due(state, passed_s=now - self._shot):
            self._shot, self._shot_images, self._has_first = now, state.images, True
            self._take_snapshot(state)

    def _is_snapshot_due(self, state: TrainingState, *, passed_s: float) -> bool:
        if not self._has_first:  # the first that differs from the start: soon
            tune = state.spec.tune
            differs = state.kimg > (tune.critic_first_kimg if tune is not None else 0.0)
            return differs and passed_s >= FIRST_SNAPSHOT_S
        seen = state.images - self._shot_images
        return passed_s >= LONGEST_S or (passed_s >= SNAPSHOT_S and seen >= SNAPSHOT_IMAGES)

    def _take_snapshot(self, state: TrainingState) -> None:
        # One that stands was scored just now; to take it again would forget that.
        if all(one.images != state.images for one in read_snapshots(self._run)):
            self._log.tell(SnapshotTaken(snapshot=take_snapshot(self._run, state)))

    def sample(self, state: TrainingState) -> None:
        """Draws a sheet of fixed seeds at the size that is being trained."""
        begin = time.monotonic()
        size = self._spec.stage_at(state.kimg).resolution
        name = f"{SAMPLES_FOLDER}/{state.images:010d}.png"
        grid = sample_grid(state.average, self._spec, resolution=size)
        cost = time.monotonic() - begin
        self._next_sample = begin + max(SAMPLE_S, cost * SAMPLE_COST)
        try:
            write_bytes_atomic(self._run / name, encode_picture(grid, "PNG"))
        except StorageError:
            return  # a sheet is a courtesy; the next save tells of a full disk
        self._log.tell(Sampled(kimg=state.kimg, file=name))

    def _tell_progress(self, state: TrainingState, *, seconds: float) -> None:
        marks, self._marks = self._marks, []
        speed = self._speed.read(images=state.images, seconds=seconds)
        left = self._speed.seconds_left(max(0, round(self._spec.kimg * 1000) - state.images))
        self._log.tell(
            Progress(
                kimg=state.kimg,
                total_kimg=self._spec.kimg,
                resolution=self._spec.stage_at(state.kimg).resolution,
                images_per_s=round(speed, 2),
                seconds=round(seconds, 1),
                seconds_left=None if left is None else round(left, 1),
                critic_loss=_mean(m.critic_loss for m in marks),
                generator_loss=_mean(m.generator_loss for m in marks),
                real_score=_mean(m.real_score for m in marks) or 0.0,
                fake_score=_mean(m.fake_score for m in marks) or 0.0,
                real_penalty=_mean(m.real_penalty for m in marks),
                fake_penalty=_mean(m.fake_penalty for m in marks),
                num_skipped=state.num_skipped,
            )
        )


def _mean(values: Iterable[float | None]) -> float | None:
    given = [value for value in values if value is not None and math.isfinite(value)]
    return round(sum(given) / len(given), 5) if given else None
