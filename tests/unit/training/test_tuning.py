import msgspec
import pytest
import torch

from studio.core.training_spec import CropSpec, TuneSpec, check_spec, make_spec
from studio.training.state import TrainingState, start_from
from studio.training.tuning import make_tune_spec
from tests.unit.training.small import small_spec

ORIGIN = TuneSpec(start="ab" * 32, start_id="landscapes", lineage=("ab" * 32,))


@pytest.mark.parametrize(
    ("num_pictures", "kimg", "lr", "frozen"),
    [(20, 10, 5e-4, 2), (49, 30, 5e-4, 2), (50, 50, 1e-3, 1), (500, 200, 2e-3, 0)],
)
def test_fewer_pictures_learn_shorter_slower_and_with_more_frozen(
    num_pictures: int, kimg: float, lr: float, frozen: int
) -> None:
    start = make_spec(resolution=128, config="sketch", kimg=120)
    spec = make_tune_spec(start, ORIGIN, num_pictures=num_pictures)
    check_spec(spec)
    assert spec.tune is not None
    assert spec.kimg == pytest.approx(kimg, rel=0.05)
    assert (spec.critic_lr, spec.generator_lr) == (lr, lr)
    assert spec.tune.frozen_blocks == frozen
    assert spec.tune.lineage == ORIGIN.lineage
    assert spec.stage_at(0).resolution == 128
    assert spec.stage_at(0).gamma == 2 * start.stages[-1].gamma


def test_a_slow_machine_gets_a_shorter_run_and_an_early_first_picture() -> None:
    start = make_spec(resolution=128, config="xs", kimg=120)
    spec = make_tune_spec(start, ORIGIN, num_pictures=400, images_per_s=3.0)
    assert spec.tune is not None
    assert spec.kimg == 10.0
    assert spec.tune.critic_first_kimg <= 0.045
    assert make_tune_spec(start, ORIGIN, num_pictures=400, kimg=7.0).kimg == 7.0


def test_the_start_s_choice_of_files_is_not_the_artist_s() -> None:
    start = msgspec.structs.replace(
        make_spec(resolution=64, config="xs", kimg=9), crops=CropSpec(include=("palmer-*",))
    )
    assert make_tune_spec(start, ORIGIN, num_pictures=30).crops == CropSpec()


def test_a_start_is_taken_over_whole_and_the_optimisers_are_fresh() -> None:
    grown = small_spec(resolution=32, first=16)
    before = TrainingState(grown)
    with torch.no_grad():
        for parameter in (*before.average.parameters(), *before.critic.parameters()):
            parameter.add_(1.0)
    spec = make_tune_spec(grown, ORIGIN, num_pictures=30)
    state = start_from(spec, average=before.average.state_dict(), critic=before.critic.state_dict())
    for network in (state.generator, state.average):
        for name, value in before.average.state_dict().items():
            assert torch.equal(network.state_dict()[name], value), name
    for name, value in before.critic.state_dict().items():
        assert torch.equal(state.critic.state_dict()[name], value), name
    assert not state.critic_steps.state
    other = TrainingState(small_spec())
    with pytest.raises((KeyError, ValueError)):
        start_from(spec, average=other.average.state_dict(), critic=other.critic.state_dict())
