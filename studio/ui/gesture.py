"""Where one move of the hand begins and ends, so that it is one step of the history."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

IDLE_MS: Final = 500  # wheel and key strokes closer than this are one move


class Gesture(QObject):
    """A drag, or a run of wheel or key strokes.

    Signals:
        began: Before the first change; not emitted while a move goes on.
        ended: After the last change; not emitted without a `began` before it.
    """

    began = Signal()
    ended = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._is_on = False
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(self.end)

    def begin(self) -> None:
        """Begin, or go on, until `end` or `end_when_idle`."""
        self._idle.stop()
        if not self._is_on:
            self._is_on = True
            self.began.emit()

    def end_when_idle(self) -> None:
        """End it when no other stroke begins soon."""
        self._idle.start()

    @Slot()
    def end(self) -> None:
        """End it now."""
        self._idle.stop()
        if self._is_on:
            self._is_on = False
            self.ended.emit()
