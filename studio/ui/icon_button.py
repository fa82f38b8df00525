"""A square button with one of our icons, a tool tip and a name that a screen reader speaks."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QToolButton, QWidget

from studio.ui.icons import ICON_PX, icon


class IconButton(QToolButton):
    """Shows an icon in the colours of the present theme."""

    def __init__(
        self,
        name: str,
        tip: str,
        *,
        parent: QWidget | None = None,
        size: int = 28,
        checkable: bool = False,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self.setFixedSize(size, size)
        self.setIconSize(QSize(min(ICON_PX, size - 8), min(ICON_PX, size - 8)))
        self.setCheckable(checkable)
        self.set_tip(tip)
        self._draw()

    @property
    def icon_name(self) -> str:
        """The icon shown."""
        return self._name

    def set_icon_name(self, name: str) -> None:
        """Show another icon."""
        if name != self._name:
            self._name = name
            self._draw()

    def set_tip(self, tip: str) -> None:
        """Say what the button does; spoken as its name, too."""
        self.setToolTip(tip)
        self.setAccessibleName(tip)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        self.setIcon(icon(self._name, self.palette(), size=self.iconSize().width()))
