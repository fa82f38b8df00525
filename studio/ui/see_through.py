"""Pictures of models with alpha on the canvas: what is seen through shows a checkerboard."""

from typing import Final

from PySide6.QtCore import QObject, Slot

from studio.app.engine_client import LargePicture, LargeWish, RenderedPicture
from studio.core.arrays import on_checkerboard
from studio.ui.parts import Parts

KEY: Final = ("clear",)


class SeeThrough(QObject):
    """Asks for the alpha of each finished picture, where its model has one, and shows both.

    The pictures of a moving hand are shown without: they come too often to be asked for twice.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        parts.pictures.shown.connect(self._on_shown)
        parts.engine.large.ready.connect(self._on_ready)

    @Slot(object)
    def _on_shown(self, rendered: RenderedPicture) -> None:
        opened = self._parts.engine.opened
        if rendered.is_preview or opened is None or opened.card.foreign is None:
            return
        if opened.card.foreign.has_alpha:
            wish = LargeWish(1, rendered.recipe, wants_alpha=True)
            self._parts.engine.large.request(KEY, wish)

    @Slot(object)
    def _on_ready(self, large: LargePicture) -> None:
        document, latest = self._parts.document, self._parts.pictures.latest
        is_present = large.key == KEY and large.recipe == document.recipe
        if not is_present or latest is None or latest.is_preview or document.is_in_gesture:
            return
        if large.picture.shape[2] == 4 and document.painted is None:
            shown = self._parts.pictures.repeated(on_checkerboard(large.picture))
            self._parts.canvas.set_picture(shown)
