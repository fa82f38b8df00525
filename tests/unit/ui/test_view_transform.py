"""Where the picture lies: what is under the pointer stays there."""

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from studio.ui.view_transform import (
    MAX_SCALE,
    MIN_SCALE,
    Point,
    View,
    fitted,
    panned,
    picture_rect,
    to_picture,
    to_screen,
    with_picture,
    with_room,
    zoomed,
    zoomed_to,
)

sides = st.integers(16, 4096)
sizes = st.tuples(sides, sides)
places = st.tuples(st.floats(0, 4000), st.floats(0, 4000))
scales = st.floats(MIN_SCALE, MAX_SCALE)


@st.composite
def views(draw: st.DrawFn) -> View:
    picture = draw(sizes)
    centre = (draw(st.floats(0, picture[0])), draw(st.floats(0, picture[1])))
    return View(picture, draw(sizes), draw(scales), centre)


def _close(one: Point, other: Point, tolerance: float = 1e-6) -> bool:
    return math.dist(one, other) <= tolerance * (1 + max(map(abs, (*one, *other))))


@given(views(), places)
def test_screen_and_picture_points_are_each_others_inverse(view: View, place: Point) -> None:
    assert _close(to_screen(view, to_picture(view, place)), place)


@given(views(), places, st.floats(0.05, 20))
def test_the_point_under_the_pointer_stays_put_when_zooming(
    view: View, place: Point, factor: float
) -> None:
    under = to_picture(view, place)
    after = zoomed(view, factor, at=place)
    assert MIN_SCALE <= after.scale <= MAX_SCALE
    assert _close(to_screen(after, under), place, 1e-5)


@given(views(), scales)
def test_zooming_without_a_place_keeps_the_middle(view: View, scale: float) -> None:
    assert _close(zoomed_to(view, scale).centre, view.centre)


@given(sizes, sizes, st.floats(0, 48))
def test_a_fitted_picture_lies_inside_its_margins(
    picture: tuple[int, int], room: tuple[int, int], margin: float
) -> None:
    assume(min(room) > 2 * margin + 8)
    view = fitted(picture, room, margin=margin)
    assume(MIN_SCALE < view.scale < MAX_SCALE)
    x, y, wide, high = picture_rect(view)
    assert x >= margin - 1
    assert y >= margin - 1
    assert x + wide <= room[0] - margin + 1
    assert y + high <= room[1] - margin + 1
    assert abs(x - (room[0] - x - wide)) <= 2
    assert abs(y - (room[1] - y - high)) <= 2


@given(views(), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_a_picture_cannot_be_lost_by_panning(view: View, dx: float, dy: float) -> None:
    after = panned(view, dx=dx, dy=dy)
    assert 0 <= after.centre[0] <= view.picture[0]
    assert 0 <= after.centre[1] <= view.picture[1]
    assert after.scale == view.scale


@given(views())
def test_a_preview_takes_the_exact_place_of_the_full_picture(view: View) -> None:
    side = view.picture[0]
    square = View((side, side), view.room, min(view.scale, MAX_SCALE / 8), (side / 3, side / 4))
    preview = with_picture(square, (max(1, side // 4), max(1, side // 4)))
    for corner in ((0.0, 0.0), (1.0, 1.0)):
        full = to_screen(square, (corner[0] * side, corner[1] * side))
        small_side = preview.picture[0]
        small = to_screen(preview, (corner[0] * small_side, corner[1] * small_side))
        assert _close(full, small, 1e-5)


@given(views(), sizes)
def test_another_room_keeps_the_middle_in_the_middle(view: View, room: tuple[int, int]) -> None:
    after = with_room(view, room)
    assert _close(to_picture(after, (room[0] / 2, room[1] / 2)), view.centre)
