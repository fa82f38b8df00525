"""Pulling: on pictures whose levers are known, what is gripped comes to the target, or it is said."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from studio.core.lever_weights import Usual, to_weights
from studio.core.pulling import SIDE_PX, Place, Pull

FloatArray = NDArray[np.float64]
Draw = Callable[[tuple[float, ...]], FloatArray]
PX = 1 / SIDE_PX


def spots(strengths: tuple[float, ...]) -> FloatArray:
    """Draw two spots; levers move the first across and down, move both across, and lighten."""
    first, second = (0.35, 0.4), (0.7, 0.7)
    dx, dy, both, light = (0.02 * strength for strength in strengths)
    return sum(
        (
            _spot(first[0] + dx + both, first[1] + dy, colour=(0.9, 0.3, 0.1)),
            _spot(second[0] + both, second[1], colour=(0.1, 0.4, 0.8)),
        ),
        np.full((SIDE_PX, SIDE_PX, 3), 0.1 + 0.2 * light),
    )


def _spot(x: float, y: float, *, colour: tuple[float, ...]) -> FloatArray:
    across = (np.arange(SIDE_PX) + 0.5) / SIDE_PX - x
    down = (np.arange(SIDE_PX) + 0.5)[:, None] / SIDE_PX - y
    shape = np.exp(-(across**2 + down**2) / (2 * 0.04**2))
    return np.asarray(shape[..., None] * np.asarray(colour) * 0.8)


def start(place: Place = (0.35, 0.4), *, pins: tuple[Place, ...] = (), reach: float = 5.0) -> Pull:
    low, high = [-reach] * 4, [reach] * 4
    return Pull(spots((0, 0, 0, 0)), place, low_M=low, high_M=high, pins=pins)


def run(pull: Pull, target: Place, draw: Draw = spots) -> None:
    """Do what a desk does, until it is done."""
    pull.set_target(target)
    for _ in range(60):
        if pull.is_done:
            return
        if pull.wants_probes:
            pull.learn(np.stack([draw(probe) for probe in pull.probes()]))
        strengths = pull.next_strengths()
        pull.see(strengths, draw(strengths))
    raise AssertionError("it never ends")


def test_what_is_gripped_comes_to_the_target_and_looks_the_same() -> None:
    pull = start()
    run(pull, (0.35 + 5 * PX, 0.4 - 3 * PX))
    assert pull.share > 0.9
    assert pull.standing.likeness > 0.95
    assert not pull.is_stuck
    x, y, both, _ = pull.standing.strengths
    assert (x + both) * 0.02 == pytest.approx(5 * PX, abs=0.5 * PX)
    assert y * 0.02 == pytest.approx(-3 * PX, abs=0.5 * PX)


def test_a_pin_holds_what_the_pull_would_take_along() -> None:
    """Without the pin the lever that moves both spots does half of the way."""
    free, pinned = start(), start(pins=((0.7, 0.7),))
    for pull in (free, pinned):
        run(pull, (0.35 + 4 * PX, 0.4))
        assert pull.share > 0.9
    assert abs(free.standing.strengths[2]) > 0.5
    assert abs(pinned.standing.strengths[2]) < 0.1


def test_where_no_lever_moves_it_the_picture_stays_and_it_is_said() -> None:
    def still(strengths: tuple[float, ...]) -> FloatArray:
        return spots((0.0, 0.0, 0.0, strengths[3]))

    pull = start()
    run(pull, (0.35, 0.4 + 6 * PX), still)
    assert pull.is_stuck
    assert pull.share == 0.0
    assert pull.standing.strengths == (0.0, 0.0, 0.0, 0.0)


def test_a_grip_that_broke_on_the_way_does_not_count() -> None:
    """The spot is gone, and one of another colour stands where it was pulled to."""
    pull, target = start(), (0.35, 0.4 + 3 * PX)
    pull.set_target(target)
    pull.see((0.0, 0.0, 1.0, 0.0), 0.1 + _spot(*target, colour=(0.1, 0.3, 0.9)))
    assert pull.standing.strengths == (0.0, 0.0, 0.0, 0.0)
    assert pull.share == 0.0
    pull.see((0.0, 0.0, 1.0, 0.0), 0.1 + _spot(*target, colour=(0.9, 0.3, 0.1)))
    assert pull.share > 0.8, "the same spot does count"


def test_a_flat_place_gives_no_hold() -> None:
    flat = Pull(np.full((SIDE_PX, SIDE_PX, 3), 0.4), (0.5, 0.5), low_M=[-5], high_M=[5])
    assert flat.grip.is_flat
    assert not start().grip.is_flat


def test_a_new_target_frees_a_pull_that_was_stuck() -> None:
    pull = start(reach=1.0)
    run(pull, (0.35 + 12 * PX, 0.4))
    assert pull.is_stuck
    run(pull, (0.35 + PX, 0.4))
    assert pull.share > 0.9
    assert not pull.is_stuck


@settings(max_examples=12)
@given(
    dx=st.floats(-8, 8), dy=st.floats(-8, 8), reach=st.floats(0.0, 3.0), limit=st.floats(0.05, 2.0)
)
def test_strengths_never_leave_their_limits(
    dx: float, dy: float, reach: float, limit: float
) -> None:
    """Nor what is usual: here each lever counts alike, and 0 is the model's mean."""
    gram = np.eye(4) / limit**2
    weights = to_weights((0,) * 4, base_Z=np.zeros(1), slope_M=np.zeros(4), gram_MM=gram)
    low, high = [-reach] * 4, [reach] * 4
    picture = spots((0, 0, 0, 0))
    pull = Pull(picture, (0.35, 0.4), low_M=low, high_M=high, usual=Usual(weights))
    before = np.hypot(dx, dy)
    run(pull, (0.35 + dx * PX, 0.4 + dy * PX))
    strengths = np.asarray(pull.standing.strengths)
    assert np.abs(strengths).max() <= reach + 1e-4
    assert np.linalg.norm(strengths) <= limit + 1e-3
    left = np.hypot(*(np.subtract(pull.target, pull.standing.place) * SIDE_PX))
    assert left <= before + 1e-6, "never further away than at first"
