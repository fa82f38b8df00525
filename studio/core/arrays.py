"""The two forms of a picture, and the only functions that convert between them.

Shape legend: N pictures, C channels, H rows, W columns.

- *picture*: uint8 [H, W, 3], sRGB.
- *tensor image*: float32 [N, 3, H, W] in -1…1, what the networks speak.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
TensorImage = NDArray[np.float32]


def picture_from_tensor(image_NCHW: TensorImage) -> NDArray[np.uint8]:
    """Give pictures for tensor images.

    Args:
        image_NCHW: float32 [N, 3, H, W]; values outside -1…1 are clipped.

    Returns:
        uint8 [N, H, W, 3], C-contiguous, owned by the caller. Rounding is to the nearest level,
        ties to even, so that equal tensors always give equal bytes.

    Raises:
        ValueError: A value is not finite: a broken model, never a picture.
    """
    if not np.isfinite(image_NCHW).all():
        raise ValueError("the tensor image holds values that are not finite")
    levels = np.rint((np.clip(image_NCHW, -1.0, 1.0) + np.float32(1.0)) * np.float32(127.5))
    return np.ascontiguousarray(levels.astype(np.uint8).transpose(0, 2, 3, 1))


def fine_from_tensor(image_NCHW: TensorImage) -> TensorImage:
    """Give float32 [N, H, W, 3] in 0…1 for tensor images, clipped, owned by the caller."""
    halved = (np.clip(image_NCHW, -1.0, 1.0) + np.float32(1.0)) * np.float32(0.5)
    return np.ascontiguousarray(halved.transpose(0, 2, 3, 1))


def tensor_from_picture(rgb8_NHWC: NDArray[np.uint8]) -> TensorImage:
    """Give tensor images float32 [N, 3, H, W] in -1…1 for pictures uint8 [N, H, W, 3]."""
    levels = rgb8_NHWC.astype(np.float32).transpose(0, 3, 1, 2)
    return np.ascontiguousarray(levels / np.float32(127.5) - np.float32(1.0))


def pixel_hash(rgb8_HWC: Picture) -> str:
    """Give the SHA-256 (hex) of a picture's size and bytes: equal pixels, equal hash."""
    digest = hashlib.sha256(f"{rgb8_HWC.shape[1]}x{rgb8_HWC.shape[0]} rgb8\n".encode())
    digest.update(np.ascontiguousarray(rgb8_HWC).tobytes())
    return digest.hexdigest()


def middle_square(rgb8_HWC: Picture) -> Picture:
    """Give the largest square in the middle of a picture, C-contiguous; a square one as it is."""
    height, width, _ = rgb8_HWC.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(rgb8_HWC[top : top + side, left : left + side])


def on_checkerboard(rgba8_HWC: NDArray[np.uint8]) -> Picture:
    """Give a picture [H, W, 4] over a checkerboard of two greys, 32 cells along its longer side."""
    height, width = rgba8_HWC.shape[:2]
    cell = max(1, max(height, width) // 32)
    rows, columns = np.indices((height, width)) // cell
    ground = np.where((rows + columns) % 2, 102, 153).astype(np.float32)[:, :, None]
    alpha = rgba8_HWC[:, :, 3:].astype(np.float32) / np.float32(255)
    levels = rgba8_HWC[:, :, :3] * alpha + ground * (1 - alpha)
    picture: Picture = np.rint(levels).astype(np.uint8)
    picture.flags.writeable = False
    return picture


def tile(rgb8_NHWC: NDArray[np.uint8], columns: int) -> Picture:
    """Give the pictures side by side in rows of `columns`; N must fill the rows."""
    count, height, width = rgb8_NHWC.shape[:3]
    grid = rgb8_NHWC.reshape(count // columns, columns, height, width, 3)
    rows = grid.transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(rows.reshape(count // columns * height, columns * width, 3))
