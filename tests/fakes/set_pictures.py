"""Finished pictures for sheets and sets, each of its own colour."""

import numpy as np

from studio.core.model_card import ModelCard
from studio.export.set_files import SetPicture
from tests.fakes.galleries import CARD, recipe_of

COLOURS = ((200, 30, 30), (30, 160, 60), (40, 60, 210), (240, 240, 20), (20, 20, 20))


def set_picture(
    number: int, *, name: str = "", side: int = 16, card: ModelCard = CARD
) -> SetPicture:
    """Give a plain picture with one white pixel in its left upper corner."""
    picture = np.full((side, side, 3), COLOURS[number % len(COLOURS)], np.uint8)
    picture[0, 0] = 255
    return SetPicture(
        picture=picture, name=name or f"Seed {number}", recipe=recipe_of(number), card=card
    )


def set_pictures(count: int, *, side: int = 16) -> list[SetPicture]:
    """Give several."""
    return [set_picture(number, side=side) for number in range(count)]
