"""One picture, fitted into its place; a quiet well where there is none."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.theme import tokens_of


class PictureLabel(QWidget):
    """Shows one or several pictures side by side."""

    def __init__(self, height_px: int, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: tuple[QImage, ...] = ()
        self._height_px = height_px
        self.setFixedHeight(height_px)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_image(self, image: QImage | None) -> None:
        """Show one picture, None for none."""
        self.show_images(() if image is None or image.isNull() else (image,))

    def show_images(self, images: tuple[QImage, ...]) -> None:
        """Show pictures side by side."""
        self._images = images
        self.update()

    def sizeHint(self) -> QSize:
        """Give its height."""
        return QSize(self._height_px, self._height_px)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pictures as large as they go."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        count, gap = max(1, len(self._images)), 6
        width = (self.width() - gap * (count - 1)) / count
        side = min(width, float(self.height()))
        if not self._images:
            ground = QRectF(0, 0, side, side)
            painter.fillRect(ground, QColor(tokens_of(self.palette()).base))
        for place, image in enumerate(self._images):
            painter.drawImage(
                QRectF(place * (side + gap), 0, side, side), image, _middle_square(image)
            )


def _middle_square(image: QImage) -> QRectF:
    """Give the largest square in the middle of a wide or tall picture."""
    side = min(image.width(), image.height())
    return QRectF((image.width() - side) / 2, (image.height() - side) / 2, side, side)
