"""The window: menus, tool bar, places in the middle, docks, status bar. It shows; others wire it."""

import itertools
from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from studio.ui.actions import Actions
from studio.ui.canvas import Canvas
from studio.ui.canvas_drop import can_take, read_drop
from studio.ui.command_palette import CommandPalette
from studio.ui.docks import Docks
from studio.ui.status_bar import StatusBar
from studio.ui.texts import N_, tr
from studio.ui.toast import Toast
from studio.ui.tool_bar import ToolBar
from studio.ui.wall_page import WallPage

Place = Literal["gallery", "explore", "train"]
PANEL_TITLES: Final[dict[str, str]] = {
    "styles": N_("Styles"),
    "history": N_("History"),
    "latents": N_("Latents"),
    "paint": N_("Paint"),
    "export": N_("Export"),
    "walk": N_("Walk"),
    "live": N_("Live"),
}


class PageActs(msgspec.Struct, frozen=True):
    """What two commands do while a page covers the canvas; None as on the canvas."""

    keep: Callable[[], None] | None = None
    dice: Callable[[], None] | None = None


class MainWindow(QMainWindow):
    """Holds all parts and knows which are shown; what they do is connected in `compose`.

    Signals:
        place_changed: "gallery", "explore" or "train".
        page_changed: Key of the page that covers the canvas now, "" for none.
        dropped: `Dropped` anywhere but on the canvas.
        closing: The window is about to close; it can no longer be stopped.
        left: The window is no longer in front.
    """

    place_changed = Signal(object)
    page_changed = Signal(object)
    dropped = Signal(object)
    closing = Signal()
    left = Signal()

    def __init__(self, actions_keys: Mapping[str, tuple[str, ...]] | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Latent Studio")
        self.setAcceptDrops(True)
        self.setMinimumSize(760, 520)
        self.actions_table = Actions(self, keys=actions_keys)
        self.docks = Docks(self)
        self.status = StatusBar(self)
        self.setStatusBar(self.status)
        self._place: Place = "explore"
        self._page = ""
        self._cover_by_key: dict[str, QWidget] = {}
        self._acts_by_key: dict[str, PageActs] = {}
        self._is_bare = False
        self._held: dict[int, str] = {}
        self.may_close: Callable[[], bool] = lambda: True

    def build(
        self,
        *,
        canvas: Canvas,
        wall_page: WallPage,
        gallery_page: QWidget,
        train_page: QWidget,
        panels: Mapping[str, QWidget],
    ) -> None:
        """Put all parts in their places; the commands must have been connected before."""
        self.canvas, self.wall_page = canvas, wall_page
        self._places = QStackedWidget(self)
        self._explore = QStackedWidget(self._places)
        self._explore.addWidget(canvas)
        wall = wall_page.wall
        acts = PageActs(keep=wall.keep_current, dice=wall.desk.refill)
        self.add_page("wall", wall_page, acts=acts)
        self._page_by_place: dict[Place, QWidget] = {
            "gallery": gallery_page,
            "explore": self._explore,
            "train": train_page,
        }
        for page in self._page_by_place.values():
            self._places.addWidget(page)
        self._places.setCurrentWidget(self._explore)
        self.setCentralWidget(self._places)
        self.bar = ToolBar(self.actions_table, parent=self)
        self.addToolBar(self.bar)
        self.bar.places.current_changed.connect(self.show_place)
        self.menus = self.actions_table.fill(self.menuBar())
        for key, widget in panels.items():
            self.docks.add(key, tr(PANEL_TITLES[key]), widget=widget)
        self.docks.set_locked(False)
        self.toast = Toast(self._places)
        self.palette_box = CommandPalette(self)
        self._set_tab_order()

    # ---------------------------------------------------------------- places

    @property
    def place(self) -> Place:
        """Where one is."""
        return self._place

    @property
    def page(self) -> str:
        """Key of the page that covers the canvas, "" for none, and away from the canvas."""
        return self._page if self._place == "explore" else ""

    @property
    def page_acts(self) -> PageActs:
        """What keeping and the dice do on the page that covers the canvas."""
        return self._acts_by_key.get(self.page, PageActs())

    @property
    def is_wall_shown(self) -> bool:
        """Whether the wall covers the canvas."""
        return self.page == "wall"

    def show_place(self, place: Place) -> None:
        """Go to the gallery, to the canvas or to the training."""
        if place == self._place:
            return
        self._place = place
        self.bar.show_place(place)
        if place != "explore":
            self.docks.hide_all()
        self._places.setCurrentWidget(self._page_by_place[place])
        if place == "explore":
            self.docks.show_again()
        self.place_changed.emit(place)

    def add_page(self, key: str, page: QWidget, *, acts: PageActs | None = None) -> None:
        """Take a page that can cover the canvas; its focus proxy gets the keyboard."""
        self._cover_by_key[key] = page
        self._acts_by_key[key] = acts or PageActs()
        self._explore.addWidget(page)

    def show_page(self, key: str) -> None:
        """Cover the canvas with a page, or uncover it with ""."""
        if key != self._page:
            self._page = key
            shown = self._cover_by_key.get(key, self.canvas)
            self._explore.setCurrentWidget(shown)
            (shown.focusProxy() or shown).setFocus()
            self.page_changed.emit(key)

    def set_bare(self, is_bare: bool) -> None:
        """Show the canvas only, without bars and docks."""
        if is_bare == self._is_bare:
            return
        self._is_bare = is_bare
        for widget in (self.menuBar(), self.bar, self.status):
            widget.setVisible(not is_bare)
        (self.docks.hide_all if is_bare else self.docks.show_again)()

    @property
    def is_bare(self) -> bool:
        """Whether the canvas stands alone."""
        return self._is_bare

    def set_full_screen(self, is_full: bool) -> None:
        """Fill the screen, or be a window."""
        state = self.windowState()
        full = Qt.WindowState.WindowFullScreen
        self.setWindowState(state | full if is_full else state & ~full)

    # ---------------------------------------------------------------- remembering

    def restore_layout(self, layout: tuple[str, str, str]) -> None:
        """Be as large and lie as `layout_memory` told; without a memory take most of the screen."""
        geometry, wide, small = layout
        raw = QByteArray.fromBase64(QByteArray(geometry.encode("ascii", "replace")))
        if not geometry or not self.restoreGeometry(raw):
            room = self.screen().availableGeometry()
            self.resize(min(1600, room.width()), min(1000, room.height() - 40))
        self.docks.restore(wide, small, width=self.width())

    def layout_memory(self) -> tuple[str, str, str]:
        """Give geometry and docks, of a wide and of a small window, as texts for the preferences."""
        if self._place != "explore" or self._is_bare:
            self.docks.show_again()
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        return geometry, *self.docks.states()

    # ---------------------------------------------------------------- Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        """Lie as the width asks for, which may differ from what was remembered."""
        super().showEvent(event)
        if not self._is_bare and self._place == "explore":
            self.docks.follow_width(self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Change the layout of the docks with the width."""
        super().resizeEvent(event)
        if self.isVisible() and not self._is_bare and self._place == "explore":
            self.docks.follow_width(event.size().width())

    def changeEvent(self, event: QEvent) -> None:
        """Tell when another window comes to the front; take the colours of a theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            for name in set(self._held.values()):
                self._hold(name, is_held=False)
            self._held.clear()
            self.left.emit()
        elif event.type() == QEvent.Type.PaletteChange:
            self.actions_table.recolour(self.palette())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that work as long as they are held; leave what covers the canvas."""
        name = self._held_command(event)
        if name and not event.isAutoRepeat():
            self._held[event.key()] = name
            self._hold(name, is_held=True)
        elif event.key() == Qt.Key.Key_Escape and self.page:
            self.show_page("")
        elif event.key() == Qt.Key.Key_Escape and self._is_bare:
            self.actions_table.action("canvas_only").trigger()
        elif event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.actions_table.action("full_screen").trigger()
        elif not name:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """End what was held."""
        if not event.isAutoRepeat() and event.key() in self._held:
            self._hold(self._held.pop(event.key()), is_held=False)
        else:
            super().keyReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files that are dropped anywhere."""
        if can_take(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped."""
        dropped = read_drop(event.mimeData())
        if dropped is not None:
            event.acceptProposedAction()
            self.dropped.emit(dropped)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close, unless there is something to ask; everything is saved already or is saved now."""
        if not self.may_close():
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)

    # ---------------------------------------------------------------- inside

    def _held_command(self, event: QKeyEvent) -> str:
        pressed = QKeySequence(event.keyCombination()).toString()
        return next(
            (
                command.id
                for command in self.actions_table.commands()
                if command.scope == "held" and pressed in self.actions_table.keys(command.id)
            ),
            "",
        )

    def _hold(self, name: str, *, is_held: bool) -> None:
        if name == "before":
            self.canvas.set_before_held(is_held)
        elif name == "pan":
            self.canvas.hold_pan(is_held)

    def _set_tab_order(self) -> None:
        """Go from the tool bar over the canvas to the panels, left to right."""
        order = [self.bar.places.button("explore"), self.bar.picker, self.bar.search, self.canvas]
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)
