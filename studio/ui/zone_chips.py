"""Three chips for the zones: which source rules each, and which of them sliders change."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFont,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from studio.core.recipe import ZONES, Zone
from studio.ui.canvas_drop import has_zones, read_drop
from studio.ui.texts import N_, tr
from studio.ui.theme import SECOND_PX, Tokens, tokens_of

ZONE_NAMES: Final[dict[Zone, str]] = {
    "coarse": N_("Coarse"),
    "medium": N_("Medium"),
    "fine": N_("Fine"),
}
ZONE_WORDS: Final[dict[Zone, str]] = {
    "coarse": N_("layout"),
    "medium": N_("forms"),
    "fine": N_("colour"),
}
_THUMB_PX: Final = 30.0
_HEIGHT_PX: Final = 44
_ROOMY_PX: Final = 96


class ZoneChip(QAbstractButton):
    """One zone; checked when sliders change it.

    Signals:
        dropped: `Dropped` on this zone: a kept picture or a style.
    """

    dropped = Signal(object)

    def __init__(self, zone: Zone, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zone = zone
        self._image: QImage | None = None
        self._letter = "A"
        self._is_target = False
        self._is_there = True
        self.setCheckable(True)
        self.setChecked(True)
        self.setAcceptDrops(True)
        self.setText(tr(ZONE_NAMES[zone]))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._name()

    def set_there(self, is_there: bool) -> None:
        """Say whether the model has this zone at all."""
        self._is_there = is_there
        self.setEnabled(is_there)
        self.setAcceptDrops(is_there)
        self._name()

    def show_source(self, letter: str, image: QImage | None) -> None:
        """Show which source rules the zone."""
        if letter != self._letter:
            self._letter = letter
            self._name()
        self._image = image
        self.update()

    @property
    def letter(self) -> str:
        """The source shown, "A" or "B"."""
        return self._letter

    def sizeHint(self) -> QSize:
        """Give the height of two lines."""
        return QSize(86, _HEIGHT_PX)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for a kept picture or a style."""
        if has_zones(event.mimeData()):
            self._is_target = True
            event.acceptProposedAction()
            self.update()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark again."""
        self._is_target = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the dropped picture's zone."""
        self._is_target = False
        self.update()
        dropped = read_drop(event.mimeData(), zone=self.zone)
        if dropped is not None:
            event.acceptProposedAction()
            self.dropped.emit(dropped)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground, thumbnail, letter, two lines and the mark of the chosen."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        ground = tokens.raised if self.isChecked() else tokens.base
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(whole, 4, 4)
        if self._is_target or self.hasFocus() or self.underMouse():
            colour = tokens.accent if self._is_target or self.hasFocus() else tokens.edge
            painter.setPen(QPen(QColor(colour), 2 if self._is_target else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(whole, 4, 4)
        self._draw_thumb(painter, tokens)
        self._draw_words(painter, tokens)
        if self.isChecked():
            line = QRectF(5, self.height() - 4, self.width() - 10, 2.5)
            painter.fillRect(line, QColor(tokens.accent if self.isEnabled() else tokens.disabled))

    def _draw_thumb(self, painter: QPainter, tokens: Tokens) -> None:
        edge, size = self._thumb()
        top = (self.height() - 4 - size) / 2 + 0.5
        draw_source(
            painter,
            QRectF(edge, top, size, size),
            image=self._image,
            letter=self._letter,
            tokens=tokens,
        )

    def _thumb(self) -> tuple[float, float]:
        """Give margin and side of the thumbnail; smaller where the words need the room."""
        return (6.0, _THUMB_PX) if self.width() >= _ROOMY_PX else (4.0, 26.0)

    def _draw_words(self, painter: QPainter, tokens: Tokens) -> None:
        edge, size = self._thumb()
        left = edge + size + edge - 1
        width = self.width() - left - 1
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRectF(left, 4, width, 17), flags, self._cut(painter, self.text(), width=width)
        )
        font = QFont(self.font())
        font.setPixelSize(SECOND_PX)
        painter.setFont(font)
        painter.setPen(QColor(tokens.second))
        word = self._cut(painter, tr(ZONE_WORDS[self.zone]), width=width)
        painter.drawText(QRectF(left, 20, width, 16), flags, word)

    @staticmethod
    def _cut(painter: QPainter, text: str, *, width: float) -> str:
        metrics = painter.fontMetrics()
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width))

    def _name(self) -> None:
        word = tr(ZONE_WORDS[self.zone])
        said = tr("{zone}, {word}, from {letter}", zone=self.text(), word=word, letter=self._letter)
        self.setAccessibleName(said)
        if not self._is_there:
            self.setToolTip(tr("This model has no layers of this size."))
            return
        self.setToolTip(
            tr("Sliders change this zone when it is chosen; drop a kept picture to take its")
        )


def draw_source(
    painter: QPainter, place: QRectF, *, image: QImage | None, letter: str, tokens: Tokens
) -> None:
    """Draw the thumbnail of a source with its letter in the lower left corner."""
    if image is None:
        painter.fillRect(place, QColor(tokens.base))
    else:
        painter.drawImage(place, image)
    size = min(14.0, place.width() * 0.46)
    corner = QRectF(place.left(), place.bottom() - size, size, size)
    painter.fillRect(corner, QColor(0, 0, 0, 200))
    font = QFont(painter.font())
    font.setPixelSize(10)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(corner, Qt.AlignmentFlag.AlignCenter, letter)


class ZoneChips(QWidget):
    """The three chips side by side.

    Signals:
        zones_edited: Tuple of the chosen zones; never empty.
        dropped: `Dropped` on a zone.
    """

    zones_edited = Signal(object)
    dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.chips: dict[Zone, ZoneChip] = {zone: ZoneChip(zone, parent=self) for zone in ZONES}
        for chip in self.chips.values():
            row.addWidget(chip, 1)
            chip.clicked.connect(self._on_clicked)
            chip.dropped.connect(self.dropped)

    def show_zones(self, zones: tuple[Zone, ...]) -> None:
        """Show which zones are chosen."""
        for zone, chip in self.chips.items():
            chip.setChecked(zone in zones)

    def show_filled(self, filled: tuple[Zone, ...]) -> None:
        """Offer only the zones that the model has; none at all where it has no more than one."""
        for zone, chip in self.chips.items():
            chip.set_there(zone in filled)
        self.setVisible(len(filled) > 1)

    @Slot()
    def _on_clicked(self) -> None:
        chosen = tuple(zone for zone, chip in self.chips.items() if chip.isChecked())
        if not chosen:  # sliders that change nothing would only puzzle
            sender = self.sender()
            assert isinstance(sender, ZoneChip)
            sender.setChecked(True)
            return
        self.zones_edited.emit(chosen)
