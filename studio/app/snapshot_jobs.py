"""Models and sheets made from a run's snapshots, in children of their own while training goes on."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.snapshot_desk import SnapshotWish
from studio.app.trainer_child import TrainerChild
from studio.core.errors import StudioError, TrainingError
from studio.files.atomic import write_bytes_atomic
from studio.files.places import child_command
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import (
    Exported,
    ExportJob,
    ModelWish,
    SheetDrawn,
    SheetJob,
    TrainerEvent,
)

TRIES_FOLDER: Final = "cache/tries"
QUICK_FILE: Final = "quick.json"
MODEL_FILE: Final = "model.json"
SHEET_JOB_FILE: Final = "sheet.json"


NUM_TRIES: Final = 8  # some 12 MB each


def recent_tries(home: Path) -> tuple[Path, ...]:
    """Give the models of snapshots that were tried lately, so that a session comes back whole.

    Older ones are removed: they were only for looking at.
    """
    folder = home / TRIES_FOLDER
    found = [path for path in folder.glob("*") if path.is_dir()] if folder.is_dir() else []
    found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in found[NUM_TRIES:]:
        shutil.rmtree(old, ignore_errors=True)
    return tuple(found[:NUM_TRIES])


class MadeModel(msgspec.Struct, frozen=True):
    """A model folder that was made.

    Attributes:
        folder: The model.
        wish: From which snapshot; None for the run as it is.
        is_quick: Whether it is only for looking at.
    """

    folder: Path
    wish: SnapshotWish | None
    is_quick: bool


class SnapshotJobs(QObject):
    """Makes one model and one sheet at a time.

    Signals:
        busy_changed: "" or what is being made: "quick", "model".
        made: `MadeModel`.
        sheet_drawn: The sheet's file name.
        sheet_failed: None.
        failed: `StudioError`.
    """

    busy_changed = Signal(object)
    made = Signal(object)
    sheet_drawn = Signal(object)
    sheet_failed = Signal(object)
    failed = Signal(object)

    def __init__(
        self, home: Path, *, taken: Callable[[], tuple[str, ...]], parent: QObject | None = None
    ) -> None:
        """Make nothing yet.

        Args:
            home: Where models are stored.
            taken: Gives the ids of models that are in use in other folders than the home's.
            parent: Its owner.
        """
        super().__init__(parent)
        self._home, self._taken = home, taken
        self._is_quick = False
        self._disk = Background(self)
        self._model: TrainerChild | None = None
        self._sheet: TrainerChild | None = None
        self._wish: SnapshotWish | None = None
        self._exported: Path | None = None
        self._busy = ""

    @property
    def busy(self) -> str:
        """What is being made, "" for nothing."""
        return self._busy

    def try_snapshot(self, run: Path, wish: SnapshotWish, *, name: str) -> None:
        """Make a model of a snapshot in seconds, to look at it; `made` tells."""
        job = ExportJob(
            wish=ModelWish(name=name),
            models=str(self._home / TRIES_FOLDER),
            images=wish.images,
            nearness=wish.nearness,
            is_quick=True,
        )
        self._make(run / QUICK_FILE, job, wish=wish)

    def make_model(
        self, run: Path, wish: SnapshotWish | None, *, name: str, command: str = ""
    ) -> None:
        """Make a whole model with its card in the library; `made` tells.

        Args:
            run: The run folder.
            wish: Which snapshot, and how near; None takes the best, or the run as it is.
            name: What to call it.
            command: How it was trained.
        """
        job = ExportJob(
            wish=ModelWish(name=name, command=command),
            models=str(self._home / "models"),
            taken=self._taken(),
            images=wish.images if wish is not None else None,
            nearness=wish.nearness if wish is not None else 1.0,
        )
        self._make(run / MODEL_FILE, job, wish=wish)

    def draw_sheet(self, run: Path, job: SheetJob) -> None:
        """Draw other seeds from every snapshot; the newest wish ends one under way."""
        if self._sheet is not None:
            self._sheet.ended.disconnect(self._on_sheet)
            self._sheet.cancel()
        path, line = run / SHEET_JOB_FILE, encode_line(job)
        child = self._sheet = TrainerChild(child_command("trainer", str(path)), parent=self)
        child.told.connect(self._on_told)
        child.ended.connect(self._on_sheet)
        self._write_and_start(path, line, child=child)

    def finish(self) -> None:
        """End everything; for the end of the program."""
        for child in (self._model, self._sheet):
            if child is not None:
                child.finish()
        self._disk.finish()

    # ---------------------------------------------------------------- inside

    def _make(self, path: Path, job: ExportJob, *, wish: SnapshotWish | None) -> None:
        if self._model is not None:
            self.failed.emit(
                TrainingError("Another model is being made.", "Wait a moment, then try again.")
            )
            return
        self._wish, self._exported, self._is_quick = wish, None, job.is_quick
        child = self._model = TrainerChild(child_command("trainer", str(path)), parent=self)
        child.told.connect(self._on_told)
        child.ended.connect(self._on_model)
        self._set_busy("quick" if job.is_quick else "model")
        self._write_and_start(path, encode_line(job), child=child)

    def _write_and_start(self, path: Path, line: bytes, *, child: TrainerChild) -> None:
        def begin(_nothing: object) -> None:
            if child in (self._model, self._sheet):
                child.start()

        self._disk.run(lambda: write_bytes_atomic(path, line), begin, failed=child.ended.emit)

    @Slot(object)
    def _on_told(self, event: TrainerEvent) -> None:
        if isinstance(event, Exported):
            self._exported = Path(event.folder)
        elif isinstance(event, SheetDrawn):
            self.sheet_drawn.emit(event.file)

    @Slot(object)
    def _on_model(self, error: StudioError | None) -> None:
        child, self._model = self._model, None
        if child is not None:
            child.deleteLater()
        self._set_busy("")
        if error is not None or self._exported is None:
            self.failed.emit(error or TrainingError("The model was not made.", "Try again."))
        else:
            self.made.emit(MadeModel(self._exported, self._wish, self._is_quick))

    @Slot(object)
    def _on_sheet(self, error: StudioError | None) -> None:
        child, self._sheet = self._sheet, None
        if child is not None:
            child.deleteLater()
        if error is not None:
            self.failed.emit(error)
            self.sheet_failed.emit(None)

    def _set_busy(self, what: str) -> None:
        if what != self._busy:
            self._busy = what
            self.busy_changed.emit(what)
