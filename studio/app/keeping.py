"""Keeping a picture: the full picture from the engine, stored on a worker, then told."""

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.engine_client import EngineClient, FullPicture, RequestFailure
from studio.core.errors import EngineError, StudioError
from studio.core.lineage import NOBODY, Lineage
from studio.core.model_card import ModelCard
from studio.core.recipe import Recipe
from studio.library.gallery import Gallery, Kept

_KEY = "keep"


class KeepFailure(msgspec.Struct, frozen=True):
    """A picture that was not kept, and why."""

    recipe: Recipe
    error: StudioError


class _Wish(msgspec.Struct, frozen=True):
    recipe: Recipe
    card: ModelCard
    name: str
    lineage: Lineage


class Keeper(QObject):
    """Keeps pictures.

    Signals:
        kept: `Kept`: from now on nothing loses it. Never emitted before it is on the disk.
        failed: `KeepFailure`.
        waiting_changed: How many are on their way, an int.
    """

    kept = Signal(object)
    failed = Signal(object)
    waiting_changed = Signal(object)

    def __init__(
        self, gallery: Gallery, engine: EngineClient, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._gallery = gallery
        self._engine = engine
        self._worker = Background(self)
        self._next = 0
        self._wish_by_number: dict[int, _Wish] = {}
        engine.full_ready.connect(self._take_full)
        engine.request_failed.connect(self._take_failure)

    @property
    def num_waiting(self) -> int:
        """How many pictures are asked for and not yet kept; the window waits for them to close."""
        return len(self._wish_by_number)

    def keep(self, recipe: Recipe, *, name: str = "", lineage: Lineage = NOBODY) -> None:
        """Make the full picture of a recipe and keep it; `kept` or `failed` tells how it went.

        Args:
            recipe: Of the model that is open.
            name: For people, "" takes the seed's.
            lineage: Who it comes from.
        """
        opened = self._engine.opened
        if opened is None or opened.card.model != recipe.model:
            error = EngineError(
                "The picture was not kept: its model is not open.", "Open its model, then keep it."
            )
            self.failed.emit(KeepFailure(recipe, error))
            return
        self._next += 1
        self._wish_by_number[self._next] = _Wish(recipe, opened.card, name, lineage)
        self.waiting_changed.emit(self.num_waiting)
        self._engine.request_full((_KEY, self._next), recipe, has_nearness=True)

    def finish(self) -> None:
        """Wait until every picture that the engine gave is stored."""
        self._worker.finish()

    @Slot(object)
    def _take_full(self, full: FullPicture) -> None:
        if full.key[0] != _KEY:
            return
        number = int(full.key[1])
        wish = self._wish_by_number.get(number)
        if wish is None:
            return

        def store() -> Kept:
            return self._gallery.keep(
                full.picture,
                wish.recipe,
                card=wish.card,
                name=wish.name,
                provider=full.provider,
                lineage=wish.lineage,
                nearness=full.nearness,
            )

        self._worker.run(
            store,
            lambda kept: self._tell(number, kept),
            failed=lambda error: self._fail(number, error),
        )

    @Slot(object)
    def _take_failure(self, failure: RequestFailure) -> None:
        if failure.key is not None and failure.key[0] == _KEY:
            self._fail(int(failure.key[1]), failure.error)

    def _tell(self, number: int, kept: Kept) -> None:
        self._wish_by_number.pop(number, None)
        self.waiting_changed.emit(self.num_waiting)
        self.kept.emit(kept)

    def _fail(self, number: int, error: StudioError) -> None:
        wish = self._wish_by_number.pop(number, None)
        if wish is not None:
            self.waiting_changed.emit(self.num_waiting)
            self.failed.emit(KeepFailure(wish.recipe, error))
