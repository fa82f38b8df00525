"""The Export panel: what is chosen is what is asked for, and is remembered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from studio.app.exporting import ExportPlan, ExportProgress
from studio.app.preferences import Preferences
from studio.ui.export_panel import ExportPanel, default_folder
from studio.ui.size_note import say_sizes

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(tmp_path: Path, qtbot: QtBot) -> Iterator[ExportPanel]:
    preferences = Preferences(tmp_path)
    panel = ExportPanel(preferences)
    qtbot.addWidget(panel)
    panel.show_subject("seed 7")
    panel.resize(350, 700)
    panel.show()
    yield panel
    preferences.save_now()


def _asked(panel: ExportPanel, qtbot: QtBot) -> ExportPlan:
    with qtbot.waitSignal(panel.export_requested) as told:
        qtbot.mouseClick(panel.export, LEFT)
    plan = told.args[0]
    assert isinstance(plan, ExportPlan)
    return plan


def test_what_is_chosen_is_asked_for_and_remembered(
    panel: ExportPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    plan = _asked(panel, qtbot)
    assert (plan.settings.format, plan.settings.size) == ("png", 1024)
    assert plan.folder == Path(default_folder())
    qtbot.mouseClick(panel.formats.button("jpeg"), LEFT)
    qtbot.mouseClick(panel.sizes.button("2048"), LEFT)
    panel.quality_box.setValue(80)
    panel.recipe.setChecked(False)
    panel.template.setText("{name} {n}")
    panel.template.editingFinished.emit()
    plan = _asked(panel, qtbot)
    chosen = plan.settings
    assert (chosen.format, chosen.quality, chosen.size) == ("jpeg", 80, 2048)
    assert not chosen.with_recipe
    assert plan.template == "{name} {n}"
    panel._preferences.save_now()
    again = ExportPanel(Preferences(tmp_path))
    qtbot.addWidget(again)
    assert again.plan == plan


def test_quality_is_there_only_where_it_means_something(panel: ExportPanel, qtbot: QtBot) -> None:
    assert not panel.quality.isVisible()
    qtbot.mouseClick(panel.formats.button("webp"), LEFT)
    assert panel.quality.isVisible()


def test_layers_can_go_into_one_file_or_one_each(panel: ExportPanel, qtbot: QtBot) -> None:
    together = panel.still_form.in_one
    panel.show_subject("3 pictures", count=3)
    assert not together.isVisible()
    assert panel.export.text() == "Export 3 files"
    qtbot.mouseClick(panel.formats.button("psd"), LEFT)
    assert together.isVisible()
    assert together.isChecked()
    assert panel.export.text() == "Export"
    assert _asked(panel, qtbot).settings.is_one_file
    qtbot.mouseClick(together, LEFT, pos=QPoint(8, together.height() // 2))
    assert panel.export.text() == "Export 3 files"
    settings = _asked(panel, qtbot).settings
    assert (settings.format, settings.is_one_file) == ("psd", False)
    assert not panel.quality.isVisible()
    assert not panel.bits.isVisible()


def test_nothing_to_export_cannot_be_asked_for(panel: ExportPanel) -> None:
    panel.show_subject("")
    assert not panel.export.isEnabled()
    assert not panel.copy.isEnabled()


def test_a_long_export_shows_progress_and_can_be_cancelled(
    panel: ExportPanel, qtbot: QtBot
) -> None:
    panel.show_progress(ExportProgress(1, 4))
    assert panel.progress.isVisible()
    assert not panel.export.isEnabled()
    with qtbot.waitSignal(panel.cancel_requested):
        qtbot.mouseClick(panel.cancel, LEFT)
    panel.show_progress(None)
    panel.show_result("4 files were written.")
    assert not panel.progress.isVisible()
    assert panel.result.isVisible()


@pytest.mark.parametrize("width", [300, 350])
def test_it_fits_a_narrow_dock(panel: ExportPanel, width: int) -> None:
    assert panel.minimumSizeHint().width() <= width


def test_it_is_said_how_the_picture_comes_to_its_size(panel: ExportPanel, qtbot: QtBot) -> None:
    assert not panel.size_note.isVisible()
    panel.show_subject("seed 7", image=QImage(128, 96, QImage.Format.Format_RGB32))
    assert panel.size_note.text() == "From 128 px: enlarged 8× by the studio."
    assert panel.size_note.isVisible()
    qtbot.mouseClick(panel.sizes.button("own"), LEFT)
    assert panel.size_note.text() == "128 px, as it was made."


@pytest.mark.parametrize(
    ("longer_px", "wanted_px", "said"),
    [
        ((), 1024, ""),
        ((1024,), 512, "Made smaller, from 1024 px."),
        ((512,), 512, "512 px, as it was made."),
        ((192,), 512, "From 192 px: enlarged 4× by the studio, then made to fit."),
        ((128, 256), 1024, "Enlarged up to 8× by the studio."),
        ((128, 256), None, "128 to 256 px, as they were made."),
    ],
)
def test_every_way_to_a_size_has_its_words(
    longer_px: tuple[int, ...], wanted_px: int | None, said: str
) -> None:
    assert say_sizes(longer_px, wanted_px) == said


def test_the_bar_moves_while_one_picture_is_enlarged(panel: ExportPanel) -> None:
    panel.show_progress(ExportProgress(1, 4, 0.5))
    assert panel.progress.value() / panel.progress.maximum() == pytest.approx(1.5 / 4)


def test_depth_is_there_only_where_it_means_something(panel: ExportPanel, qtbot: QtBot) -> None:
    assert panel.bits.isVisible()
    qtbot.mouseClick(panel.bits.button("16"), LEFT)
    assert _asked(panel, qtbot).settings.is_deep
    qtbot.mouseClick(panel.formats.button("avif"), LEFT)
    assert not panel.bits.isVisible()
    assert panel.quality.isVisible()
    assert not _asked(panel, qtbot).settings.is_deep
    qtbot.mouseClick(panel.formats.button("tiff"), LEFT)
    plan = _asked(panel, qtbot)
    assert (plan.settings.format, plan.settings.is_deep) == ("tiff", True)
    assert not panel.quality.isVisible()
