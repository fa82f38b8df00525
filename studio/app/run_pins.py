"""The seeds that an artist pinned in a run, kept beside it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject

from studio.app.background import Background
from studio.core.errors import StudioError
from studio.core.recipe import MAX_SEED
from studio.core.snapshot import SHEET_SEEDS
from studio.files.atomic import write_bytes_atomic

PINS_FILE: Final = "pins.json"
MAX_PINS: Final = SHEET_SEEDS
_MAX_BYTES: Final = 4096


class RunPins(QObject):
    """Reads the pins of a run folder and stores changes on a worker.

    Args:
        failed: Called with the `StudioError` when pins could not be stored.
        parent: Its owner.
    """

    def __init__(self, failed: Callable[[StudioError], None], *, parent: QObject) -> None:
        super().__init__(parent)
        self._failed = failed
        self._worker = Background(self)
        self._folder: Path | None = None
        self.seeds: tuple[int, ...] = ()

    def read(self, folder: Path | None) -> None:
        """Take the pins of a run folder, of none without one."""
        self._folder = folder
        self.seeds = _read(folder / PINS_FILE) if folder is not None else ()

    def set(self, seed: int, is_pinned: bool) -> bool:
        """Pin a seed or let it go; says whether that changed anything."""
        others = tuple(one for one in self.seeds if one != seed)
        if is_pinned == (seed in self.seeds):
            return False
        self.seeds = (*others, seed)[-MAX_PINS:] if is_pinned else others
        if self._folder is not None:
            path, content = self._folder / PINS_FILE, msgspec.json.encode(list(self.seeds))
            self._worker.run(
                lambda: write_bytes_atomic(path, content),
                lambda _nothing: None,
                failed=self._failed,
            )
        return True

    def finish(self) -> None:
        """Wait until all is stored."""
        self._worker.finish()


def _read(path: Path) -> tuple[int, ...]:
    """Give the pinned seeds; a file that is missing or damaged pins nothing."""
    try:
        with path.open("rb") as file:
            seeds = msgspec.json.decode(file.read(_MAX_BYTES), type=tuple[int, ...])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ()
    return tuple(seed for seed in dict.fromkeys(seeds) if 0 <= seed <= MAX_SEED)[:MAX_PINS]
