"""One sitting of a run: from its start or resume to its end, its stop or its time.

The clock decides here, and only here, when to save, to show, to tell and to stop; what it
decides never touches a weight.
"""

import contextlib
import shutil
import time
from pathlib import Path
from typing import Final, Literal

import msgspec

from studio.core.errors import DiskFullError, TrainingError
from studio.core.training_spec import TrainingSpec
from studio.protocol.training_messages import (
    CHECKPOINTS_FOLDER,
    Adapted,
    Continued,
    Finished,
    Paused,
    RolledBack,
    Saved,
    Started,
    Waiting,
)
from studio.training.batches import Batches, Squares
from studio.training.checkpoint import (
    BEST_FOLDER,
    NotFiniteError,
    has_checkpoint,
    load_checkpoint,
    save_best,
    save_checkpoint,
)
from studio.training.controllers import Controls, after_rollback
from studio.training.correspondence import EventLog, Inbox
from studio.training.distributed import ALONE, Order, Team
from studio.training.loop import Loop, UnstableRunError, clear_gradients
from studio.training.memory import is_out_of_memory, smaller_micro_batch
from studio.training.showing import Showing
from studio.training.state import TrainingState
from studio.training.supervision import LookDroppedError, MakeJudge, Supervision
from studio.training.work_clock import WorkClock

SAVE_S: Final = 60.0  # a kill costs at most this much (design, promise 3: 120 s)
DISK_S: Final = 1.0
MAX_UNSTABLE: Final = 1
Reason = Literal["done", "time", "stopped", "best"]


class Sitting:
    """Trains, saves and tells until the run ends or is stopped."""

    def __init__(
        self,
        run: Path,
        spec: TrainingSpec,
        *,
        squares: Squares,
        log: EventLog,
        inbox: Inbox,
        judge: MakeJudge | None = None,
        team: Team = ALONE,
    ) -> None:
        # judge makes what scores snapshots; team: the processes that share a batch, this leads.
        self._team = team
        self._checkpoints = run / CHECKPOINTS_FOLDER
        self._spec = spec
        self._log = log
        self._inbox = inbox
        self._batches = Batches(squares.learned, seed=spec.seed)
        self._state = TrainingState(spec)
        self._supervision: Supervision | None = None
        if judge is not None and spec.tune is not None:
            apart = squares.held_out
            self._supervision = Supervision(
                run,
                log=log,
                learned=self._batches,
                held_out=None if apart is None else Batches(apart, seed=spec.seed),
                judge=judge,
                between=self._between,
            )
        self._clock = WorkClock()
        self._showing = Showing(run, spec, log=log)
        self._saved = time.monotonic()
        # Seconds given to the hand, and seconds of work, at the last gauge.
        self._given_s = self._gauged_s = 0.0

    def sit(self, *, threads: int, minutes: float | None) -> Finished:
        """Trains until there is a reason to leave; everything is saved then.

        Args:
            threads: torch threads in use, for the record.
            minutes: limit for all sittings together, or None.

        Raises:
            TrainingError: the numbers would not stay finite, or memory does not suffice.
            StorageError: nothing more can be saved.
        """
        try:
            return self._sit(threads=threads, minutes=minutes)
        finally:
            self._team.say(Order("leave"))

    def _sit(self, *, threads: int, minutes: float | None) -> Finished:
        loop = self._take_up(self._checkpoints)
        self._team.say(Order("load"))
        self._log.tell(
            Started(
                kimg=self._state.kimg,
                total_kimg=self._spec.kimg,
                num_pictures=len(self._batches),
                threads=threads,
            )
        )
        self._keep_start()
        reason: Reason | None = None
        while reason is None:
            try:
                reason = self._reason_to_leave(minutes)
                if reason is not None:
                    self._save()
                elif self._inbox.is_paused.is_set():
                    self._rest()
                elif (then := self._look()) == "end":
                    self._save()
                    reason = "best"
                elif then == "roll_back":
                    loop = self._go_back_to_best()
                elif self._state.kimg < self._spec.kimg:
                    self._step(loop)
                    self._look_at_clock()
            except LookDroppedError:
                continue
            except DiskFullError as error:
                self._wait_for_room(error)
                reason = None
            except (UnstableRunError, NotFiniteError):
                loop = self._go_back_unstable()
                reason = None
        return self._leave(reason)

    def _leave(self, reason: Reason) -> Finished:
        if reason != "stopped":  # who stops wants it now
            with contextlib.suppress(LookDroppedError, DiskFullError):
                if self._supervision is not None:
                    seconds = self._clock.tick()
                    self._supervision.score_last(self._state, seconds=seconds)
            self._showing.sample(self._state)
        finished = Finished(kimg=self._state.kimg, reason=reason)
        self._log.tell(finished)
        return finished

    def _reason_to_leave(self, minutes: float | None) -> Reason | None:
        if self._inbox.is_stopping.is_set():
            return "stopped"
        is_looked = self._supervision is None or not self._supervision.is_due(self._state)
        if self._state.kimg >= self._spec.kimg and is_looked:
            return "done"
        if minutes is not None and self._clock.tick() >= minutes * 60:
            return "time"
        return None

    def _take_up(self, folder: Path) -> Loop:
        """Loads the newest state of a folder into a fresh one; without any it is the start."""
        self._state = TrainingState(self._spec)
        counters = load_checkpoint(folder, self._state)
        if counters is not None and not self._clock.seconds:
            self._clock.seconds = counters.seconds
        self._clock.skip()
        self._showing.begin(self._state, seconds=self._clock.seconds)
        return Loop(self._state, self._batches, between=self._between, team=self._team)

    def _keep_start(self) -> None:
        """Keeps the state before the first step as the one to go back to."""
        if self._supervision is not None and self._state.images == 0:
            save_best(self._checkpoints, self._state)

    def _between(self) -> bool:
        self._clock.tick()
        is_wanted = self._inbox.between()
        # Several processes cannot agree in the middle of a step; they finish it.
        return is_wanted and self._team.size == 1

    def _step(self, loop: Loop) -> None:
        failure, state = None, self._state
        self._team.say(
            Order(
                "step",
                micro_batch=state.micro_batch,
                lr_scale=state.lr_scale,
                num_rollbacks=state.num_rollbacks,
                controls=state.controls,
            )
        )
        try:
            marks = loop.step()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            failure = str(error)
        if failure is not None:
            # Only here: while the error is being handled it holds on to the memory.
            self._compute_less(failure)
        elif marks is not None:
            self._showing.note(marks)

    def _compute_less(self, failure: str) -> None:
        state = self._state
        clear_gradients(state.generator, state.critic)
        smaller = smaller_micro_batch(state.micro_batch, self._spec)
        if smaller is None or self._team.size > 1:
            self._save()
            raise _too_little_memory() from MemoryError(failure)
        state.micro_batch = smaller
        what = f"Memory ran out: {smaller} pictures at once from now on, with the same result."
        self._log.tell(Adapted(kimg=state.kimg, what=what))

    def _look(self) -> Literal["go_on", "roll_back", "end"]:
        supervision = self._supervision
        if supervision is None or not supervision.is_due(self._state):
            return "go_on"
        work_s, given_s = self._clock.tick(), self._inbox.yielded_s
        passed_s = work_s - self._gauged_s
        yielded = min(1.0, (given_s - self._given_s) / passed_s) if passed_s > 0 else 0.0
        then = supervision.look(self._state, seconds=work_s, yielded=yielded)
        self._gauged_s, self._given_s = work_s, given_s
        return then

    # ----------------------------------------------------------------------------- going back

    def _go_back_to_best(self) -> Loop:
        before, best = self._state, self._checkpoints / BEST_FOLDER
        folder = best if has_checkpoint(best) else self._checkpoints  # damaged by a stranger
        return self._go_back(folder, before, controls=before.controls)

    def _go_back_unstable(self) -> Loop:
        before = self._state
        num_unstable = before.controls.num_unstable + 1
        if num_unstable > MAX_UNSTABLE:
            raise _unstable()
        controls = msgspec.structs.replace(before.controls, num_unstable=num_unstable)
        before.lr_scale /= 2
        return self._go_back(self._checkpoints, before, controls=controls)

    def _go_back(self, folder: Path, before: TrainingState, *, controls: Controls) -> Loop:
        loop = self._take_up(folder)
        state = self._state
        state.num_rollbacks = before.num_rollbacks + 1
        state.lr_scale = before.lr_scale
        state.micro_batch = before.micro_batch
        state.controls = after_rollback(controls, images=state.images)
        # Saved at once: a kill after this must not forget that it happened.
        self._save()
        self._team.say(Order("load"))
        self._log.tell(RolledBack(from_kimg=before.kimg, to_kimg=state.kimg))
        return loop

    # -------------------------------------------------------------------------- by the clock

    def _look_at_clock(self) -> None:
        seconds = self._clock.tick()
        if time.monotonic() - self._saved >= SAVE_S:
            self._save()
        wants = self._inbox.has_snapshot_wish.is_set()
        self._showing.show(self._state, seconds=seconds, wants_snapshot=wants)
        if wants:
            self._inbox.has_snapshot_wish.clear()

    def _save(self) -> None:
        save_checkpoint(self._checkpoints, self._state, seconds=self._clock.tick())
        self._saved = time.monotonic()
        self._log.tell(Saved(kimg=self._state.kimg))

    def _rest(self) -> None:
        self._save()
        self._log.tell(Paused(kimg=self._state.kimg))
        self._inbox.rest(until=lambda: False)
        self._clock.skip()
        if not self._inbox.is_stopping.is_set():
            self._log.tell(Continued(kimg=self._state.kimg))

    def _wait_for_room(self, error: DiskFullError) -> None:
        """Rests with everything in memory until the state can be saved.

        Raises:
            DiskFullError: the run was asked to stop meanwhile.
        """
        need = needed_room(self._state)
        self._log.tell(Waiting(why="disk", need_bytes=need))
        while True:
            if self._inbox.is_stopping.wait(DISK_S):
                raise error
            if shutil.disk_usage(self._checkpoints.parent).free >= need:
                with contextlib.suppress(DiskFullError):
                    self._save()
                    break
        self._clock.skip()
        self._log.tell(Continued(kimg=self._state.kimg))


def needed_room(state: TrainingState) -> int:
    """Gives how many free bytes a checkpoint of the state needs, beside the one before."""
    size = sum(value.numel() * value.element_size() for value in state.tensors().values())
    return 2 * size + (1 << 20)


def _too_little_memory() -> TrainingError:
    return TrainingError(
        "There is not enough memory on this machine to train this model; "
        "what was learned so far is saved.",
        "Close other programs and go on with the run, or start from a smaller model.",
    )


def _unstable() -> TrainingError:
    return TrainingError(
        "Training became unstable twice and was stopped; the last good state is kept.",
        "Start a new run with more or more even pictures, or with a smaller step size.",
    )
