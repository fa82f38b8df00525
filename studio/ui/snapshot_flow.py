"""What is made of a run's snapshots: pictures on the canvas, models in the library, sheets."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.snapshot_desk import SnapshotDesk, SnapshotWish
from studio.app.snapshot_jobs import MadeModel, SnapshotJobs
from studio.app.training_desk import DeskState, TrainingDesk
from studio.core.snapshot import Snapshot
from studio.protocol.training_messages import SheetJob, SnapshotTaken
from studio.ui.lightbox import Lightbox
from studio.ui.parts import Parts
from studio.ui.texts import tr


class SnapshotFlow(QObject):
    """Keeps the lightbox in step with the run, and answers its wishes.

    Signals:
        refused: `StudioError`, to be said to the artist.
        model_changed: None; a run has its model now, or something is being made or was.
    """

    refused = Signal(object)
    model_changed = Signal(object)

    def __init__(
        self,
        parts: Parts,
        *,
        desk: TrainingDesk,
        jobs: SnapshotJobs,
        snapshots: SnapshotDesk,
        lightbox: Lightbox,
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._desk, self._jobs = parts, desk, jobs
        self._snapshots, self._box = snapshots, lightbox
        self._shown_run: Path | None = None
        self._told: tuple[Snapshot, ...] = ()
        self._model_by_run: dict[Path, Path] = {}
        actions = parts.window.actions_table
        actions.connect_command("train_try", self._try)
        actions.connect_command("train_model", self._make)
        actions.connect_command("train_open", self._open_made)
        lightbox.open_requested.connect(self._on_open)
        lightbox.keep_model_requested.connect(self._on_keep_model)
        snapshots.sheet_requested.connect(self._on_sheet)
        jobs.sheet_drawn.connect(snapshots.sheet_drawn)
        jobs.sheet_failed.connect(self._on_sheet_failed)
        jobs.busy_changed.connect(self._on_busy)
        jobs.made.connect(self._on_made)
        jobs.failed.connect(self.refused)
        snapshots.failed.connect(self.refused)

    @property
    def made(self) -> Path | None:
        """The model of the run that is shown, None before it was made."""
        run = self._desk.state.folder.run
        return self._model_by_run.get(run) if run is not None else None

    @property
    def is_busy(self) -> bool:
        """Whether a model is being made in a child of the window."""
        return bool(self._jobs.busy)

    def show_state(self, state: DeskState) -> None:
        """Give the lightbox what is new."""
        self._note_model(state)
        folder = state.folder.run if state.run is not None else None
        view = state.run.view if state.run is not None else None
        snapshots = view.snapshots if view is not None else ()
        best = view.best if view is not None else None
        if folder != self._shown_run:
            self._shown_run, self._told = folder, snapshots
            planned = view.num_planned if view is not None else 0
            self._snapshots.show_run(folder, snapshots=snapshots, best=best, num_planned=planned)
            return
        if snapshots is self._told or view is None:
            return
        old, self._told = self._told, snapshots
        for snapshot in snapshots:
            if snapshot not in old:
                is_best = snapshot.number == best
                self._snapshots.take(SnapshotTaken(snapshot=snapshot, is_best=is_best))
        self._snapshots.set_planned(view.num_planned)

    def _note_model(self, state: DeskState) -> None:
        """Remember the model that the trainer itself made."""
        run, folder = state.run, state.folder.run
        if run is None or folder is None or run.view.model is None:
            return
        model = Path(run.view.model)
        if self._model_by_run.get(folder) is None and model.is_dir():
            self._model_by_run[folder] = model
            self._parts.models.refresh()

    # ---------------------------------------------------------------- wishes

    def _try(self) -> None:
        snapshot, tiles = self._box.snapshot, self._box.grid.tiles
        if snapshot is not None:
            seed = tiles[self._box.grid.current].seed if tiles else None
            self._on_open(SnapshotWish(snapshot.images, self._box.foot.nearness, seed))

    @Slot(object)
    def _on_open(self, wish: SnapshotWish) -> None:
        run = self._desk.state.folder.run
        if run is not None:
            self._jobs.try_snapshot(run, wish, name=self._name_of(wish))

    @Slot(object)
    def _on_keep_model(self, wish: SnapshotWish) -> None:
        self._make_model(wish, name=self._name_of(wish))

    def _make(self) -> None:
        self._make_model(None, name=self._desk.state.folder.name)

    def _make_model(self, wish: SnapshotWish | None, *, name: str) -> None:
        run = self._desk.state.folder.run
        if run is not None:
            self._jobs.make_model(run, wish, name=name)

    def _name_of(self, wish: SnapshotWish) -> str:
        number = next((one.number for one in self._told if one.images == wish.images), 0)
        name = f"{self._desk.state.folder.name} · {number}"
        return name if wish.nearness >= 1 else f"{name} · {round(100 * wish.nearness)} %"

    @Slot(object)
    def _on_sheet(self, job: SheetJob) -> None:
        run = self._desk.state.folder.run
        if run is not None:
            self._jobs.draw_sheet(run, job)

    # ---------------------------------------------------------------- answers

    @Slot(object)
    def _on_sheet_failed(self, _nothing: object) -> None:
        self._snapshots.sheet_failed()

    @Slot(object)
    def _on_busy(self, what: str) -> None:
        words = {"quick": tr("Opening on the canvas…"), "model": tr("Making the model…")}
        self._box.set_busy(words.get(what, ""))
        self.model_changed.emit(None)

    @Slot(object)
    def _on_made(self, made: MadeModel) -> None:
        window = self._parts.window
        if made.is_quick:
            seed = made.wish.seed if made.wish is not None else None
            self._parts.models.open(made.folder, seed=seed)
            window.show_place("explore")
            self._say(tr("This snapshot is on the canvas."), tr("Back"), do=self._go_back)
            return
        self._parts.models.refresh()
        run = self._desk.state.folder.run
        if run is not None and made.wish is None:
            self._model_by_run[run] = made.folder
            self.model_changed.emit(None)

        def use() -> None:
            self._use(made.folder)

        self._say(tr("The model is in the library."), tr("Use it"), do=use)

    def _go_back(self) -> None:
        self._parts.window.show_place("train")

    @Slot()
    def _open_made(self) -> None:
        if self.made is not None:
            self._use(self.made)

    def _use(self, folder: Path) -> None:
        self._parts.models.open(folder)
        self._parts.window.show_place("explore")

    def _say(self, text: str, button: str, *, do: Callable[[], None]) -> None:
        self._parts.window.toast.say(text, button=button, do=do)
