"""The Train place: folder at the left, pictures in the middle, progress at the right."""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.app.file_list_model import FileListModel
from studio.app.snapshot_desk import SnapshotDesk
from studio.app.thumbnails import Thumbnails
from studio.app.training_desk import DeskState
from studio.ui.file_page import FilePage
from studio.ui.lightbox import Lightbox
from studio.ui.notice_bar import NoticeBar
from studio.ui.segments import Segments
from studio.ui.texts import tr
from studio.ui.theme import mark
from studio.ui.train_empty_page import ScanPage, TrainEmptyPage
from studio.ui.train_folder_panel import TrainFolderPanel
from studio.ui.train_notices import notice_of
from studio.ui.train_progress_panel import TrainProgressPanel

_LEFT_PX: Final = 280
_RIGHT_PX: Final = 320
_BOTH_ABOVE_PX: Final = 1280  # narrower, both panels share one place


class TrainPage(QWidget):
    """Shows a `DeskState`; all wishes are signals of its parts.

    Signals:
        asked: Wish of the bar over the middle: a command's id, or "plan".
    """

    asked = Signal(object)

    def __init__(
        self, desk: SnapshotDesk, thumbnails: Thumbnails, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._state = DeskState()
        self._has_model = False
        self.folder = TrainFolderPanel(thumbnails, desk)
        self.progress = TrainProgressPanel()
        self.lightbox = Lightbox(desk)
        self.empty = TrainEmptyPage()
        self.scan = ScanPage()
        self.files = FilePage(FileListModel(thumbnails, parent=self))
        self.notice = NoticeBar()
        self.tabs = Segments(
            (("folder", tr("Folder")), ("progress", tr("Progress"))), name=tr("Panel")
        )
        self._pages = QStackedWidget()
        for page in (self.empty, self.scan, self.files, self.lightbox):
            self._pages.addWidget(page)
        self._lay_out()
        self.tabs.current_changed.connect(self._arrange)
        self.notice.asked.connect(self.asked)
        self.folder.show_requested.connect(self.files.show_kind)
        self.files.use_changed.connect(self.folder.use_changed)
        self.progress.best_requested.connect(self.go_to_best)
        self.folder.copies.closest_requested.connect(self._show_closest)
        self.lightbox.snapshot_shown.connect(self.progress.show_cursor)
        self.show_state(self._state, has_model=False)

    @property
    def page(self) -> QWidget:
        """What stands in the middle."""
        page = self._pages.currentWidget()
        assert page is not None
        return page

    def show_state(self, state: DeskState, *, has_model: bool) -> None:
        """Show everything as it is now; of a place that nobody sees, only what it is about.

        What is built while it is hidden need not be built in the moment it is gone to.
        """
        is_new_run = state.run is not None and self._state.run is None
        is_new_phase = state.phase != self._state.phase
        self._state, self._has_model = state, has_model
        if is_new_run:
            self.tabs.set_current("progress")
        elif state.run is None:
            self.tabs.set_current("folder")
        if self.isVisible() or is_new_phase:
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what changed meanwhile."""
        super().showEvent(event)
        self._show()

    def focus_first(self) -> None:
        """Give the keyboard to what matters now."""
        page = self.page
        target = {self.empty: self.empty.empty.button, self.scan: self.scan.cancel,
                  self.files: self.files.grid}.get(page, page)  # fmt: skip
        target.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the panels beside or behind each other."""
        super().resizeEvent(event)
        self._arrange(None)

    def _lay_out(self) -> None:
        self._side = QWidget()
        self._side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self._side, "panel")
        self._tabs_row = QWidget()
        tabs = QHBoxLayout(self._tabs_row)
        tabs.setContentsMargins(12, 8, 12, 0)
        tabs.addWidget(self.tabs)
        tabs.addStretch(1)
        left = QVBoxLayout(self._side)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self._tabs_row)
        left.addWidget(self.folder, 1)
        self._side.setFixedWidth(_LEFT_PX)
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.notice)
        middle.addWidget(self._pages, 1)
        self._left = left
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self._side)
        self._row.addLayout(middle, 1)
        self._row.addWidget(self.progress)

    def _show(self) -> None:
        state = self._state
        self.folder.show_state(state)
        self.progress.show_state(state)
        self.empty.show_runs(state.runs)
        self.scan.show_state(state.folder)
        self.files.show_state(state.folder)
        self.notice.show_notice(notice_of(state, has_model=self._has_model))
        page: QWidget = self.empty
        if state.run is not None or state.phase == "starting":
            page = self.lightbox
        elif state.phase == "scanning":
            page = self.scan
        elif state.folder.summary is not None:
            page = self.files
        if page is not self._pages.currentWidget():
            # The button that had the keyboard goes with its page: give it on, not to chance.
            focused: QWidget | None = self.window().focusWidget()
            had_focus = focused is not None and self._pages.isAncestorOf(focused)
            self._pages.setCurrentWidget(page)
            if had_focus:
                self.focus_first()
        self._arrange(None)

    @Slot(object)
    def _arrange(self, _tab: object) -> None:
        has_run = self._state.run is not None
        has_folder = self._state.phase != "nothing" or has_run
        is_wide = self.width() >= _BOTH_ABOVE_PX
        home = self._row if is_wide else self._left
        if home.indexOf(self.progress) < 0:
            home.addWidget(self.progress, 0 if is_wide else 1)
        self.progress.setMinimumWidth(_RIGHT_PX if is_wide else 0)
        self.progress.setMaximumWidth(_RIGHT_PX if is_wide else _LEFT_PX)
        is_progress = self.tabs.current == "progress"
        self._tabs_row.setVisible(not is_wide and has_run)
        self._side.setVisible(has_folder)
        self.folder.setVisible(is_wide or not (is_progress and has_run))
        self.progress.setVisible(has_run and (is_wide or is_progress))

    @Slot()
    def go_to_best(self) -> None:
        """Look at the best snapshot."""
        run = self._state.run
        if run is not None and run.view.best is not None:
            self.lightbox.show_closest(False)
            self.lightbox.show_snapshot(run.view.best)

    @Slot()
    def _show_closest(self) -> None:
        run = self._state.run
        scored = run.view.newest_scored if run is not None else None
        if scored is not None:
            self.lightbox.show_snapshot(scored.number)
            self.lightbox.show_closest(True)
