"""A model that is dropped on the window: tried, asked about, named, in the library; and out again."""

import zipfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.compose import Composition
from studio.core.model_card import Right
from studio.files.model_folder import read_card
from studio.library.model_library import InstalledModel
from studio.ui.canvas_drop import Dropped
from studio.ui.import_words import missing_words
from studio.ui.model_import_page import ModelImportPage
from tests.fakes.foreign_graphs import Wanted, foreign_graph
from tests.fakes.hostile_graphs import changed, node
from tests.fakes.tiny_model import make_tiny_model
from tests.window.shell_parts import Studio, studio

__all__ = ["studio"]


def drop(composition: Composition, path: Path) -> ModelImportPage:
    composition.restoring.take(Dropped(paths=(path,)))
    page = composition.importing.page
    assert composition.window.page == "import"
    return page


def own_models(studio: Studio) -> set[str]:
    return {path.name for path in (studio.home / "models").iterdir()}


def test_a_graph_is_asked_about_then_named_and_lies_in_the_library(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    composition = studio.open()
    before = own_models(studio)
    path = tmp_path / "odd_masks.onnx"
    path.write_bytes(foreign_graph(Wanted(latent_name="a", extras={"b": (8, 8)})))
    page = drop(composition, path)
    qtbot.waitUntil(page.questions.isVisible)
    boxes = page.questions.boxes
    assert sorted(boxes) == ["input:a", "input:b"]
    boxes["input:a"].setCurrentIndex(boxes["input:a"].findData("latent"))
    boxes["input:b"].setCurrentIndex(boxes["input:b"].findData("1"))
    page.questions.again.click()
    qtbot.waitUntil(page.form.isVisible)
    assert page.form.name.text() == "Odd masks"
    page.form.name.setText("  Masks of the night ")
    page.form.whose.setText("A. Maker")
    QTest.keyClick(page.form.whose, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: composition.window.page == "")
    assert own_models(studio) - before == {"masks-of-the-night"}
    card = read_card(studio.home / "models" / "masks-of-the-night")
    unknown = "Unknown: ask before you publish"
    assert card.rights == (Right("Odd masks", unknown, "A. Maker"),)
    assert card.credit == "Made with “Masks of the night” by A. Maker."
    assert "zones" in missing_words(card)


def test_what_is_refused_is_said_in_place_and_leaves_nothing(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    composition = studio.open()
    before = own_models(studio)
    path = tmp_path / "picture.png"  # its name says nothing
    path.write_bytes(changed(node("Loop", "z")))
    page = drop(composition, path)
    qtbot.waitUntil(lambda: "“Loop”" in page.said.text())
    QTest.keyClick(page.stop, Qt.Key.Key_Escape)
    assert composition.window.page == ""
    assert own_models(studio) == before


def test_what_is_cancelled_or_not_wanted_leaves_nothing(
    studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    composition = studio.open()
    before = own_models(studio)
    path = tmp_path / "a.onnx"
    path.write_bytes(foreign_graph())
    arrived: list[object] = []
    composition.importing.desk.arrived.connect(arrived.append)
    page = drop(composition, path)
    page.stop.click()
    qtbot.waitUntil(lambda: not composition.importing.desk.is_busy)
    assert composition.window.page == ""
    assert arrived == []
    folder = make_tiny_model(tmp_path, resolution=16, channels=4)
    page = drop(composition, folder)
    qtbot.waitUntil(page.form.isVisible)
    assert not page.form.whose.isVisible()  # its card says whose it is
    page.form.discard.click()
    qtbot.waitUntil(lambda: own_models(studio) == before)


def test_the_shown_model_goes_out_as_a_file(studio: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    composition = studio.open()
    folder = make_tiny_model(tmp_path, resolution=16, channels=4)
    model = InstalledModel(folder, read_card(folder), is_shipped=False)
    facts = composition.gallery_page.model_facts
    facts.show_model(model)
    target = tmp_path / "out.studio.zip"
    composition.importing.share_to(model, target)
    assert facts.share.text() == "Stop writing (0 %)"
    qtbot.waitUntil(lambda: facts.share.text() == "Share as a file…")
    with zipfile.ZipFile(target) as packed:
        assert "tiny/card.json" in packed.namelist()
    assert "can be passed on" in composition.window.toast.text
