"""The list at the left of the gallery page: what there is, with counts."""

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.app.gallery_counts import GalleryCounts
from studio.app.item_models import GalleryFilter, Kind
from studio.ui.icons import pixmap
from studio.ui.seed_row import group_digits
from studio.ui.texts import N_, tr
from studio.ui.theme import SECOND_PX, mark, tokens_of

_ROW_PX: Final = 32
_KINDS: Final[tuple[tuple[Kind, str, str], ...]] = (
    ("all", N_("All pictures"), "grid"),
    ("today", N_("Kept today"), "clock"),
    ("starred", N_("Starred"), "star"),
    ("trash", N_("Bin"), "trash"),
)


class LibraryRow(QAbstractButton):
    """One line: icon, name, count; a blue mark at the left of the chosen."""

    def __init__(self, name: str, icon_name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._count = 0
        self.setText(name)
        self.setCheckable(True)
        self.setFixedHeight(_ROW_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """Show how many there are."""
        self._count = count
        self.setAccessibleName(f"{self.text()}, {count}")
        self.update()

    def sizeHint(self) -> QSize:
        """Give a row's size."""
        return QSize(160, _ROW_PX)

    def event(self, event: QEvent) -> bool:
        """Show the pointer."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the line."""
        tokens = tokens_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(QColor(tokens.raised if self.isChecked() else tokens.base))
            painter.drawRoundedRect(place, 4, 4)
        if self.isChecked():
            painter.fillRect(QRectF(0, 9, 3, self.height() - 18), QColor(tokens.accent))
        if self.hasFocus():
            painter.setPen(QColor(tokens.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        colour = tokens.text if self.isChecked() else tokens.second
        sign = pixmap(self._icon_name, size=18, colour=colour, ratio=2.0)
        painter.drawPixmap(12, (self.height() - 18) // 2, sign)
        count = group_digits(self._count)
        font = self.font()
        font.setPixelSize(SECOND_PX)
        painter.setFont(font)
        painter.setPen(QColor(tokens.second))
        room = place.adjusted(40, 0, -10, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, count)
        wide = painter.fontMetrics().horizontalAdvance(count) + 10
        painter.setFont(self.font())
        painter.setPen(QColor(tokens.text))
        words = room.adjusted(0, 0, -wide, 0)
        name = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, int(words.width())
        )
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, name)


class LibraryList(QScrollArea):
    """Lets choose what the gallery shows.

    Signals:
        filter_chosen: `GalleryFilter` without search words.
    """

    filter_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("Library"))
        inside = mark(QWidget(), "panel")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(0)
        title = mark(QLabel(tr("Library")), "title")
        title.setContentsMargins(4, 4, 0, 6)
        self._column.addWidget(title)
        self._group = QButtonGroup(self)
        self._filter_by_row: dict[LibraryRow, GalleryFilter] = {}
        self._row_by_kind: dict[str, LibraryRow] = {}
        for kind, name, icon_name in _KINDS:
            row = LibraryRow(tr(name), icon_name)
            self._row_by_kind[kind] = row
            self._add(row, GalleryFilter(kind=kind))
        self._tag_title = mark(QLabel(tr("Tags")), "second")
        self._tag_title.setContentsMargins(8, 12, 0, 4)
        self._column.addWidget(self._tag_title)
        self._row_by_tag: dict[str, LibraryRow] = {}
        self._column.addStretch(1)
        self.setWidget(inside)
        self._row_by_kind["all"].setChecked(True)
        self._group.buttonClicked.connect(self._on_clicked)

    def row(self, kind: str) -> LibraryRow:
        """Give the row of a kind: "all", "today", "starred", "trash"."""
        return self._row_by_kind[kind]

    def tag_row(self, tag: str) -> LibraryRow | None:
        """Give the row of a tag."""
        return self._row_by_tag.get(tag)

    def add_section(self, section: QWidget) -> None:
        """Put something above the tags."""
        self._column.insertWidget(self._column.indexOf(self._tag_title), section)

    def show_counts(self, counts: GalleryCounts) -> None:
        """Show how much there is of each."""
        numbers = (counts.total, counts.today, counts.starred, counts.trash)
        for row, number in zip(self._row_by_kind.values(), numbers, strict=True):
            row.show_count(number)
        tags = dict(counts.by_tag)
        for tag in [tag for tag in self._row_by_tag if tag not in tags]:
            self._remove_tag(tag)
        for tag, number in tags.items():
            if tag not in self._row_by_tag:
                self._row_by_tag[tag] = row = LibraryRow(tag, "tag")
                self._add(row, GalleryFilter(tag=tag))
            self._row_by_tag[tag].show_count(number)
        self._tag_title.setVisible(bool(tags))

    def _add(self, row: LibraryRow, wanted: GalleryFilter) -> None:
        self._filter_by_row[row] = wanted
        self._group.addButton(row)
        at_end = self._column.count() - 1 if wanted.tag else self._column.count()
        self._column.insertWidget(at_end, row)

    def _remove_tag(self, tag: str) -> None:
        row = self._row_by_tag.pop(tag)
        was_chosen = row.isChecked()
        self._group.removeButton(row)
        self._column.removeWidget(row)
        del self._filter_by_row[row]
        row.deleteLater()
        if was_chosen:
            self._row_by_kind["all"].setChecked(True)
            self.filter_chosen.emit(GalleryFilter())

    @Slot(QAbstractButton)
    def _on_clicked(self, button: QAbstractButton) -> None:
        if isinstance(button, LibraryRow):
            self.filter_chosen.emit(self._filter_by_row[button])
