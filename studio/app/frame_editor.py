"""What the controls of the frame do to the document's recipe."""

import random
from typing import Any

import msgspec
from PySide6.QtCore import QObject

from studio.app.document import Document
from studio.core.recipe import MAX_SEED, Frame, Tile, with_frame


class FrameEditor(QObject):
    """Changes the frame. Every method does nothing without a recipe."""

    def __init__(
        self,
        document: Document,
        *,
        chance: random.Random | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._chance = chance or random.Random()

    @property
    def frame(self) -> Frame:
        """The frame as it is now."""
        recipe = self._document.recipe
        return (recipe.frame if recipe else None) or Frame()

    def set_tile(self, tile: Tile) -> None:
        """Let sides fit their opposite ones."""
        self._change(tile=tile)

    def set_size(self, size: tuple[int, int]) -> None:
        """Give the picture another shape; what lies beyond the square is drawn anew at first."""
        beyond = self.frame.beyond
        if self.frame.size is None:
            beyond = self._chance.randint(0, MAX_SEED)
        self._change(size=size, beyond=beyond)

    def roll_beyond(self) -> None:
        """Draw anew what lies beyond the square."""
        self._change(beyond=self._chance.randint(0, MAX_SEED))

    def set_same_beyond(self, is_same: bool) -> None:
        """Go on with the picture's own latent beyond the square, or with another seed."""
        if is_same != (self.frame.beyond is None):
            self._change(beyond=None if is_same else self._chance.randint(0, MAX_SEED))

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Swap left and right."""
        self._change(is_mirrored=is_mirrored)

    def _change(self, **changes: Any) -> None:
        recipe = self._document.recipe
        if recipe is not None:
            self._document.edit(with_frame(recipe, msgspec.structs.replace(self.frame, **changes)))
