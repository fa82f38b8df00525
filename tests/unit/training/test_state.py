import torch

from studio.training.state import TrainingState
from tests.unit.training.small import small_loop, small_spec


def test_a_spec_and_its_seed_always_start_alike() -> None:
    first, second = TrainingState(small_spec()), TrainingState(small_spec())
    for name, value in first.tensors().items():
        assert torch.equal(value, second.tensors()[name]), name
    other = TrainingState(small_spec(seed=2))
    assert not torch.equal(
        other.generator.synthesis.start.weight, first.generator.synthesis.start.weight
    )


def test_making_a_state_leaves_the_shared_random_state_alone() -> None:
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    TrainingState(small_spec())
    assert torch.equal(torch.rand(3), expected)


def test_the_average_is_halfway_after_one_half_life() -> None:
    state = TrainingState(small_spec())
    state.images = 10**9  # past the ramp
    before = state.average.synthesis.start.weight.clone()
    with torch.no_grad():
        state.generator.synthesis.start.weight.add_(1)
    for _ in range(int(state.spec.ema_half_life_kimg * 1000 / state.spec.batch)):
        state.update_average()
    moved = state.average.synthesis.start.weight - before
    torch.testing.assert_close(moved, torch.full_like(moved, 0.5), atol=1e-3, rtol=0)


def test_the_average_follows_fast_at_the_start() -> None:
    state = TrainingState(small_spec())
    state.images = 4
    with torch.no_grad():
        state.generator.synthesis.start.weight.add_(1)
    state.update_average()
    torch.testing.assert_close(
        state.average.synthesis.start.weight, state.generator.synthesis.start.weight
    )


def test_tensors_carry_all_that_training_changes() -> None:
    loop = small_loop(small_spec())
    before = {name: value.clone() for name, value in loop.state.tensors().items()}
    loop.step()
    after = loop.state.tensors()
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert {"generator", "critic", "average"} <= changed
    assert any(name.startswith("critic_steps.") for name in after)
