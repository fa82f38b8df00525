"""Remembers kept pictures by their looks when all is quiet, and finds copies of them."""

from typing import Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.background import Background
from studio.app.gallery_desk import GalleryDesk
from studio.app.picture_opening import OpenedFile
from studio.core.arrays import Picture
from studio.core.errors import StudioError
from studio.library.gallery import Gallery
from studio.library.looks_shelf import Lookalike, LooksShelf

# After the window's first pictures; then a few at a time, so that nobody waits behind it.
LEARN_AFTER_MS: Final = 4000
_AGAIN_MS: Final = 300
_BATCH: Final = 8
# Before a search: the newest, which take a second; older ones come when all is quiet.
_AT_ONCE: Final = 300


class LookAnswer(msgspec.Struct, frozen=True):
    """A picture without a recipe, and the kept one that it is a copy of, None for none."""

    file: OpenedFile
    found: Lookalike | None


class LooksDesk(QObject):
    """Keeps the index of looks up to date and asks it.

    Signals:
        answered: `LookAnswer`, once for each `look_for`.
    """

    answered = Signal(object)

    def __init__(
        self, gallery: Gallery, desk: GalleryDesk, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._gallery = gallery
        self._shelf: LooksShelf | None = None
        self._worker = Background(self)
        self._is_closed = False
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(LEARN_AFTER_MS)
        self._wait.timeout.connect(self._learn)
        desk.changed.connect(self._on_changed)
        self._wait.start()

    def look_for(self, file: OpenedFile) -> None:
        """Look for the kept picture that a file is a copy of; `answered` tells."""
        picture = file.opened.picture
        assert picture is not None  # who asks has one

        def work() -> LookAnswer:
            return LookAnswer(file, self._find(picture))

        def fail(_error: StudioError) -> None:
            self.answered.emit(LookAnswer(file, None))

        self._worker.run(work, self.answered.emit, failed=fail)

    def finish(self) -> None:
        """End what is under way and let go of the index; before the gallery closes."""
        self._is_closed = True
        self._wait.stop()
        self._worker.finish()
        if self._shelf is not None:
            self._shelf.close()

    def _find(self, picture: Picture) -> Lookalike | None:
        shelf = self._opened()
        shelf.learn(shelf.missing()[:_AT_ONCE])
        return shelf.find(picture)

    def _opened(self) -> LooksShelf:
        """Give the index, opened on the worker: the window's start does not wait for it."""
        if self._shelf is None:
            self._shelf = LooksShelf(self._gallery)
        return self._shelf

    @Slot(object)
    def _on_changed(self, _cause: object) -> None:
        if not self._is_closed and not self._wait.isActive():
            self._wait.start()

    @Slot()
    def _learn(self) -> None:
        def work() -> bool:
            shelf = self._opened()
            shelf.learn(shelf.missing()[:_BATCH])
            return bool(shelf.missing())

        self._worker.run(work, self._go_on, failed=_forget)

    def _go_on(self, is_more: bool) -> None:
        if is_more and not self._is_closed:
            self._wait.setInterval(_AGAIN_MS)
            self._wait.start()
        else:
            self._wait.setInterval(LEARN_AFTER_MS)


def _forget(_error: StudioError) -> None:
    """Nothing is lost: it is tried again after the next change."""
