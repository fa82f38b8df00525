"""Finished pictures for export: read from the gallery or rendered, enlarged where it is wished."""

from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.engine_client import (
    EngineClient,
    FullPicture,
    LargePicture,
    LargeProgress,
    LargeWish,
    RequestFailure,
)
from studio.app.export_payloads import ExportItem
from studio.core.arrays import Picture
from studio.core.enlargement import factor_for, tile_of, with_enlargement
from studio.core.errors import EngineError, StudioError
from studio.core.model_card import ModelCard
from studio.core.nearness import Nearness
from studio.core.recipe import Enlarge, Recipe, size_px
from studio.files.deep_images import DeepPicture
from studio.files.images import decode_picture
from studio.library.gallery import Gallery, Kept
from studio.library.kept import remembered_card

# The engine's client finishes enlarged pictures of this asker before it leaves their model.
KEY: Final = "export"


class Finished(msgspec.Struct, frozen=True):
    """A picture that can be written.

    Attributes:
        item: What was asked for.
        picture: uint8 or uint16 [H, W, 3], or 4 with alpha, at least as large as asked for; read only.
        recipe: What made it, with its enlargement.
        card: The model that made it.
        nearness: To a training picture, None when that is not known.
    """

    item: ExportItem
    picture: Picture | DeepPicture
    recipe: Recipe
    card: ModelCard
    nearness: Nearness | None = None


class _Asked(msgspec.Struct, frozen=True):
    number: int
    item: ExportItem
    size: int | None
    is_deep: bool


class FinishedPictures(QObject):
    """Gives one picture at a time; a second request replaces one that is not answered.

    Signals:
        ready: `Finished`.
        failed: `StudioError`, instead of `ready`; neither comes after `cancel`.
        share_changed: Which share of the picture is enlarged, 0…1.
    """

    ready = Signal(object)
    failed = Signal(object)
    share_changed = Signal(object)

    def __init__(
        self,
        gallery: Gallery,
        engine: EngineClient,
        *,
        name: str,
        find_card: Callable[[str], ModelCard | None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Make a source of pictures.

        Args:
            gallery: Where kept pictures lie.
            engine: Renders what is not kept, and enlarges.
            name: Tells its requests to the engine from those of others.
            find_card: Gives the card of a model by its hash, None when it is not installed.
            parent: Its owner.
        """
        super().__init__(parent)
        self._gallery, self._engine, self._name = gallery, engine, name
        self._find_card = find_card
        self._worker = Background(self)
        self._asked: _Asked | None = None
        self._num_asked = 0
        engine.full_ready.connect(self._take_full)
        engine.request_failed.connect(self._take_failure)
        engine.large.ready.connect(self._take_large)
        engine.large.failed.connect(self._take_failure)
        engine.large.progress_changed.connect(self._take_progress)

    def request(self, item: ExportItem, *, size: int | None, is_deep: bool = False) -> None:
        """Ask for a picture whose longer side is at least `size` (None: as it was made)."""
        self.cancel()
        self._num_asked += 1
        asked = self._asked = _Asked(self._num_asked, item, size, is_deep)
        if item.kept is not None and not item.kept.is_damaged and not self._has_alpha(item.recipe):
            self._ask_kept(asked, item.kept)
        else:
            self._ask_recipe(asked)

    def cancel(self) -> None:
        """Forget what was asked for."""
        asked, self._asked = self._asked, None
        if asked is not None:
            self._engine.large.cancel(self._key(asked))

    def finish(self) -> None:
        """Wait until nothing is read any more."""
        self._worker.finish()

    def _ask_kept(self, asked: _Asked, kept: Kept) -> None:
        factor = factor_for(max(kept.width, kept.height), asked.size)
        if factor == 1:  # a kept picture has 8 bits; it is written with as many as are wished
            self._worker.run(
                lambda: decode_picture(self._gallery.read_picture_file(kept)),
                lambda picture: self._give_kept(asked, kept, picture=picture),
                failed=lambda error: self._fail(asked, error),
            )
        elif self._engine.opened is None:
            error = EngineError(
                "Pictures cannot be enlarged while no model is open.",
                "Open any model, or export the picture as it is.",
            )
            self._fail(asked, error)
        else:
            path = self._gallery.picture_path(kept)
            self._ask_large(asked, LargeWish(factor, path=path, tile=tile_of(kept.recipe)))

    def _ask_recipe(self, asked: _Asked) -> None:
        opened = self._engine.opened
        recipe = with_enlargement(asked.item.recipe, 1)
        if opened is None or opened.card.model != recipe.model:
            error = EngineError(
                "The model of this picture is not open.", "Open it, then export again."
            )
            self._fail(asked, error)
            return
        factor = factor_for(max(size_px(recipe, opened.card.resolution)), asked.size)
        wants_alpha = self._has_alpha(recipe)
        if factor == 1 and not asked.is_deep and not wants_alpha:
            self._engine.request_full(self._key(asked), recipe, has_nearness=True)
        else:
            wish = LargeWish(factor, recipe, has_nearness=True, wants_alpha=wants_alpha)
            self._ask_large(asked, wish)

    def _has_alpha(self, recipe: Recipe) -> bool:
        """Say whether the open model made it and says how opaque it is; kept files do not."""
        opened = self._engine.opened
        if opened is None or opened.card.model != recipe.model:
            return False
        return opened.card.foreign is not None and opened.card.foreign.has_alpha

    def _ask_large(self, asked: _Asked, wish: LargeWish) -> None:
        if asked.is_deep:
            wish = msgspec.structs.replace(wish, bits=16)
        self._engine.large.request(self._key(asked), wish)

    def _key(self, asked: _Asked) -> tuple[str | int, ...]:
        return (KEY, self._name, asked.number)

    def _find(self, key: tuple[str | int, ...] | None) -> _Asked | None:
        """Give what is asked for now, when this key is its own."""
        asked = self._asked
        return asked if asked is not None and key == self._key(asked) else None

    @Slot(object)
    def _take_full(self, full: FullPicture) -> None:
        asked, opened = self._find(full.key), self._engine.opened
        if asked is not None and opened is not None:
            self._give(asked, full.picture, card=opened.card, nearness=full.nearness)

    @Slot(object)
    def _take_large(self, large: LargePicture) -> None:
        asked, opened = self._find(large.key), self._engine.opened
        if asked is None:
            return
        kept, factor = asked.item.kept, large.factor
        if large.recipe is None and kept is not None:
            card, near = self._card_of(kept), kept.nearness
            self._give(asked, large.picture, card=card, nearness=near, factor=factor)
        elif opened is not None:
            near = large.nearness
            self._give(asked, large.picture, card=opened.card, nearness=near, factor=factor)

    @Slot(object)
    def _take_progress(self, progress: LargeProgress) -> None:
        if self._find(progress.key) is not None:
            self.share_changed.emit(progress.done / progress.total)

    @Slot(object)
    def _take_failure(self, failure: RequestFailure) -> None:
        asked = self._find(failure.key)
        if asked is not None:
            self._fail(asked, failure.error)

    def _give_kept(self, asked: _Asked, kept: Kept, *, picture: Picture) -> None:
        if self._asked is asked:
            self._give(asked, picture, card=self._card_of(kept), nearness=kept.nearness)

    def _give(
        self,
        asked: _Asked,
        picture: Picture | DeepPicture,
        *,
        card: ModelCard,
        nearness: Nearness | None,
        factor: Enlarge = 1,
    ) -> None:
        self._asked = None
        recipe = with_enlargement(asked.item.recipe, factor)
        self.ready.emit(Finished(asked.item, picture, recipe, card, nearness))

    def _fail(self, asked: _Asked, error: StudioError) -> None:
        if self._asked is asked:
            self._asked = None
            self.failed.emit(error)

    def _card_of(self, kept: Kept) -> ModelCard:
        """Give the card of a kept picture's model; of one that is not installed what is known."""
        opened = self._engine.opened
        if opened is not None and opened.card.model == kept.model:
            return opened.card
        card = self._find_card(kept.model) if self._find_card is not None else None
        return card or remembered_card(kept)
