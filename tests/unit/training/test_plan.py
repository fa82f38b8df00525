from studio.core.training_spec import check_spec, make_spec
from studio.training.plan import fit_to_clock, measure_speeds
from tests.unit.training.small import small_pictures, small_spec


def test_a_plan_fills_the_time_there_is() -> None:
    spec = make_spec(resolution=128, config="sketch", kimg=1)
    speeds = {32: 50.0, 64: 25.0, 128: 10.0}
    fitted = fit_to_clock(spec, speeds, seconds=6000)
    check_spec(fitted)
    ends = [stage.begin_kimg for stage in fitted.stages[1:]] + [fitted.kimg]
    spent = 0.0
    for stage, end in zip(fitted.stages, ends, strict=True):
        spent += (end - stage.begin_kimg) * 1000 / speeds[stage.resolution]
    assert abs(spent - 6000) < 1
    assert [stage.resolution for stage in fitted.stages] == [32, 64, 128]


def test_one_size_gets_all_the_time() -> None:
    spec = make_spec(resolution=32, config="sketch", kimg=1)
    assert fit_to_clock(spec, {32: 10.0}, seconds=100).kimg == 1.0


def test_every_stage_gets_something_even_in_no_time() -> None:
    fitted = fit_to_clock(
        make_spec(resolution=64, config="s", kimg=1), {32: 1.0, 64: 1.0}, seconds=0.1
    )
    check_spec(fitted)
    assert fitted.stages[1].begin_kimg > 0


def test_speeds_are_measured_at_each_size() -> None:
    spec = small_spec(resolution=32, first=16)
    speeds = measure_speeds(spec, small_pictures(32))
    assert set(speeds) == {16, 32}
    assert all(speed > 0 for speed in speeds.values())
