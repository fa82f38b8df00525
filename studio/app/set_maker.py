"""Sheets and sets in the window: collects their pictures one by one, then writes them as one."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.engine_client import EngineClient
from studio.app.export_payloads import ExportFailure, ExportItem, ExportProgress
from studio.app.finished_pictures import Finished, FinishedPictures
from studio.core.errors import EngineError, StudioError
from studio.core.model_card import ModelCard
from studio.core.provenance import seed_text
from studio.export.set_files import SetPicture
from studio.export.set_settings import wanted_px
from studio.export.sets import SetPlan, check_planned, write_planned
from studio.library.gallery import Gallery


class SetMade(msgspec.Struct, frozen=True):
    """A set that is written.

    Attributes:
        paths: Its files, the one to look at first; none after `cancel`.
        plan: What was made.
        num_pictures: How many pictures are in it.
        num_near: How many of them are near copies of training pictures.
        was_cancelled: True when nothing was made.
    """

    paths: tuple[Path, ...]
    plan: SetPlan
    num_pictures: int = 0
    num_near: int = 0
    was_cancelled: bool = False


class _Run(msgspec.Struct):
    """The set that is being made."""

    items: tuple[ExportItem, ...]
    plan: SetPlan
    size: int | None
    made: list[SetPicture]
    num_near: int = 0


class SetMaker(QObject):
    """Makes one set at a time.

    Signals:
        progress_changed: `ExportProgress`, after each picture.
        made: `SetMade`, once at the end, also after `cancel`.
        failed: `ExportFailure`, instead of `made`; nothing of the set is left.
    """

    progress_changed = Signal(object)
    made = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        gallery: Gallery,
        engine: EngineClient,
        *,
        find_card: Callable[[str], ModelCard | None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Take what `FinishedPictures` takes."""
        super().__init__(parent)
        self._pictures = FinishedPictures(
            gallery, engine, name="set", find_card=find_card, parent=self
        )
        self._worker = Background(self)
        self._run: _Run | None = None
        self._pictures.ready.connect(self._take)
        self._pictures.failed.connect(self._fail)
        self._pictures.share_changed.connect(self._take_share)

    @property
    def is_running(self) -> bool:
        """Whether a set is being made."""
        return self._run is not None

    def make(self, items: Sequence[ExportItem], plan: SetPlan) -> None:
        """Make a set of some pictures; a second one is refused by `failed`."""
        if self._run is not None:
            error = EngineError("An export is going on.", "Wait for it to end, or cancel it first.")
            self.failed.emit(ExportFailure(error, ()))
            return
        try:
            check_planned(len(items), plan)
        except StudioError as error:
            self.failed.emit(ExportFailure(error, ()))
            return
        size = wanted_px(plan.kind, plan.settings, count=len(items))
        self._run = _Run(tuple(items), plan, size, [])
        self._go_on()

    def cancel(self) -> None:
        """Stop; nothing of the set is written."""
        run = self._run
        if run is not None and len(run.made) < len(run.items):
            self._run = None
            self._pictures.cancel()
            self.made.emit(SetMade((), run.plan, was_cancelled=True))

    def finish(self) -> None:
        """Wait until a set that is being written is on the disk."""
        self._pictures.finish()
        self._worker.finish()

    def _go_on(self) -> None:
        run = self._run
        if run is None:
            return
        if len(run.made) < len(run.items):
            self._pictures.request(run.items[len(run.made)], size=run.size)
            return
        pictures, plan = tuple(run.made), run.plan
        self._worker.run(
            lambda: write_planned(pictures, plan),
            lambda paths: self._end(run, paths),
            failed=self._fail,
        )

    @Slot(object)
    def _take(self, finished: Finished) -> None:
        run = self._run
        if run is None:
            return
        item = finished.item
        name = item.name or (item.kept.name if item.kept is not None else "")
        run.made.append(
            SetPicture(
                picture=finished.picture.astype(np.uint8),
                name=name or f"Seed {seed_text(item.recipe)}",
                recipe=finished.recipe,
                card=finished.card,
            )
        )
        run.num_near += finished.nearness is not None and finished.nearness.is_copy
        self.progress_changed.emit(ExportProgress(len(run.made), len(run.items)))
        self._go_on()

    @Slot(object)
    def _take_share(self, share: float) -> None:
        run = self._run
        if run is not None:
            self.progress_changed.emit(ExportProgress(len(run.made), len(run.items), share))

    def _end(self, run: _Run, paths: tuple[Path, ...]) -> None:
        self._run = None
        self.made.emit(SetMade(paths, run.plan, len(run.items), run.num_near))

    @Slot(object)
    def _fail(self, error: StudioError) -> None:
        if self._run is not None:
            self._run = None
            self.failed.emit(ExportFailure(error, ()))
