"""Ratios that hold on a machine whose speed drifts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.cli.bench_timing import (
    Measure,
    Samples,
    answer_times_ms,
    interleave,
    percentile,
    ratio_of,
)


def test_things_are_measured_in_turn() -> None:
    order = []

    def measure(name: str) -> Measure:
        def run(count: int) -> list[float]:
            order.append(name)
            return [1.0] * count

        return run

    measures = {"a": measure("a"), "b": measure("b")}
    found = interleave(measures, budget_s=0.0, turn_s=0.002, min_rounds=3)
    assert order == ["a", "a", "b", "b", *["a", "b"] * 3]
    assert found["a"].rounds == ((1.0, 1.0),) * 3


def test_what_is_slow_runs_once_a_round_and_what_is_fast_often_but_not_for_ever() -> None:
    measures: dict[str, Measure] = {
        "slow": lambda count: [5000.0] * count,
        "fast": lambda count: [0.01] * count,
    }
    found = interleave(measures, budget_s=0.0)
    assert {len(one) for one in found["slow"].rounds} == {1}
    assert {len(one) for one in found["fast"].rounds} == {9}


def test_a_machine_that_slows_down_does_not_change_a_ratio() -> None:
    lower = Samples(tuple((10.0 * slow,) for slow in (1, 2, 4, 8)))
    upper = Samples(tuple((12.0 * slow,) for slow in (1, 2, 4, 8)))
    ratio = ratio_of(upper, lower)
    assert (ratio.value, ratio.low, ratio.high) == (1.2, 1.2, 1.2)


def test_one_disturbed_run_does_not_change_a_median() -> None:
    samples = Samples(((10.0, 900.0, 11.0),))
    assert samples.medians_ms == [11.0]


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
def test_a_percentile_lies_between_the_smallest_and_the_largest(
    values: list[float], percent: float
) -> None:
    assert min(values) - 1e-6 <= percentile(values, percent) <= max(values) + 1e-6


@pytest.mark.parametrize(("percent", "value"), [(0, 1), (50, 3), (95, 4.8), (100, 5)])
def test_percentiles_of_five(percent: float, value: float) -> None:
    assert percentile([5, 1, 4, 2, 3], percent) == pytest.approx(value)


def test_a_move_whose_picture_was_skipped_waits_for_the_next_one() -> None:
    moved_s = [0.0, 0.010, 0.020]
    painted = [(0.030, 0), (0.060, 2)]
    assert answer_times_ms(moved_s, painted) == pytest.approx([30, 50, 40])


def test_a_picture_of_an_older_move_is_no_answer() -> None:
    assert answer_times_ms([0.0, 0.010], [(0.015, 0)]) == pytest.approx([15])


def test_pictures_that_belong_to_no_move_answer_none() -> None:
    assert answer_times_ms([0.0], [(0.005, -1)]) == []
