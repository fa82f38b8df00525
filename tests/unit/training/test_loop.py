import math
from collections.abc import Callable

import msgspec
import pytest
import torch

from studio.core.training_spec import TrainingSpec
from studio.training import loop as loop_module
from studio.training.batches import Batches
from studio.training.controllers import Controls
from studio.training.loop import Loop, StepMarks, UnstableRunError
from studio.training.objective import critic_loss
from studio.training.state import EARLY, TrainingState
from tests.unit.training.small import small_loop, small_pictures, small_spec, small_tune

EARLY_NAMES = tuple(f"generator.{name}" for name in EARLY)


def test_a_step_trains_both_networks_and_counts_the_images() -> None:
    loop = small_loop(small_spec())
    before = {name: value.clone() for name, value in loop.state.tensors().items()}
    marks = whole_step(loop)
    after = loop.state.tensors()
    for name in (
        "generator.synthesis.start.weight",
        "critic.last.weight",
        "average.synthesis.start.weight",
    ):
        assert not torch.equal(before[name], after[name])
    assert loop.state.images == loop.state.position == 4
    assert marks.real_penalty is not None
    assert marks.fake_penalty is None


def whole_step(loop: Loop) -> StepMarks:
    marks = loop.step()
    assert marks is not None
    return marks


def test_penalties_take_turns() -> None:
    loop = small_loop(small_spec())
    turns = [whole_step(loop) for _ in range(8)]
    assert [m.real_penalty is not None for m in turns] == [n % 4 == 0 for n in range(8)]
    assert [m.fake_penalty is not None for m in turns] == [n % 4 == 2 for n in range(8)]


def test_growth_begins_when_its_images_were_seen() -> None:
    loop = small_loop(small_spec(resolution=32, first=16))
    assert [whole_step(loop).resolution for _ in range(7)] == [16] * 5 + [32] * 2


def test_two_equal_runs_stay_equal() -> None:
    first, second = small_loop(small_spec()), small_loop(small_spec())
    for _ in range(3):
        first.step()
        second.step()
    for name, value in first.state.tensors().items():
        assert torch.equal(value, second.state.tensors()[name]), name


def test_after_going_back_a_run_draws_other_numbers() -> None:
    """Else it would meet the same pictures in the same order and end where it ended before."""
    first, second = small_loop(small_spec()), small_loop(small_spec())
    second.state.num_rollbacks = 1
    first.step()
    second.step()
    name = "generator.synthesis.start.weight"
    assert not torch.equal(first.state.tensors()[name], second.state.tensors()[name])


def plant_nan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "critic_loss", lambda a, b: critic_loss(a, b) * float("nan"))


def test_a_step_that_is_not_finite_changes_no_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = small_loop(small_spec())
    loop.step()
    before = {name: value.clone() for name, value in loop.state.tensors().items()}
    plant_nan(monkeypatch)
    marks = whole_step(loop)
    assert marks.is_skipped
    assert loop.state.num_skipped == 1
    for name, value in before.items():
        assert torch.equal(value, loop.state.tensors()[name]), name


def test_the_third_bad_step_in_a_row_asks_for_a_rollback(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = small_loop(small_spec())
    with monkeypatch.context() as planted:
        plant_nan(planted)
        loop.step()
        loop.step()
    loop.step()  # a good step between starts the count anew
    plant_nan(monkeypatch)
    loop.step()
    loop.step()
    with pytest.raises(UnstableRunError):
        loop.step()


def test_previews_train_smaller_sizes_but_never_below_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop_module, "PREVIEW_SIZES", (8, 16))
    loop = small_loop(small_spec(resolution=32, first=16))
    loop.state.images = 1000  # the stage of 32 px
    seen = set()
    for loop.state.num_steps in range(40):
        seen.add(loop._choose_resolution())
    assert seen == {16, 32}


def test_the_loop_takes_up_the_state_s_position() -> None:
    loop = small_loop(small_spec())
    loop.step()
    again = Loop(loop.state, loop._batches)
    again.step()
    assert loop.state.position == 8


def tensors_of(loop: Loop) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in loop.state.tensors().items()}


def loop_of(spec: TrainingSpec, between: Callable[[], bool] = lambda: False) -> Loop:
    state = TrainingState(spec)
    batches = Batches(small_pictures(spec.resolution), seed=spec.seed)
    return Loop(state, batches, between=between)


def test_micro_batches_add_up_to_the_whole_batch() -> None:
    whole = msgspec.structs.replace(small_spec(), batch=16, penalty_every=1)
    parts = msgspec.structs.replace(whole, micro_batch=4)
    first, second = loop_of(whole), loop_of(parts)
    for _ in range(3):  # both penalties among them
        one, other = whole_step(first), whole_step(second)
        for name in ("critic_loss", "real_penalty", "fake_penalty", "generator_loss"):
            first_one, second_one = getattr(one, name) or 0.0, getattr(other, name) or 0.0
            assert first_one == pytest.approx(second_one, rel=1e-3), name


def test_a_turn_dropped_anywhere_is_done_again_bit_for_bit() -> None:
    spec = msgspec.structs.replace(small_spec(), batch=8, micro_batch=4, penalty_every=1)
    undisturbed = loop_of(spec)
    for _ in range(2):
        undisturbed.step()
    expected, calls, drop_at = tensors_of(undisturbed), 0, 0

    def between() -> bool:
        nonlocal calls
        calls += 1
        return calls == drop_at

    for drop_at in range(1, 11):
        calls, num_dropped, loop = 0, 0, loop_of(spec, between)
        while loop.state.num_steps < 2:
            num_dropped += loop.step() is None
        assert num_dropped == 1
        for name, value in tensors_of(loop).items():
            assert torch.equal(value, expected[name]), (drop_at, name)


def test_a_fine_tuning_begins_with_the_critic_alone() -> None:
    loop = loop_of(small_tune(mapping_from_kimg=0.0))
    before = tensors_of(loop)
    first = whole_step(loop)
    after = tensors_of(loop)
    assert math.isnan(first.generator_loss)
    for name, value in before.items():
        assert torch.equal(value, after[name]) == (not name.startswith("critic.")), name
    assert math.isfinite(whole_step(loop).generator_loss)


def test_what_is_frozen_does_not_learn() -> None:
    spec = small_tune(frozen_blocks=1, mapping_from_kimg=1.0, early_lr=0.0)
    loop = loop_of(spec)
    before = tensors_of(loop)
    for _ in range(3):
        loop.step()
    after = tensors_of(loop)
    frozen = ("critic.from_rgb.16.", "critic.blocks.16.", "generator.mapping.", *EARLY_NAMES)
    for name, value in before.items():
        is_same = torch.equal(value, after[name])
        if name.startswith(frozen):
            assert is_same, name
        elif name.endswith("weight") and not name.startswith("average."):
            assert not is_same, name


def test_step_sizes_rise_and_follow_the_controllers() -> None:
    spec = small_tune(early_lr=0.1)
    state = TrainingState(spec)
    state.set_rates()
    assert state.critic_steps.param_groups[0]["lr"] == pytest.approx(spec.critic_lr / 2)
    state.images = 100
    state.controls = Controls(lr_scale=0.5, critic_lr_scale=0.25)
    state.set_rates()
    assert state.critic_steps.param_groups[0]["lr"] == pytest.approx(spec.critic_lr / 8)
    rates = [group["lr"] for group in state.generator_steps.param_groups]
    assert rates == pytest.approx([spec.generator_lr / 2, spec.generator_lr / 20])


def test_signs_and_penalties_are_noted_for_the_controllers() -> None:
    loop = loop_of(small_tune())
    marks = [whole_step(loop) for _ in range(4)]
    controls = loop.state.controls
    assert controls.num_signs == controls.num_losses == 4
    assert controls.num_penalties == 2
    measured = sum((m.real_penalty or 0.0) + (m.fake_penalty or 0.0) for m in marks)
    assert controls.penalties == pytest.approx(measured / 2)  # gamma is 1
    assert all(-1 <= m.sign <= 1 for m in marks)
