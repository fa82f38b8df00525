"""The wall fits its room and never shows more than 36 pictures."""

from hypothesis import given
from hypothesis import strategies as st

from studio.ui.wall_layout import GAP_PX, MAX_SIDE, lay_out

rooms = st.tuples(st.integers(200, 3000), st.integers(200, 2000))


@given(rooms)
def test_all_tiles_lie_inside_the_room(room: tuple[int, int]) -> None:
    layout = lay_out(*room)
    assert 1 <= layout.columns <= MAX_SIDE
    assert 1 <= layout.rows <= MAX_SIDE
    for place in (0, layout.num_tiles - 1):
        left, top = layout.tile(place)
        assert left >= 0
        assert top >= 0
        assert left + layout.tile_px <= room[0]
        assert top + layout.tile_px <= room[1]


@given(rooms)
def test_every_tile_is_found_at_its_middle_and_nothing_in_the_gaps(room: tuple[int, int]) -> None:
    layout = lay_out(*room)
    for place in range(layout.num_tiles):
        left, top = layout.tile(place)
        assert layout.place_at(left + layout.tile_px / 2, top + layout.tile_px / 2) == place
        assert layout.place_at(left - GAP_PX / 2, top + layout.tile_px / 2) is None
    assert layout.place_at(-5, -5) is None


def test_a_large_canvas_shows_six_by_six() -> None:
    layout = lay_out(960, 900)
    assert (layout.columns, layout.rows) == (6, 6)
