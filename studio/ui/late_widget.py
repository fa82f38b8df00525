"""A place in the window whose widget is made when it is first shown: the start need not wait."""

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

W = TypeVar("W", bound=QWidget)


class LateWidget(QWidget, Generic[W]):
    """Holds one widget, made by `make` when it is shown or asked for."""

    def __init__(self, make: Callable[[], W], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._content: W | None = None

    @property
    def is_made(self) -> bool:
        """Whether the widget is there already."""
        return self._content is not None

    @property
    def content(self) -> W:
        """The widget, made now if need be."""
        if self._content is None:
            self._content = self._make()
            whole = QVBoxLayout(self)
            whole.setContentsMargins(0, 0, 0, 0)
            whole.addWidget(self._content)
        return self._content

    def showEvent(self, event: QShowEvent) -> None:
        """Make it now."""
        _ = self.content
        super().showEvent(event)
