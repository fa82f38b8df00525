"""What a sheet or set will look like, small."""

from typing import Final

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.pictures import fit_inside
from studio.ui.texts import tr
from studio.ui.theme import tokens_of

HEIGHT_PX: Final = 180


class SetPreview(QWidget):
    """Shows one picture whole, in the middle of a quiet well."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Preview"))

    @property
    def image(self) -> QImage | None:
        """What is shown."""
        return self._image

    def show_image(self, image: QImage | None) -> None:
        """Show another picture, None for none."""
        self._image = image
        self.update()

    def sizeHint(self) -> QSize:
        """Give its height."""
        return QSize(200, HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture as large as it goes, small ones pixel by pixel."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens_of(self.palette()).base))
        if self._image is None or self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        shown = fit_inside(self._image, self.size() * ratio)
        size = shown.size() / ratio
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawImage(QRect(left, top, size.width(), size.height()), shown)
