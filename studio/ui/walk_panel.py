"""The Walk panel: what can be done with a walk, and its time line below."""

from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.app.small_pictures import SmallPictures
from studio.app.walk_course import WalkCourse
from studio.app.walk_desk import WalkDesk
from studio.app.walk_player import WalkPlayer
from studio.core.walk import EASINGS, MAX_SECONDS, MIN_SECONDS, Easing
from studio.ui.canvas_drop import has_zones, read_drop
from studio.ui.empty_state import EmptyState
from studio.ui.icon_button import IconButton
from studio.ui.number_box import NumberBox
from studio.ui.texts import N_, tr
from studio.ui.theme import mark
from studio.ui.walk_film_row import WalkFilmRow
from studio.ui.walk_sound_row import WalkSoundRow
from studio.ui.walk_timeline import HEIGHT_PX, WalkTimeline

EASING_TEXTS: Final[dict[Easing, str]] = {
    "smooth": N_("Smooth"),
    "linear": N_("Straight"),
    "hold": N_("Hold"),
}
_BAR_PX: Final = 12


class WalkPanel(QWidget):
    """Shows the present walk; what needs other parts is asked for.

    Signals:
        add_requested: The picture on the canvas is to be added.
        seed_requested: A picture of a new seed is to be added.
        removed: The `SavedWalk` that was removed.
    """

    add_requested = Signal()
    seed_requested = Signal()
    removed = Signal(object)

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
        self._desk, self._player = desk, player
        self.setAcceptDrops(True)
        self.walks = QComboBox()
        self.walks.setAccessibleName(tr("Which walk"))
        self.walks.setToolTip(tr("Which walk"))
        self.walks.setMinimumWidth(96)
        self.walks.setMaximumWidth(180)
        self.more = IconButton("more", tr("New, rename, remove"))
        self.play = IconButton("play", tr("Play (Space)"))
        self.loop = IconButton(
            "loop", tr("Loop: go back to the first, without a seam"), checkable=True
        )
        self.even = IconButton(
            "even", tr("Even pace: change equally fast everywhere"), checkable=True
        )
        self.add = IconButton("plus", tr("Add the picture on the canvas (Shift+K)"))
        self.seed = IconButton("dice", tr("Add a picture of a new seed"))
        self.seconds = NumberBox(MIN_SECONDS, MAX_SECONDS, name=tr("Seconds to the next picture"))
        self.seconds.setToolTip(tr("Seconds to the next picture"))
        self.easing = QComboBox()
        for key in EASINGS:
            self.easing.addItem(tr(EASING_TEXTS[key]), key)
        self.easing.setAccessibleName(tr("How it goes to the next picture"))
        self.easing.setToolTip(tr("How it goes to the next picture"))
        self.delete = IconButton("trash", tr("Take the picture out (Delete)"))
        self.sound = IconButton("sound", tr("Sound that drives the walk"), checkable=True)
        self.film = IconButton("film", tr("Make a film"), checkable=True)
        self.film_row = WalkFilmRow()
        self.sound_row = WalkSoundRow(desk)
        self.timeline = WalkTimeline(desk, course, player=player, pictures=pictures)
        self.empty = EmptyState(
            tr("Walk from picture to picture, and make a film of it."), tr("Add this picture")
        )
        self._lay_out()
        self._connect()
        self._show()

    def open_film(self) -> None:
        """Show what a film is made with."""
        self.film.setChecked(True)
        self.film_row.make.setFocus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take the first picture of an empty walk; later ones fall on the time line."""
        if has_zones(event.mimeData()) and not self._desk.walk.keys:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand it on."""
        dropped = read_drop(event.mimeData())
        if dropped is not None:
            event.acceptProposedAction()
            self.timeline.dropped.emit((dropped, 0))

    def _lay_out(self) -> None:
        self._next = mark(QLabel(tr("To the next")), "second")
        self._unit = mark(QLabel(tr("s")), "second")
        head = QHBoxLayout()
        head.setSpacing(4)
        parts: tuple[QWidget | None, ...] = (
            self.walks, self.more, None, self.play, self.loop, self.even, None,
            self.add, self.seed, None,
            self._next, self.seconds, self._unit, self.easing, self.delete,
        )  # fmt: skip
        for part in parts:
            head.addSpacing(8) if part is None else head.addWidget(part)
        head.addStretch(1)
        head.addWidget(self.sound)
        head.addWidget(self.film)
        self._area = _TimelineArea(self.timeline)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setFixedHeight(HEIGHT_PX + _BAR_PX)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._area)
        self._pages.addWidget(self.empty)
        self._pages.setFixedHeight(HEIGHT_PX + _BAR_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 4)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.sound_row)
        column.addWidget(self.film_row)
        column.addWidget(self._pages)
        self.sound_row.hide()
        self.film_row.hide()

    def _connect(self) -> None:
        desk = self._desk
        for change in (desk.changed, desk.selected):
            change.connect(self._show)
        desk.listed.connect(self._show_list)
        self._player.playing_changed.connect(self._on_playing)
        self.play.clicked.connect(self.timeline.play_requested)
        self.loop.clicked.connect(lambda is_on: desk.set_way(is_loop=is_on))
        self.even.clicked.connect(lambda is_on: desk.set_way(is_even=is_on))
        self.add.clicked.connect(self.add_requested)
        self.empty.pressed.connect(self.add_requested)
        self.seed.clicked.connect(self.seed_requested)
        self.delete.clicked.connect(lambda: desk.delete(desk.selection))
        self.seconds.number_edited.connect(
            lambda number: desk.set_timing(desk.selection, seconds=number)
        )
        self.easing.activated.connect(self._on_easing)
        self.walks.activated.connect(lambda row: desk.choose(self.walks.itemData(row)))
        self.more.clicked.connect(self._open_menu)
        self.sound.toggled.connect(self.sound_row.setVisible)
        self.film.toggled.connect(self.film_row.setVisible)
        self._show_list()

    @Slot()
    def _show(self, _cause: object = None) -> None:
        walk, place = self._desk.walk, self._desk.selection
        is_empty = not walk.keys
        self._pages.setCurrentWidget(self.empty if is_empty else self._area)
        self.loop.setChecked(walk.is_loop)
        self.even.setChecked(walk.is_even)
        has_way = len(walk.keys) > 1
        for button in (self.play, self.loop, self.even):
            button.setEnabled(has_way)
        goes_on = 0 <= place < max(walk.num_legs, int(len(walk.keys) == 1))
        for widget in (self._next, self.seconds, self._unit, self.easing):
            widget.setEnabled(goes_on)
        self.delete.setEnabled(place >= 0)
        self.film_row.set_possible(not is_empty)
        if goes_on:
            self.seconds.show_number(walk.keys[place].seconds)
            self.easing.setCurrentIndex(EASINGS.index(walk.keys[place].easing))
        row = self.walks.findData(self._desk.present.id)
        if row != self.walks.currentIndex():
            self._show_list()

    @Slot()
    def _show_list(self, _cause: object = None) -> None:
        self.walks.clear()
        for number, (walk_id, name) in enumerate(self._desk.names, start=1):
            self.walks.addItem(name or tr("Walk {number}", number=number), walk_id)
        self.walks.setCurrentIndex(self.walks.findData(self._desk.present.id))
        self.walks.setEnabled(self.walks.count() > 1)

    @Slot(object)
    def _on_playing(self, is_playing: bool) -> None:
        self.play.set_icon_name("pause" if is_playing else "play")
        self.play.set_tip(tr("Stop (Space)") if is_playing else tr("Play (Space)"))

    @Slot(int)
    def _on_easing(self, row: int) -> None:
        self._desk.set_timing(self._desk.selection, easing=EASINGS[row])

    @Slot()
    def _open_menu(self) -> None:
        menu = QMenu(self)
        has_keys = bool(self._desk.walk.keys)
        menu.addAction(tr("New walk"), self._desk.start_new).setEnabled(has_keys)
        menu.addAction(tr("Rename…"), self._ask_name).setEnabled(has_keys)
        menu.addSeparator()
        back, again = self._desk.steps
        menu.addAction(tr("Undo in the walk"), self._desk.undo).setEnabled(back > 0)
        menu.addAction(tr("Redo in the walk"), self._desk.redo).setEnabled(again > 0)
        menu.addSeparator()
        menu.addAction(tr("Remove walk"), self._remove).setEnabled(has_keys)
        menu.exec(self.more.mapToGlobal(self.more.rect().bottomLeft()))
        menu.deleteLater()

    def _ask_name(self) -> None:
        name, is_given = QInputDialog.getText(
            self, tr("Rename walk"), tr("Name"), text=self._desk.walk.name
        )
        if is_given:
            self._desk.rename(name)

    def _remove(self) -> None:
        gone = self._desk.present
        self._desk.remove()
        self.removed.emit(gone)


class _TimelineArea(QScrollArea):
    """Lets the time line fill the width, and scroll where it is wider."""

    def __init__(self, timeline: WalkTimeline) -> None:
        super().__init__()
        self._timeline = timeline
        self.setWidget(timeline)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the new width."""
        super().resizeEvent(event)
        self._timeline.set_view_px(self.viewport().width())
