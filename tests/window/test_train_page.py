"""The Train place shown from plain values: every state says what it is and what to do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from studio.app.file_list_model import ITEM_ROLE, FileItem, FileListModel
from studio.app.folder_desk import FolderState
from studio.app.snapshot_desk import SnapshotDesk
from studio.app.thumbnails import Thumbnails
from studio.app.training_desk import DeskState
from studio.app.training_folder import RunEntry, summarise
from studio.app.training_run import RunState
from studio.app.training_view import RunView, fold
from studio.core.errors import TrainingError
from studio.core.folder_report import FileReport, FolderChoices
from studio.protocol.training_messages import (
    Failed,
    Finished,
    Gauged,
    SnapshotTaken,
    Started,
    Waiting,
)
from studio.ui.leave_panel import LeavePanel
from studio.ui.train_page import TrainPage
from tests.fakes.training_runs import (
    good_files,
    make_plan,
    make_run,
    make_scores,
    mixed_files,
    progress,
    write_report,
    write_snapshot,
)


class Shown:
    """A page and the values to fill it with."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.run = make_run(folder / "runs", folder)
        self.desk = SnapshotDesk()
        self.thumbnails = Thumbnails()
        self.page = TrainPage(self.desk, self.thumbnails)
        qtbot.addWidget(self.page)
        self.page.resize(1600, 900)
        self.page.show()

    def folder(self, files: list[FileReport], choices: FolderChoices = FolderChoices()) -> FolderState:  # noqa: B008  # fmt: skip
        """Give a folder that was looked at."""
        summary = summarise(write_report(self.run, files), choices)
        return FolderState(
            phase="reported", run=self.run, source=Path("/p/Fjords"), name="Fjords",
            summary=summary, choices=choices,
        )  # fmt: skip

    def view(self) -> RunView:
        """Give a run with a start and four measured snapshots, the second of them the best."""
        view = fold(RunView(), Started(kimg=0, total_kimg=80, num_pictures=36, threads=1))
        view = fold(view, SnapshotTaken(snapshot=write_snapshot(self.run, 0, images=0)))
        for number, likeness in enumerate((0.6, 0.3, 0.4, 0.5), start=1):
            snapshot = write_snapshot(
                self.run, number, images=2000 * number, scores=make_scores(likeness)
            )
            view = fold(view, SnapshotTaken(snapshot=snapshot, is_best=number <= 2))
        view = fold(view, Gauged(kimg=8, overfit=0.1, winning=0.1, penalty_share=0.2, yielded=0.25))
        return fold(view, progress(8))

    def close(self) -> None:
        """End what is being loaded."""
        self.desk.finish()
        self.thumbnails.finish()
        for thing in (self.desk, self.thumbnails):
            thing.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def shown(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Shown]:
    found = Shown(qtbot, tmp_path)
    yield found
    found.close()


def test_the_empty_place_has_one_sentence_one_button_and_earlier_trainings(shown: Shown) -> None:
    page = shown.page
    told: list[object] = []
    assert page.page is page.empty
    assert page.folder.isHidden() or not page.folder.isVisible()
    page.empty.run_chosen.connect(told.append)
    entry = RunEntry(folder=Path("/r/1"), name="N" * 200, is_alive=True, was_started=True, changed_at=0)  # fmt: skip
    page.show_state(DeskState(runs=(entry,)), has_model=False)
    page.empty.run_buttons[0].click()
    assert told == [Path("/r/1")]


def test_a_folder_is_told_in_lines_and_each_can_be_overruled(shown: Shown, qtbot: QtBot) -> None:
    page = shown.page
    folder = shown.folder(mixed_files())
    page.show_state(DeskState(phase="reported", folder=folder), has_model=False)
    assert page.page is page.files
    lines = {line.key: line for line in page.folder.findings.lines}
    assert lines["good"].title == "14 pictures can be used"
    assert lines["few"].tone == "warn"
    assert lines["near_duplicate"].title == "2 look like others"
    assert [key for key, _ in lines["damaged"].buttons] == ["show"]
    wishes: list[tuple[tuple[FileReport, ...], bool]] = []
    page.folder.use_changed.connect(wishes.append)
    page.folder.findings.row("near_duplicate").button("leave_out").click()
    assert ({file.file for file in wishes[-1][0]}, wishes[-1][1]) == ({"again.jpg", "again 2.jpg"}, False)  # fmt: skip
    page.folder.findings.row("small").button("use").click()
    assert wishes[-1][1] is True
    page.folder.findings.row("near_duplicate").button("show").click()
    assert page.files.kind == "near_duplicate"
    grid = page.files.grid
    assert grid.model().rowCount() == 2
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.sign_rect(0).center())
    assert wishes[-1] == ((folder.summary.files_by_finding["near_duplicate"][0],), False)  # type: ignore[union-attr]
    grid.selectAll()
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert len(wishes[-1][0]) == 2


def test_too_few_pictures_are_said_with_the_way_out(shown: Shown) -> None:
    folder = shown.folder(good_files(3))
    shown.page.show_state(DeskState(phase="reported", folder=folder), has_model=False)
    line = shown.page.folder.findings.lines[0]
    assert (line.tone, line.title) == ("error", "3 pictures can be used")
    assert "at least 8" in line.text


def test_a_plan_is_shown_and_a_refusal_names_the_fix(shown: Shown) -> None:
    page = shown.page
    folder = msgspec.structs.replace(shown.folder(mixed_files()), phase="planned", plan=make_plan())
    page.show_state(DeskState(phase="planned", folder=folder), has_model=False)
    assert page.notice.notice is None
    assert "53 min" in page.files.plan.full_text
    assert page.folder.start.starts.itemText(0) == "Nearest: Painted landscapes"
    starts: list[object] = []
    page.folder.start_chosen.connect(starts.append)
    page.folder.start.starts.activated.emit(page.folder.start.starts.count() - 1)
    assert starts == ["scratch"]
    refused = msgspec.structs.replace(folder, plan=make_plan(refused="The disk has 0.4 GB free."))
    page.show_state(DeskState(phase="planned", folder=refused), has_model=False)
    notice = page.notice.notice
    assert notice is not None
    assert "The disk has 0.4 GB free." in notice.sentence
    assert notice.way_out == "Free 3 GB, then try again."
    asked: list[object] = []
    page.asked.connect(asked.append)
    page.notice.button.click()
    assert asked == ["plan"]


def test_rights_are_stated_in_three_fields(shown: Shown) -> None:
    page = shown.page
    told: list[Any] = []
    page.show_state(
        DeskState(phase="reported", folder=shown.folder(mixed_files())), has_model=False
    )
    page.folder.decided.connect(told.append)
    form = page.folder.rights
    form.open_fields()
    assert not form.save.isEnabled()
    form.whose.setText("Ana")
    form.save.click()
    right = told[-1]["right"]
    assert (right.credit, right.licence) == ("Ana", "My own pictures, all rights mine")
    folder = shown.folder(mixed_files(), FolderChoices(right=right))
    page.show_state(DeskState(phase="reported", folder=folder), has_model=False)
    assert form._line.lines[0].title == "Rights stated"


def test_a_run_shows_time_facts_curves_advice_and_copies(shown: Shown, qtbot: QtBot) -> None:
    page, view = shown.page, shown.view()
    state = DeskState(
        phase="running",
        folder=msgspec.structs.replace(shown.folder(mixed_files()), plan=make_plan()),
        run=RunState(view=view, is_alive=True, saved_at=1.0),
    )
    shown.desk.show_run(shown.run, snapshots=view.snapshots, best=view.best)
    page.show_state(state, has_model=False)
    panel = page.progress
    assert page.page is page.lightbox
    assert panel.left.text() == "26 min left"
    assert panel.fact("speed") == "28 images a second"
    assert panel.fact("hand") == "25 % of the time"
    assert panel.likeness.value.text() == "0.50"
    assert "0.50" in panel.likeness.accessibleDescription()
    assert panel.advice.lines[0].title == "Snapshot 2 is the best so far"
    panel.advice.row("best").button("best").click()
    assert page.lightbox.snapshot is not None
    assert page.lightbox.snapshot.number == 2
    assert panel.likeness.value.text() == "0.30", "the curves follow the snapshot looked at"
    panel.advice.row("best").button("go_on").click()
    assert not panel.advice.lines
    assert page.folder.copies.line.lines[0].title == "None found"
    assert not any(line.buttons for line in page.folder.findings.lines)
    page.lightbox.show_closest(False)


def test_every_state_that_cannot_go_on_says_so_in_the_words_of_the_look(shown: Shown) -> None:
    page, view = shown.page, shown.view()
    folder = shown.folder(mixed_files())
    waiting = fold(view, Waiting(why="disk", need_bytes=2_000_000_000))
    run = RunState(view=waiting, is_alive=True)
    page.show_state(DeskState(phase="waiting", folder=folder, run=run), has_model=False)
    assert page.notice.notice is not None
    assert page.notice.notice.sentence == (
        "The disk is full. Training waits and goes on by itself when 2 GB are free."
    )
    failed = fold(view, Failed(what="It broke.", way_out="Go on."))
    state = DeskState(
        phase="failed", folder=folder, run=RunState(view=failed), log="a trace",
        error=TrainingError("It broke.", "Go on."),
    )  # fmt: skip
    page.show_state(state, has_model=False)
    notice = page.notice.notice
    assert (notice.sentence, notice.wish, notice.details) == ("It broke.", "train_pause", "a trace")
    page.notice.more.click()
    done = RunState(view=fold(view, Finished(kimg=80, reason="best")))
    page.show_state(DeskState(phase="finished", folder=folder, run=done), has_model=True)
    assert page.notice.notice is not None
    assert page.notice.notice.tone == "ok"
    assert page.progress.advice.lines[0].title == "Snapshot 2 is the best"


def test_a_narrow_place_puts_one_panel_behind_the_other(shown: Shown) -> None:
    page = shown.page
    state = DeskState(
        phase="running", folder=shown.folder(mixed_files()), run=RunState(view=shown.view(), is_alive=True)
    )  # fmt: skip
    page.show_state(state, has_model=False)
    assert page.folder.isVisible()
    assert page.progress.isVisible()
    page.resize(1000, 540)
    assert page.progress.isVisible()
    assert not page.folder.isVisible()
    page.tabs.set_current("folder")
    assert page.folder.isVisible()
    assert not page.progress.isVisible()
    page.resize(1600, 900)
    assert page.progress.isVisible()


def test_the_files_keep_qt_s_rules(shown: Shown, qtmodeltester: ModelTester) -> None:
    model = FileListModel(shown.thumbnails)
    files = tuple(mixed_files())
    model.show_files(shown.run, files, choices=FolderChoices())
    checked: QAbstractItemModel = model
    qtmodeltester.check(checked)
    item = model.index(0).data(ITEM_ROLE)
    assert isinstance(item, FileItem)
    assert item.is_used
    model.show_files(shown.run, files, choices=FolderChoices(overruled={files[0].file: False}))
    assert not model.index(0).data(ITEM_ROLE).is_used
    outside = FileReport(file="x.jpg", finding="good", thumbnail="../../../etc/hosts.jpg")
    model.show_files(shown.run, (outside,), choices=FolderChoices())
    assert model.thumbnail(outside) is None


def test_the_question_at_the_end_stays_with_escape(shown: Shown, qtbot: QtBot) -> None:
    panel = LeavePanel(shown.page)
    told: list[object] = []
    panel.answered.connect(told.append)
    panel.ask("Fjords")
    assert "Fjords" in panel.accessibleName()
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert told == ["stay"]
    panel.ask("Fjords")
    panel.stop.setFocus()
    qtbot.keyClick(panel.stop, Qt.Key.Key_Return)
    assert told == ["stay", "stop"]
