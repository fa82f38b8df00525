"""Looks after a fine-tuning: reads the gauges, scores snapshots, and lets controllers decide.

Everything here is due by kimg, so a resumed run is looked after exactly as one that never
stopped. A look that is interrupted by a stop is done again when the run goes on.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, Protocol

import msgspec

from studio.core.snapshot import NearCopy, SnapshotScores
from studio.core.training_spec import ControlSpec, TrainingSpec
from studio.dataset.prepare import MANIFEST_NAME, Manifest
from studio.protocol.training_messages import (
    CHECKPOINTS_FOLDER,
    HELD_OUT_FILE,
    Adapted,
    Gauged,
    SnapshotTaken,
)
from studio.training.batches import Batches, Pictures, read_pictures
from studio.training.checkpoint import save_best
from studio.training.controllers import (
    Verdict,
    is_due,
    only_remembered,
    penalty_share,
    weigh_overfit,
    weigh_penalties,
    weigh_score,
    weigh_signs,
    weigh_spread,
    winning,
)
from studio.training.correspondence import EventLog
from studio.training.gauges import overfit
from studio.training.networks import Generator
from studio.training.snapshots import best_snapshot, read_snapshots, score_snapshot, take_snapshot
from studio.training.state import TrainingState

Then = Literal["go_on", "roll_back", "end"]
_GRAVITY: Final[dict[Then, int]] = {"go_on": 0, "end": 1, "roll_back": 2}


class Judge(Protocol):
    """What measures pictures, with random states of its own."""

    real_spread: float

    def judge(
        self, average: Generator, spec: TrainingSpec, *, between: Callable[[], None]
    ) -> tuple[SnapshotScores, tuple[NearCopy, ...]]:
        """Gives the scores of a generator and its pictures nearest to training pictures."""

    def spread(
        self, average: Generator, spec: TrainingSpec, *, between: Callable[[], None]
    ) -> float:
        """Gives the mean distance between made pictures."""


MakeJudge = Callable[[Callable[[], None]], Judge]


class LookDroppedError(Exception):
    """Something else was wanted before a look was done; it is due again."""


def judge_of(run: Path, pictures: Pictures) -> MakeJudge:
    """Gives what makes the judge of a run, from its squares and those held out."""

    def make(between: Callable[[], None]) -> Judge:
        # Late: it opens the feature network, which a run from nothing never needs.
        from studio.training.quality import Judge as FeatureJudge  # noqa: PLC0415

        manifest = msgspec.json.decode((run / MANIFEST_NAME).read_bytes(), type=Manifest)
        held_out = run / HELD_OUT_FILE
        return FeatureJudge(
            pictures,
            read_pictures(held_out) if held_out.exists() else None,
            files=[square.file for square in manifest.squares],
            between=between,
        )

    return make


class Supervision:
    """The controllers of one run and what they need to see."""

    def __init__(
        self,
        run: Path,
        *,
        log: EventLog,
        learned: Batches,
        held_out: Batches | None,
        judge: MakeJudge,
        between: Callable[[], bool],
    ) -> None:
        """Begin to look after a run.

        Args:
            run: its folder.
            log: where changes are told.
            learned: the pictures it learns from.
            held_out: pictures kept apart, None when there are none.
            judge: makes the judge, at the first look that needs one; gets what to call
                between portions of work.
            between: asked every half second of a long look; True drops it.
        """
        self._run = run
        self._log = log
        self._learned = learned
        self._held_out = held_out
        self._make_judge = judge
        self._judge: Judge | None = None
        self._between = between

    def look(self, state: TrainingState, *, seconds: float, yielded: float) -> Then:
        """Does whatever is due at the state's images; gives what follows for the run.

        Args:
            state: of the run; its controls are changed.
            seconds: spent so far, for the checkpoint of a best state.
            yielded: share of the time since the last gauge that was given to the hand.

        Raises:
            LookDroppedError: something else is wanted first.
            StorageError: the disk is full or cannot be written.
        """
        assert state.spec.tune is not None
        images, spec = state.images, state.spec.tune.controls
        thens: list[Then] = []
        if is_due(images, state.controls.gauged_images, interval_kimg=spec.gauge_kimg):
            thens.append(self._gauge(state, spec, yielded=yielded))
        if is_due(images, state.controls.weighed_images, interval_kimg=spec.penalty_kimg):
            weighed = weigh_penalties(state.controls, spec, images=images)
            thens.append(self._obey(state, weighed))
        if is_due(images, state.controls.evaluated_images, interval_kimg=spec.evaluate_kimg):
            thens.append(self._evaluate(state, spec, seconds=seconds))
        return max(thens, key=_GRAVITY.__getitem__, default="go_on")

    def is_due(self, state: TrainingState) -> bool:
        """Gives whether `look` has something to do."""
        tune, controls, images = state.spec.tune, state.controls, state.images
        return (
            tune is not None
            and state.made_mean is None
            and (
                is_due(images, controls.gauged_images, interval_kimg=tune.controls.gauge_kimg)
                or is_due(images, controls.weighed_images, interval_kimg=tune.controls.penalty_kimg)
                or is_due(
                    images, controls.evaluated_images, interval_kimg=tune.controls.evaluate_kimg
                )
            )
        )

    def score_last(self, state: TrainingState, *, seconds: float) -> None:
        """Scores the state in which a run ends, unless that was done.

        Raises:
            LookDroppedError: something else is wanted.
            StorageError: the disk is full or cannot be written.
        """
        tune = state.spec.tune
        if tune is not None and state.controls.evaluated_images != state.images:
            self._evaluate(state, tune.controls, seconds=seconds)

    @property
    def judge(self) -> Judge:
        """The judge; the first time it looks through all training pictures."""
        if self._judge is None:
            self._judge = self._make_judge(self._breathe)
        return self._judge

    def _gauge(self, state: TrainingState, spec: ControlSpec, *, yielded: float) -> Then:
        """Reads all gauges, then decides: an interruption leaves the controls as they were."""
        reading = overfit(state, self._learned, held_out=self._held_out)
        spread = self.judge.spread(state.average, state.spec, between=self._breathe)
        before = state.controls
        self._log.tell(
            Gauged(
                kimg=state.kimg,
                overfit=None if reading is None else round(reading, 4),
                winning=round(winning(before), 4),
                penalty_share=round(penalty_share(before), 4),
                yielded=round(yielded, 4),
            )
        )
        thens = [self._obey(state, weigh_signs(before, spec, images=state.images))]
        thens.append(self._obey(state, weigh_overfit(state.controls, state.spec, overfit=reading)))
        real = self.judge.real_spread
        narrow = weigh_spread(state.controls, spec, spread=spread, real=real)
        thens.append(self._obey(state, narrow))
        return max(thens, key=_GRAVITY.__getitem__)

    def _evaluate(self, state: TrainingState, spec: ControlSpec, *, seconds: float) -> Then:
        taken = take_snapshot(self._run, state)
        self._log.tell(SnapshotTaken(snapshot=taken))
        scored = score_snapshot(
            self._run, taken, state=state, judge=self.judge, between=self._breathe
        )
        assert scored.scores is not None
        best = best_snapshot(read_snapshots(self._run))
        is_best = best is not None and best.images == scored.images
        self._log.tell(SnapshotTaken(snapshot=scored, is_best=is_best))
        verdict = weigh_score(
            state.controls,
            spec,
            images=state.images,
            likeness=scored.scores.likeness,
            is_admissible=scored.is_admissible,
        )
        then = self._obey(state, verdict)
        if state.controls.best_images == state.images:
            save_best(self._run / CHECKPOINTS_FOLDER, state, seconds=seconds)
        return then

    def _obey(self, state: TrainingState, verdict: Verdict) -> Then:
        assert state.spec.tune is not None
        if not state.spec.tune.controls.is_on:
            state.controls = only_remembered(state.controls, verdict.controls)
            return "go_on"
        state.controls = verdict.controls
        if verdict.said is not None:
            self._log.tell(Adapted(kimg=state.kimg, what=verdict.said))
        return verdict.then

    def _breathe(self) -> None:
        if self._between():
            raise LookDroppedError
