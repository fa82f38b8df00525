"""Titles of docks: the names of all docks that lie on top of each other, side by side, like tabs."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QPushButton, QTabBar, QWidget

from studio.ui.icon_button import IconButton
from studio.ui.texts import tr
from studio.ui.theme import mark

HEIGHT_PX: Final = 32


class DockTitle(QWidget):
    """The title bar of one dock; the free part of it drags the dock."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        mark(self, "panel")
        self.setFixedHeight(HEIGHT_PX)
        self._dock = dock
        self._shown: list[QDockWidget] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 2, 8, 2)
        self._row.setSpacing(14)
        self._row.addStretch(1)
        self._close = IconButton("close", self._tip(), parent=self, size=24)
        self._close.clicked.connect(dock.close)
        self._row.addWidget(self._close)
        self._buttons: list[QPushButton] = []
        self.show_docks([dock])

    @property
    def names(self) -> list[str]:
        """The names shown, from left to right."""
        return [button.text() for button in self._buttons]

    def button(self, name: str) -> QPushButton:
        """Give the tab with a name."""
        return next(button for button in self._buttons if button.text() == name)

    def show_docks(self, docks: list[QDockWidget]) -> None:
        """Show the names of these docks, its own marked."""
        if docks == self._shown:
            return
        self._shown = docks
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for place, dock in enumerate(docks):
            button = mark(QPushButton(dock.windowTitle(), self), "tab")
            button.setAccessibleName(dock.windowTitle())
            button.setCheckable(True)
            button.setChecked(dock is self._dock)
            button.setProperty("dock", dock)
            if len(docks) == 1:  # a plain title: it drags, it is not a button
                button.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(self._on_clicked)
            self._row.insertWidget(place, button)
            self._buttons.append(button)

    def set_locked(self, is_locked: bool) -> None:
        """Hide the button that closes the dock while panels are locked."""
        self._close.setVisible(not is_locked)

    @Slot()
    def _on_clicked(self) -> None:
        dock = QObject.sender(self).property("dock")
        for button in self._buttons:  # the mark says which dock this is the title of
            button.setChecked(button.property("dock") is self._dock)
        dock.raise_()
        title = dock.titleBarWidget()
        if isinstance(title, DockTitle):
            title.button(dock.windowTitle()).setFocus()

    def _tip(self) -> str:
        return tr("Close {panel}", panel=self._dock.windowTitle())


class DockTitles(QObject):
    """Keeps the titles of all docks of a window in step with how they lie."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._docks: list[QDockWidget] = []
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.refresh)

    def add(self, dock: QDockWidget) -> None:
        """Give a dock its title."""
        self._docks.append(dock)
        dock.setTitleBarWidget(DockTitle(dock))
        dock.installEventFilter(self)
        dock.visibilityChanged.connect(self._later.start)
        dock.dockLocationChanged.connect(self._later.start)
        dock.topLevelChanged.connect(self._later.start)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look again when a dock was shown, hidden or moved."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ParentChange):
            self._later.start()
        return super().eventFilter(watched, event)

    @Slot()
    def refresh(self) -> None:
        """Show in every title the docks that lie at the same place, in the order of the list."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for bar in self._window.findChildren(QTabBar, options=direct):
            bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Qt's own tabs: the titles stand for them
        for dock in self._docks:
            together = {dock, *self._window.tabifiedDockWidgets(dock)}
            shown = [other for other in self._docks if other in together and not other.isHidden()]
            title = dock.titleBarWidget()
            if isinstance(title, DockTitle):
                title.show_docks(shown or [dock])
