"""From a folder to a run and back: with a trainer that learns nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from studio.app import folder_desk, training_run
from studio.app.training_desk import TrainingDesk
from studio.app.training_folder import list_runs, read_run, squares_of, summarise
from studio.core.folder_report import CHOICES_FILE, FileReport, FolderChoices
from studio.files.run_lock import RunLock
from studio.protocol.training_messages import COMMANDS_FOLDER, Pause, Started
from tests.fakes.training_runs import (
    make_plan,
    make_run,
    mixed_files,
    progress,
    tell,
    write_job,
    write_plan,
    write_report,
    write_snapshot,
)

PATIENCE_MS = 30_000  # a busy machine starts a child in seconds


def fake_command(*words: str) -> list[str]:
    """Give the command of the fake trainer in place of `studio trainer JOB`."""
    return [sys.executable, "-m", "tests.fakes.fake_trainer", *words[1:]]


@pytest.fixture
def desk(qapp: QCoreApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrainingDesk]:  # fmt: skip
    for module in (folder_desk, training_run):
        monkeypatch.setattr(module, "child_command", fake_command)
    monkeypatch.setattr(folder_desk, "PLAN_AFTER_MS", 10)
    found = TrainingDesk(tmp_path, models=(), taken=lambda: ())
    yield found
    found.finish()
    found.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def wait_phase(desk: TrainingDesk, qtbot: QtBot, phase: str) -> None:
    """Wait until the desk is there."""
    qtbot.waitUntil(lambda: desk.state.phase == phase, timeout=PATIENCE_MS)


@pytest.mark.slow
def test_a_folder_becomes_a_run_without_a_question(
    desk: TrainingDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    source = tmp_path / "Fjords"
    source.mkdir()
    desk.open_folder(source)
    wait_phase(desk, qtbot, "planning")
    assert desk.state.folder.summary is not None
    assert desk.state.folder.name == "Fjords"
    desk.start()
    assert desk.state.folder.will_start
    wait_phase(desk, qtbot, "running")
    run = desk.run
    assert run is not None
    refused: list[object] = []
    desk.refused.connect(refused.append)
    desk.open_folder(source)
    assert refused, "one training at a time"
    run.pause()
    wait_phase(desk, qtbot, "paused")
    desk.go_on()
    wait_phase(desk, qtbot, "running")
    run.stop()
    wait_phase(desk, qtbot, "finished")
    assert desk.state.run is not None
    assert desk.state.run.view.end == "stopped"
    assert [entry.name for entry in list_runs(tmp_path)] == ["Fjords"]


@pytest.mark.slow
def test_a_choice_is_stored_and_makes_the_plan_anew(
    desk: TrainingDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    desk.open_folder(tmp_path)
    wait_phase(desk, qtbot, "planned")
    state = desk.state.folder
    assert state.summary is not None
    assert state.run is not None
    near = state.summary.files_by_finding["near_duplicate"]
    desk.folder.overrule(near, False)
    assert desk.state.folder.is_plan_old
    wait_phase(desk, qtbot, "planning")
    wait_phase(desk, qtbot, "planned")
    assert desk.state.folder.summary is not None
    assert desk.state.folder.summary.num_used == state.summary.num_used - len(near)
    stored = read_run(state.run).summary
    assert stored is not None
    assert set(stored.choices.overruled) == {file.file for file in near}
    desk.folder.overrule(near, None)
    assert not desk.state.folder.choices.overruled
    desk.leave()
    assert desk.state.phase == "nothing"
    qtbot.waitUntil(lambda: state.run is not None and not state.run.exists())


@pytest.mark.slow
def test_a_failure_says_what_and_the_way_out_and_can_be_tried_again(
    desk: TrainingDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "refuse").write_text("It cannot be done.")
    desk.open_folder(tmp_path)
    qtbot.waitUntil(lambda: desk.state.error is not None, timeout=PATIENCE_MS)
    assert desk.state.error is not None
    assert desk.state.error.what == "It cannot be done."
    assert "a trace" in desk.state.log
    (tmp_path / "runs" / "refuse").unlink()
    desk.look_again()
    wait_phase(desk, qtbot, "planned")
    assert desk.state.error is None


@pytest.mark.slow
def test_a_run_whose_trainer_was_killed_can_go_on(
    desk: TrainingDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    run = make_run(tmp_path / "runs", tmp_path)
    write_job(run)
    tell(run, Started(kimg=0, total_kimg=80, num_pictures=3, threads=1), progress(3))
    desk.find_runs(attaches=True)
    wait_phase(desk, qtbot, "failed")
    assert desk.state.error is not None
    assert "ended unexpectedly" in desk.state.error.what
    desk.go_on()
    wait_phase(desk, qtbot, "running")
    assert desk.run is not None
    desk.run.stop()
    wait_phase(desk, qtbot, "finished")


def test_a_run_at_work_is_found_before_a_newer_one_that_rests(
    desk: TrainingDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    runs = tmp_path / "runs"
    working = make_run(runs, tmp_path, name="aaaaaaaaaaaa")
    write_job(working, "At work")
    begun = write_snapshot(working, 0, images=0)
    (working / begun.folder / "snapshot.json").write_bytes(msgspec.json.encode(begun))
    tell(working, Started(kimg=0, total_kimg=80, num_pictures=3, threads=1), progress(3))
    newer = make_run(runs, tmp_path, name="bbbbbbbbbbbb")
    write_report(newer, mixed_files())
    write_plan(newer, make_plan(), source=tmp_path)
    with RunLock(working / "lock"):
        desk.find_runs(attaches=True)
        wait_phase(desk, qtbot, "running")
        assert desk.state.folder.name == "At work"
        assert desk.state.run is not None
        assert desk.state.run.view.snapshots == (begun,), "it lies there, though nobody told"
        for _ in range(5):
            desk.give_way()
        assert desk.run is not None
        desk.run.finish()
        assert len(list((working / COMMANDS_FOLDER).glob("*.json"))) == 1, "at most twice a second"


def test_commands_are_taken_in_the_order_they_were_given(
    desk: TrainingDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    run = make_run(tmp_path / "runs", tmp_path)
    write_job(run)
    desk.attach(run)
    qtbot.waitUntil(lambda: desk.run is not None, timeout=PATIENCE_MS)
    assert desk.run is not None
    for _ in range(4):
        desk.run._send(Pause())
    desk.run.finish()
    numbers = [int(path.stem) for path in sorted((run / COMMANDS_FOLDER).glob("*.json"))]
    assert len(numbers) == 4
    assert numbers == sorted(numbers)


def test_a_report_is_counted_with_what_the_artist_decided(tmp_path: Path) -> None:
    report = write_report(make_run(tmp_path, tmp_path), mixed_files())
    plain = summarise(report, FolderChoices())
    assert (plain.num_used, plain.num_squares) == (14, 42)
    assert plain.num_used_by_finding["small"] == 0
    chosen = FolderChoices(overruled={"tiny.png": True, "broken.png": True}, crop="middle")
    changed = summarise(report, chosen)
    assert (changed.num_used, changed.num_squares) == (15, 15), "what is damaged is never used"
    assert not summarise(report, FolderChoices(overruled=dict.fromkeys(
        (file.file for file in report.files), False))).is_enough  # fmt: skip


def test_squares_of_a_padded_picture_reach_beyond_it() -> None:
    file = FileReport(file="a.jpg", finding="good", width=200, height=100)
    ((left, top, width, height),) = squares_of(file, "pad")
    assert (left, width) == (0.0, 1.0)
    assert top < 0
    assert height == 2.0
    assert len(squares_of(file, "middle")) == 1
    assert len(squares_of(file, "several")) == 3


def test_damaged_files_of_a_run_count_as_missing(tmp_path: Path) -> None:
    run = make_run(tmp_path, tmp_path)
    write_report(run, mixed_files())
    (run / CHOICES_FILE).write_text("{")
    (run / "plan.json").write_text("[[[")
    found = read_run(run)
    assert found.summary is not None
    assert found.summary.choices == FolderChoices()
    assert found.plan is None
