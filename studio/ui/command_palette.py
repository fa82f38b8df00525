"""The command palette (Ctrl K): everything the window can do, found by a few letters."""

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui.fuzzy import match
from studio.ui.icons import paint_icon
from studio.ui.texts import tr
from studio.ui.theme import mark, tokens_of

_ROW_PX: Final = 32
_WIDTH_PX: Final = 560
_MAX_ROWS: Final = 11
Index = QModelIndex | QPersistentModelIndex


class Entry(msgspec.Struct, frozen=True):
    """One line of the palette.

    Attributes:
        key: What is given back when it is chosen.
        text: What it says, in the chosen language.
        place: Where it is found otherwise, for example the menu.
        keys: Its shortcut as written on this system.
        icon: Its icon, "" for none.
        is_possible: Whether it can be done now.
        other_text: Its English text, found as well.
    """

    key: str
    text: str
    place: str = ""
    keys: str = ""
    icon: str = ""
    is_possible: bool = True
    other_text: str = ""


def arrange(entries: Sequence[Entry], query: str, *, recent: Sequence[str]) -> list[Entry]:
    """Give the entries that fit, best first; without a query the last used come first."""
    rank = {key: place for place, key in enumerate(recent)}
    if not query.strip():
        return sorted(entries, key=lambda entry: rank.get(entry.key, len(rank)))
    scored = []
    for entry in entries:
        texts = (entry.text, f"{entry.place} {entry.text}", entry.other_text)
        found = [fit for fit in (match(query, text) for text in texts if text) if fit is not None]
        if found:
            bonus = 3.0 if entry.key in rank else 0.0
            scored.append((-max(found) - bonus, rank.get(entry.key, len(rank)), entry))
    return [entry for _, _, entry in sorted(scored, key=lambda item: item[:2])]


class PaletteModel(QAbstractListModel):
    """The lines as a list; `Qt.UserRole` is the `Entry`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []

    def set_entries(self, entries: list[Entry]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def entry(self, row: int) -> Entry:
        """Give a line."""
        return self._entries[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Give the number of lines."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give a line's text, its spoken form or itself."""
        if not index.isValid() or not 0 <= index.row() < len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.text, entry.place, entry.keys) if part)
        return entry if role == Qt.ItemDataRole.UserRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Leave out what cannot be done now."""
        flags = super().flags(index)
        if index.isValid() and not self._entries[index.row()].is_possible:
            return flags & ~Qt.ItemFlag.ItemIsEnabled
        return flags


class PaletteDelegate(QStyledItemDelegate):
    """Draws icon, text, place and shortcut of a line."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Give the height of a row."""
        return QSize(_WIDTH_PX, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a line."""
        entry = index.data(Qt.ItemDataRole.UserRole)
        area: QRect = option.rect
        tokens = tokens_of(option.palette)
        state = option.state
        is_chosen = bool(state & option.state.State_Selected)
        painter.save()
        text_colour = tokens.text if entry.is_possible else tokens.disabled
        second = tokens.second if entry.is_possible else tokens.disabled
        if is_chosen:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.fill))
            painter.drawRoundedRect(area.adjusted(4, 1, -4, -1), 4, 4)
            text_colour = second = "#ffffff"
        if entry.icon:
            box = QRect(area.left() + 14, area.center().y() - 9, 18, 18).toRectF()
            paint_icon(painter, box, name=entry.icon, colour=text_colour)
        row = area.adjusted(44, 0, -16, 0)
        vertical = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(second))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight | vertical, entry.keys)
        right = painter.fontMetrics().horizontalAdvance(entry.keys) + 16
        painter.setPen(QColor(text_colour))
        room = row.adjusted(0, 0, -right, 0)
        shown = painter.fontMetrics().elidedText(
            entry.text, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | vertical, shown)
        beside = room.adjusted(painter.fontMetrics().horizontalAdvance(shown) + 12, 0, 0, 0)
        painter.setPen(QColor(second))
        painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | vertical, entry.place)
        painter.restore()


class CommandPalette(QWidget):
    """Lies over the window; arrows choose, Enter does it, Escape leaves.

    Signals:
        chosen: Key of the chosen entry, after the palette was closed.
        closed: It was left, with or without a choice.
    """

    chosen = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "popup")
        self.setAccessibleName(tr("Search commands"))
        self._entries: Sequence[Entry] = ()
        self._recent: Sequence[str] = ()
        self._field = QLineEdit(self)
        self._field.setPlaceholderText(tr("Search commands, models and sliders"))
        self._field.setAccessibleName(tr("Search commands, models and sliders"))
        self._field.textChanged.connect(self._fill)
        self._field.installEventFilter(self)
        self._list = QListView(self)
        self._list.setUniformItemSizes(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setAccessibleName(tr("Commands found"))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = PaletteModel(self)
        self._list.setModel(self._model)
        self._list.setItemDelegate(PaletteDelegate(self))
        self._list.setMouseTracking(True)
        self._list.clicked.connect(self._on_clicked)
        self._nothing = mark(QLabel(tr("Nothing found. Try another word."), self), "second")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._field)
        column.addWidget(self._list, 1)
        column.addWidget(self._nothing)
        self.hide()

    @property
    def field(self) -> QLineEdit:
        """The field of the query."""
        return self._field

    def shown_entries(self) -> list[Entry]:
        """Give the lines shown, best first."""
        return [self._model.entry(row) for row in range(self._model.rowCount())]

    def open(self, entries: Sequence[Entry], *, recent: Sequence[str]) -> None:
        """Show the palette with all that can be chosen now."""
        self._entries, self._recent = entries, recent
        parent = self.parentWidget()
        assert parent is not None
        width = min(_WIDTH_PX, parent.width() - 32)
        rows = min(_MAX_ROWS, max(3, (parent.height() - 160) // _ROW_PX))
        height = rows * _ROW_PX + self._field.sizeHint().height() + 24
        self.setGeometry((parent.width() - width) // 2, 80, width, height)
        self._field.clear()
        self._fill()
        self.show()
        self.raise_()
        self._field.setFocus()

    def close_now(self) -> None:
        """Leave without a choice."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows, Enter and Escape in the field steer the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._take_key(event.key()) or super().eventFilter(watched, event)
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.close_now()
        return super().eventFilter(watched, event)

    def _take_key(self, key: int) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: 8,
            Qt.Key.Key_PageUp: -8,
        }
        if key in steps:
            self._move(steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._list.currentIndex().row())
        elif key == Qt.Key.Key_Escape:
            self.close_now()
        else:
            return False
        return True

    def _move(self, step: int) -> None:
        count = self._model.rowCount()
        if count:
            row = min(max(self._list.currentIndex().row() + step, 0), count - 1)
            self._list.setCurrentIndex(self._model.index(row))

    @Slot()
    def _fill(self) -> None:
        found = arrange(self._entries, self._field.text(), recent=self._recent)
        self._model.set_entries(found)
        self._list.setVisible(bool(found))
        self._nothing.setVisible(not found)
        if found:
            self._list.setCurrentIndex(self._model.index(0))

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self._choose(index.row())

    def _choose(self, row: int) -> None:
        if not 0 <= row < self._model.rowCount():
            return
        entry = self._model.entry(row)
        if entry.is_possible:
            self.close_now()
            self.chosen.emit(entry.key)
