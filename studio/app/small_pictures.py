"""Small pictures of recipes on demand: kept while they are used, asked for only when shown."""

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QColorSpace, QImage

from studio.app.engine_client import EngineClient, Key, SmallPicture
from studio.core.arrays import Picture, middle_square
from studio.core.recipe import Recipe

MAX_PICTURES: Final = 600  # at 64 px some 7 MB


class SmallPictures(QObject):
    """Gives small pictures by recipe, from the engine or from what it gave before.

    Signals:
        ready: The `Recipe` whose picture has come.
    """

    ready = Signal(object)

    def __init__(
        self,
        engine: EngineClient,
        group: str,
        *,
        size: int,
        keeps_shape: bool = False,
        parent: QObject | None = None,
    ) -> None:
        """Start empty.

        Args:
            engine: Where they come from.
            group: The first part of their keys; each user has one of its own.
            size: Side in px that is enough.
            keeps_shape: Whether wide pictures stay wide; else their middle square is given.
            parent: Of this object.
        """
        super().__init__(parent)
        self._keeps_shape = keeps_shape
        self._engine = engine
        self._group = group
        self._size = size
        self._image_by_recipe: OrderedDict[Recipe, QImage] = OrderedDict()
        self._asked: set[Recipe] = set()
        self._next_key = 0
        engine.small_ready.connect(self._take)
        engine.model_opened.connect(self._forget_asked)

    def image(self, recipe: Recipe) -> QImage | None:
        """Give the picture if it is there, None otherwise; asks for nothing."""
        image = self._image_by_recipe.get(recipe)
        if image is not None:
            self._image_by_recipe.move_to_end(recipe)
        return image

    def request(self, recipe: Recipe) -> QImage | None:
        """Give the picture if it is there; otherwise ask for it, once."""
        image = self.image(recipe)
        opened = self._engine.opened
        can_ask = opened is not None and opened.card.model == recipe.model
        if image is None and can_ask and recipe not in self._asked:
            self._asked.add(recipe)
            self._next_key += 1
            key: Key = (self._group, self._next_key)
            self._engine.request_small(key, recipe, size=self._size)
        return image

    def cancel(self) -> None:
        """Forget what was asked and has not come."""
        if self._asked:
            self._asked.clear()
            self._engine.cancel_small((self._group,))

    @Slot(object)
    def _take(self, small: SmallPicture) -> None:
        if small.key[0] != self._group:
            return
        self._asked.discard(small.recipe)
        self._image_by_recipe[small.recipe] = image_of(small.picture, keeps_shape=self._keeps_shape)
        while len(self._image_by_recipe) > MAX_PICTURES:
            self._image_by_recipe.popitem(last=False)
        self.ready.emit(small.recipe)

    @Slot(object)
    def _forget_asked(self, _opened: object) -> None:
        self._asked.clear()


def image_of(picture_HWC: Picture, *, keeps_shape: bool = False) -> QImage:
    """Give a QImage with its own copy of a small picture, tagged as sRGB.

    Args:
        picture_HWC: The picture.
        keeps_shape: Whether all of a wide or tall one is given, or its middle square.
    """
    if not keeps_shape:
        picture_HWC = middle_square(picture_HWC)
    height, width, _ = picture_HWC.shape
    shared = QImage(picture_HWC.data, width, height, width * 3, QImage.Format.Format_RGB888)
    image = shared.convertToFormat(QImage.Format.Format_RGB32)
    image.setColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    return image
