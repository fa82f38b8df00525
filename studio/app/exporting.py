"""Exporting pictures to a folder, one after another; what was stopped goes on later."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.engine_client import EngineClient
from studio.app.export_files import ExportFiles, WrittenFile
from studio.app.export_payloads import Exported, ExportFailure, ExportItem, ExportProgress
from studio.app.export_run import ExportRun, files_of, name_of_file
from studio.app.keeping import Keeper, KeepFailure
from studio.app.set_maker import SetMaker
from studio.core.errors import EngineError, StudioError
from studio.core.model_card import ModelCard
from studio.export.plan import ExportPlan
from studio.export.unfinished import ExportRecord, Unfinished, Wanted
from studio.library.gallery import Gallery

__all__ = [
    "ExportFailure",
    "ExportItem",
    "ExportPlan",
    "ExportProgress",
    "Exported",
    "Exporter",
    "KeepFailure",
    "Keeper",
    "name_of_file",
]


class Exporter(QObject):
    """Exports pictures, one export at a time.

    An export of several pictures is written down as it goes; one that was cancelled, failed or was
    killed with the program can go on where it stopped, until another one of several begins.

    Attributes:
        sets: Makes sheets and sets of pictures.

    Signals:
        progress_changed: `ExportProgress`, after each picture.
        exported: `Exported`, once at the end, also after `cancel`.
        failed: `ExportFailure`, instead of `exported`.
        unfinished_changed: `ExportProgress` of an export that can go on, None when there is none.
    """

    progress_changed = Signal(object)
    exported = Signal(object)
    failed = Signal(object)
    unfinished_changed = Signal(object)

    def __init__(
        self,
        gallery: Gallery,
        engine: EngineClient,
        *,
        home: Path | None = None,
        find_card: Callable[[str], ModelCard | None] | None = None,
        name: str = "pictures",
        parent: QObject | None = None,
    ) -> None:
        """Make an exporter.

        Args:
            gallery: Where kept pictures lie.
            engine: Renders what is not kept.
            home: Where unfinished exports are written down, None for nowhere.
            find_card: Gives the card of a model by its hash, None when it is not installed.
            name: Tells its requests to the engine from those of other exporters.
            parent: Its owner.
        """
        super().__init__(parent)
        self._gallery = gallery
        self.sets = SetMaker(gallery, engine, find_card=find_card, parent=self)
        self._record = None if home is None else ExportRecord(home)
        self._worker = Background(self)
        self._files = ExportFiles(
            gallery, engine, name=name, worker=self._worker, find_card=find_card, parent=self
        )
        self._run: ExportRun | None = None
        self._is_reading = False
        self._last_plan: ExportPlan | None = None
        self._files.written.connect(self._take_written)
        self._files.failed.connect(self._fail)
        self._files.share_changed.connect(self._take_share)

    @property
    def is_running(self) -> bool:
        """Whether an export is going on."""
        return self._run is not None or self._is_reading

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
        if self._refuse_second():
            return
        self._last_plan = plan
        self._run = ExportRun(files_of(items, plan), plan, {})
        record = self._record_of(self._run)
        if record is not None:
            wanted = [_wanted(item) for item in items]
            self._worker.run(lambda: record.begin(wanted, plan), _forget, failed=self._fail)
            self.unfinished_changed.emit(None)
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
            self._stop(run)
            self.exported.emit(run.end(was_cancelled=True))

    def finish(self) -> None:
        """Wait until the picture that is being written is on the disk."""
        self._files.finish()
        self.sets.finish()
        self._worker.finish()
        if self._record is not None:
            self._record.close()

    # ---------------------------------------------------------------- going on later

    def look_for_unfinished(self) -> None:
        """Look for an export that was stopped; `unfinished_changed` tells when there is one."""
        record = self._record
        if record is not None:
            self._worker.run(record.read, self._offer, failed=self._fail)

    def resume(self) -> None:
        """Go on with the export that was stopped; what is written and whole is left alone."""
        record = self._record
        if record is None or self._refuse_second():
            return
        self._is_reading = True

        def read() -> tuple[Unfinished, dict[int, Path]] | None:
            found = record.read()
            return None if found is None else (found, found.whole_paths())

        self._worker.run(read, self._begin_again, failed=self._fail)

    def forget_unfinished(self) -> None:
        """Let the rest of the export that was stopped be."""
        record = self._record
        if record is not None and not self.is_running:
            self._worker.run(record.forget, _forget, failed=self._fail)
            self.unfinished_changed.emit(None)

    def _offer(self, found: Unfinished | None) -> None:
        if found is not None and not self.is_running:
            progress = ExportProgress(len(found.noted), len(found.wanted))
            self.unfinished_changed.emit(progress)

    def _begin_again(self, found: tuple[Unfinished, dict[int, Path]] | None) -> None:
        self._is_reading = False
        if found is None or self._record is None:
            self.unfinished_changed.emit(None)
            return
        unfinished, whole = found
        self._record.go_on()
        items = tuple(_item_of(wanted, self._gallery) for wanted in unfinished.wanted)
        self._last_plan = unfinished.plan
        self._run = ExportRun(files_of(items, unfinished.plan), unfinished.plan, whole)
        self.unfinished_changed.emit(None)
        self.progress_changed.emit(self._run.progress())
        self._go_on()

    def _record_of(self, run: ExportRun) -> ExportRecord | None:
        """Give the record; one file alone is simply exported again."""
        return self._record if len(run.files) > 1 else None

    # ---------------------------------------------------------------- picture by picture

    def _refuse_second(self) -> bool:
        if self.is_running:
            error = EngineError("An export is going on.", "Wait for it to end, or cancel it first.")
            self.failed.emit(ExportFailure(error, ()))
            return True
        return False

    def _go_on(self) -> None:
        run = self._run
        if run is None:
            return
        place = run.place
        if place is None:
            self._run = None
            record = self._record_of(run)
            if record is not None:
                self._worker.run(record.forget, _forget, failed=self._fail)
            self.exported.emit(run.end())
            return
        record = self._record_of(run)

        def note(path: Path, content: bytes) -> None:
            if record is not None:
                record.note(place, path, content=content)

        self._files.make(run.files[place], run.plan, number=place + 1, note=note)

    @Slot(object)
    def _take_share(self, share: float) -> None:
        if self._run is not None:
            self.progress_changed.emit(self._run.progress(share))

    @Slot(object)
    def _take_written(self, written: WrittenFile) -> None:
        run = self._run
        place = None if run is None else run.place
        if run is None or place is None:
            return
        run.written[place] = written.path
        run.num_near += written.num_near
        self.progress_changed.emit(run.progress())
        self._go_on()

    @Slot(object)
    def _fail(self, error: StudioError) -> None:
        self._is_reading = False
        run = self._run
        if run is not None:
            self._stop(run)
            self.failed.emit(ExportFailure(error, run.paths))

    def _stop(self, run: ExportRun) -> None:
        """End a run before its end; it can go on where it stopped."""
        self._run = None
        self._files.cancel()
        if self._record_of(run) is not None:
            self.unfinished_changed.emit(run.progress())


def _item_of(wanted: Wanted, gallery: Gallery) -> ExportItem:
    """Give a picture again; one that was kept and is gone is made from its recipe."""
    return ExportItem(wanted.recipe, wanted.name, gallery.find(wanted.kept))


def _wanted(item: ExportItem) -> Wanted:
    return Wanted(item.recipe, item.name, item.kept.id if item.kept is not None else "")


def _forget(_nothing: object) -> None:
    """Nobody waits for this."""
