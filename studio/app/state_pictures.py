"""The small pictures of the history's states: from the engine, or from the disk while it cannot."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage

from studio.app.background import Background
from studio.app.engine_client import EngineClient, SmallPicture
from studio.app.small_pictures import SmallPictures
from studio.app.thumbnails import Thumbnails
from studio.core.errors import ModelError, StudioError
from studio.core.recipe import Recipe
from studio.files.state_pictures import (
    prune_state_pictures,
    state_picture_path,
    write_state_picture,
)

_log: Final = logging.getLogger(__name__)
_GROUP: Final = "history"


class StatePictures(SmallPictures):
    """Remembers what the engine gave, so that states of another model have their pictures, too.

    Args as `SmallPictures`; `home` is where they are kept, None for nowhere.
    """

    def __init__(
        self,
        engine: EngineClient,
        *,
        size: int,
        home: Path | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(engine, _GROUP, size=size, parent=parent)
        self._home = home
        self._worker = Background(self)
        self._stored = Thumbnails(self)
        self._recipe_by_key: dict[str, Recipe] = {}
        self._stored.ready.connect(self._on_stored)
        if home is not None:
            self._run(lambda: prune_state_pictures(home))

    def request(self, recipe: Recipe) -> QImage | None:
        """Give the picture if it is there; otherwise ask the engine, or the disk for a foreign one."""
        image = super().request(recipe)
        opened = self._engine.opened
        is_open = opened is not None and opened.card.model == recipe.model
        if image is not None or is_open or self._home is None:
            return image
        path = state_picture_path(self._home, recipe)
        self._recipe_by_key[path.stem] = recipe
        stored = self._stored.request(path.stem, lambda: _existing(path))
        return None if stored is None or stored.isNull() else stored

    def finish(self) -> None:
        """Wait for what is being written; before the window closes."""
        self._worker.finish()
        self._stored.finish()

    @Slot(object)
    def _take(self, small: SmallPicture) -> None:
        super()._take(small)
        home = self._home
        if small.key[0] == _GROUP and home is not None:
            self._run(lambda: write_state_picture(home, small.recipe, picture=small.picture))

    @Slot(object)
    def _on_stored(self, keys: frozenset[str]) -> None:
        for key in keys:
            recipe = self._recipe_by_key.pop(key, None)
            if recipe is not None:
                self.ready.emit(recipe)

    def _run(self, work: Callable[[], object]) -> None:
        self._worker.run(work, _forget, failed=_note)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ModelError("This state has no picture yet.", "Open its model.")
    return path


def _forget(_result: object) -> None:
    """Nobody waits for it."""


def _note(error: StudioError) -> None:
    _log.warning("a picture of the history was not stored: %s", error.what)
