import pytest
import torch

from studio.training import gauges
from studio.training.batches import Batches
from studio.training.state import TrainingState
from tests.unit.training.small import small_pictures, small_tune

APART = small_pictures(count=30)[-8:]


class Known(torch.nn.Module):
    """A critic whose scores are planted: pictures of the folder, others, made ones."""

    def __init__(self, learned: float, held_out: float, made: float) -> None:
        super().__init__()
        self._scores = [learned, held_out, made]

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return torch.full((len(pictures),), self._scores.pop(0))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [((1.0, 1.0, -1.0), 0.0), ((1.0, 0.0, -1.0), 0.5), ((1.0, -1.0, -1.0), 1.0)],
)
def test_the_gauge_is_the_share_of_what_was_learned_by_heart(
    scores: tuple[float, float, float], expected: float
) -> None:
    state = TrainingState(small_tune())
    state.critic = Known(*scores)  # type: ignore[assignment]
    learned, held_out = Batches(small_pictures(), seed=1), Batches(APART, seed=1)
    assert gauges.overfit(state, learned, held_out=held_out) == pytest.approx(expected)


def test_without_a_distance_to_made_pictures_it_says_nothing() -> None:
    state = TrainingState(small_tune())
    state.critic = Known(0.0, -9.0, 0.0)  # type: ignore[assignment]
    assert (
        gauges.overfit(state, Batches(small_pictures(), seed=1), held_out=Batches(APART, seed=1))
        == 0.0
    )


def test_too_few_held_out_pictures_give_none() -> None:
    state, learned = TrainingState(small_tune()), Batches(small_pictures(), seed=1)
    assert gauges.overfit(state, learned, held_out=None) is None
    assert gauges.overfit(state, learned, held_out=Batches(APART[:3], seed=1)) is None


def test_reading_changes_nothing() -> None:
    state = TrainingState(small_tune())
    before = {name: value.clone() for name, value in state.tensors().items()}
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    reading = gauges.overfit(
        state, Batches(small_pictures(), seed=1), held_out=Batches(APART, seed=1)
    )
    assert torch.equal(torch.rand(2), expected)
    assert reading == gauges.overfit(
        state, Batches(small_pictures(), seed=1), held_out=Batches(APART, seed=1)
    )
    assert all(torch.equal(value, before[name]) for name, value in state.tensors().items())
