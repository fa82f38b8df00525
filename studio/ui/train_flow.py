"""The Train place at work: its wishes become calls, its state is shown, and closing asks once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QCursor, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu

from studio.app.training_desk import DeskState
from studio.core.errors import TrainingError
from studio.ui.leave_panel import LeaveAnswer, LeavePanel
from studio.ui.parts import Parts
from studio.ui.snapshot_flow import SnapshotFlow
from studio.ui.texts import tr
from studio.ui.train_empty_page import say_run
from studio.ui.train_place import TrainPlace
from studio.ui.train_words import say_left

REPORT_PAGE = "report.html"
_PAUSE_PHASES = ("running", "paused", "failed")


class TrainFlow(QObject):
    """Connects the desk of trainings with the window.

    Signals:
        refused: `StudioError`, to be said to the artist.
    """

    refused = Signal(object)

    def __init__(
        self,
        parts: Parts,
        *,
        place: TrainPlace,
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._desk, self._page = parts, place.desk, place.page
        self._actions = parts.window.actions_table
        self._leave = LeavePanel(parts.window)
        self._may_close = False
        self._snapshots = SnapshotFlow(
            parts,
            desk=place.desk,
            jobs=place.jobs,
            snapshots=place.snapshots,
            lightbox=place.page.lightbox,
        )
        for name, do in self._commands().items():
            self._actions.connect_command(name, do)
        self._connect_page()
        self._zips = place.zips
        self._zips.unpacked.connect(self._desk.open_folder)
        self._zips.failed.connect(self.refused)
        self._desk.refused.connect(self.refused)
        self._snapshots.refused.connect(self.refused)

    def follow(self) -> None:
        """Show the state from now on, once the window was built."""
        window = self._parts.window
        window.may_close = self._ask_to_close
        window.status.training_requested.connect(self._go)
        self._leave.answered.connect(self._on_leave)
        self._desk.changed.connect(self._show)
        self._snapshots.model_changed.connect(self._show_again)
        self._parts.document.recipe_changed.connect(self._on_hand)
        window.place_changed.connect(self._on_place)
        self._show(self._desk.state)

    @Slot(object)
    def open_folder(self, path: Path) -> None:
        """Take an artist's folder or a zip of pictures, dropped anywhere or chosen."""
        self._go()
        if path.is_file():
            self._parts.window.toast.say(tr("Unpacking “{name}”…", name=path.name))
            self._zips.begin(path)
        else:
            self._desk.open_folder(path)

    def close_now(self) -> None:
        """Close without a question: a training at work goes on."""
        self._may_close = True
        self._parts.window.close()

    # ---------------------------------------------------------------- connecting

    def _commands(self) -> dict[str, Callable[[], object]]:
        return {
            "train_choose": self._choose,
            "train_runs": self._list_runs,
            "train_start": self._desk.start,
            "train_pause": self._pause,
            "train_stop": self._stop,
            "train_snapshot": self._take_snapshot,
            "train_best": self._page.go_to_best,
            "train_report": self._open_report,
        }

    def _connect_page(self) -> None:
        page, desk = self._page, self._desk
        page.asked.connect(self._on_asked)
        page.empty.choose_requested.connect(self._choose)
        page.empty.run_chosen.connect(desk.attach)
        page.empty.dropped.connect(self._parts.restoring.take)
        page.scan.cancel_requested.connect(desk.folder.cancel)
        panel = page.folder
        panel.change_requested.connect(self._choose)
        panel.look_again_requested.connect(desk.look_again)
        panel.runs_requested.connect(self._list_runs)
        panel.use_changed.connect(self._on_use)
        panel.decided.connect(self._on_decided)
        panel.renamed.connect(desk.folder.rename)
        panel.start_chosen.connect(desk.folder.choose_start)

    # ---------------------------------------------------------------- showing

    @Slot(object)
    def _show(self, state: DeskState) -> None:
        self._snapshots.show_state(state)
        has_model = self._snapshots.made is not None
        self._page.show_state(state, has_model=has_model)
        bar, status = self._parts.window.bar, self._parts.window.status
        bar.train_words.show_state(state)
        bar.train_buttons.show_state(state, has_model=has_model)
        view = state.run.view if state.run is not None else None
        if state.is_training:
            words = tr("Training “{name}”", name=state.folder.name)
            left = say_left(view.seconds_left) if view and state.phase == "running" else ""
            status.show_training(words, view.share if view is not None else 0.0, left=left)
        else:
            status.show_training("", 0.0)
        self._give(state, has_model=has_model)

    @Slot(object)
    def _show_again(self, _cause: object) -> None:
        self._show(self._desk.state)

    def _give(self, state: DeskState, *, has_model: bool) -> None:
        folder, run = state.folder, state.run
        is_enough = folder.summary is not None and folder.summary.is_enough
        is_refused = (
            state.phase == "planned"
            and not folder.is_plan_old
            and folder.plan is not None
            and not folder.plan.is_fine
        )
        can_start = state.phase in ("reported", "planning", "planned") and not folder.will_start
        can_pause = state.phase in _PAUSE_PHASES
        if state.phase == "finished" and run is not None:
            can_pause = run.view.end in ("stopped", "time")
        given = {
            "folder_ready": can_start and is_enough and not is_refused and run is None,
            "training": state.phase in ("running", "paused", "waiting", "starting"),
            "pausable": can_pause,
            "snapshot": run is not None
            and bool(run.view.snapshots)
            and not self._snapshots.is_busy,
            "trained": has_model,
            "run": run is not None,
        }
        for need, is_given in given.items():
            self._actions.give(need, is_given)

    # ---------------------------------------------------------------- the folder

    @Slot()
    def _go(self) -> None:
        self._parts.window.show_place("train")

    @Slot()
    def _choose(self) -> None:
        self._go()
        name = QFileDialog.getExistingDirectory(
            self._parts.window, tr("Choose a folder of pictures")
        )
        if name:
            self._desk.open_folder(Path(name))

    @Slot()
    def _list_runs(self) -> None:
        """Show all trainings as a menu; with a key it opens in the middle of the window."""
        window = self._parts.window
        self._go()
        menu = QMenu(window)
        menu.setAccessibleName(tr("All trainings"))
        for entry in self._desk.state.runs:
            action = menu.addAction(say_run(entry))
            action.setData(entry.folder)
        menu.addSeparator()
        new = menu.addAction(tr("New training"))
        new.setEnabled(not self._desk.state.is_training)
        chosen = menu.exec(QCursor.pos())
        menu.deleteLater()
        if chosen is new:
            self._desk.leave()
        elif chosen is not None:
            self._desk.attach(chosen.data())

    @Slot(object)
    def _on_use(self, wish: tuple[tuple[Any, ...], bool]) -> None:
        self._desk.folder.overrule(*wish)

    @Slot(object)
    def _on_decided(self, changes: dict[str, Any]) -> None:
        self._desk.folder.decide(**changes)

    @Slot(object)
    def _on_asked(self, wish: str) -> None:
        if wish == "plan":
            self._desk.folder.plan()
        elif wish:
            self._actions.action(wish).trigger()

    # ---------------------------------------------------------------- the run

    def _pause(self) -> None:
        run = self._desk.run
        if self._desk.state.phase == "running" and run is not None:
            run.pause()
        else:
            self._desk.go_on()

    def _stop(self) -> None:
        if self._desk.run is not None:
            self._desk.run.stop()

    def _take_snapshot(self) -> None:
        if self._desk.run is not None:
            self._desk.run.take_snapshot()

    @Slot(object)
    def _on_place(self, place: str) -> None:
        if place == "train":
            self._page.focus_first()

    @Slot(object)
    def _on_hand(self, _recipe: object) -> None:
        self._desk.give_way()

    @Slot()
    def _open_report(self) -> None:
        run = self._desk.state.folder.run
        path = run / REPORT_PAGE if run is not None else None
        if path is None or not path.is_file():
            self.refused.emit(
                TrainingError("There is no report yet.", "It is written when training ends.")
            )
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    # ---------------------------------------------------------------- closing

    def _ask_to_close(self) -> bool:
        if self._may_close or not self._desk.state.is_training:
            return True
        self._leave.ask(self._desk.state.folder.name)
        return False

    @Slot(object)
    def _on_leave(self, answer: LeaveAnswer) -> None:
        if answer == "stay":
            return
        if answer == "stop":
            self._stop()
        # From the event loop: the button that was pressed must not go with its window.
        QTimer.singleShot(0, self.close_now)
