"""The files of an export: gets the pictures of one, and has it written."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.engine_client import EngineClient
from studio.app.export_payloads import ExportItem
from studio.app.export_run import name_of, name_of_file
from studio.app.finished_pictures import Finished, FinishedPictures
from studio.app.layered_pictures import GatheredPicture, LayeredPictures
from studio.core.errors import StudioError
from studio.core.model_card import ModelCard
from studio.core.nearness import Nearness
from studio.export.layers import save_layered
from studio.export.plan import ExportPlan
from studio.export.stills import save_still
from studio.library.gallery import Gallery

Note = Callable[[Path, bytes], None]


class WrittenFile(msgspec.Struct, frozen=True):
    """A file that is written, and how many of its pictures are near copies of training pictures."""

    path: Path
    num_near: int


class _Asked(msgspec.Struct, frozen=True):
    items: tuple[ExportItem, ...]
    plan: ExportPlan
    number: int
    note: Note

    def target(self, card: ModelCard) -> Path:
        """Give the path that is wished for; it may be taken."""
        name = name_of_file(self.items[0], self.plan, card=card, number=self.number)
        return self.plan.folder / name


class ExportFiles(QObject):
    """Makes one file at a time.

    Signals:
        written: `WrittenFile`.
        failed: `StudioError`, instead of `written`; neither comes after `cancel`.
        share_changed: Which share of its pictures is made, 0…1.
    """

    written = Signal(object)
    failed = Signal(object)
    share_changed = Signal(object)

    def __init__(
        self,
        gallery: Gallery,
        engine: EngineClient,
        *,
        name: str,
        worker: Background,
        find_card: Callable[[str], ModelCard | None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Make a writer of files.

        Args:
            gallery: As for `FinishedPictures`.
            engine: The same.
            name: The same.
            worker: Writes the files, in turn with what else it is asked for.
            find_card: As for `FinishedPictures`.
            parent: Its owner.
        """
        super().__init__(parent)
        self._pictures, for_layers = (
            FinishedPictures(gallery, engine, name=one, find_card=find_card, parent=self)
            for one in (name, f"{name} in layers")
        )
        self._layered = LayeredPictures(for_layers, engine, parent=self)
        self._worker = worker
        self._asked: _Asked | None = None
        self._pictures.ready.connect(self._write_still)
        self._layered.ready.connect(self._write_layered)
        for source in (self._pictures, self._layered):
            source.failed.connect(self._fail)
            source.share_changed.connect(self.share_changed)

    def make(
        self, items: Sequence[ExportItem], plan: ExportPlan, *, number: int, note: Note
    ) -> None:
        """Make the next file.

        Args:
            items: Its pictures; several only where the format has layers.
            plan: Where to and how.
            number: Its place in the export, from 1.
            note: Called on the thread that writes, with path and bytes before they get this name.
        """
        self.cancel()
        self._asked = _Asked(tuple(items), plan, number, note)
        settings = plan.settings
        if settings.is_layered:
            self._layered.request(items, settings)
        else:
            self._pictures.request(items[0], size=settings.size, is_deep=settings.is_deep)

    def cancel(self) -> None:
        """Forget what was asked for; a file that is being written is still written."""
        self._asked = None
        self._pictures.cancel()
        self._layered.cancel()

    def finish(self) -> None:
        """Wait until no picture is read any more."""
        self._pictures.finish()
        self._layered.finish()

    @Slot(object)
    def _write_still(self, finished: Finished) -> None:
        asked = self._asked
        if asked is None:
            return
        path = asked.target(finished.card)
        program = finished.item.kept.painted_in if finished.item.kept is not None else ""
        settings = msgspec.structs.replace(asked.plan.settings, painted_in=program)

        def write() -> Path:
            return save_still(
                path,
                finished.picture,
                recipe=finished.recipe,
                card=finished.card,
                settings=settings,
                before_naming=asked.note,
            )

        self._write(asked, write, near=[finished.nearness])

    @Slot(object)
    def _write_layered(self, gathered: list[GatheredPicture]) -> None:
        asked = self._asked
        if asked is None:
            return
        path = asked.target(gathered[0].card)

        def write() -> Path:
            pictures = [one.layered(name_of(one.item)) for one in gathered]
            settings = asked.plan.settings
            return save_layered(path, pictures, settings=settings, before_naming=asked.note)

        self._write(asked, write, near=[one.whole.nearness for one in gathered])

    def _write(
        self, asked: _Asked, write: Callable[[], Path], *, near: Sequence[Nearness | None]
    ) -> None:
        num_near = sum(one is not None and one.is_copy for one in near)

        def end(path: Path) -> None:
            if self._asked is asked:
                self._asked = None
                self.written.emit(WrittenFile(path, num_near))

        def fail(error: StudioError) -> None:
            if self._asked is asked:
                self._fail(error)

        self._worker.run(write, end, failed=fail)

    @Slot(object)
    def _fail(self, error: StudioError) -> None:
        self.cancel()
        self.failed.emit(error)
