"""Repeated measurements on a machine that does other things too: interleaved, medians, spread."""

import itertools
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

_MAX_RUNS: Final = 9

# Gives the times in ms of this many runs.
Measure = Callable[[int], list[float]]


class Samples(msgspec.Struct, frozen=True):
    """What was measured of one thing: a list of times in ms for each round."""

    rounds: tuple[tuple[float, ...], ...]

    @property
    def times_ms(self) -> list[float]:
        """Every time, in order."""
        return [time_ms for one in self.rounds for time_ms in one]

    @property
    def medians_ms(self) -> list[float]:
        """The median of each round."""
        return [statistics.median(one) for one in self.rounds]


class Ratio(msgspec.Struct, frozen=True):
    """The middle of the rounds' ratios, and the quarter and three-quarter points around it."""

    value: float
    low: float
    high: float


def interleave(
    measures: Mapping[str, Measure], *, budget_s: float, turn_s: float = 0.5, min_rounds: int = 3
) -> dict[str, Samples]:
    """Measure everything in turn, round after round, until the time is used up.

    A disturbance of some seconds then falls on all of them alike, and a ratio is taken within a
    round, so that slow drifts of the machine's speed cancel out.

    Args:
        measures: Name → how to measure.
        budget_s: No new round begins later than this, once `min_rounds` are done.
        turn_s: About how long each may take in a round; the first runs, which are thrown away,
            say how many of its runs fit, one to nine.
        min_rounds: Rounds that are always done.
    """
    counts = {name: _fitting(measure, turn_s) for name, measure in measures.items()}
    rounds: dict[str, list[tuple[float, ...]]] = {name: [] for name in measures}
    begin_s = time.monotonic()
    num_rounds = 0
    while num_rounds < min_rounds or time.monotonic() - begin_s < budget_s:
        for name, measure in measures.items():
            rounds[name].append(tuple(measure(counts[name])))
        num_rounds += 1
    return {name: Samples(tuple(some)) for name, some in rounds.items()}


def _fitting(measure: Measure, turn_s: float) -> int:
    """Give how many runs fit into a turn; the very first run warms caches and is slow."""
    measure(1)
    run_s = measure(1)[0] / 1000
    return max(1, min(_MAX_RUNS, round(turn_s / run_s))) if run_s > 0 else _MAX_RUNS


def timed(work: Callable[[], object]) -> Measure:
    """Give the measure of a function."""

    def measure(count: int) -> list[float]:
        times = []
        for _ in range(count):
            begin_s = time.perf_counter()
            work()
            times.append((time.perf_counter() - begin_s) * 1000)
        return times

    return measure


def answer_times_ms(moved_s: Sequence[float], painted: Sequence[tuple[float, int]]) -> list[float]:
    """Give, for each move of a hand, how long it took until it was answered on the screen.

    The answer is the first painted picture that belongs to this move or to a later one: what the
    eye takes for it. So a move whose own picture was skipped counts too, and one that was never
    answered is left out.

    Args:
        moved_s: When each move was, rising.
        painted: When a picture was painted, rising, and the number of the move it belongs to.
    """
    times = []
    for number, at_s in enumerate(moved_s):
        answer_s = next((end for end, of in painted if of >= number and end >= at_s), None)
        if answer_s is not None:
            times.append((answer_s - at_s) * 1000)
    return times


def ratio_of(upper: Samples, lower: Samples) -> Ratio:
    """Give `upper` over `lower`, round by round."""
    pairs = zip(upper.medians_ms, lower.medians_ms, strict=True)
    ratios = [above / below for above, below in pairs]
    return Ratio(
        round(statistics.median(ratios), 3),
        round(percentile(ratios, 25), 3),
        round(percentile(ratios, 75), 3),
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """Give a percentile, between two values by straight line."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def steepest(points: Sequence[tuple[int, float]]) -> float:
    """Give the largest growth of the time over that of the number, between neighbours; 1 is linear."""
    steps = [
        (later[1] / before[1]) / (later[0] / before[0])
        for before, later in itertools.pairwise(points)
        if before[0] and before[1]
    ]
    return max(steps, default=0.0)
