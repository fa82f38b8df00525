"""How squares are cut from the pictures, shown on a few of them; and whether they are mirrored."""

from typing import Final

import msgspec
from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.core.folder_report import CropWay
from studio.ui.segments import Segments
from studio.ui.texts import N_, tr, tr_plural
from studio.ui.theme import mark, tokens_of

Square = tuple[float, float, float, float]
_HEIGHT_PX: Final = 78
_GAP_PX: Final = 8.0
_WAYS: Final[dict[CropWay, str]] = {
    "several": N_("Several"),
    "middle": N_("Middle"),
    "pad": N_("Whole"),
}
_WAY_TEXTS: Final[dict[CropWay, str]] = {
    "several": N_("Long pictures give several squares. Nothing is stretched."),
    "middle": N_("The middle square of each picture."),
    "pad": N_("The whole picture on a ground of its own border colour."),
}


class CroppedPicture(msgspec.Struct, frozen=True):
    """A picture, and where squares are cut from it, in shares of its sides."""

    image: QImage
    squares: tuple[Square, ...]


class CropPreview(QWidget):
    """Draws a few pictures with their squares; what is cut away is dimmed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: tuple[CroppedPicture, ...] = ()
        self.setFixedHeight(_HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Where squares are cut"))

    @property
    def pictures(self) -> tuple[CroppedPicture, ...]:
        """What is shown."""
        return self._pictures

    def show_pictures(self, pictures: tuple[CroppedPicture, ...]) -> None:
        """Show other pictures or other squares."""
        if pictures != self._pictures:
            self._pictures = pictures
            self.update()

    def sizeHint(self) -> QSize:
        """Give its height; the width is the panel's."""
        return QSize(200, _HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw each picture in its share of the width."""
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        count = max(1, len(self._pictures))
        width = (self.width() - _GAP_PX * (count - 1)) / count
        for place, picture in enumerate(self._pictures):
            left = place * (width + _GAP_PX)
            self._paint_one(painter, QRectF(left, 0, width, self.height()), picture=picture)

    def _paint_one(self, painter: QPainter, room: QRectF, *, picture: CroppedPicture) -> None:
        tokens = tokens_of(self.palette())
        bounds = QRectF(0, 0, 1, 1)
        for left, top, width, height in picture.squares:
            bounds = bounds.united(QRectF(left, top, width, height))
        image = picture.image
        whole = QSize(
            round(image.width() * bounds.width()), round(image.height() * bounds.height())
        )
        shown = whole.scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        scale = shown.width() / max(1, whole.width())
        size = (image.width() * scale, image.height() * scale)
        left = room.left() + (room.width() - shown.width()) / 2 - bounds.left() * size[0]
        top = room.top() + (room.height() - shown.height()) / 2 - bounds.top() * size[1]
        place = QRectF(left, top, *size)
        painter.setOpacity(0.4)
        painter.drawImage(place, image)
        painter.setOpacity(1.0)
        for square in picture.squares:
            frame = QRectF(
                left + square[0] * size[0], top + square[1] * size[1],
                square[2] * size[0], square[3] * size[1],
            )  # fmt: skip
            painter.save()
            painter.setClipRect(frame)
            painter.drawImage(place, image)
            painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.accent), 1.5))
        for left_share, top_share, width, height in picture.squares:
            painter.drawRect(
                QRectF(
                    left + left_share * size[0], top + top_share * size[1],
                    width * size[0], height * size[1],
                ).adjusted(0.75, 0.75, -0.75, -0.75)
            )  # fmt: skip


class CropForm(QWidget):
    """Asks for the way of cutting and for mirroring.

    Signals:
        crop_chosen: `CropWay`.
        mirror_chosen: bool.
    """

    crop_chosen = Signal(object)
    mirror_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ways = Segments(
            tuple((key, tr(text)) for key, text in _WAYS.items()),
            name=tr("How squares are cut"),
        )
        self.preview = CropPreview()
        self._words = mark(QLabel(), "second")
        self._words.setWordWrap(True)
        self.mirror = QCheckBox(tr("Learn each one mirrored, too"))
        self.mirror.setToolTip(tr("Not for pictures with writing in them"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(mark(QLabel(tr("Squares")), "second"))
        for widget in (self.ways, self.preview, self._words, self.mirror):
            column.addWidget(widget)
        self.ways.current_changed.connect(self._on_way)
        self.mirror.clicked.connect(self._on_mirror)
        self._crop: CropWay = "several"

    def show_choices(self, crop: CropWay, *, is_mirrored: bool, num_squares: int) -> None:
        """Show what is chosen."""
        self._crop = crop
        self.ways.set_current(crop)
        self.mirror.setChecked(is_mirrored)
        count = tr_plural("{n} square.", "{n} squares.", n=num_squares)
        self._words.setText(f"{count} {tr(_WAY_TEXTS[crop])}")

    @Slot(object)
    def _on_way(self, way: CropWay) -> None:
        if way != self._crop:
            self._crop = way
            self.crop_chosen.emit(way)

    @Slot(bool)
    def _on_mirror(self, is_on: bool) -> None:
        self.mirror_chosen.emit(is_on)
