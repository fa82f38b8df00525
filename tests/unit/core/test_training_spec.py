import msgspec
import pytest

from studio.core.training_spec import (
    CHANNELS,
    Stage,
    TrainingSpec,
    check_spec,
    make_spec,
    num_layers,
)


@pytest.mark.parametrize(("resolution", "layers"), [(16, 6), (64, 10), (128, 12), (256, 14)])
def test_layers_follow_from_the_resolution(resolution: int, layers: int) -> None:
    assert num_layers(resolution) == layers


@pytest.mark.parametrize("config", sorted(CHANNELS))
@pytest.mark.parametrize("resolution", [16, 32, 64, 128, 256, 512])
def test_usual_specs_can_be_trained_and_survive_json(config: str, resolution: int) -> None:
    spec = make_spec(resolution=resolution, config=config, kimg=100)
    check_spec(spec)
    assert msgspec.json.decode(msgspec.json.encode(spec), type=TrainingSpec) == spec
    assert spec.stages[-1].resolution == resolution


@pytest.mark.parametrize("resolution", [0, -4, 8, 17, 100, 1024])
def test_odd_resolutions_are_refused(resolution: int) -> None:
    with pytest.raises(ValueError, match="not a power of two"):
        make_spec(resolution=resolution, config="s", kimg=1)


def test_an_unknown_config_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown config"):
        make_spec(resolution=64, config="xxl", kimg=1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema": 2}, "schema"),
        ({"channels": {4: 8}}, "no entry for 8 px"),
        ({"critic_channels": {4: 0, 8: 1, 16: 1, 32: 1, 64: 1}}, "outside"),
        ({"kimg": float("nan")}, "positive numbers"),
        ({"generator_lr": 0.0}, "positive numbers"),
        ({"batch": 1}, "batch"),
        ({"penalty_every": 0}, "penalty_every"),
        ({"mixing": 1.5}, "mixing"),
        ({"stages": ()}, "first stage"),
        ({"stages": (Stage(1, 64, 1),)}, "first stage"),
        ({"stages": (Stage(0, 64, 1), Stage(5, 32, 1))}, "must not shrink"),
        ({"stages": (Stage(0, 32, 1),)}, "last stage"),
        ({"stages": (Stage(0, 48, 1), Stage(1, 64, 1))}, "power of two"),
        ({"stages": (Stage(0, 64, float("inf")),)}, "positive numbers"),
    ],
)
def test_a_spec_that_cannot_be_trained_says_why(change: dict[str, object], reason: str) -> None:
    spec = msgspec.structs.replace(make_spec(resolution=64, config="xs", kimg=9), **change)
    with pytest.raises(ValueError, match=reason):
        check_spec(spec)


def test_the_stage_is_the_last_one_that_began() -> None:
    spec = make_spec(resolution=64, config="xs", kimg=100)
    assert spec.stage_at(0).resolution == 32
    assert spec.stage_at(39.99).resolution == 32
    assert spec.stage_at(40).resolution == 64
    assert spec.stage_at(1e9).resolution == 64
