import pytest
import torch

from studio.training import loop as loop_module
from studio.training.loop import Loop, StepMarks, UnstableRunError
from studio.training.objective import critic_loss
from tests.unit.training.small import small_loop, small_spec


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
