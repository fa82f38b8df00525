"""Places of the picture under what lies over the canvas: (x, y) in parts of it, 0…1 when inside."""

from PySide6.QtCore import QPointF, QRectF

from studio.ui.canvas import Canvas


def one_area(canvas: Canvas, repeats: tuple[int, int]) -> QRectF:
    """Give where the first of the repeated pictures lies."""
    area = canvas.picture_area()
    return QRectF(area.x(), area.y(), area.width() / repeats[0], area.height() / repeats[1])


def free_place(canvas: Canvas, point: QPointF, *, repeats: tuple[int, int]) -> tuple[float, float]:
    """Give the place of a point of the canvas, also outside of the picture."""
    area = one_area(canvas, repeats)
    x = (point.x() - area.x()) / max(1.0, area.width())
    y = (point.y() - area.y()) / max(1.0, area.height())
    if repeats != (1, 1):
        x, y = x % 1.0, y % 1.0
    return (1 - x if canvas.sheet.is_mirrored else x), y


def place_on(
    canvas: Canvas, point: QPointF, *, repeats: tuple[int, int]
) -> tuple[float, float] | None:
    """Give the place of a point on the picture; None beside it."""
    if not canvas.picture_area().contains(point):
        return None
    return free_place(canvas, point, repeats=repeats)


def point_of(canvas: Canvas, place: tuple[float, float], *, repeats: tuple[int, int]) -> QPointF:
    """Give the point of the canvas at a place of the first picture."""
    area = one_area(canvas, repeats)
    x = 1 - place[0] if canvas.sheet.is_mirrored else place[0]
    return QPointF(area.x() + x * area.width(), area.y() + place[1] * area.height())
