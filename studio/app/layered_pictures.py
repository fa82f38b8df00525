"""Pictures with their layers for export: every picture that their regions need, one after another."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.engine_client import EngineClient
from studio.app.export_payloads import ExportItem
from studio.app.finished_pictures import Finished, FinishedPictures
from studio.core.arrays import Picture
from studio.core.enlargement import enlargement_of, with_enlargement
from studio.core.errors import PictureError, StudioError
from studio.core.layer_plan import PlannedLayer, pictures_of, plan_layers, whole_of
from studio.core.model_card import ModelCard
from studio.core.nearness import Nearness
from studio.core.recipe import Recipe, size_px
from studio.export.layers import (
    LayeredPicture,
    check_room,
    fitted,
    has_parts,
    layers_from,
    single_layer,
)
from studio.export.stills import StillSettings
from studio.files.deep_images import narrow


class GatheredPicture(msgspec.Struct, frozen=True):
    """One picture, and the pictures that its layers are made of.

    Attributes:
        item: What was asked for.
        whole: The picture itself, not yet made to fit.
        parts: Picture by recipe, empty for a picture that is a single layer.
        settings: How they are exported.
    """

    item: ExportItem
    whole: Finished
    parts: dict[Recipe, Picture]
    settings: StillSettings

    @property
    def card(self) -> ModelCard:
        """The model that made it."""
        return self.whole.card

    def layered(self, name: str) -> LayeredPicture:
        """Make the layers: takes a second for large ones, so not on the window's thread."""
        if self.parts:
            factor = enlargement_of(self.whole.recipe)
            recipe = with_enlargement(self.item.recipe, factor)
            return layers_from(
                name, self.parts, recipe=recipe, card=self.card, settings=self.settings
            )
        return single_layer(
            name,
            fitted(self.whole.picture, self.settings),
            recipe=self.whole.recipe,
            card=self.card,
            painted_in=self.item.kept.painted_in if self.item.kept is not None else "",
        )


class _Work(msgspec.Struct):
    """What is being gathered. `waiting` are the recipes of the picture that is next."""

    items: tuple[ExportItem, ...]
    settings: StillSettings
    done: list[GatheredPicture]
    planned: tuple[PlannedLayer, ...] = ()
    waiting: tuple[Recipe, ...] = ()
    parts: dict[Recipe, Picture] = msgspec.field(default_factory=dict)
    nearness: Nearness | None = None


class LayeredPictures(QObject):
    """Gathers pictures for one layered file at a time; a second request replaces the first.

    Signals:
        ready: List of `GatheredPicture`, in the order asked for.
        failed: `StudioError`, instead of `ready`; neither comes after `cancel`.
        share_changed: Which share of the work is done, 0…1.
    """

    ready = Signal(object)
    failed = Signal(object)
    share_changed = Signal(object)

    def __init__(
        self,
        pictures: FinishedPictures,
        engine: EngineClient,
        *,
        parent: QObject | None = None,
    ) -> None:
        """Make a source of layered pictures.

        Args:
            pictures: Gives each picture; nobody else asks it.
            engine: Has the model that renders them.
            parent: Its owner.
        """
        super().__init__(parent)
        self._pictures, self._engine = pictures, engine
        self._work: _Work | None = None
        self._pictures.ready.connect(self._take)
        self._pictures.failed.connect(self._fail)
        self._pictures.share_changed.connect(self._take_share)

    def request(self, items: Sequence[ExportItem], settings: StillSettings) -> None:
        """Ask for the pictures of one file."""
        self._work = _Work(tuple(items), settings, [])
        try:
            self._check_room(self._work)
        except PictureError as error:
            self._fail(error)
            return
        self._go_on()

    def cancel(self) -> None:
        """Forget what was asked for."""
        self._work = None
        self._pictures.cancel()

    def finish(self) -> None:
        """Wait until nothing is read any more."""
        self._pictures.finish()

    def _check_room(self, work: _Work) -> None:
        """Refuse what is too much before anything is made."""
        opened = self._engine.opened
        side = opened.card.resolution if opened is not None else 0
        longer_px = [max(_made_px(item, side)) for item in work.items]
        num_layers = sum(len(self._planned(item)) or 1 for item in work.items)
        longest = work.settings.size or max(longer_px, default=0)
        check_room(num_layers, (longest, longest))

    def _planned(self, item: ExportItem) -> tuple[PlannedLayer, ...]:
        """Give the layers of a painted picture; none for one that is taken as it is."""
        opened = self._engine.opened
        if item.kept is not None and item.kept.painted_in:
            return ()
        if opened is not None and not has_parts(item.recipe, opened.card):
            return ()
        return plan_layers(item.recipe) if item.recipe.regions else ()

    def _go_on(self) -> None:
        work = self._work
        if work is None:
            return
        if len(work.done) == len(work.items):
            self._work = None
            self.ready.emit(work.done)
            return
        item = work.items[len(work.done)]
        work.planned = self._planned(item)
        work.waiting, work.parts = pictures_of(work.planned), {}
        self._ask(work, item)

    def _ask(self, work: _Work, item: ExportItem) -> None:
        wanted = ExportItem(work.waiting[len(work.parts)], item.name) if work.waiting else item
        self._pictures.request(wanted, size=work.settings.size)

    @Slot(object)
    def _take(self, finished: Finished) -> None:
        work = self._work
        if work is None:
            return
        item = work.items[len(work.done)]
        if not work.waiting:
            self._end_picture(work, GatheredPicture(item, finished, {}, work.settings))
            return
        made = work.waiting[len(work.parts)]
        work.parts[made] = narrow(finished.picture)
        if made == whole_of(work.planned):
            work.nearness = finished.nearness
        if len(work.parts) < len(work.waiting):
            self._take_share(0.0)
            self._ask(work, item)
            return
        near = item.kept.nearness if item.kept is not None else work.nearness
        whole = Finished(item, finished.picture, finished.recipe, finished.card, near)
        self._end_picture(work, GatheredPicture(item, whole, work.parts, work.settings))

    def _end_picture(self, work: _Work, gathered: GatheredPicture) -> None:
        work.done.append(gathered)
        work.waiting, work.parts, work.nearness = (), {}, None
        self._take_share(0.0)
        self._go_on()

    @Slot(object)
    def _take_share(self, share: float) -> None:
        work = self._work
        if work is not None:
            within = (len(work.parts) + share) / max(1, len(work.waiting))
            self.share_changed.emit(min(1.0, (len(work.done) + within) / len(work.items)))

    @Slot(object)
    def _fail(self, error: StudioError) -> None:
        self.cancel()
        self.failed.emit(error)


def _made_px(item: ExportItem, side: int) -> tuple[int, int]:
    """Give the size in px of a picture before it is enlarged; `side` is that of the open model."""
    if item.kept is not None:
        return item.kept.width, item.kept.height
    return size_px(item.recipe, side)
