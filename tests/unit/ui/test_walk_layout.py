"""The time line: seconds to pixels and back, with room for every picture."""

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.walk import Walk
from studio.ui.walk_layout import THUMB_PX, lay_walk, say_seconds
from tests.fakes.walks import seeds_walk, walks


@settings(max_examples=15)
@given(walks(), st.integers(200, 2000))
def test_times_and_places_agree_and_nothing_lies_outside(walk: Walk, width: int) -> None:
    layout = lay_walk(walk, width)
    assert layout.width >= width - 1 or walk.num_legs == 0
    for place, at_s in enumerate(layout.times):
        x = layout.x_of(at_s)
        assert abs(layout.time_at(x) - at_s) < 1e-6
        assert THUMB_PX / 2 <= x <= layout.width - THUMB_PX / 2
        if place < len(walk.keys):
            assert layout.key_at(x, num_keys=len(walk.keys)) >= 0
    assert list(layout.ticks()) == sorted(layout.ticks())


def test_what_is_dropped_goes_between_its_neighbours() -> None:
    walk = seeds_walk(1, 2, 3)
    layout = lay_walk(walk, 600)
    places = [layout.place_at(layout.x_of(at_s), num_keys=3) for at_s in (-1, 0.5, 1.5, 9)]
    assert places == [0, 1, 2, 3]
    assert lay_walk(Walk(), 600).place_at(300, num_keys=0) == 0


def test_times_are_said_shortly() -> None:
    assert [say_seconds(at_s) for at_s in (0, 1.5, 12, 90, 61.5)] == [
        "0", "1.5", "12", "1:30", "1:01.5",
    ]  # fmt: skip
