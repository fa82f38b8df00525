"""Pictures with forms, as a model makes them, and what people do to copies of them."""

import io

import numpy as np
from PIL import Image

from studio.core.arrays import Picture


def scene(seed: int, side: int = 96) -> Picture:
    """Give a picture of soft forms in a few colours that depends on the seed."""
    random = np.random.default_rng(seed)
    levels = np.zeros((side, side, 3))
    for cells, weight in ((3, 70), (7, 40), (17, 15)):
        coarse = random.normal(size=(cells, cells, 3)).astype(np.float32)
        planes = [
            Image.fromarray(coarse[:, :, colour]).resize((side, side), Image.Resampling.BICUBIC)
            for colour in range(3)
        ]
        levels += weight * np.stack([np.asarray(plane) for plane in planes], axis=2)
    return np.clip(levels + 120, 0, 255).astype(np.uint8)


def resized(picture: Picture, share: float = 0.5) -> Picture:
    """Give it at this share of its size."""
    height, width = picture.shape[:2]
    size = (round(width * share), round(height * share))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def jpeg_bytes(picture: Picture, quality: int = 85) -> bytes:
    """Give it as a JPEG without any words."""
    target = io.BytesIO()
    Image.fromarray(picture).save(target, "JPEG", quality=quality)
    return target.getvalue()


def saved_with_loss(picture: Picture, quality: int = 85) -> Picture:
    """Give it as it comes out of a JPEG."""
    with Image.open(io.BytesIO(jpeg_bytes(picture, quality))) as image:
        return np.asarray(image.convert("RGB"))


def cropped(picture: Picture, *, left: float = 0.0, top: float = 0.0, lost: float = 0.1) -> Picture:
    """Give it without a tenth of its width and height, of which these shares at left and top."""
    height, width = picture.shape[:2]
    kept = round(height * (1 - lost)), round(width * (1 - lost))
    y, x = round(height * top), round(width * left)
    return np.ascontiguousarray(picture[y : y + kept[0], x : x + kept[1]])
