"""The strips of previews under the direction sliders: drawn when the hand rests, visible rows first."""

from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from studio.app.document import Document
from studio.app.engine_client import EngineClient, SmallPicture
from studio.app.latent_editor import LatentEditor
from studio.app.small_pictures import image_of
from studio.core.recipe import Recipe

POSITIONS: Final = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
REST_MS: Final = 250
STRIP_PX: Final = 64
_GROUP: Final = "strip"


class StripPicture(msgspec.Struct, frozen=True):
    """One picture of a strip: the present picture with `direction` at `POSITIONS[place]`."""

    direction: str
    place: int
    image: QImage


class Strips(QObject):
    """Asks for the strips of the rows that can be seen, and drops them at the next move.

    Signals:
        picture_ready: `StripPicture`. Not emitted for a recipe that is not there any more.
    """

    picture_ready = Signal(object)

    def __init__(
        self,
        document: Document,
        engine: EngineClient,
        *,
        editor: LatentEditor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._engine = engine
        self._editor = editor
        self._list_visible: Callable[[], list[str]] = list
        self._done: set[str] = set()
        self._round = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._draw)
        document.recipe_changed.connect(self._drop)
        editor.zones_changed.connect(self._drop)
        engine.model_opened.connect(self._drop)
        engine.small_ready.connect(self._take)

    def follow(self, list_visible: Callable[[], list[str]]) -> None:
        """Take the function that gives the directions of the rows seen now, top first."""
        self._list_visible = list_visible

    @Slot()
    def look_again(self) -> None:
        """Rows came into view: draw what is missing once the hand rests."""
        self._rest.start()

    @Slot()
    def stop(self) -> None:
        """Ask for nothing until `look_again` or the next move."""
        self._rest.stop()
        self._engine.cancel_small((_GROUP,))
        self._done.clear()

    @Slot(object)
    def _drop(self, _cause: object) -> None:
        self._round += 1
        if self._done:
            self._engine.cancel_small((_GROUP,))
            self._done.clear()
        self._rest.start()

    @Slot()
    def _draw(self) -> None:
        recipe, opened = self._document.recipe, self._engine.opened
        if recipe is not None:
            recipe = msgspec.structs.replace(recipe, frame=None)  # a cell is square
        if recipe is None or opened is None or opened.card.model != recipe.model:
            return
        if self._document.is_in_gesture:
            self._rest.start()
            return
        for direction in self._list_visible():
            if direction not in self._done:
                self._done.add(direction)
                self._ask(recipe, direction)

    def _ask(self, recipe: Recipe, direction: str) -> None:
        for place, position in enumerate(POSITIONS):
            moved = self._editor.with_strength(recipe, direction, number=position)
            key = (_GROUP, self._round, direction, place)
            self._engine.request_small(key, moved, size=STRIP_PX)

    @Slot(object)
    def _take(self, small: SmallPicture) -> None:
        if small.key[0] != _GROUP or small.key[1] != self._round:
            return
        direction, place = str(small.key[2]), int(small.key[3])
        self.picture_ready.emit(StripPicture(direction, place, image_of(small.picture)))
