"""The snapshot lightbox: the same pictures through the whole training, and what each was worth."""

import time
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from studio.app.snapshot_desk import SAME_SEEDS, SheetKind, SnapshotDesk, SnapshotWish, cut_tile
from studio.core.snapshot import SHEET_COLUMNS, Snapshot
from studio.ui.change_words import say_ago
from studio.ui.empty_state import EmptyState
from studio.ui.icon_button import IconButton
from studio.ui.lightbox_bar import FilmFrame, SnapshotBar
from studio.ui.lightbox_foot import LightboxFoot
from studio.ui.lightbox_grid import LightboxGrid, LightboxTile
from studio.ui.lightbox_pairs import PairList
from studio.ui.lightbox_scores import ScoreLine
from studio.ui.seed_row import group_digits
from studio.ui.segments import Segments
from studio.ui.texts import tr
from studio.ui.theme import mark, tokens_of

_MARGIN_PX: Final = 24


class Lightbox(QWidget):
    """Looks through the snapshots of a run; what is to be done with one is asked for.

    Signals:
        open_requested: `SnapshotWish` to show on the canvas.
        keep_model_requested: `SnapshotWish` to keep as a model.
        snapshot_shown: Number of the snapshot that is looked at.
    """

    open_requested = Signal(object)
    keep_model_requested = Signal(object)
    snapshot_shown = Signal(object)

    def __init__(self, desk: SnapshotDesk, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._number: int | None = None  # None follows the newest
        self._told: int | None = None
        self._shown: tuple[object, ...] = ()
        self.title = mark(QLabel(), "sentence-title")
        self.when = mark(QLabel(), "sentence-small")
        self.kinds = Segments(
            (("same", tr("Same seeds")), ("new", tr("New seeds")), ("pins", tr("My pins"))),
            name=tr("Which seeds are shown"),
        )
        self.dice = IconButton("dice", tr("Other new seeds"))
        self.grid = LightboxGrid()
        self.pairs = PairList(desk)
        self.empty = EmptyState(is_on_canvas=True)
        self.bar = SnapshotBar()
        self.scores = ScoreLine()
        self.foot = LightboxFoot()
        self._lay_out()
        self._connect()
        self._show()

    # ---------------------------------------------------------------- what others say

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot that is looked at, None when there is none yet."""
        found = self._desk.snapshots
        wanted = next((one for one in found if one.number == self._number), None)
        return wanted or (found[-1] if found else None)

    @Slot(object)
    def show_snapshot(self, number: int) -> None:
        """Look at a snapshot; the newest is followed while it is looked at."""
        found = self._desk.snapshots
        is_newest = bool(found) and found[-1].number == number
        self._number = None if is_newest else number
        self._show()

    @Slot(bool)
    def show_closest(self, is_shown: bool) -> None:
        """Show the pictures closest to training pictures in place of the grid, or the grid again."""
        self._pages.setCurrentWidget(self.pairs if is_shown else self._grid_page)
        self._show()
        (self.pairs if is_shown else self.grid).setFocus()

    def set_busy(self, sentence: str) -> None:
        """Say what is being done with a snapshot; nothing else can be asked meanwhile."""
        self.foot.set_busy(sentence)

    # ---------------------------------------------------------------- Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What no other part takes goes to the scrub bar: left and right, Page keys, Home, End."""
        self.bar.keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the neutral ground that pictures are judged against."""
        QPainter(self).fillRect(self.rect(), QColor(tokens_of(self.palette()).canvas))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let everything end where the pictures end."""
        super().resizeEvent(event)
        beside = (self.width() - self.grid.width_for(self._pages.height())) // 2
        most = (self.width() - self.foot.minimumSizeHint().width()) // 2
        side = max(_MARGIN_PX, min(beside, most))
        self._column.setContentsMargins(side, 12, side, 12)

    # ---------------------------------------------------------------- building

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.when)
        head.addStretch(1)
        head.addWidget(self.dice)
        head.addWidget(self.kinds)
        self._grid_page = QStackedWidget()
        self._grid_page.addWidget(self.grid)
        self._grid_page.addWidget(self.empty)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._grid_page)
        self._pages.addWidget(self.pairs)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN_PX, 12, _MARGIN_PX, 12)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        column.addWidget(self.bar)
        column.addWidget(self.scores)
        column.addWidget(self.foot)

    def _connect(self) -> None:
        desk = self._desk
        desk.changed.connect(self._on_changed)
        desk.pictures_ready.connect(self._on_pictures)
        self.kinds.current_changed.connect(self._on_kind)
        self.dice.clicked.connect(desk.draw_new)
        self.bar.place_chosen.connect(self._on_place)
        self.grid.current_changed.connect(self._on_pictures)
        self.grid.open_requested.connect(self._ask_open)
        self.grid.pin_requested.connect(self._on_pin)
        self.foot.closest_pressed.connect(self._toggle_closest)
        self.foot.open_pressed.connect(self._on_open)
        self.foot.keep_pressed.connect(self._on_keep)

    # ---------------------------------------------------------------- showing

    @Slot(object)
    def _on_changed(self, _cause: object) -> None:
        self.kinds.set_current(self._desk.kind)
        self._show()

    def _show(self) -> None:
        snapshot, desk = self.snapshot, self._desk
        self._show_head(snapshot)
        self.scores.show_snapshot(snapshot)
        self.pairs.pairs.show_snapshot(snapshot)
        self.dice.setVisible(desk.kind == "new")
        self.kinds.setEnabled(snapshot is not None)
        for part in (self.scores, self.foot):
            part.setVisible(snapshot is not None)
        is_closest = self._pages.currentWidget() is self.pairs
        self.foot.show_snapshot(snapshot, is_closest_shown=is_closest)
        self._on_pictures(None)
        if snapshot is not None and snapshot.number != self._told:
            self._told = snapshot.number
            self.snapshot_shown.emit(snapshot.number)

    def _show_head(self, snapshot: Snapshot | None) -> None:
        if snapshot is None:
            self.title.setText("")
            self.when.setText("")
            return
        self.title.setText(
            tr("Snapshot {n}", n=snapshot.number) if snapshot.number else tr("The start")
        )
        seen = tr("after {n} images", n=group_digits(snapshot.images))
        taken_at = self._desk.taken_at(snapshot)
        age_s = time.time() - taken_at
        ago = tr("{time} ago", time=say_ago(age_s)) if age_s >= 60 else tr("now")
        self.when.setText(f"{seen} · {ago}" if taken_at else seen)

    @Slot(object)
    def _on_pictures(self, _cause: object) -> None:
        snapshot, desk = self.snapshot, self._desk
        self._show_film(snapshot)
        sentence = _why_empty(desk, snapshot)
        self.empty.say(sentence)
        if snapshot is None or sentence:
            self._grid_page.setCurrentWidget(self.empty)
            return
        self._grid_page.setCurrentWidget(self.grid)
        # Until the large sheet is loaded the film's small tiles stand in: no spinner, no jump.
        sheet = desk.sheet(snapshot) or desk.sheet(snapshot, is_small=True)
        key = (desk.seeds, desk.pins, sheet.cacheKey() if sheet is not None else 0)
        if key != self._shown:
            self._shown = key
            cut = [
                cut_tile(sheet, place, columns=SHEET_COLUMNS) if sheet is not None else None
                for place in range(len(desk.seeds))
            ]
            self.grid.show_tiles(
                [
                    LightboxTile(seed, image, seed in desk.pins)
                    for seed, image in zip(desk.seeds, cut, strict=True)
                ]
            )

    def _show_film(self, snapshot: Snapshot | None) -> None:
        desk, found = self._desk, self._desk.snapshots
        numbers = [one.number for one in found]
        place = min(self.grid.current, max(0, len(desk.seeds) - 1))
        frames = [FilmFrame(one.number, desk.tile(one, place, is_small=True)) for one in found]
        self.bar.show_frames(
            frames,
            num_places=desk.num_planned,
            best=numbers.index(desk.best) if desk.best in numbers else None,
            place=numbers.index(snapshot.number) if snapshot is not None else 0,
        )
        self.bar.setVisible(desk.num_planned > 0)

    # ---------------------------------------------------------------- asking

    @Slot(object)
    def _on_kind(self, kind: SheetKind) -> None:
        if self._pages.currentWidget() is self.pairs:
            self.show_closest(False)
        self._desk.choose(kind)

    @Slot(int)
    def _on_place(self, place: int) -> None:
        self.show_snapshot(self._desk.snapshots[place].number)

    @Slot(object)
    def _on_pin(self, wish: tuple[int, bool]) -> None:
        self._desk.pin(*wish)

    @Slot()
    def _toggle_closest(self) -> None:
        self.show_closest(self._pages.currentWidget() is not self.pairs)

    @Slot()
    def _on_open(self) -> None:
        tiles = self.grid.tiles
        self._ask_open(tiles[self.grid.current].seed if tiles else SAME_SEEDS[0])

    @Slot(object)
    def _ask_open(self, seed: int) -> None:
        snapshot = self.snapshot
        if snapshot is not None and not self.foot.is_busy:
            self.open_requested.emit(SnapshotWish(snapshot.images, self.foot.nearness, seed))

    @Slot()
    def _on_keep(self) -> None:
        snapshot = self.snapshot
        if snapshot is not None:
            self.keep_model_requested.emit(SnapshotWish(snapshot.images, self.foot.nearness))


def _why_empty(desk: SnapshotDesk, snapshot: Snapshot | None) -> str:
    """Give the sentence that stands where the grid would be, "" when there are pictures."""
    if snapshot is None:
        return tr("The first snapshot comes soon.")
    if desk.kind == "pins" and not desk.pins:
        return tr("Nothing pinned yet. A picture’s star pins it through all snapshots.")
    if desk.is_refused:
        return tr("These pictures could not be drawn. Choose other seeds to try again.")
    if desk.is_drawing and desk.sheet(snapshot, is_small=True) is None:
        return tr("Drawing these seeds from every snapshot…")
    return ""
