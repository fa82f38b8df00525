"""A sitting with everything real but the judge, the commands and the faults."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
import torch
from torch import Tensor

from studio.core.errors import DiskFullError, TrainingError
from studio.core.snapshot import NearCopy, SnapshotScores
from studio.core.training_spec import TrainingSpec
from studio.protocol.codec import Message
from studio.protocol.training_messages import (
    Adapted,
    Continued,
    Finished,
    Gauged,
    Paused,
    RolledBack,
    Saved,
    SnapshotTaken,
    Waiting,
)
from studio.training import loop as loop_module
from studio.training import sitting as sitting_module
from studio.training.batches import Squares
from studio.training.checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from studio.training.correspondence import EventLog, Inbox
from studio.training.loop import Loop, StepMarks
from studio.training.networks import Generator
from studio.training.objective import critic_loss
from studio.training.sitting import Sitting
from studio.training.state import TrainingState
from tests.unit.training.small import small_pictures, small_spec, small_tune

Told = TypeVar("Told", bound=Message)


class ScriptedJudge:
    """Gives one likeness after the other, and one spread; the last of each stays."""

    real_spread = 1.0

    def __init__(self, likeness: list[float], spread: list[float]) -> None:
        self._likeness = likeness
        self._spread = spread

    def judge(
        self, average: Generator, spec: TrainingSpec, *, between: Callable[[], None]
    ) -> tuple[SnapshotScores, tuple[NearCopy, ...]]:
        between()
        likeness = self._likeness.pop(0) if len(self._likeness) > 1 else self._likeness[0]
        scores = SnapshotScores(
            likeness=likeness,
            likeness_floor=1.0,
            variety=0.5,
            density=1.0,
            distance=1.0,
            copies=0.0,
            copies_high=0.1,
            num_made=8,
        )
        return scores, ()

    def spread(
        self, average: Generator, spec: TrainingSpec, *, between: Callable[[], None]
    ) -> float:
        return self._spread.pop(0) if len(self._spread) > 1 else self._spread[0]


class Trial:
    """One run folder; `sit` sits in it once, with what `told` then holds."""

    def __init__(self, run: Path, spec: TrainingSpec) -> None:
        self.run = run
        self.spec = spec
        run.mkdir(exist_ok=True)
        self.told: list[Message] = []
        self.likeness = [50.0]
        self.spread = [1.0]
        self.log = EventLog(run, has_mirror=False)
        self.log.listeners.append(self.told.append)
        self.inbox = Inbox(run, self.log)

    def sit(self) -> Finished:
        self.inbox = Inbox(self.run, self.log)
        sitting = Sitting(
            self.run,
            self.spec,
            squares=Squares(small_pictures(), small_pictures(count=6)[-4:]),
            log=self.log,
            inbox=self.inbox,
            judge=lambda _: ScriptedJudge(self.likeness, self.spread),
        )
        return sitting.sit(threads=1, minutes=None)

    def all(self, kind: type[Told]) -> list[Told]:
        return [event for event in self.told if isinstance(event, kind)]

    def tensors(self) -> dict[str, Tensor]:
        state = TrainingState(self.spec)
        assert load_checkpoint(self.run / "checkpoints", state) is not None
        return {name: value.clone() for name, value in state.tensors().items()}

    def state(self) -> TrainingState:
        state = TrainingState(self.spec)
        assert load_checkpoint(self.run / "checkpoints", state) is not None
        return state


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    trial = Trial(tmp_path, small_tune(msgspec.structs.replace(small_spec(), kimg=0.06)))
    yield trial
    trial.log.close()


def at_step(
    monkeypatch: pytest.MonkeyPatch, number: int, do: Callable[[Loop], None], *, times: int = 1
) -> None:
    """Does something before the step that has this number, so often."""
    step = Loop.step
    left = times

    def planted(self: Loop) -> StepMarks | None:
        nonlocal left
        if self.state.num_steps == number and left:
            left -= 1
            do(self)
        return step(self)

    monkeypatch.setattr(Loop, "step", planted)


def test_a_run_is_gauged_scored_and_ends(trial: Trial) -> None:
    assert trial.sit().reason == "done"
    gauged = trial.all(Gauged)
    assert [event.kimg for event in gauged] == [n * 0.008 for n in range(1, 8)]
    assert all(event.overfit is not None for event in gauged)
    scored = [event.snapshot.images for event in trial.all(SnapshotTaken) if event.snapshot.scores]
    assert scored == [20, 40, 60]
    assert trial.state().controls.best_images == 20


def test_it_ends_when_it_does_not_get_better(trial: Trial) -> None:
    assert trial.spec.tune is not None
    controls = msgspec.structs.replace(trial.spec.tune.controls, patience=2)
    trial.spec = small_tune(msgspec.structs.replace(trial.spec, kimg=1.0), controls=controls)
    trial.likeness = [50.0, 40.0, 45.0, 46.0]
    finished = trial.sit()
    assert (finished.reason, finished.kimg) == ("best", 0.08)
    assert [path.name for path in list_checkpoints(trial.run / "checkpoints/best")] == [
        "0000000040"
    ]
    assert "has not got better" in trial.all(Adapted)[-1].what


def test_pictures_that_grow_alike_send_it_back_to_the_best(trial: Trial) -> None:
    trial.spread = [1.0, 1.0, 1.0, 0.3, 0.3, 0.3, 1.0]
    assert trial.sit().reason == "done"
    (back,) = trial.all(RolledBack)
    assert (back.from_kimg, back.to_kimg) == (0.048, 0.02)
    state = trial.state()
    assert (state.controls.num_collapses, state.num_rollbacks) == (1, 1)
    assert state.controls.lr_scale == 0.5
    assert state.controls.gamma_scale >= 4.0
    assert "grew alike" in "".join(event.what for event in trial.all(Adapted))
    told = trial.told[trial.told.index(back) :]
    # What was measured beyond the state is forgotten: the gauges are read again from there on.
    assert [event.kimg for event in told if isinstance(event, Gauged)][:2] == [0.024, 0.032]


def test_pictures_that_grow_alike_twice_end_it(trial: Trial) -> None:
    trial.spread = [1.0, 0.3]
    assert trial.sit().reason == "best"
    assert len(trial.all(RolledBack)) == 1


def test_stopped_anywhere_it_goes_on_bit_for_bit(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between micro-batches, in a look, in a pause; with a rollback on the way."""
    base = msgspec.structs.replace(trial.spec, batch=8, micro_batch=4, kimg=0.12)
    whole = Trial(tmp_path / "whole", base)
    script = [1.0, 1.0, 1.0, 0.3, 0.3, 0.3, 1.0]
    whole.spread = list(script)
    whole.sit()
    halting = Trial(tmp_path / "halting", base)
    halting.spread = script
    calls = 0
    between = Inbox.between

    def counted(self: Inbox) -> bool:
        nonlocal calls
        calls += 1
        if calls % 9 == 0:
            self.is_stopping.set()
        return between(self)

    monkeypatch.setattr(Inbox, "between", counted)
    num_sittings = 1
    while halting.sit().reason == "stopped":
        num_sittings += 1
    assert num_sittings > 8
    assert len(halting.all(RolledBack)) == len(whole.all(RolledBack)) == 1
    expected = whole.tensors()
    found = halting.tensors()
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        assert torch.equal(value, found[name]), name
    assert halting.state().controls == whole.state().controls
    for one in (whole, halting):
        one.log.close()


def test_a_pause_saves_in_the_middle_of_a_step(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_step(monkeypatch, 4, lambda _: trial.inbox.is_paused.set())
    go_on = trial.told.append

    def listen(event: Message) -> None:
        if isinstance(event, Paused):
            trial.inbox.is_paused.clear()

    trial.log.listeners[:] = [go_on, listen]
    assert trial.sit().reason == "done"
    assert [event.kimg for event in trial.all(Paused)] == [0.016]
    assert len(trial.all(Continued)) == 1


@pytest.mark.parametrize("wish", ["is_stopping", "is_paused"])
def test_a_look_is_dropped_when_something_else_is_wanted_and_done_again(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    judged = ScriptedJudge.judge
    finished_looks = []

    def interrupted(
        self: ScriptedJudge,
        average: Generator,
        spec: TrainingSpec,
        *,
        between: Callable[[], None],
    ) -> tuple[SnapshotScores, tuple[NearCopy, ...]]:
        if not trial.all(Paused) and not trial.all(Finished):
            getattr(trial.inbox, wish).set()
        found = judged(self, average, spec, between=between)  # asks between its portions
        finished_looks.append(len(trial.all(Paused)) + len(trial.all(Finished)))
        return found

    def go_on(event: Message) -> None:
        if isinstance(event, Paused):
            trial.inbox.is_paused.clear()

    trial.log.listeners.append(go_on)
    monkeypatch.setattr(ScriptedJudge, "judge", interrupted)
    while trial.sit().reason == "stopped":
        assert not finished_looks
    assert finished_looks == [1, 1, 1]
    scored = [event.snapshot.images for event in trial.all(SnapshotTaken) if event.snapshot.scores]
    assert scored == [20, 40, 60]


def test_memory_that_runs_out_makes_smaller_micro_batches(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.spec = msgspec.structs.replace(trial.spec, batch=16, kimg=0.064)

    def hungry(real_N: Tensor, fake_N: Tensor) -> Tensor:
        if len(real_N) > 4:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried …")
        return critic_loss(real_N, fake_N)

    monkeypatch.setattr(loop_module, "critic_loss", hungry)
    assert trial.sit().reason == "done"
    assert [event.what.split(":")[1].split()[0] for event in trial.all(Adapted)[:2]] == ["8", "4"]
    assert trial.state().micro_batch == 4
    assert trial.state().images == 64


def test_memory_that_never_suffices_is_one_sentence_and_a_checkpoint(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def starve(_: Loop) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    at_step(monkeypatch, 3, starve, times=9)
    with pytest.raises(TrainingError, match="not enough memory"):
        trial.sit()
    assert trial.state().images == 12


def test_another_runtime_error_is_not_taken_for_it(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Loop) -> None:
        raise RuntimeError("shapes differ")

    at_step(monkeypatch, 3, fail)
    with pytest.raises(RuntimeError, match="shapes differ"):
        trial.sit()


def full_disk(monkeypatch: pytest.MonkeyPatch, *, refusals: int) -> None:
    left = refusals

    def save(*args: object, **kwargs: object) -> Path:
        nonlocal left
        if left:
            left -= 1
            raise DiskFullError("The disk is full.", "Free some space.")
        return save_checkpoint(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(sitting_module, "save_checkpoint", save)
    monkeypatch.setattr(sitting_module, "SAVE_S", 0.0)
    monkeypatch.setattr(sitting_module, "DISK_S", 0.01)


def test_a_full_disk_is_waited_for(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed = Trial(trial.run / "other", trial.spec)
    undisturbed.sit()
    undisturbed.log.close()
    full_disk(monkeypatch, refusals=3)
    assert trial.sit().reason == "done"
    (waiting,) = trial.all(Waiting)
    assert waiting.need_bytes > 2**20
    for name, value in undisturbed.tensors().items():
        assert torch.equal(value, trial.tensors()[name]), name


def test_a_stop_while_the_disk_is_full_says_so(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_disk(monkeypatch, refusals=10**9)

    def listen(event: Message) -> None:
        if isinstance(event, Waiting):
            threading.Timer(0.05, trial.inbox.is_stopping.set).start()

    trial.log.listeners.append(listen)
    with pytest.raises(DiskFullError):
        trial.sit()


def test_numbers_that_are_not_finite_send_it_back_once(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.spec = small_spec()
    with monkeypatch.context() as planted:
        num_calls = 0

        def spoil(real_N: Tensor, fake_N: Tensor) -> Tensor:
            nonlocal num_calls
            num_calls += 1
            return critic_loss(real_N, fake_N) * (float("nan") if 5 < num_calls < 9 else 1.0)

        planted.setattr(loop_module, "critic_loss", spoil)
        planted.setattr(sitting_module, "SAVE_S", 0.0)
        assert trial.sit().reason == "done"
    (back,) = trial.all(RolledBack)
    assert back.to_kimg == 0.028  # the two steps passed over were saved with sound weights
    state = trial.state()
    assert (state.controls.num_unstable, state.lr_scale) == (1, 0.5)


def test_a_spoiled_state_is_never_saved(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(loop: Loop) -> None:
        with torch.no_grad():
            loop.state.average.synthesis.start.weight[0, 0] = float("nan")

    at_step(monkeypatch, 5, spoil)
    monkeypatch.setattr(sitting_module, "SAVE_S", 0.0)
    assert trial.sit().reason == "done"
    assert len(trial.all(RolledBack)) == 1
    assert all(bool(torch.isfinite(value).all()) for value in trial.tensors().values())
    assert len(trial.all(Saved)) > 3


def test_twice_unstable_is_one_sentence(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    trial.spec = small_spec()

    def spoil(real_N: Tensor, fake_N: Tensor) -> Tensor:
        return critic_loss(real_N, fake_N) * float("inf")

    at_step(monkeypatch, 2, lambda _: monkeypatch.setattr(loop_module, "critic_loss", spoil))
    monkeypatch.setattr(sitting_module, "SAVE_S", 0.0)
    with pytest.raises(TrainingError, match="unstable twice"):
        trial.sit()
    assert all(bool(torch.isfinite(value).all()) for value in trial.tensors().values())
