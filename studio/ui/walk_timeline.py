"""The time line of a walk: pictures on their times, the play head, and the hand on them."""

from collections.abc import Callable
from functools import partial
from typing import Final, Literal

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.app.small_pictures import SmallPictures
from studio.app.walk_course import WalkCourse
from studio.app.walk_desk import WalkDesk
from studio.app.walk_player import WalkPlayer
from studio.ui.canvas_drop import has_zones, read_drop
from studio.ui.texts import tr
from studio.ui.walk_layout import RULER_PX, THUMB_PX, WalkLayout, lay_walk
from studio.ui.walk_paint import Painted, paint_walk

HEIGHT_PX: Final = RULER_PX + 8 + THUMB_PX + 24
_FINE_S: Final = 0.1
_COARSE_S: Final = 1.0
Doing = Literal["nothing", "scrub", "press", "move"]
_DRAG_PX: Final = 4
_PLAIN: Final = Qt.KeyboardModifier.NoModifier


class WalkTimeline(QWidget):
    """Shows the present walk and lets it be changed by hand and keys.

    Signals:
        dropped: (`Dropped`, place): something to be added before a picture.
        show_requested: Place of a picture that the canvas is to show.
        play_requested: Play, or stop.
    """

    dropped = Signal(object)
    show_requested = Signal(object)
    play_requested = Signal()

    def __init__(
        self,
        desk: WalkDesk,
        course: WalkCourse,
        *,
        player: WalkPlayer,
        pictures: SmallPictures,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk, self._course, self._player, self._pictures = desk, course, player, pictures
        self._doing: Doing = "nothing"
        self._pressed = QPointF()
        self._drop_place = -1
        self._grip_px = 0.0
        self._view_px = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Time line of the walk"))
        self.setToolTip(
            tr("Drag a picture to another time. Arrows choose, Ctrl+arrows move, Delete takes out.")
        )
        for change in (desk.changed, desk.selected, course.ready, player.moved, pictures.ready):
            change.connect(self._refresh)
        self._refresh()

    # ---------------------------------------------------------------- showing

    def lay(self) -> WalkLayout:
        """Give where everything lies now."""
        course = self._course.course
        begins = course.key_times if course is not None else ()
        return lay_walk(self._desk.walk, max(self._view_px, 200), begins=begins)

    def set_view_px(self, width: int) -> None:
        """Fill this width, or more."""
        self._view_px = width
        self._refresh()

    @Slot()
    def _refresh(self, _cause: object = None) -> None:
        wide = max(self.lay().width, self._view_px)
        if wide != self.minimumWidth():
            self.setMinimumWidth(wide)
        self.setAccessibleDescription(self.words)
        self.update()

    @property
    def words(self) -> str:
        """What is chosen, for screen readers."""
        walk, place = self._desk.walk, self._desk.selection
        if place < 0:
            return tr("{n} pictures, {seconds} s", n=len(walk.keys), seconds=f"{walk.seconds:g}")
        return tr(
            "Picture {n} of {total} at {seconds} s",
            n=place + 1,
            total=len(walk.keys),
            seconds=f"{walk.time_of(place):g}",
        )

    def sizeHint(self) -> QSize:
        """Give room for all of it."""
        return QSize(max(self.lay().width, self._view_px), HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        walk = self._desk.walk
        images = tuple(self._pictures.request(key.recipe) for key in walk.keys)
        paint_walk(
            QPainter(self),
            Painted(
                walk=walk,
                layout=self.lay(),
                images=images,
                selection=self._desk.selection,
                at_s=self._player.at_s,
                drop_place=self._drop_place,
                has_focus=self.hasFocus(),
                is_playing=self._player.is_playing,
            ),
            palette=self.palette(),
        )

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show it."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it has gone."""
        super().focusOutEvent(event)
        self.update()

    # ---------------------------------------------------------------- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the play head, or a picture."""
        if event.button() != Qt.MouseButton.LeftButton or not self._desk.walk.keys:
            return
        self._pressed = event.position()
        layout, x = self.lay(), event.position().x()
        place = layout.key_at(x, num_keys=len(self._desk.walk.keys))
        if event.position().y() > RULER_PX and place >= 0:
            self._desk.select(place)
            self._doing = "press"
            self._grip_px = x - layout.x_of(layout.times[place])
            return
        self._doing = "scrub"
        self._player.begin_scrub()
        self._player.scrub(layout.time_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on."""
        x = event.position().x()
        if self._doing == "scrub":
            self._player.scrub(self.lay().time_at(x))
        elif self._doing == "press" and abs(x - self._pressed.x()) >= _DRAG_PX:
            self._doing = "move"
            self._desk.begin_gesture()
        if self._doing == "move":
            self._move_to(self.lay().free_time_at(x - self._grip_px), event=event)

    def _move_to(self, at_s: float, *, event: QMouseEvent) -> None:
        step = 0.01 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _FINE_S
        self._desk.set_time(self._desk.selection, at_s=round(at_s / step) * step)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go: a click on a picture shows it."""
        doing, self._doing = self._doing, "nothing"
        if doing == "scrub":
            self._player.end_scrub()
        elif doing == "move":
            self._desk.end_gesture()
        elif doing == "press":
            self.show_requested.emit(self._desk.selection)

    # ---------------------------------------------------------------- the keys

    def event(self, event: QEvent) -> bool:
        """Keep the keys for itself that mean something here, before the window's commands."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and self._act_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose, move, time and take out pictures; play."""
        act = self._act_of(event)
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _act_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        """Give what a key does here, None when it is no key of ours."""
        key, mods = Qt.Key(event.key()), event.modifiers()
        place, last = self._desk.selection, len(self._desk.walk.keys) - 1
        step = -1 if key == Qt.Key.Key_Left else 1
        control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
        if key == Qt.Key.Key_Z and mods in (_PLAIN, control):
            return self._desk.undo
        if (key == Qt.Key.Key_Z and mods == control | shift) or (
            key == Qt.Key.Key_Y and mods == control
        ):
            return self._desk.redo
        if last < 0:
            return None
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            if mods == control:
                return partial(self._nudge, place, step * _FINE_S)
            if mods == control | shift:
                return partial(self._nudge, place, step * _COARSE_S)
            if mods == shift:
                return partial(self._desk.move, place, to=place + step) if place >= 0 else None
            return partial(self._choose, min(max(place + step, 0), last))
        plain: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Home: partial(self._choose, 0),
            Qt.Key.Key_End: partial(self._choose, last),
            Qt.Key.Key_Delete: partial(self._desk.delete, place),
            Qt.Key.Key_Backspace: partial(self._desk.delete, place),
            Qt.Key.Key_Space: self.play_requested.emit,
            Qt.Key.Key_Return: partial(self.show_requested.emit, place),
            Qt.Key.Key_Enter: partial(self.show_requested.emit, place),
        }
        return plain.get(key) if mods in (_PLAIN, Qt.KeyboardModifier.KeypadModifier) else None

    def _choose(self, place: int) -> None:
        self._desk.select(place)
        self.show_requested.emit(place)

    def _nudge(self, place: int, by_s: float) -> None:
        if place > 0:
            at_s = round(self._desk.walk.time_of(place) + by_s, 3)
            self._desk.set_time(place, at_s=at_s)

    # ---------------------------------------------------------------- dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show where a picture would go."""
        if has_zones(event.mimeData()):
            event.acceptProposedAction()
            self._point_at(event.position().x())

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Follow the pointer."""
        event.acceptProposedAction()
        self._point_at(event.position().x())

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Show nothing any more."""
        self._drop_place = -1
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped, and where."""
        place, self._drop_place = self._drop_place, -1
        dropped = read_drop(event.mimeData())
        if dropped is not None:
            event.acceptProposedAction()
            self.dropped.emit((dropped, place))
        self.update()

    def _point_at(self, x: float) -> None:
        place = self.lay().place_at(x, num_keys=len(self._desk.walk.keys))
        if place != self._drop_place:
            self._drop_place = place
            self.update()
