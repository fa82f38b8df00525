"""How the wall is drawn."""

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from studio.core.recipe import Recipe
from studio.ui.icons import paint_icon
from studio.ui.theme import Tokens
from studio.ui.wall_layout import WallLayout

FADE_MS: Final = 80
_STAR_PX: Final = 28


class Tile(msgspec.Struct):
    """One place of the wall: what is asked for, and the picture when it is there.

    Attributes:
        recipe: What is asked for.
        number: What chance made the recipe from, see `core.breeding.recipe_on`.
        image: The picture, the one before for as long as another recipe's is not there.
        arrived_s: When the place was first filled.
        is_kept: Whether it has its star.
        problem: Why there is no picture.
    """

    recipe: Recipe
    number: int = 0
    image: QImage | None = None
    arrived_s: float = 0.0
    is_kept: bool = False
    problem: str = ""


class WallSheet(msgspec.Struct, frozen=True):
    """All that is drawn on the wall.

    Attributes:
        tiles: What stands in each place.
        layout: Where the places are.
        current: The place to frame in accent, None without the keyboard.
        hovered: The place under the pointer.
        chosen: The places that are chosen to be bred.
        now_s: The clock that `Tile.arrived_s` was read from.
    """

    tiles: Sequence[Tile]
    layout: WallLayout
    current: int | None
    hovered: int | None
    now_s: float
    chosen: Sequence[int] = ()


def tile_rect(layout: WallLayout, place: int) -> QRect:
    """Give where a tile is."""
    left, top = layout.tile(place)
    return QRect(left, top, layout.tile_px, layout.tile_px)


def star_rect(rect: QRect) -> QRect:
    """Give where the star of a tile is."""
    return QRect(rect.right() - _STAR_PX + 1, rect.top(), _STAR_PX, _STAR_PX)


def tick_rect(rect: QRect) -> QRect:
    """Give where the tick of a tile is."""
    return QRect(rect.left(), rect.top(), _STAR_PX, _STAR_PX)


class TileMarks(msgspec.Struct, frozen=True):
    """What is drawn around and over a tile.

    Attributes:
        is_current: Whether the keyboard is at it.
        is_hovered: Whether the pointer is over it; then it shows its offers.
        is_chosen: Whether it is chosen to be bred.
        offer: The icon of what its upper left corner offers, "" for nothing.
        opacity: 0…1, while it fades in.
    """

    is_current: bool = False
    is_hovered: bool = False
    is_chosen: bool = False
    offer: str = "check"
    opacity: float = 1.0


def paint_wall(painter: QPainter, sheet: WallSheet, *, tokens: Tokens) -> None:
    """Draw the tiles; a new picture fades in from the plain grey of its place."""
    painter.fillRect(painter.window(), QColor(tokens.canvas))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for place, tile in enumerate(sheet.tiles):
        age_ms = (sheet.now_s - tile.arrived_s) * 1000
        marks = TileMarks(
            is_current=place == sheet.current,
            is_hovered=place == sheet.hovered,
            is_chosen=place in sheet.chosen,
            opacity=min(1.0, max(0.0, age_ms / FADE_MS)),
        )
        paint_tile(painter, tile, rect=tile_rect(sheet.layout, place), marks=marks, tokens=tokens)


def paint_tile(
    painter: QPainter, tile: Tile, *, rect: QRect, marks: TileMarks, tokens: Tokens
) -> None:
    """Draw one tile, plain grey where its picture is not there yet."""
    painter.fillRect(rect, QColor(tokens.panel))
    if tile.image is not None:
        painter.setOpacity(marks.opacity)
        painter.drawImage(inside(rect, tile.image), tile.image)
        painter.setOpacity(1.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _paint_frame(painter, rect, marks=marks, tokens=tokens)
    if tile.problem:
        box = QRectF(rect.center().x() - 10, rect.center().y() - 10, 20, 20)
        paint_icon(painter, box, name="warning", colour=tokens.warn)
    has_offers = marks.is_hovered and tile.image is not None
    if tile.is_kept or has_offers:
        name = "star-filled" if tile.is_kept else "star"
        _paint_offer(painter, star_rect(rect), name=name, ground=QColor(0, 0, 0, 150))
    if marks.is_chosen or (has_offers and marks.offer):
        ground = QColor(tokens.fill) if marks.is_chosen else QColor(0, 0, 0, 150)
        _paint_offer(painter, tick_rect(rect), name=marks.offer, ground=ground)


def inside(rect: QRect, image: QImage) -> QRect:
    """Give where a picture lies in a square place, as large as it goes: some are wide or tall."""
    size = image.size().scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio)
    left = rect.left() + (rect.width() - size.width()) // 2
    top = rect.top() + (rect.height() - size.height()) // 2
    return QRect(left, top, size.width(), size.height())


def _paint_frame(painter: QPainter, rect: QRect, *, marks: TileMarks, tokens: Tokens) -> None:
    if marks.is_chosen:
        painter.setPen(QPen(QColor(tokens.accent), 2))
        painter.drawRect(rect.adjusted(-3, -3, 3, 3))
    if marks.is_current and not marks.is_chosen:
        painter.setPen(QPen(QColor(tokens.accent), 2))
        painter.drawRect(rect.adjusted(-3, -3, 3, 3))
    elif marks.is_current or marks.is_hovered:
        painter.setPen(QPen(QColor("#ffffff"), 1))
        painter.drawRect(rect.adjusted(0, 0, -1, -1))


def _paint_offer(painter: QPainter, rect: QRect, *, name: str, ground: QColor) -> None:
    box = QRectF(rect)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), 4, 4)
    paint_icon(painter, box.adjusted(6, 6, -6, -6), name=name, colour="#ffffff")
