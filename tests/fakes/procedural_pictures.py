"""Pictures for tests of scores: hills before a sky, drawn from a seed, no two alike."""

import numpy as np
from numpy.typing import NDArray


def make_pictures(count: int, *, side: int, first: int = 0) -> NDArray[np.uint8]:
    """Give pictures uint8 [count, side, side, 3]; equal seeds give equal pictures.

    Args:
        count: How many.
        side: Their side in px.
        first: Seed of the first one; the others follow.
    """
    return np.stack([_picture(first + number, side) for number in range(count)])


def _picture(seed: int, side: int) -> NDArray[np.uint8]:
    random = np.random.RandomState(seed)
    across = np.linspace(0, 1, side)
    down = across[:, None]
    colours = random.randint(40, 216, (5, 3)).astype(float)
    picture = colours[0] + (colours[1] - colours[0]) * np.broadcast_to(
        down[..., None], (side, side, 1)
    )
    for layer in range(2, 5):
        level = 0.15 + 0.22 * layer - 0.2 * random.rand()
        waves = sum(
            random.rand() * 0.12 / wave * np.sin(2 * np.pi * (wave * across + random.rand()))
            for wave in (1, 2, 5)
        )
        is_hill = down > level + waves
        picture = np.where(is_hill[..., None], colours[layer], picture)
    centre = random.rand(2) * 0.8 + 0.1
    is_sun = (across[None] - centre[0]) ** 2 + (down - centre[1]) ** 2 < 0.01 + 0.03 * random.rand()
    picture = np.where(is_sun[..., None], 255 - colours[0], picture)
    stroke = random.standard_normal((side, side, 1)) * 6
    levels: NDArray[np.uint8] = np.clip(np.rint(picture + stroke), 0, 255).astype(np.uint8)
    return levels
