"""The training pictures that kept pictures are near to, as small as models bring them."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from studio.app.background import Background
from studio.app.small_pictures import image_of
from studio.core.arrays import Picture
from studio.core.model_card import CLOSENESS_FILE
from studio.core.nearness import Nearness
from studio.files.model_folder import read_closeness
from studio.library.model_library import InstalledModel

MAX_PICTURES: Final = 64
Key = tuple[str, int]


class TrainingPictures(QObject):
    """Gives small training pictures, read on a worker when they are asked for.

    Args:
        list_models: Gives the installed models.
        parent: Its owner.

    Signals:
        ready: None; a picture that was asked for has come, or is known to be missing.
    """

    ready = Signal(object)

    def __init__(
        self,
        list_models: Callable[[], Sequence[InstalledModel]],
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._list_models = list_models
        self._worker = Background(self)
        self._image_by_key: OrderedDict[Key, QImage | None] = OrderedDict()
        self._asked: set[Key] = set()

    def is_shipped(self, model: str) -> bool:
        """Say whether a model came with the program: then the pictures are not the artist's."""
        found = self._find(model)
        return found is not None and found.is_shipped

    def image(self, model: str, nearness: Nearness) -> QImage | None:
        """Give the training picture that a picture of a model is near to.

        Args:
            model: Hash of the model.
            nearness: What was measured of the picture.

        Returns:
            None until it was read, and when the model is gone or has no such picture any more.
        """
        key = (model, nearness.square)
        if key in self._image_by_key:
            self._image_by_key.move_to_end(key)
            return self._image_by_key[key]
        found = self._find(model)
        if found is not None and key not in self._asked:
            self._asked.add(key)
            self._worker.run(
                lambda: _read(found, nearness),
                lambda picture: self._take(key, picture),
                failed=lambda _error: self._take(key, None),
            )
        return None

    def finish(self) -> None:
        """Wait for what is being read; before the window closes."""
        self._worker.finish()

    def _find(self, model: str) -> InstalledModel | None:
        """Give the model with a hash; of several the one that brings what it learned from."""
        found = [one for one in self._list_models() if one.card.model == model]
        found.sort(key=lambda one: CLOSENESS_FILE not in one.card.graphs)
        return found[0] if found else None

    def _take(self, key: Key, picture: Picture | None) -> None:
        self._asked.discard(key)
        self._image_by_key[key] = image_of(picture) if picture is not None else None
        while len(self._image_by_key) > MAX_PICTURES:
            self._image_by_key.popitem(last=False)
        self.ready.emit(None)


def _read(model: InstalledModel, nearness: Nearness) -> Picture | None:
    """Give the picture, None when the model was trained anew and its rows are others."""
    closeness = read_closeness(model.folder, model.card)
    row = nearness.square
    if closeness is None or not 0 <= row < len(closeness.files):
        return None
    if closeness.files[row] != nearness.file:
        return None
    picture: Picture = closeness.thumbnails_NTT3[row].copy()  # the rest of the file is let go
    return picture
