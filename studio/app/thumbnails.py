"""Thumbnails from files: decoded on two threads, the newest wish first, kept by bytes."""

import contextlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, QRunnable, QSize, QThreadPool, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QImageReader

from studio.core.errors import StudioError

CACHE_BYTES: Final = 64 * 1024 * 1024  # some 250 thumbnails of 256 px
NUM_THREADS: Final = 2
MAX_WAITING: Final = 200  # more than a screen of small tiles; what scrolled by is forgotten
TELL_AFTER_MS: Final = 50
ALLOCATION_MIB: Final = 64

Find = Callable[[], Path]


class _Loaded(msgspec.Struct, frozen=True):
    key: str
    image: QImage


class Thumbnails(QObject):
    """Gives images by key, and loads those that are missing.

    Signals:
        ready: Set of the keys that have come, at most every 50 ms. A picture that cannot be read
            comes as a null image and is not tried again.
    """

    ready = Signal(object)
    _loaded = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        cache_bytes: int = CACHE_BYTES,
        width_px: int | None = None,
    ) -> None:
        """Start with nothing loaded.

        Args:
            parent: Its owner.
            cache_bytes: What the images may take; the one used longest ago goes first.
            width_px: Wider pictures are made smaller to this width; None leaves them as they are.
        """
        super().__init__(parent)
        self._cache_bytes, self._width_px = cache_bytes, width_px
        self._image_by_key: OrderedDict[str, QImage] = OrderedDict()
        self._num_bytes = 0
        self._waiting: OrderedDict[str, Find] = OrderedDict()
        self._num_running = 0
        self._come: set[str] = set()
        # Qt's image plugins are made here: the first reader of a kind moves its plugin to the window's
        # thread, under a lock that this thread may hold while it waits for Python, and the other for
        # the lock: both stood still for good (PySide6 6.12, `size` keeps Python's lock).
        QImageReader.supportedImageFormats()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(NUM_THREADS)
        self._tell = QTimer(self)
        self._tell.setSingleShot(True)
        self._tell.setInterval(TELL_AFTER_MS)
        self._tell.timeout.connect(self._tell_ready)
        self._loaded.connect(self._take)

    def request(self, key: str, find: Find) -> QImage | None:
        """Give the image when it is there; otherwise load it in the background.

        Args:
            key: What to know it by.
            find: Gives its file; called on a worker thread, may raise `StudioError`.
        """
        image = self._image_by_key.get(key)
        if image is not None:
            self._image_by_key.move_to_end(key)
            return image
        self._waiting[key] = find
        self._waiting.move_to_end(key)
        while len(self._waiting) > MAX_WAITING:
            self._waiting.popitem(last=False)
        self._go_on()
        return None

    def forget(self, key: str) -> None:
        """Load a key anew when it is asked for again."""
        image = self._image_by_key.pop(key, None)
        if image is not None:
            self._num_bytes -= image.sizeInBytes()

    def finish(self) -> None:
        """Forget what was asked and wait for what is being loaded; before the window closes."""
        self._waiting.clear()
        self._pool.waitForDone()
        self._tell.stop()

    def _go_on(self) -> None:
        while self._waiting and self._num_running < NUM_THREADS:
            key, find = self._waiting.popitem(last=True)
            self._num_running += 1
            self._pool.start(_Load(key, find, relay=self, width_px=self._width_px))

    @Slot(object)
    def _take(self, loaded: _Loaded) -> None:
        self._num_running -= 1
        self._waiting.pop(loaded.key, None)
        self.forget(loaded.key)
        self._image_by_key[loaded.key] = loaded.image
        self._num_bytes += loaded.image.sizeInBytes()
        while self._num_bytes > self._cache_bytes and len(self._image_by_key) > 1:
            _, old = self._image_by_key.popitem(last=False)
            self._num_bytes -= old.sizeInBytes()
        self._come.add(loaded.key)
        if not self._tell.isActive():
            self._tell.start()
        self._go_on()

    @Slot()
    def _tell_ready(self) -> None:
        come, self._come = self._come, set()
        self.ready.emit(frozenset(come))


class _Load(QRunnable):
    def __init__(
        self, key: str, find: Find, *, relay: Thumbnails, width_px: int | None = None
    ) -> None:
        super().__init__()
        self._key, self._find, self._relay, self._width_px = key, find, relay, width_px

    def run(self) -> None:
        image = QImage()
        try:
            reader = QImageReader(str(self._find()))
            reader.setAllocationLimit(ALLOCATION_MIB)
            reader.setAutoTransform(True)
            size = reader.size()
            if self._width_px is not None and size.width() > self._width_px:
                height = max(1, round(size.height() * self._width_px / size.width()))
                reader.setScaledSize(QSize(self._width_px, height))
            image = reader.read()
        except StudioError:
            pass  # a null image is drawn as damaged
        with contextlib.suppress(RuntimeError):  # who asked has gone meanwhile
            self._relay._loaded.emit(_Loaded(self._key, image))
