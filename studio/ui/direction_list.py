"""The list of direction sliders: searched, starred first, drawn only where it is seen."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.app.latent_editor import LatentEditor
from studio.app.preferences import Preferences
from studio.app.strips import StripPicture
from studio.core.directions import DirectionEntry
from studio.ui.quiet_scroll_bar import keep_room
from studio.ui.slider_row import DirectionRow
from studio.ui.texts import tr, tr_sentence
from studio.ui.theme import mark


class DirectionList(QScrollArea):
    """Shows a row per direction and hands its wishes to the editor.

    Signals:
        view_changed: Other rows can be seen.
        gesture_began, gesture_ended: Around the changes of one move of the hand.
    """

    view_changed = Signal()
    gesture_began = Signal()
    gesture_ended = Signal()

    def __init__(
        self, editor: LatentEditor, preferences: Preferences, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._preferences = preferences
        self._entries: tuple[DirectionEntry, ...] = ()
        self._row_by_id: dict[str, DirectionRow] = {}
        self._wanted = ""
        self._shows_hidden = False
        self._is_compact = False
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_room(self)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(12, 0, 2, 8)  # the scroll bar's 10 px make up the rest
        self._column.setSpacing(2)
        self._nothing = mark(QLabel(), "second")
        self._nothing.setWordWrap(True)
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        self.setWidget(self._inside)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        preferences.changed.connect(self._on_preferences)
        self._remembered = preferences.values.directions

    @property
    def rows(self) -> tuple[DirectionRow, ...]:
        """The rows from the top, hidden and filtered ones left out."""
        return tuple(row for row in self._sorted_rows() if not row.isHidden())

    def row(self, direction: str) -> DirectionRow | None:
        """Give the row of a direction."""
        return self._row_by_id.get(direction)

    def set_directions(self, entries: Sequence[DirectionEntry]) -> None:
        """Show other directions."""
        if tuple(entries) == self._entries:
            return
        self._entries = tuple(entries)
        for row in self._row_by_id.values():
            self._column.removeWidget(row)
            row.deleteLater()
        self._row_by_id = {entry.id: self._make_row(entry) for entry in self._entries}
        self._arrange()

    def set_wanted(self, text: str) -> None:
        """Show only rows whose name holds a text."""
        if text != self._wanted:
            self._wanted = text
            self._arrange()

    def set_shows_hidden(self, shows_hidden: bool) -> None:
        """Show hidden rows, too."""
        if shows_hidden != self._shows_hidden:
            self._shows_hidden = shows_hidden
            self._arrange()

    @property
    def num_hidden(self) -> int:
        """How many of the model's rows are hidden."""
        return sum(self._preferences.direction(entry.id).is_hidden for entry in self._entries)

    def set_compact(self, is_compact: bool) -> None:
        """Show the strip of the row in use only, where there is little room."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self.refresh()

    def refresh(self) -> None:
        """Show the present strengths."""
        for direction, row in self._row_by_id.items():
            is_moved = self._editor.is_moved(direction)
            row.show_number(self._editor.strength(direction), is_moved=is_moved)
            row.set_has_strip(not self._is_compact or row.isAncestorOf(self._focused()))

    def show_picture(self, picture: StripPicture) -> None:
        """Put a picture into its strip."""
        row = self._row_by_id.get(picture.direction)
        if row is not None:
            row.strip.set_image(picture.place, picture.image)

    def visible_directions(self) -> list[str]:
        """Give the directions whose strips can be seen, top first."""
        if not self.isVisible():
            return []
        window = self.viewport().rect()
        found = []
        for row in self.rows:
            corner = row.mapTo(self.viewport(), QPoint(0, 0))
            if row.has_strip and window.intersects(QRect(corner, row.size())):
                found.append(row.direction)
        return found

    def focus_row(self, index: int) -> None:
        """Put the focus on a row's slider; nothing happens when there are fewer rows."""
        rows = self.rows
        if 0 <= index < len(rows):
            rows[index].slider.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.ensureWidgetVisible(rows[index], 0, 8)
            if self._is_compact:
                self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other rows may be seen."""
        super().resizeEvent(event)
        self.view_changed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Strips are wanted from now on."""
        super().showEvent(event)
        self.view_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Strips are not wanted any more."""
        super().hideEvent(event)
        self.view_changed.emit()

    def _focused(self) -> QWidget:
        focused: QWidget | None = self.window().focusWidget()
        return self if focused is None else focused

    def _make_row(self, entry: DirectionEntry) -> DirectionRow:
        row = DirectionRow(entry.id, self._name_of(entry), parent=self._inside)
        row.gesture_began.connect(self.gesture_began)
        row.gesture_ended.connect(self.gesture_ended)
        row.value_edited.connect(self._on_edited)
        row.reset_requested.connect(self._on_reset)
        row.renamed.connect(self._on_renamed)
        row.starred.connect(self._on_starred)
        row.hidden.connect(self._on_hidden)
        return row

    def _name_of(self, entry: DirectionEntry) -> str:
        return self._preferences.direction(entry.id).name or tr_sentence(entry.name)

    def _sorted_rows(self) -> list[DirectionRow]:
        starred = [not self._preferences.direction(entry.id).is_starred for entry in self._entries]
        order = sorted(range(len(self._entries)), key=lambda i: starred[i])
        return [self._row_by_id[self._entries[i].id] for i in order]

    def _arrange(self) -> None:
        wanted = self._wanted.casefold()
        entry_by_id = {entry.id: entry for entry in self._entries}
        for place, row in enumerate(self._sorted_rows()):
            kept = self._preferences.direction(row.direction)
            row.set_name(self._name_of(entry_by_id[row.direction]))
            row.set_starred(kept.is_starred)
            is_shown = (not kept.is_hidden or self._shows_hidden) and wanted in row.name.casefold()
            row.setVisible(is_shown)
            if self._column.indexOf(row) != place:
                self._column.insertWidget(place, row)
        self._nothing.setVisible(not self.rows)
        has_any = bool(self._entries)
        self._nothing.setText(
            tr("No direction has this name.")
            if has_any
            else tr("This model has no directions yet.")
        )
        self.refresh()
        self.view_changed.emit()

    def _sender_id(self) -> str:
        sender = self.sender()
        assert isinstance(sender, DirectionRow)
        return sender.direction

    @Slot(float)
    def _on_edited(self, strength: float) -> None:
        self._editor.set_strength(self._sender_id(), strength)

    @Slot()
    def _on_reset(self) -> None:
        self._editor.reset(self._sender_id())

    @Slot(str)
    def _on_renamed(self, name: str) -> None:
        direction = self._sender_id()
        own = next(tr_sentence(entry.name) for entry in self._entries if entry.id == direction)
        self._preferences.change_direction(direction, name="" if name == own else name)

    @Slot(bool)
    def _on_starred(self, is_starred: bool) -> None:
        self._preferences.change_direction(self._sender_id(), is_starred=is_starred)

    @Slot()
    def _on_hidden(self) -> None:
        direction = self._sender_id()
        is_hidden = self._preferences.direction(direction).is_hidden
        self._preferences.change_direction(direction, is_hidden=not is_hidden)

    @Slot(object)
    def _on_preferences(self, _values: object) -> None:
        directions = self._preferences.values.directions
        if directions != self._remembered:
            self._remembered = directions
            self._arrange()

    @Slot()
    def _on_scrolled(self) -> None:
        self.view_changed.emit()
