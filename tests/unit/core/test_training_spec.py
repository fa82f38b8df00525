import msgspec
import pytest

from studio.core.training_spec import (
    CHANNELS,
    ControlSpec,
    CropSpec,
    Stage,
    TrainingSpec,
    TuneSpec,
    check_spec,
    make_spec,
    num_layers,
    spec_json,
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
        ({"batch": 6}, "multiple of 4"),
        ({"micro_batch": 6}, "micro_batch"),
        ({"micro_batch": 32}, "micro_batch"),
        ({"tune": TuneSpec(start="", early_lr=2.0)}, "early_lr"),
        ({"tune": TuneSpec(start="", warm_up_kimg=-1.0)}, "0 kimg or later"),
        ({"tune": TuneSpec(start="", controls=ControlSpec(gauge_kimg=0.0))}, "intervals"),
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


def test_later_fields_leave_the_json_of_older_specs_as_it_was() -> None:
    spec = make_spec(resolution=16, config="sketch", kimg=9)
    # As written by the version that had none of the later fields.
    before = (
        b'{"schema":1,"seed":1,"resolution":16,"z_dim":256,"w_dim":256,'
        b'"channels":{"4":128,"8":128,"16":96},"critic_channels":{"4":128,"8":128,"16":96},'
        b'"stages":[{"begin_kimg":0.0,"resolution":16,"gamma":0.5}],"kimg":9,"batch":16,'
        b'"critic_lr":0.002,"generator_lr":0.001,"ema_half_life_kimg":5.0,"ema_ramp":0.05,'
        b'"shared_weight":30.0,"mixing":0.5,"penalty_every":16,"precision":"fp32",'
        b'"preview_share":0.2,"crops":{"include":[],"max_crops":3,"min_side_px":null},'
        b'"augment":{"colour":true,"translation":0.125,"cutout":0.5}}'
    )
    assert spec_json(spec) == before
    assert msgspec.json.decode(before, type=TrainingSpec) == spec


@pytest.mark.parametrize(
    "change",
    [
        {"micro_batch": 4},
        {"tune": TuneSpec(start="ab")},
        {"crops": CropSpec(side_share=0.5)},
    ],
)
def test_later_fields_count_once_they_say_something(change: dict[str, object]) -> None:
    spec = make_spec(resolution=16, config="sketch", kimg=9)
    changed = msgspec.structs.replace(spec, **change)
    assert spec_json(changed) != spec_json(spec)
    assert msgspec.json.decode(spec_json(changed), type=TrainingSpec) == changed
