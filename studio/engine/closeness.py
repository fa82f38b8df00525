"""The squares that a model learned from, embedded and calibrated for telling near copies.

Shape legend: N squares, R their side in px.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.core.similarity import THUMBNAIL_PX, Closeness, Planted
from studio.engine.features import FeatureNetwork
from studio.files.images import decode_picture, encode_jpeg
from studio.files.source_pictures import resize_picture

# So many slightly changed copies tell how far a copy may lie from its square.
_NUM_PLANTED: Final = 200

Pictures = NDArray[np.uint8]


def nothing() -> None:
    """Do nothing: what happens between portions of work when nobody waits."""


def measure_closeness(
    pictures_NRR3: Pictures,
    files: Sequence[str],
    *,
    network: FeatureNetwork | None = None,
    between: Callable[[], None] = nothing,
) -> Closeness:
    """Give the training squares as what made pictures are compared with.

    Args:
        pictures_NRR3: The squares that are learned from.
        files: Name of the picture of each.
        network: φ when it is open already.
        between: Called between portions of work of some 0.1 s; what it raises ends the work.

    Raises:
        ValueError: They come from fewer than three pictures.
        EngineError: φ cannot be opened.
    """
    network = network or FeatureNetwork()
    features = network.embed(pictures_NRR3, between=between)
    thumbnails = []
    for number, picture in enumerate(pictures_NRR3):
        thumbnails.append(resize_picture(picture, THUMBNAIL_PX))
        if number % 100 == 0:
            between()
    rows = np.unique(np.linspace(0, len(features) - 1, _NUM_PLANTED).astype(int))
    planted = np.stack([slight_copy(pictures_NRR3[row], number=int(row)) for row in rows])
    copies = Planted(
        rows,
        network.embed(planted, between=between),
        np.stack([resize_picture(picture, THUMBNAIL_PX) for picture in planted]),
    )
    return Closeness(
        features, np.stack(thumbnails), files=files, phi=network.version, copies=copies
    )


def slight_copy(picture_RR3: Pictures, *, number: int) -> Pictures:
    """Give a square cut by up to 8 %, a little brighter or darker, saved as a poor JPEG.

    Args:
        picture_RR3: The square.
        number: Seed of what is drawn.
    """
    random = np.random.Generator(np.random.PCG64(number))
    size = len(picture_RR3)
    side = max(1, round(size * random.uniform(0.92, 1)))
    top, left = random.integers(0, size - side + 1, size=2)
    cut = resize_picture(picture_RR3[top : top + side, left : left + side], size)
    lit = cut * random.uniform(0.88, 1.12) + random.uniform(-10, 10)
    changed = np.clip(np.rint(lit), 0, 255).astype(np.uint8)
    return decode_picture(encode_jpeg(changed, quality=int(random.integers(40, 90))))
