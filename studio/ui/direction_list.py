"""The list of direction sliders: searched, starred first, drawn only where it is seen."""

from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from studio.app.direction_desk import DirectionDesk
from studio.app.latent_editor import LatentEditor
from studio.app.strips import StripPicture
from studio.core.directions import DirectionEntry
from studio.ui.direction_rest import DirectionRest
from studio.ui.row_scroll import RowScroll
from studio.ui.slider_row import DirectionRow
from studio.ui.texts import tr_sentence

FIRST_ROWS: Final = 7  # more are not seen at once in a window of usual size
MORE_ROWS: Final = 1  # three held the window for 58 ms while a training had the other core


class DirectionList(RowScroll):
    """Shows a row per direction and hands its wishes to the editor and the desk.

    Signals:
        gesture_began, gesture_ended: Around the changes of one move of the hand.
        hidden: Id of a slider that the artist hid; it can be brought back.
        removed: `TaughtDirection` that was taken out, too.
        teach_requested: From the empty list.
    """

    gesture_began = Signal()
    gesture_ended = Signal()
    hidden = Signal(object)
    removed = Signal(object)
    teach_requested = Signal()

    def __init__(
        self, editor: LatentEditor, desk: DirectionDesk, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._desk = desk
        self._entries: tuple[DirectionEntry, ...] = ()
        self._row_by_id: dict[str, DirectionRow] = {}
        self._wanted = ""
        self._shows_hidden = False
        self._is_compact = False
        self._lay_out()
        self.dropped_before.connect(self._on_dropped)
        desk.changed.connect(self._on_desk)
        self._on_desk(None)

    def _lay_out(self) -> None:
        self._column = self.column
        self._rest = DirectionRest()
        self._rest.teach_requested.connect(self.teach_requested)
        self._rest.hidden_requested.connect(self._toggle_hidden)
        self._column.addWidget(self._rest)
        self._column.addStretch(1)

    @property
    def rows(self) -> tuple[DirectionRow, ...]:
        """The rows from the top, hidden and filtered ones left out."""
        rows = (self._row_by_id.get(entry.id) for entry in self._entries)
        return tuple(row for row in rows if row is not None and not row.isHidden())

    @property
    def is_whole(self) -> bool:
        """Whether all rows are there; some are made after the others."""
        return len(self._row_by_id) == len(self._entries)

    def row(self, direction: str) -> DirectionRow | None:
        """Give the row of a direction."""
        return self._row_by_id.get(direction)

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
    def shows_hidden(self) -> bool:
        """Whether hidden rows are shown, too."""
        return self._shows_hidden

    @property
    def num_hidden(self) -> int:
        """How many of the model's rows are hidden."""
        return sum(self._desk.note(entry.id).is_hidden for entry in self._entries)

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
            row.set_has_strip(not self._is_compact or row.isAncestorOf(_focused_at(self)))

    def show_picture(self, picture: StripPicture) -> None:
        """Put a picture into its strip."""
        if (row := self._row_by_id.get(picture.direction)) is not None:
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

    def seen_rows(self) -> tuple[DirectionRow, ...]:
        """Give the rows that a drop can lie between."""
        return self.rows

    @Slot(object)
    def _on_dropped(self, dropped: tuple[str, str]) -> None:
        direction, before = dropped
        if direction in self._row_by_id and before != direction:
            self._put_before(direction, before)

    def _put_before(self, direction: str, before: str) -> None:
        others = [entry.id for entry in self._entries if entry.id != direction]
        self._desk.move(direction, others.index(before) if before else len(others))

    def _make_row(self, entry: DirectionEntry) -> DirectionRow:
        row = DirectionRow(entry.id, tr_sentence(entry.name), parent=self.inside)
        row.gesture_began.connect(self.gesture_began)
        row.gesture_ended.connect(self.gesture_ended)
        row.value_edited.connect(self._on_edited)
        row.reset_requested.connect(self._on_reset)
        row.renamed.connect(self._on_renamed)
        row.starred.connect(self._on_starred)
        row.hidden.connect(self._on_hidden)
        row.moved.connect(self._on_moved)
        row.kept.connect(self._on_kept)
        row.removed.connect(self._on_removed)
        return row

    @Slot(object)
    def _on_desk(self, _cause: object) -> None:
        """Make rows for new sliders, take away those of sliders that are gone."""
        self._entries = self._desk.entries
        wanted = {entry.id: entry for entry in self._entries}
        for direction in self._row_by_id.keys() - wanted.keys():
            row = self._row_by_id.pop(direction)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._make_rows(max(MORE_ROWS, FIRST_ROWS - len(self._row_by_id)))

    @Slot()
    def _make_more(self) -> None:
        self._make_rows(MORE_ROWS)

    def _make_rows(self, count: int) -> None:
        """Make the next rows from the top: all at once they take 100 ms, one takes 4 ms."""
        missing = [entry for entry in self._entries if entry.id not in self._row_by_id]
        for entry in missing[:count]:
            self._row_by_id[entry.id] = self._make_row(entry)
        self._arrange()
        if not self.is_whole:  # the hand comes first
            QTimer.singleShot(0, self, self._make_more)

    def _arrange(self) -> None:
        wanted = self._wanted.casefold()
        made = [entry for entry in self._entries if entry.id in self._row_by_id]
        for place, entry in enumerate(made):
            row, note = self._row_by_id[entry.id], self._desk.note(entry.id)
            row.set_name(tr_sentence(entry.name))
            row.set_starred(note.is_starred)
            row.set_hidden(note.is_hidden)
            row.set_unit(self._desk.unit(entry.id))
            is_guest = self._desk.is_guest(entry.id)
            row.set_taught(is_taught=self._desk.taught(entry.id) is not None, is_guest=is_guest)
            is_shown = (not note.is_hidden or self._shows_hidden) and wanted in row.name.casefold()
            if self._column.indexOf(row) != place:
                self._column.insertWidget(place, row)
            row.setVisible(is_shown)
        self._rest.setVisible(self.is_whole)
        self._rest.say(
            num_all=len(self._entries),
            num_shown=len(self.rows),
            num_hidden=0 if wanted else self.num_hidden,
            is_searched=bool(wanted),
            shows_hidden=self._shows_hidden,
        )
        self.refresh()
        self.view_changed.emit()

    @Slot()
    def _toggle_hidden(self) -> None:
        self.set_shows_hidden(not self._shows_hidden)

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
        own = tr_sentence(self._desk.own_name(direction))
        self._desk.rename(direction, "" if name == own else name)

    @Slot(bool)
    def _on_starred(self, is_starred: bool) -> None:
        self._desk.star(self._sender_id(), is_starred)

    @Slot(bool)
    def _on_hidden(self, is_hidden: bool) -> None:
        direction = self._sender_id()
        self._desk.hide(direction, is_hidden)
        if is_hidden:
            self.hidden.emit(direction)

    @Slot(int)
    def _on_moved(self, step: int) -> None:
        """Put a row before or after its neighbour that is seen, and keep it in sight and in focus."""
        direction = self._sender_id()
        shown = [row.direction for row in self.rows]
        place = shown.index(direction) + (step if step < 0 else 2)
        if place < 0:
            return
        self._put_before(direction, shown[place] if place < len(shown) else "")
        self.ensureWidgetVisible(self._row_by_id[direction], 0, 8)

    @Slot()
    def _on_kept(self) -> None:
        self._desk.adopt(self._sender_id())

    @Slot()
    def _on_removed(self) -> None:
        if (taught := self._desk.taught(self._sender_id())) is not None:
            self._desk.remove(taught.id)
            self.removed.emit(taught)


def _focused_at(widget: QWidget) -> QWidget:
    focused: QWidget | None = widget.window().focusWidget()
    return widget if focused is None else focused
