"""The Train place in the whole window: dropped folders, the run at work, and closing."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.snapshot_desk import SnapshotWish
from studio.app.snapshot_jobs import MadeModel
from studio.core.recipe import with_edit
from studio.files.run_lock import RunLock
from studio.protocol.training_messages import (
    COMMANDS_FOLDER,
    Exported,
    Finished,
    SnapshotTaken,
    Started,
)
from tests.fakes.engine_client import fake_directions
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
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]


def _run(home: Path) -> Path:
    run = make_run(home / "runs", home)
    write_report(run, mixed_files())
    write_plan(run, make_plan(), source=home)
    write_job(run)
    tell(run, Started(kimg=0, total_kimg=80, num_pictures=36, threads=1), progress(20))
    tell(run, SnapshotTaken(snapshot=write_snapshot(run, 0, images=0)))
    return run


def test_a_training_at_work_is_found_steered_and_left(
    studio: Studio, studio_home: Path, qtbot: QtBot, qapp: QApplication
) -> None:
    run = _run(studio_home)
    lock = RunLock(run / "lock")
    lock.__enter__()
    composition = studio.open()
    window, desk = composition.window, composition.train.desk
    qtbot.waitUntil(lambda: desk.state.phase == "running")
    assert "Training “Fjords”" in window.status.words
    window.status.training_button.click()
    assert window.place == "train"
    buttons = window.bar.train_buttons
    assert buttons.pause.isVisible()
    assert buttons.try_out.isEnabled()
    assert not window.bar.keep.isVisible()
    assert composition.train.page.lightbox.snapshot is not None
    press(composition, "train_pause")
    recipe = composition.document.recipe
    assert recipe is not None
    composition.document.edit(with_edit(recipe, fake_directions()[0].id, strength=(1.0,) * 3))
    qtbot.waitUntil(lambda: len(list((run / COMMANDS_FOLDER).glob("*.json"))) == 2)
    window.close()
    assert window.isVisible(), "it asks first"
    assert composition.training._leave.isVisible()
    qtbot.keyClick(composition.training._leave, Qt.Key.Key_Escape)
    window.close()
    composition.training._leave.keep.click()
    qtbot.waitUntil(lambda: not window.isVisible())
    lock.__exit__(None, None, None)


def test_a_finished_training_is_one_click_from_use(
    studio: Studio, studio_home: Path, qtbot: QtBot
) -> None:
    run = _run(studio_home)
    model = studio_home / "models" / "landscapes"
    tell(run, Finished(kimg=80, reason="best"), Exported(folder=str(model), reference=""))
    composition = studio.open()
    window, desk = composition.window, composition.train.desk
    qtbot.waitUntil(lambda: desk.state.phase == "finished")
    press(composition, "go_train")
    assert window.bar.train_buttons.use.isVisible()
    assert composition.train.page.notice.notice is not None
    window.bar.train_buttons.use.click()
    assert window.place == "explore"
    assert [call[1] for call in composition.engine.asked if call[0] == "open_model"][-1] == model  # type: ignore[attr-defined]
    window.close()
    assert not window.isVisible(), "nothing is at work: nothing is asked"


def test_a_snapshot_comes_on_the_canvas_with_its_seed(studio: Studio, studio_home: Path) -> None:
    composition = studio.open()
    composition.train.jobs.made.emit(
        MadeModel(studio_home / "models" / "landscapes", SnapshotWish(2000, seed=77), is_quick=True)
    )
    assert composition.window.place == "explore"
    studio.qtbot.waitUntil(
        lambda: (
            composition.document.recipe is not None
            and composition.document.recipe.sources[0].seed == 77
        )
    )
