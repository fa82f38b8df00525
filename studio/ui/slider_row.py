"""One direction: name, reset, value, slider and the strip of what it does."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QByteArray, QMimeData, QPoint, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from studio.app.strips import POSITIONS
from studio.core.recipe import MAX_STRENGTH
from studio.ui.drag_types import MIME_DIRECTION
from studio.ui.fine_slider import FineSlider
from studio.ui.icon_button import IconButton
from studio.ui.name_in_place import NameInPlace
from studio.ui.number_box import NumberBox
from studio.ui.preview_strip import PreviewStrip
from studio.ui.texts import tr

_END: Final = 3.0  # the slider's ends; the box takes numbers up to what a recipe may hold


class DirectionRow(QWidget):
    """Shows one direction and asks for changes.

    Signals:
        gesture_began, gesture_ended: Around the changes of one move of the hand.
        value_edited: The number chosen.
        reset_requested: Back to 0 in all zones.
        renamed: The artist's name for it, "" for its own.
        starred: Whether it stands first.
        hidden: Whether it is not to be shown.
        moved: −1 for one place up, 1 for one down.
        kept: A slider that came with a picture is to stay.
        removed: A taught slider is to go.
    """

    gesture_began = Signal()
    value_edited = Signal(float)
    gesture_ended = Signal()
    reset_requested = Signal()
    renamed = Signal(str)
    starred = Signal(bool)
    hidden = Signal(bool)
    moved = Signal(int)
    kept = Signal()
    removed = Signal()

    def __init__(self, direction: str, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.direction = direction
        self._is_starred = self._is_hidden = self._is_taught = self._is_guest = False
        self._has_strip = True
        self.name_field = NameInPlace(name)
        self._star = IconButton("star-filled", tr("Starred"), size=20)
        self._star.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._reset = IconButton("reset", tr("Back to 0"), size=24)
        self.box = NumberBox(-MAX_STRENGTH, MAX_STRENGTH, name=name, is_signed=True)
        self.slider = FineSlider(-_END, _END, name=name, default=0.0)
        self.slider.setToolTip(tr("Double-click for 0, Shift for fine moves"))
        self.strip = PreviewStrip(POSITIONS, name=name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._lay_out()
        self._connect()
        self.set_starred(False)
        self.show_number(0.0, is_moved=False)

    @property
    def name(self) -> str:
        """The name shown."""
        return self.name_field.text

    def set_name(self, name: str) -> None:
        """Show another name."""
        self.name_field.set_text(name)
        for widget in (self.box, self.slider):
            widget.setAccessibleName(name)
        self.strip.setAccessibleName(tr("Previews of {name}", name=name))

    def set_starred(self, is_starred: bool) -> None:
        """Show whether it has a star."""
        self._is_starred = is_starred
        self._star.setVisible(is_starred)

    def set_hidden(self, is_hidden: bool) -> None:
        """Show that it is one of the hidden ones."""
        if is_hidden != self._is_hidden:
            self._is_hidden = is_hidden
            self.name_field.set_quiet(is_hidden)

    def set_taught(self, *, is_taught: bool, is_guest: bool) -> None:
        """Say whether it was taught, here or elsewhere."""
        self._is_taught, self._is_guest = is_taught, is_guest
        self._keep.setVisible(is_guest)

    def set_unit(self, unit: float) -> None:
        """Set how many σ one unit is: a recipe holds at most so many of them."""
        most = MAX_STRENGTH / unit
        if abs(self.box.maximum() - most) > 1e-6:
            self.box.set_reach(-most, most)

    def set_has_strip(self, has_strip: bool) -> None:
        """Show the strip, or only name and slider where there is little room."""
        self._has_strip = has_strip
        self.strip.setVisible(has_strip)

    @property
    def has_strip(self) -> bool:
        """Whether the strip is shown."""
        return self._has_strip

    def show_number(self, number: float, *, is_moved: bool) -> None:
        """Show the strength in the chosen zones, and whether there is anything to reset."""
        self.box.show_number(number)
        self.slider.show_number(number)
        self.strip.show_number(number)
        if self._reset.isEnabled() != is_moved or self._reset.isHidden() == is_moved:
            self._reset.setEnabled(is_moved)
            self._reset.setVisible(is_moved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the slider's scale over the strip's pictures."""
        super().resizeEvent(event)
        self.slider.set_inset_px(self._cell_px() / 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt with an arrow puts the row elsewhere."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.moved.emit(step)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what is rare."""
        menu = self.make_menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

    def make_menu(self) -> QMenu:
        """Give the menu of this row; the caller deletes it."""
        menu = QMenu(self)
        menu.addAction(tr("Rename"), self.name_field.edit)
        star = tr("Remove star") if self._is_starred else tr("Star")
        menu.addAction(star, self._toggle_star)
        menu.addAction(tr("Show again") if self._is_hidden else tr("Hide"), self._toggle_hidden)
        _add_keyed(menu, tr("Move up"), keys="Alt+Up", do=lambda: self.moved.emit(-1))
        _add_keyed(menu, tr("Move down"), keys="Alt+Down", do=lambda: self.moved.emit(1))
        menu.addSeparator()
        menu.addAction(tr("Copy value"), self._copy_value)
        menu.addAction(tr("Reset"), self.reset_requested.emit).setEnabled(self._reset.isEnabled())
        if self._is_guest:
            menu.addSeparator()
            menu.addAction(tr("Keep this slider"), self.kept.emit)
        elif self._is_taught:
            menu.addSeparator()
            menu.addAction(tr("Remove"), self.removed.emit)
        return menu

    def _cell_px(self) -> float:
        count = len(POSITIONS)
        return (self.width() - 2 * (count - 1)) / count

    def _lay_out(self) -> None:
        self._keep = IconButton("keep", tr("Keep this slider"), size=24)
        self._keep.hide()
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.name_field, 1)
        for widget in (self._star, self._keep, self._reset, self.box):
            head.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.slider)
        column.addWidget(self.strip)

    def _connect(self) -> None:
        self.slider.gesture_began.connect(self.gesture_began)
        self.slider.gesture_ended.connect(self.gesture_ended)
        self.slider.value_edited.connect(self.value_edited)
        self.slider.default_requested.connect(self.reset_requested)
        self.box.number_edited.connect(self.value_edited)
        self.strip.position_chosen.connect(self.value_edited)
        self._reset.clicked.connect(self.reset_requested)
        self._keep.clicked.connect(self.kept)
        self.name_field.renamed.connect(self.renamed)
        self.name_field.left.connect(self._focus_slider)
        self.name_field.drag_began.connect(self._drag)

    @Slot()
    def _focus_slider(self) -> None:
        self.slider.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _drag(self) -> None:
        mime = QMimeData()
        mime.setData(MIME_DIRECTION, QByteArray(self.direction.encode("ascii")))
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.setPixmap(_ghost_of(self))
        drag.setHotSpot(QPoint(12, 12))
        drag.exec(Qt.DropAction.MoveAction)

    @Slot()
    def _copy_value(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.box.value():.2f}")

    @Slot()
    def _toggle_star(self) -> None:
        self.starred.emit(not self._is_starred)

    @Slot()
    def _toggle_hidden(self) -> None:
        self.hidden.emit(not self._is_hidden)


def _ghost_of(row: QWidget) -> QPixmap:
    """Give what the pointer takes along: 60 % of the row."""
    ghost = QPixmap(row.grab().size())
    ghost.setDevicePixelRatio(row.devicePixelRatioF())
    ghost.fill(Qt.GlobalColor.transparent)
    painter = QPainter(ghost)
    painter.setOpacity(0.6)
    painter.drawPixmap(0, 0, row.grab())
    painter.end()
    return ghost


def _add_keyed(menu: QMenu, text: str, *, keys: str, do: Callable[[], object]) -> None:
    """Add an entry whose key works in the row itself, and is only shown here."""
    menu.addAction(f"{text}\t{keys}", do)
