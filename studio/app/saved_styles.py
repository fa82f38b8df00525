"""The artist's own styles as the window works with them: saved, renamed, removed in the background."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.app.background import Background
from studio.core.arrays import Picture
from studio.core.model_card import ModelCard
from studio.core.named_style import STYLES_TILE_PX, SavedStyle
from studio.core.recipe import Recipe, Zone
from studio.files.images import encode_thumbnail
from studio.files.saved_styles import (
    clean_name,
    read_saved_styles,
    remove_saved_style,
    thumbnail_path,
    write_saved_style,
)


class SavedStyles(QObject):
    """Holds them, newest first.

    Signals:
        changed: None; there are other ones.
        saved: `SavedStyle` that is new and on the disk.
        removed: `SavedStyle` that has gone.
        failed: `StudioError`; a change was not made.
    """

    changed = Signal(object)
    saved = Signal(object)
    removed = Signal(object)
    failed = Signal(object)

    def __init__(self, home: Path, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._worker = Background(self)
        self._styles: tuple[SavedStyle, ...] = ()
        self._worker.run(lambda: read_saved_styles(home), self._take, failed=self.failed.emit)

    @property
    def styles(self) -> tuple[SavedStyle, ...]:
        """All of them, newest first."""
        return self._styles

    def thumbnail_path(self, style: SavedStyle) -> Path:
        """Give where its small picture lies; it need not be there."""
        return thumbnail_path(self._home, style.id)

    def save(
        self,
        recipe: Recipe,
        zones: tuple[Zone, ...],
        *,
        name: str,
        card: ModelCard,
        picture: Picture | None = None,
    ) -> None:
        """Save a part of a picture as a style; `saved` or `failed` tells how it went.

        Args:
            recipe: The picture.
            zones: The part.
            name: What it is called; "" becomes the model's name.
            card: The model's card.
            picture: The full picture, for its tile.
        """
        style = SavedStyle(
            id=uuid.uuid4().hex,
            name=clean_name(name) or card.name,
            recipe=recipe,
            zones=zones,
            model_name=card.name,
            saved_at=time.time(),
        )

        def store() -> None:
            small = None if picture is None else encode_thumbnail(picture, STYLES_TILE_PX)
            write_saved_style(self._home, style, thumbnail=small)

        def tell() -> None:
            self._take((style, *self._styles))
            self.saved.emit(style)

        self._run(store, tell)

    def rename(self, style: SavedStyle, name: str) -> None:
        """Give another name; an empty one is no wish."""
        clean = clean_name(name)
        if not clean or clean == style.name:
            return
        renamed = msgspec.structs.replace(style, name=clean)
        replaced = [renamed if one.id == style.id else one for one in self._styles]
        self._run(
            lambda: write_saved_style(self._home, renamed), lambda: self._take(tuple(replaced))
        )

    def remove(self, style: SavedStyle) -> None:
        """Take a style away."""

        def tell() -> None:
            self._take(tuple(one for one in self._styles if one.id != style.id))
            self.removed.emit(style)

        self._run(lambda: remove_saved_style(self._home, style.id), tell)

    def put_back(self, style: SavedStyle) -> None:
        """Undo a removal."""

        def tell() -> None:
            others = [one for one in self._styles if one.id != style.id]
            self._take(tuple(sorted((style, *others), key=lambda one: -one.saved_at)))

        self._run(lambda: write_saved_style(self._home, style), tell)

    def finish(self) -> None:
        """Wait for what is on its way; before the window closes."""
        self._worker.finish()

    def _run(self, work: Callable[[], None], tell: Callable[[], None]) -> None:
        self._worker.run(work, lambda _nothing: tell(), failed=self.failed.emit)

    def _take(self, styles: tuple[SavedStyle, ...]) -> None:
        if styles != self._styles:
            self._styles = styles
            self.changed.emit(None)
