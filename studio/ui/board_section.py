"""The boards in the gallery's list: choose, make, name, remove, export, and drop pictures on them."""

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from studio.app.board_desk import BoardDesk
from studio.ui.board_menu import ask_board
from studio.ui.drag_types import MIME_ALL_KEPT
from studio.ui.icon_button import IconButton
from studio.ui.library_list import LibraryRow
from studio.ui.texts import tr
from studio.ui.theme import mark, tokens_of


class BoardRow(LibraryRow):
    """A board: what is dropped on it lies there from then on.

    Signals:
        dropped: Tuple of ids of kept pictures.
        menu_requested: Where on the screen.
        remove_requested: Delete was pressed.
    """

    dropped = Signal(object)
    menu_requested = Signal(object)
    remove_requested = Signal()

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(name, "layers", parent=parent)
        self.setAcceptDrops(True)
        self.setToolTip(name)
        self._is_lit = False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for kept pictures."""
        if event.mimeData().hasFormat(MIME_ALL_KEPT):
            event.acceptProposedAction()
            self._light(True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Go dark."""
        self._light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which pictures were dropped."""
        self._light(False)
        raw = bytes(event.mimeData().data(MIME_ALL_KEPT).data())
        event.acceptProposedAction()
        self.dropped.emit(tuple(raw.decode("ascii", "replace").split()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu, by mouse or key."""
        self.menu_requested.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the board."""
        if event.key() == Qt.Key.Key_Delete:
            self.remove_requested.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line, lit while pictures hang over it."""
        super().paintEvent(event)
        if self._is_lit:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(tokens_of(self.palette()).accent), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 2, -1, -2), 4, 4)

    def _light(self, is_lit: bool) -> None:
        self._is_lit = is_lit
        self.update()


class BoardSection(QWidget):
    """Lists the boards.

    Attributes:
        boards: Where they come from.

    Signals:
        export_requested: Name of a board to be written out as a set.
        removed: `RemovedBoard`.
    """

    export_requested = Signal(object)
    removed = Signal(object)

    def __init__(self, boards: BoardDesk, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boards = boards
        self._rows: dict[str, BoardRow] = {}
        self._group = QButtonGroup(self)
        self.every = LibraryRow(tr("Every board"), "grid")
        self.new = IconButton("plus", tr("New board…"), size=24)
        self._hint = mark(QLabel(tr("A board holds the pictures of one project.")), "second")
        self._hint.setWordWrap(True)
        self._hint.setContentsMargins(8, 0, 8, 4)
        head = QHBoxLayout()
        head.setContentsMargins(8, 10, 4, 2)
        head.addWidget(mark(QLabel(tr("Boards")), "second"), 1)
        head.addWidget(self.new)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._column.addWidget(self._hint)
        self._column.addWidget(self.every)
        self._group.addButton(self.every)
        self._group.buttonClicked.connect(self._on_clicked)
        self.new.clicked.connect(self.ask_new)
        boards.changed.connect(self._show)
        boards.chosen.connect(self._show)
        self._show()

    def row(self, name: str) -> BoardRow:
        """Give the row of a board."""
        return self._rows[name]

    def make_menu(self, name: str) -> QMenu:
        """Give the menu of a board; the caller deletes it."""
        menu = QMenu(self)
        menu.addAction(tr("Rename…"), partial(self._ask_name, name))
        export = menu.addAction(tr("Export as files"), partial(self.export_requested.emit, name))
        export.setEnabled(self.boards.counts.get(name, 0) > 0)
        menu.addSeparator()
        menu.addAction(tr("Remove board"), partial(self._remove, name))
        return menu

    @Slot()
    def ask_new(self) -> None:
        """Make a board and open it."""
        name = self.boards.make(ask_board(self, tr("New board")))
        if name:
            self.boards.choose(name)

    @Slot(object)
    def _show(self, _cause: object = None) -> None:
        counts = self.boards.counts
        if list(counts) != list(self._rows):
            self._build(list(counts))
        for name, count in counts.items():
            self._rows[name].show_count(count)
        self.every.show_count(self.boards.num_pictures)
        self.every.setVisible(bool(counts))
        self._hint.setVisible(not counts)
        present = self.boards.present
        row = self._rows.get(present)
        (row or self.every).setChecked(True)

    def _build(self, names: list[str]) -> None:
        for row in self._rows.values():
            self._group.removeButton(row)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {}
        for name in names:
            self._rows[name] = row = BoardRow(name)
            self._group.addButton(row)
            self._column.addWidget(row)
            row.dropped.connect(partial(self._on_dropped, name))
            row.menu_requested.connect(partial(self._open_menu, name))
            row.remove_requested.connect(partial(self._remove, name))

    def _on_dropped(self, name: str, ids: tuple[str, ...]) -> None:
        self.boards.put_ids(ids, name)

    def _open_menu(self, name: str, place: object) -> None:
        menu = self.make_menu(name)
        menu.exec(place)  # type: ignore[call-overload]
        menu.deleteLater()

    def _ask_name(self, name: str) -> None:
        self.boards.rename(name, ask_board(self, tr("Rename board"), text=name))

    def _remove(self, name: str) -> None:
        self.removed.emit(self.boards.remove(name))

    @Slot(QAbstractButton)
    def _on_clicked(self, button: QAbstractButton) -> None:
        self.boards.choose("" if button is self.every else button.text())
