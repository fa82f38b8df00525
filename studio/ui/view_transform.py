"""Where the picture lies on the canvas: pure maths, all in device pixels.

A *point* is (x, y). Picture points count picture pixels from its top left corner, screen points
device pixels from the canvas's.
"""

from typing import Final

import msgspec

Point = tuple[float, float]
Size = tuple[int, int]

MIN_SCALE: Final = 1 / 32
MAX_SCALE: Final = 32.0
WHEEL_STEP: Final = 1.2  # a notch; three notches make 173 %, as in Krita


class View(msgspec.Struct, frozen=True):
    """What part of the picture is seen, how large.

    Attributes:
        picture: Size of the picture in its pixels.
        room: Size of the canvas in device pixels.
        scale: Device pixels per picture pixel; 1 is 100 %.
        centre: The picture point in the middle of the canvas.
    """

    picture: Size
    room: Size
    scale: float
    centre: Point


def fitted(picture: Size, room: Size, *, margin: float = 0.0) -> View:
    """Give the view that shows the whole picture, as large as the room less its margins allows."""
    wide = max(1.0, room[0] - 2 * margin)
    high = max(1.0, room[1] - 2 * margin)
    scale = min(wide / max(1, picture[0]), high / max(1, picture[1]))
    return View(picture, room, _bounded(scale), (picture[0] / 2, picture[1] / 2))


def to_screen(view: View, point: Point) -> Point:
    """Give the screen point of a picture point."""
    return (
        view.room[0] / 2 + (point[0] - view.centre[0]) * view.scale,
        view.room[1] / 2 + (point[1] - view.centre[1]) * view.scale,
    )


def to_picture(view: View, point: Point) -> Point:
    """Give the picture point under a screen point."""
    return (
        view.centre[0] + (point[0] - view.room[0] / 2) / view.scale,
        view.centre[1] + (point[1] - view.room[1] / 2) / view.scale,
    )


def zoomed(view: View, factor: float, *, at: Point) -> View:
    """Give the view made larger by a factor; the picture point under `at` stays where it is."""
    return zoomed_to(view, view.scale * factor, at=at)


def zoomed_to(view: View, scale: float, *, at: Point | None = None) -> View:
    """Give the view at a scale; what lies under `at` (else the middle of the room) stays there."""
    scale = _bounded(scale)
    place = at or (view.room[0] / 2, view.room[1] / 2)
    under = to_picture(view, place)
    centre = (
        under[0] - (place[0] - view.room[0] / 2) / scale,
        under[1] - (place[1] - view.room[1] / 2) / scale,
    )
    return msgspec.structs.replace(view, scale=scale, centre=centre)


def panned(view: View, *, dx: float, dy: float) -> View:
    """Give the view with the picture moved by device pixels; its edge stops at the middle of the room."""
    x = min(max(view.centre[0] - dx / view.scale, 0.0), float(view.picture[0]))
    y = min(max(view.centre[1] - dy / view.scale, 0.0), float(view.picture[1]))
    return msgspec.structs.replace(view, centre=(x, y))


def with_room(view: View, room: Size) -> View:
    """Give the view in a canvas of another size; the middle stays the middle."""
    return msgspec.structs.replace(view, room=room)


def with_picture(view: View, picture: Size) -> View:
    """Give the view of a picture of another size that looks the same: as large, at the same place."""
    ratio = picture[0] / max(1, view.picture[0])
    return View(
        picture,
        view.room,
        _bounded(view.scale / ratio),
        (view.centre[0] * ratio, view.centre[1] * picture[1] / max(1, view.picture[1])),
    )


def picture_rect(view: View) -> tuple[int, int, int, int]:
    """Give x, y, width, height of the picture in whole device pixels, so that its edges are sharp."""
    left, top = to_screen(view, (0.0, 0.0))
    wide = max(1, round(view.picture[0] * view.scale))
    high = max(1, round(view.picture[1] * view.scale))
    return round(left), round(top), wide, high


def _bounded(scale: float) -> float:
    return min(max(scale, MIN_SCALE), MAX_SCALE)
