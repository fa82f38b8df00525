"""Buttons that follow a command: its icon, its tip, and whether it is possible now."""

from PySide6.QtCore import QEvent, QSize, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from studio.ui.actions import tip
from studio.ui.icons import icon
from studio.ui.theme import mark


class ActionButton(QToolButton):
    """A square tool button that follows an action."""

    def __init__(self, action: QAction, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self._name = name
        self.setFixedSize(34, 32)
        self.setIconSize(QSize(20, 20))
        self.setCheckable(action.isCheckable())
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._follow()

    @Slot()
    def _follow(self) -> None:
        self.setIcon(icon(self._name, self.palette()))
        self.setEnabled(self._action.isEnabled())
        self.setChecked(self._action.isChecked())
        self.setToolTip(tip(self._action))
        self.setAccessibleName(self._action.text())


class MainButton(QPushButton):
    """A button with words and an icon that follows an action."""

    def __init__(
        self,
        action: QAction,
        name: str,
        *,
        role: str,
        text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        mark(self, role)
        self._action = action
        self._name = name
        self._colour = "#ffffff" if role == "main" else ""
        self.setText(text or action.text().rstrip("…"))
        self.setIconSize(QSize(20, 20))
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._follow()

    @Slot()
    def _follow(self) -> None:
        self.setIcon(icon(self._name, self.palette(), colour=self._colour))
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(tip(self._action))
        self.setAccessibleName(self._action.text())
