"""Pictures (uint8 [H, W, 3] sRGB) as Qt draws them."""

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QPainter, QPixmap

from studio.core.arrays import Picture


def to_image(picture_HWC: Picture) -> QImage:
    """Give a QImage that shares the array's memory (and keeps it alive), tagged as sRGB.

    Args:
        picture_HWC: uint8 [H, W, 3], C-contiguous, read-only from now on.
    """
    height, width, _ = picture_HWC.shape
    # bytesPerLine always: Qt would take rows for padded to 4 bytes.
    image = QImage(picture_HWC.data, width, height, width * 3, QImage.Format.Format_RGB888)
    image.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    return image


def from_image(image: QImage) -> Picture:
    """Give the picture of any QImage, uint8 [H, W, 3], its own copy; transparency on white."""
    plain = QImage(image.size(), QImage.Format.Format_RGB888)
    plain.fill(Qt.GlobalColor.white)
    painter = QPainter(plain)
    painter.drawImage(0, 0, image)
    painter.end()
    height, width = plain.height(), plain.width()
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(height, plain.bytesPerLine())
    return np.ascontiguousarray(rows[:, : 3 * width]).reshape(height, width, 3).copy()


def to_pixmap(picture_HWC: Picture) -> QPixmap:
    """Give a pixmap with its own copy of the pixels."""
    return QPixmap.fromImage(to_image(picture_HWC))


def fit_inside(image: QImage, size: QSize) -> QImage:
    """Give the image scaled to lie inside a size of device pixels; halves first, so nothing flickers.

    Qt's smooth scaling looks at 2 × 2 pixels only; halving until less than a factor of two is left
    makes it see every pixel.
    """
    wanted = image.size().scaled(size, Qt.AspectRatioMode.KeepAspectRatio)
    while image.width() >= 2 * max(1, wanted.width()):
        image = image.scaled(
            image.size() / 2,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    return image.scaled(
        wanted, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
