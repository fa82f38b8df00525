"""What can be dropped on the window, and the zones that light up for a kept picture."""

from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QByteArray, QMimeData, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from studio.core.recipe import ZONES, Zone
from studio.ui.drag_types import MIME_KEPT, MIME_RECIPE, MIME_STYLE
from studio.ui.texts import N_, tr
from studio.ui.theme import tokens_of

FRAME_PX: Final = 24
_PNG: Final = "image/png"
ZONE_TEXTS: Final[dict[Zone, tuple[str, str]]] = {
    "coarse": (N_("Coarse"), N_("layout")),
    "medium": (N_("Medium"), N_("forms")),
    "fine": (N_("Fine"), N_("colour")),
}


class Dropped(msgspec.Struct, frozen=True):
    """Something that was dropped or pasted; exactly one of the first six is given.

    Attributes:
        kept: Id of a kept picture.
        style: Key of a named style.
        recipe: Bytes of a recipe's JSON.
        paths: Files and folders.
        png: Bytes that call themselves a PNG, from another program; nothing of them was read.
        image: A picture without a file, from a program that gives no PNG.
        zone: The zone it was dropped on, None when it was dropped as a whole.
    """

    kept: str | None = None
    style: str | None = None
    recipe: bytes | None = None
    paths: tuple[Path, ...] = ()
    png: bytes | None = None
    image: QImage | None = None
    zone: Zone | None = None


def read_drop(mime: QMimeData, *, zone: Zone | None = None) -> Dropped | None:
    """Give what a drag or the clipboard carries, our own kinds first; None when we cannot use it."""
    if mime.hasFormat(MIME_KEPT):
        return Dropped(kept=_bytes(mime.data(MIME_KEPT)).decode("ascii", "replace"), zone=zone)
    if mime.hasFormat(MIME_STYLE):
        return Dropped(style=_bytes(mime.data(MIME_STYLE)).decode("ascii", "replace"), zone=zone)
    if mime.hasFormat(MIME_RECIPE):
        return Dropped(recipe=_bytes(mime.data(MIME_RECIPE)), zone=zone)
    paths = tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    if paths:
        return Dropped(paths=paths)
    if mime.hasFormat(_PNG):  # it may carry a recipe, which Qt's reader would leave out
        return Dropped(png=_bytes(mime.data(_PNG)))
    if mime.hasImage():
        image = QImage(mime.imageData())
        return None if image.isNull() else Dropped(image=image)
    return None


def can_take(mime: QMimeData) -> bool:
    """Say whether a drag could be dropped, without decoding anything."""
    return (
        has_zones(mime)
        or mime.hasImage()
        or mime.hasFormat(_PNG)
        or any(url.isLocalFile() for url in mime.urls())
    )


def has_zones(mime: QMimeData) -> bool:
    """Say whether a drag can be dropped on one zone."""
    return any(mime.hasFormat(name) for name in (MIME_KEPT, MIME_STYLE, MIME_RECIPE))


def _bytes(array: QByteArray) -> bytes:
    return bytes(array.data())


class DropZones(QWidget):
    """Shows over the canvas where things can be dropped; it never takes the mouse itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._has_zones = False
        self._lit: Zone | None = None
        self._room = QRectF()
        self.hide()

    @property
    def lit(self) -> Zone | None:
        """The zone under the pointer."""
        return self._lit

    def open(self, room: QRectF, *, zones: bool) -> None:
        """Show the frame around `room`, with its zones or whole."""
        self._room, self._has_zones, self._lit = room, zones, None
        self.show()
        self.raise_()
        self.update()

    def point_at(self, place: QPointF) -> None:
        """Light the zone under the pointer."""
        lit: Zone | None = None
        if self._has_zones and self._room.contains(place):
            step = self._room.width() / len(ZONES)
            lit = ZONES[min(int((place.x() - self._room.left()) / step), len(ZONES) - 1)]
        if lit != self._lit:
            self._lit = lit
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame, and the three zones as clear panes with their names."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.accent), 2))
        if not self._has_zones:
            painter.drawRoundedRect(self._room.adjusted(-3, -3, 3, 3), 4, 4)
            return
        wide = self._room.width() / len(ZONES)
        for place, zone in enumerate(ZONE_TEXTS):
            left = self._room.left() + place * wide
            pane = QRectF(left, self._room.top(), wide, self._room.height()).adjusted(3, 0, -3, 0)
            self._paint_pane(painter, pane, zone=zone)

    def _paint_pane(self, painter: QPainter, pane: QRectF, *, zone: Zone) -> None:
        tokens = tokens_of(self.palette())
        is_lit = zone == self._lit
        ground = QColor(tokens.fill if is_lit else "#101010")
        ground.setAlphaF(0.45 if is_lit else 0.35)
        painter.setBrush(ground)
        painter.setPen(QPen(QColor(tokens.accent if is_lit else "#ffffff"), 2 if is_lit else 1))
        painter.drawRoundedRect(pane, 4, 4)
        name, what = ZONE_TEXTS[zone]
        label = QRectF(pane.center().x() - 60, pane.center().y() - 24, 120, 48)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 180))
        painter.drawRoundedRect(label, 4, 4)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, f"{tr(name)}\n{tr(what)}")


class DropSurface(QWidget):
    """A widget that takes what artists drop on it.

    Signals:
        dropped: `Dropped`.
    """

    dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._zones = DropZones(self)

    def picture_area(self) -> QRectF:
        """Give where the picture lies; the whole surface lights up where it is empty."""
        return QRectF()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for what can be used."""
        if not can_take(event.mimeData()):
            return
        area = self.picture_area()
        whole = QRectF(self.rect()).adjusted(FRAME_PX, FRAME_PX, -FRAME_PX, -FRAME_PX)
        self._zones.setGeometry(self.rect())
        self._zones.open(
            area.intersected(whole) if not area.isEmpty() else whole,
            zones=has_zones(event.mimeData()) and not area.isEmpty(),
        )
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Light the zone under the pointer."""
        self._zones.point_at(event.position())
        event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark."""
        self._zones.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped, and on which zone."""
        self._zones.point_at(event.position())
        self._zones.hide()
        dropped = read_drop(event.mimeData(), zone=self._zones.lit)
        if dropped is not None:
            event.acceptProposedAction()
            self.dropped.emit(dropped)
