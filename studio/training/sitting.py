"""One sitting of a run: from its start or resume to its end, its stop or its time.

The clock decides here, and only here, when to save, to show, to tell and to stop.
"""

import math
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from studio.core.errors import StorageError, TrainingError
from studio.core.training_spec import TrainingSpec
from studio.files.atomic import write_bytes_atomic
from studio.files.source_pictures import encode_picture
from studio.protocol.training_messages import (
    CHECKPOINTS_FOLDER,
    SAMPLES_FOLDER,
    Continued,
    Finished,
    Paused,
    Progress,
    RolledBack,
    Sampled,
    Saved,
    Started,
)
from studio.training.batches import Batches, Pictures
from studio.training.checkpoint import load_checkpoint, save_checkpoint
from studio.training.correspondence import EventLog, Inbox
from studio.training.loop import Loop, StepMarks, UnstableRunError
from studio.training.sheets import sample_grid
from studio.training.state import TrainingState

PROGRESS_S = 2.0
SAVE_S = 60.0  # a kill costs at most this much (design, promise 3: 120 s)
SAMPLE_S = 120.0
FIRST_SAMPLE_S = 30.0
MAX_ROLLBACKS = 1


class Sitting:
    """Trains, saves and tells until the run ends or is stopped."""

    def __init__(
        self, run: Path, spec: TrainingSpec, *, pictures: Pictures, log: EventLog, inbox: Inbox
    ) -> None:
        self._run = run
        self._spec = spec
        self._pictures = pictures
        self._log = log
        self._inbox = inbox
        self._state = TrainingState(spec)
        self._before_s = 0.0
        self._begin = time.monotonic()
        self._marks: list[StepMarks] = []
        self._told = self._saved = self._begin
        self._sampled = self._begin - SAMPLE_S + FIRST_SAMPLE_S
        self._told_images = 0

    def sit(self, *, threads: int, minutes: float | None) -> Finished:
        """Trains until there is a reason to leave; everything is saved then.

        Args:
            threads: torch threads in use, for the record.
            minutes: limit for all sittings together, or None.

        Raises:
            TrainingError: the numbers would not stay finite.
            StorageError: the disk is full: nothing more can be saved.
        """
        loop = self._take_up()
        state = self._state
        self._told_images = state.images
        self._log.tell(
            Started(
                kimg=state.kimg,
                total_kimg=self._spec.kimg,
                num_pictures=len(self._pictures),
                threads=threads,
            )
        )
        while (reason := self._reason_to_leave(minutes)) is None:
            if self._inbox.is_paused.is_set():
                self._rest()
                continue
            try:
                if (marks := loop.step()) is not None:
                    self._marks.append(marks)
            except UnstableRunError:
                loop = self._roll_back()
            self._look_at_clock()
        self._save()
        self._sample()
        finished = Finished(kimg=state.kimg, reason=reason)
        self._log.tell(finished)
        return finished

    @property
    def _seconds(self) -> float:
        return self._before_s + time.monotonic() - self._begin

    def _take_up(self) -> Loop:
        counters = load_checkpoint(self._run / CHECKPOINTS_FOLDER, self._state)
        if counters is not None:
            self._before_s = counters.seconds
        spec = self._spec
        return Loop(
            self._state, Batches(self._pictures, seed=spec.seed), between=self._inbox.between
        )

    def _reason_to_leave(self, minutes: float | None) -> Literal["done", "time", "stopped"] | None:
        if self._state.kimg >= self._spec.kimg:
            return "done"
        if self._inbox.is_stopping.is_set():
            return "stopped"
        if minutes is not None and self._seconds >= minutes * 60:
            return "time"
        return None

    def _rest(self) -> None:
        self._save()
        self._log.tell(Paused(kimg=self._state.kimg))
        begin = time.monotonic()
        self._inbox.rest(until=lambda: False)
        self._before_s -= time.monotonic() - begin
        if not self._inbox.is_stopping.is_set():
            self._log.tell(Continued(kimg=self._state.kimg))

    def _roll_back(self) -> Loop:
        state = self._state
        from_kimg, rollbacks, scale = state.kimg, state.num_rollbacks + 1, state.lr_scale / 2
        if rollbacks > MAX_ROLLBACKS:
            raise TrainingError(
                "Training became unstable twice and was stopped; the last good state is kept.",
                "Start a new run with more or more even pictures, or with a smaller step size.",
            )
        self._state = TrainingState(self._spec)
        loop = self._take_up_again()
        self._state.num_rollbacks = rollbacks
        self._state.lr_scale = scale
        # Saved at once: a kill after this must not forget that it happened.
        self._save()
        self._log.tell(RolledBack(from_kimg=from_kimg, to_kimg=self._state.kimg))
        return loop

    def _take_up_again(self) -> Loop:
        spent = self._seconds
        loop = self._take_up()
        self._before_s = spent - (time.monotonic() - self._begin)
        return loop

    def _look_at_clock(self) -> None:
        now = time.monotonic()
        if now - self._told >= PROGRESS_S:
            self._tell_progress(now)
        if now - self._saved >= SAVE_S:
            self._save()
        if now - self._sampled >= SAMPLE_S:
            self._sample()

    def _tell_progress(self, now: float) -> None:
        marks, state = self._marks, self._state
        speed = (state.images - self._told_images) / max(now - self._told, 1e-6)
        left = (self._spec.kimg - state.kimg) * 1000 / speed if speed > 0 else None
        self._log.tell(
            Progress(
                kimg=state.kimg,
                total_kimg=self._spec.kimg,
                resolution=self._spec.stage_at(state.kimg).resolution,
                images_per_s=round(speed, 2),
                seconds=round(self._seconds, 1),
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
        self._marks = []
        self._told, self._told_images = now, state.images

    def _save(self) -> None:
        save_checkpoint(self._run / CHECKPOINTS_FOLDER, self._state, seconds=self._seconds)
        self._saved = time.monotonic()
        self._log.tell(Saved(kimg=self._state.kimg))

    def _sample(self) -> None:
        state = self._state
        size = self._spec.stage_at(state.kimg).resolution
        name = f"{SAMPLES_FOLDER}/{state.images:010d}.png"
        grid = sample_grid(state.average, self._spec, resolution=size)
        try:
            write_bytes_atomic(self._run / name, encode_picture(grid, "PNG"))
        except StorageError:
            return  # a sample is a courtesy; the next save tells of a full disk
        self._sampled = time.monotonic()
        self._log.tell(Sampled(kimg=state.kimg, file=name))


def _mean(values: Iterable[float | None]) -> float | None:
    given = [value for value in values if value is not None and math.isfinite(value)]
    return round(sum(given) / len(given), 5) if given else None
