"""Exporting pictures to a folder: rendered or taken from the gallery, one after another."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

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
from studio.app.keeping import Keeper, KeepFailure
from studio.core.arrays import Picture
from studio.core.enlargement import factor_for, tile_of, with_enlargement
from studio.core.errors import EngineError, StudioError
from studio.core.model_card import ModelCard
from studio.core.nearness import Nearness
from studio.core.provenance import seed_text
from studio.core.recipe import Enlarge, Recipe, size_px
from studio.export.file_names import DEFAULT_TEMPLATE, NameFields, file_name
from studio.export.stills import StillSettings, save_still
from studio.files.images import decode_picture
from studio.library.gallery import Gallery, Kept
from studio.library.kept import remembered_card

__all__ = [
    "ExportFailure",
    "ExportItem",
    "ExportPlan",
    "ExportProgress",
    "Exported",
    "Exporter",
    "KeepFailure",
    "Keeper",
]

_KEY = "export"


class ExportItem(msgspec.Struct, frozen=True):
    """One picture to export: a recipe of the open model, or a kept picture, or both."""

    recipe: Recipe
    name: str = ""
    kept: Kept | None = None


class ExportPlan(msgspec.Struct, frozen=True):
    """Where to and how. The template is as in `export.file_names`."""

    folder: Path
    template: str = DEFAULT_TEMPLATE
    settings: StillSettings = StillSettings()


class ExportProgress(msgspec.Struct, frozen=True):
    """How many of the pictures are written, and which share of the next one is enlarged, 0…1."""

    done: int
    total: int
    share: float = 0.0


class Exported(msgspec.Struct, frozen=True):
    """An export that ended.

    Attributes:
        paths: What was written.
        plan: Where to and how.
        was_cancelled: True when not everything is there.
        num_near: How many of them are near copies of training pictures.
    """

    paths: tuple[Path, ...]
    plan: ExportPlan
    was_cancelled: bool = False
    num_near: int = 0


class ExportFailure(msgspec.Struct, frozen=True):
    """An export that stopped at a picture; those before it are written and stay."""

    error: StudioError
    paths: tuple[Path, ...]


class _Run(msgspec.Struct):
    """The export that is going on."""

    number: int
    items: tuple[ExportItem, ...]
    plan: ExportPlan
    paths: list[Path]
    num_near: int = 0

    def note(self, nearness: Nearness | None) -> None:
        """Count the picture that is about to be written."""
        self.num_near += nearness is not None and nearness.is_copy

    def end(self, *, was_cancelled: bool = False) -> Exported:
        """Give how it went."""
        return Exported(tuple(self.paths), self.plan, was_cancelled, self.num_near)


class Exporter(QObject):
    """Exports pictures, one export at a time.

    Signals:
        progress_changed: `ExportProgress`, after each picture.
        exported: `Exported`, once at the end, also after `cancel`.
        failed: `ExportFailure`, instead of `exported`.
    """

    progress_changed = Signal(object)
    exported = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        gallery: Gallery,
        engine: EngineClient,
        *,
        find_card: Callable[[str], ModelCard | None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Make an exporter.

        Args:
            gallery: Where kept pictures lie.
            engine: Renders what is not kept.
            find_card: Gives the card of a model by its hash, None when it is not installed.
            parent: Its owner.
        """
        super().__init__(parent)
        self._gallery = gallery
        self._engine = engine
        self._find_card = find_card
        self._worker = Background(self)
        self._run: _Run | None = None
        self._num_runs = 0
        self._last_plan: ExportPlan | None = None
        engine.full_ready.connect(self._take_full)
        engine.request_failed.connect(self._take_failure)
        engine.large.ready.connect(self._take_large)
        engine.large.failed.connect(self._take_failure)
        engine.large.progress_changed.connect(self._take_progress)

    @property
    def is_running(self) -> bool:
        """Whether an export is going on."""
        return self._run is not None

    @property
    def last_plan(self) -> ExportPlan | None:
        """How the last export was done; the window remembers it over a restart."""
        return self._last_plan

    @last_plan.setter
    def last_plan(self, plan: ExportPlan | None) -> None:
        self._last_plan = plan

    def export(self, items: Sequence[ExportItem], plan: ExportPlan) -> None:
        """Write pictures into a folder, never over a file that is there.

        While an export is going on, another is refused by `failed`.
        """
        if self._run is not None:
            error = EngineError("An export is going on.", "Wait for it to end, or cancel it first.")
            self.failed.emit(ExportFailure(error, ()))
            return
        self._num_runs += 1
        self._last_plan = plan
        self._run = _Run(self._num_runs, tuple(items), plan, [])
        self._go_on()

    def export_again(self, items: Sequence[ExportItem]) -> bool:
        """Export as last time; False, and nothing done, when there was no last time."""
        if self._last_plan is None:
            return False
        self.export(items, self._last_plan)
        return True

    def cancel(self) -> None:
        """Stop after the picture that is being written; what is written stays."""
        run = self._run
        if run is not None:
            self._run = None
            self._engine.large.cancel((_KEY, run.number))
            self.exported.emit(run.end(was_cancelled=True))

    def finish(self) -> None:
        """Wait until the picture that is being written is on the disk."""
        self._worker.finish()

    def _go_on(self) -> None:
        run = self._run
        if run is None:
            return
        index = len(run.paths)
        if index == len(run.items):
            self._run = None
            self.exported.emit(run.end())
            return
        item = run.items[index]
        if item.kept is not None and not item.kept.is_damaged:
            self._export_kept(run, item.kept)
        else:
            self._export_recipe(run, item.recipe)

    def _export_kept(self, run: _Run, kept: Kept) -> None:
        factor = factor_for(max(kept.width, kept.height), run.plan.settings.size)
        if factor == 1:  # a kept picture has 8 bits; it is written with as many as are wished
            run.note(kept.nearness)
            self._write(run, card=self._card_of(kept), read=lambda: self._read_kept(kept))
        elif self._engine.opened is None:
            error = EngineError(
                "Pictures cannot be enlarged while no model is open.",
                "Open any model, or export the picture as it is.",
            )
            self._fail(error)
        else:
            path = self._gallery.picture_path(kept)
            self._enlarge(run, LargeWish(factor, path=path, tile=tile_of(kept.recipe)))

    def _export_recipe(self, run: _Run, recipe: Recipe) -> None:
        opened = self._engine.opened
        if opened is None or opened.card.model != recipe.model:
            self._fail(
                EngineError("The model of this picture is not open.", "Open it, then export again.")
            )
            return
        recipe = with_enlargement(recipe, 1)
        longer_px = max(size_px(recipe, opened.card.resolution))
        factor = factor_for(longer_px, run.plan.settings.size)
        if factor == 1 and not run.plan.settings.is_deep:
            self._engine.request_full((_KEY, run.number, len(run.paths)), recipe, has_nearness=True)
        else:
            self._enlarge(run, LargeWish(factor, recipe, has_nearness=True))

    def _enlarge(self, run: _Run, wish: LargeWish) -> None:
        if run.plan.settings.is_deep:
            wish = msgspec.structs.replace(wish, bits=16)
        self._engine.large.request((_KEY, run.number, len(run.paths)), wish)

    @Slot(object)
    def _take_full(self, full: FullPicture) -> None:
        run, opened = self._run, self._engine.opened
        if run is None or opened is None or full.key[:2] != (_KEY, run.number):
            return
        run.note(full.nearness)
        self._write(run, card=opened.card, read=lambda: full.picture)

    @Slot(object)
    def _take_large(self, large: LargePicture) -> None:
        run, opened = self._run, self._engine.opened
        if run is None or large.key[:2] != (_KEY, run.number):
            return
        kept = run.items[len(run.paths)].kept
        if large.recipe is None and kept is not None:
            nearness, card = kept.nearness, self._card_of(kept)
        elif opened is not None:
            nearness, card = large.nearness, opened.card
        else:
            return
        run.note(nearness)
        self._write(run, card=card, read=lambda: large.picture, factor=large.factor)

    @Slot(object)
    def _take_progress(self, progress: LargeProgress) -> None:
        run = self._run
        if run is not None and progress.key[:2] == (_KEY, run.number):
            share = progress.done / progress.total
            self.progress_changed.emit(ExportProgress(len(run.paths), len(run.items), share))

    @Slot(object)
    def _take_failure(self, failure: RequestFailure) -> None:
        run = self._run
        if run is not None and failure.key is not None and failure.key[:2] == (_KEY, run.number):
            self._fail(failure.error)

    def _write(
        self, run: _Run, *, card: ModelCard, read: Callable[[], Picture], factor: Enlarge = 1
    ) -> None:
        index = len(run.paths)
        item = run.items[index]
        path = run.plan.folder / file_name(run.plan.template, _fields(item, card, number=index + 1))

        recipe = with_enlargement(item.recipe, factor)

        def write() -> Path:
            return save_still(path, read(), recipe=recipe, card=card, settings=run.plan.settings)

        self._worker.run(write, lambda done: self._take_written(run, done), failed=self._fail)

    def _take_written(self, run: _Run, path: Path) -> None:
        run.paths.append(path)
        if self._run is run:
            self.progress_changed.emit(ExportProgress(len(run.paths), len(run.items)))
            self._go_on()

    def _fail(self, error: StudioError) -> None:
        run = self._run
        if run is not None:
            self._run = None
            self.failed.emit(ExportFailure(error, tuple(run.paths)))

    def _read_kept(self, kept: Kept) -> Picture:
        return decode_picture(self._gallery.read_picture_file(kept))

    def _card_of(self, kept: Kept) -> ModelCard:
        """Give the card of a kept picture's model; of one that is not installed what is known."""
        opened = self._engine.opened
        if opened is not None and opened.card.model == kept.model:
            return opened.card
        card = self._find_card(kept.model) if self._find_card is not None else None
        return card or remembered_card(kept)


def _fields(item: ExportItem, card: ModelCard, *, number: int) -> NameFields:
    name = item.name or (item.kept.name if item.kept is not None else "")
    return NameFields(
        name=name or f"Seed {seed_text(item.recipe)}",
        seed=seed_text(item.recipe),
        model=card.name,
        made_at=time.time(),
        number=number,
    )
