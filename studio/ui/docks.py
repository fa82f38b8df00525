"""The docks: where they lie at first, on a small screen, and as the artist left them."""

import base64
import binascii
import itertools
from typing import Final

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from studio.ui.dock_title import DockTitle, DockTitles

STATE_VERSION: Final = 3  # to be raised when the set of docks changes
SMALL_PX: Final = 1366
_LEFT_PX: Final = 280
_RIGHT_PX: Final = 350
_MIN_PX: Final = {
    "styles": 220,
    "history": 220,
    "latents": 300,
    "paint": 300,
    "export": 300,
    "walk": 420,
    "live": 300,
}
_LOW: Final = "walk"  # lies below the canvas
_SHUT: Final = (_LOW, "live")  # until they are wanted
_LEFT: Final = ("styles", "history")
_RIGHT: Final = ("latents", "paint", "export")
_SMALL_ORDER: Final = ("latents", "paint", "styles", "history", "export")


class Docks(QObject):
    """Owns the docks of a window."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dock_by_key: dict[str, QDockWidget] = {}
        self._titles = DockTitles(window)
        self._is_small = False
        self._states = {False: "", True: ""}  # how they lie in a wide window, and in a small one
        self._hidden: list[str] | None = None
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)

    @property
    def is_small(self) -> bool:
        """Whether all lie on top of each other at the right."""
        return self._is_small

    def add(self, key: str, title: str, *, widget: QWidget) -> QDockWidget:
        """Make the dock of a panel."""
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock_{key}")
        dock.setAccessibleName(title)
        widget.setMinimumWidth(_MIN_PX[key])
        dock.setWidget(widget)
        area = Qt.DockWidgetArea
        sides = area.LeftDockWidgetArea | area.RightDockWidgetArea
        low = area.BottomDockWidgetArea | area.TopDockWidgetArea
        dock.setAllowedAreas(low if key == _LOW else sides)
        self._dock_by_key[key] = dock
        self._titles.add(dock)
        side = area.LeftDockWidgetArea if key in _LEFT else area.RightDockWidgetArea
        self._window.addDockWidget(area.BottomDockWidgetArea if key == _LOW else side, dock)
        if key in _SHUT:
            dock.hide()
        return dock

    def dock(self, key: str) -> QDockWidget:
        """Give a dock."""
        return self._dock_by_key[key]

    def open(self, key: str) -> None:
        """Show a dock in front of those it shares its place with."""
        dock = self._dock_by_key[key]
        dock.show()
        dock.raise_()
        self._titles.refresh()

    def is_open(self, key: str) -> bool:
        """Say whether a dock is shown, even behind another."""
        return not self._dock_by_key[key].isHidden()

    # ---------------------------------------------------------------- layouts

    def lay_out(self, width: int) -> None:
        """Put the docks where they are at first, for a window of this width."""
        self._is_small = width < SMALL_PX
        (self._lay_out_small if self._is_small else self._lay_out_wide)()
        for key in _SHUT:
            if key in self._dock_by_key:
                self._dock_by_key[key].hide()
        self._tuck_in()
        self._titles.refresh()

    def follow_width(self, width: int) -> None:
        """Go to the layout for small screens and back as the window's width changes."""
        if (width < SMALL_PX) == self._is_small:
            return
        self._states[self._is_small] = self._read_state()
        self._lie_for(width)

    def set_locked(self, is_locked: bool) -> None:
        """Let the docks be moved and closed, or not."""
        feature = QDockWidget.DockWidgetFeature
        features = feature.NoDockWidgetFeatures
        if not is_locked:
            features = feature.DockWidgetMovable | feature.DockWidgetClosable
            if not QGuiApplication.platformName().startswith("wayland"):
                # Floating docks cannot be put back under Wayland (QTBUG-136011).
                features |= feature.DockWidgetFloatable
        for dock in self._dock_by_key.values():
            dock.setFeatures(features)
            title = dock.titleBarWidget()
            if isinstance(title, DockTitle):
                title.set_locked(is_locked)

    def hide_all(self) -> None:
        """Hide all docks until `show_again`."""
        if self._hidden is None:
            self._hidden = [key for key in self._dock_by_key if self.is_open(key)]
            for dock in self._dock_by_key.values():
                dock.hide()

    def show_again(self) -> None:
        """Show the docks that were hidden by `hide_all`."""
        hidden, self._hidden = self._hidden, None
        for key in hidden or ():
            self._dock_by_key[key].show()
        if hidden and "latents" in hidden:
            self._dock_by_key["latents"].raise_()
        self._titles.refresh()

    # ---------------------------------------------------------------- remembering

    def states(self) -> tuple[str, str]:
        """Give how the docks lie in a wide and in a small window, as texts for the preferences."""
        self._states[self._is_small] = self._read_state()
        return self._states[False], self._states[True]

    def restore(self, wide: str, small: str, *, width: int) -> None:
        """Put the docks as they were left; a state that does not fit gives the first layout."""
        self._states = {False: wide, True: small}
        self._lie_for(width)

    def _lie_for(self, width: int) -> None:
        self._is_small = width < SMALL_PX
        if not self._put_state(self._states[self._is_small]):
            self.lay_out(width)
        self._tuck_in()
        self._titles.refresh()

    def _tuck_in(self) -> None:
        """Lay shut docks behind the last one at the right; an older state knows nothing of them."""
        for key in _SHUT:
            dock = self._dock_by_key.get(key)
            if dock is not None and key != _LOW and dock.isHidden():
                self._window.tabifyDockWidget(self._dock_by_key[_RIGHT[-1]], dock)
                dock.hide()

    def _read_state(self) -> str:
        raw = self._window.saveState(STATE_VERSION)
        return base64.b64encode(bytes(raw.data())).decode("ascii")

    def _put_state(self, state: str) -> bool:
        try:
            raw = base64.b64decode(state, validate=True)
        except (binascii.Error, ValueError):
            return False
        return bool(raw) and self._window.restoreState(QByteArray(raw), STATE_VERSION)

    def _lay_out_wide(self) -> None:
        area = Qt.DockWidgetArea
        for key in _LEFT + _RIGHT:
            dock = self._dock_by_key[key]
            dock.setFloating(False)
            side = area.LeftDockWidgetArea if key in _LEFT else area.RightDockWidgetArea
            self._window.addDockWidget(side, dock)
            dock.show()
        styles, history = (self._dock_by_key[key] for key in _LEFT)
        latents, paint, export = (self._dock_by_key[key] for key in _RIGHT)
        self._window.splitDockWidget(styles, history, Qt.Orientation.Vertical)
        self._window.tabifyDockWidget(latents, paint)
        self._window.tabifyDockWidget(paint, export)
        latents.raise_()
        self._window.resizeDocks(
            [styles, latents], [_LEFT_PX, _RIGHT_PX], Qt.Orientation.Horizontal
        )
        self._window.resizeDocks([styles, history], [640, 360], Qt.Orientation.Vertical)

    def _lay_out_small(self) -> None:
        docks = [self._dock_by_key[key] for key in _SMALL_ORDER]
        for dock in docks:
            dock.setFloating(False)
            self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
            dock.show()
        for before, dock in itertools.pairwise(docks):
            self._window.tabifyDockWidget(before, dock)
        docks[0].raise_()
        self._window.resizeDocks(docks[:1], [_MIN_PX["latents"] + 20], Qt.Orientation.Horizontal)
