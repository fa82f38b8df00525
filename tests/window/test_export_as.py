"""Sheets, sets, presets and stopped exports in the real window, with an engine that only pretends."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from studio.app.exporting import ExportItem, ExportPlan, ExportProgress
from studio.compose import Composition, compose_window
from studio.core.errors import EngineError
from studio.export.set_settings import SET_KINDS
from studio.files.images import read_picture
from studio.ui.export_panel import ExportPanel
from studio.ui.window_options import Options
from tests.fakes.engine_client import FakeEngineClient
from tests.fakes.galleries import recipe_of

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def engine(qtbot: QtBot) -> FakeEngineClient:
    return FakeEngineClient()


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, engine: FakeEngineClient) -> Iterator[Composition]:
    composition = compose_window(Options(theme="dark"), home=tmp_path / "home", engine=engine)
    composition.window.resize(1600, 1000)
    composition.window.show()
    composition.begin()
    chosen = composition.preferences.values.export
    folder = str(tmp_path / "out")
    composition.preferences.change(export=msgspec.structs.replace(chosen, folder=folder))
    qtbot.waitUntil(lambda: composition.pictures.latest is not None)
    yield composition
    composition.dismantle()


def _run(studio: Composition, command: str) -> None:
    studio.window.actions_table.action(command).trigger()


def _files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "out").iterdir())


def _pick_source(panel: ExportPanel, key: str) -> None:
    place = next(i for i in range(panel.source.count()) if panel.source.itemData(i) == key)
    panel.source.setCurrentIndex(place)
    panel.source.activated.emit(place)


def test_each_kind_of_set_is_made_of_the_wall_from_its_command(
    studio: Composition, qtbot: QtBot, tmp_path: Path
) -> None:
    _run(studio, "wall")
    count, panel = len(studio.wall.tiles), studio.export_panel
    assert count > 3
    for kind in SET_KINDS:
        _run(studio, f"export_{kind}")
        assert panel.set_kind == kind
        assert panel.source.currentData() == "wall"
        with qtbot.waitSignal(studio.exporter.sets.made) as told:
            qtbot.mouseClick(panel.export, LEFT)
        made = told.args[0]
        assert made.num_pictures == count
        assert made.paths[0].is_file()
        assert made.plan.name == f"Wall {kind}"
        assert made.paths[0].name in panel.result.text()
        assert made.paths[0].name in panel.place.names.full_text
    with qtbot.waitSignal(studio.exporter.sets.made) as told:
        _run(studio, "export_again")  # the last thing, once more, beside the first
    assert told.args[0].paths[0].name == "Wall page-2.html"
    frames = json.loads((tmp_path / "out" / "Wall sprites.json").read_text())["frames"]
    assert len(frames) == count


def test_the_preview_shows_the_set_before_it_is_made(studio: Composition, qtbot: QtBot) -> None:
    panel = studio.export_panel
    _run(studio, "export_sheet")
    qtbot.waitUntil(lambda: panel.preview.image is not None)
    before = panel.preview.image
    panel.set_forms.sheet.ground.button("white").click()
    qtbot.waitUntil(lambda: panel.preview.image is not before and panel.preview.image is not None)
    assert panel.preview.image is not None
    assert panel.preview.image.pixelColor(0, 0).lightness() == 255
    assert not panel.still_form.isVisible()
    _run(studio, "export_palette")
    qtbot.waitUntil(lambda: len(panel.swatches.colours) == 16)
    with qtbot.waitSignal(panel.swatches.picked) as told:
        qtbot.mouseClick(panel.swatches, LEFT, pos=panel.swatches.rect_of(3).center())
    assert told.args == [panel.swatches.colours[3]]
    assert QGuiApplication.clipboard().text() == panel.swatches.colours[3]
    panel.swatches.setFocus()
    qtbot.keyClick(panel.swatches, Qt.Key.Key_Right)
    qtbot.keyClick(panel.swatches, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == panel.swatches.colours[4]


def test_names_are_shown_as_they_are_typed(studio: Composition, qtbot: QtBot) -> None:
    panel = studio.export_panel
    seed = studio.document.recipe.sources[0].seed if studio.document.recipe else None
    assert panel.place.names.full_text == f"Landscapes-{seed}.png"
    panel.template.setFocus()
    panel.template.clear()
    qtbot.keyClicks(panel.template, "a/b {seed}")
    assert panel.place.names.full_text == f"a b {seed}.png"
    _run(studio, "wall")
    _pick_source(panel, "wall")
    panel.template.clear()
    qtbot.keyClicks(panel.template, "{n}")
    assert panel.place.names.full_text == f"001.png … {len(studio.wall.tiles):03d}.png"
    panel.template.clear()
    qtbot.keyClicks(panel.template, "hill")
    assert panel.place.names.full_text == "hill.png, hill-2.png …"


def test_the_way_here_is_exported_step_by_step(
    studio: Composition, qtbot: QtBot, tmp_path: Path, engine: FakeEngineClient
) -> None:
    first = studio.document.recipe
    for seed in (70, 71):
        studio.document.edit(engine.of_model(recipe_of(seed)))
    panel = studio.export_panel
    qtbot.waitUntil(lambda: panel.source.count() > 1)
    _pick_source(panel, "history")
    with qtbot.waitSignal(studio.exporter.exported) as told:
        qtbot.mouseClick(panel.export, LEFT)
    assert first is not None
    assert [path.stem for path in told.args[0].paths] == [
        f"Landscapes-{seed}" for seed in (first.sources[0].seed, 70, 71)
    ]


def test_an_open_board_is_what_the_gallery_exports_until_pictures_are_chosen(
    studio: Composition, qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    for seed in (1, 2, 3):
        with qtbot.waitSignal(studio.desk.changed):
            studio.keeping.keep_recipe(engine.of_model(recipe_of(seed)))
        qtbot.waitUntil(lambda seed=seed: len(studio.gallery.items()) == seed)  # type: ignore[misc]
    items = studio.gallery.items()
    with qtbot.waitSignal(studio.desk.changed):
        studio.desk.change(items[:2], lambda kept: studio.gallery.set_boards(kept.id, ["Sea"]))
    studio.window.show_place("gallery")
    panel = studio.gallery_page.export_panel
    assert not panel.export.isEnabled()
    studio.desk.boards.choose("Sea")
    assert panel.source.currentData() == "board"
    _run(studio, "export_sheet")
    with qtbot.waitSignal(studio.exporter.sets.made) as told:
        qtbot.mouseClick(panel.export, LEFT)
    assert (told.args[0].num_pictures, _files(tmp_path)) == (2, ["Sea sheet.png"])
    assert read_picture(tmp_path / "out" / "Sea sheet.png").shape[1] == 2 * 32 + 2 * 256 + 16


def test_a_set_that_fails_says_so_and_leaves_nothing(
    studio: Composition, qtbot: QtBot, tmp_path: Path, engine: FakeEngineClient
) -> None:
    _run(studio, "export_page")
    engine.refuse = EngineError("No picture came.", "Try again.")
    with qtbot.waitSignal(studio.exporter.sets.failed):
        qtbot.mouseClick(studio.export_panel.export, LEFT)
    engine.refuse = None
    assert studio.export_panel.result.text() == "No picture came. Try again."
    assert studio.export_panel.export.isEnabled()
    (tmp_path / "out").touch()
    with qtbot.waitSignal(studio.exporter.sets.failed):
        qtbot.mouseClick(studio.export_panel.export, LEFT)
    assert "could not be saved" in studio.export_panel.result.text()


def test_presets_set_everything_at_once_and_can_be_saved_renamed_and_removed(
    studio: Composition, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = studio.export_panel.still_form.presets
    row.box.setCurrentIndex(row.box.findText("For print"))
    row.box.activated.emit(row.box.currentIndex())
    plan = studio.export_panel.plan
    assert (plan.settings.format, plan.settings.bits, plan.settings.size) == ("tiff", 16, 2048)
    assert row.chosen is not None
    assert not row.make_menu().actions()[1].isEnabled()  # ours cannot be renamed
    studio.export_panel.sizes.button("512").click()
    assert row.chosen is None
    monkeypatch.setattr(row, "_ask", lambda _title, _text: "Mine")
    row.ask_name()
    qtbot.waitUntil(lambda: row.chosen is not None and row.chosen.name == "Mine")
    studio.export_panel.formats.button("jpeg").click()
    assert row.chosen is None
    page_row = studio.gallery_page.export_panel.still_form.presets
    page_row.box.setCurrentIndex(page_row.box.findText("Mine"))
    page_row.box.activated.emit(page_row.box.currentIndex())
    assert studio.export_panel.plan.settings.size == 512
    monkeypatch.setattr(row, "_ask", lambda _title, _text: "Ours")
    row.ask_other_name()
    qtbot.waitUntil(lambda: page_row.box.findText("Ours") > 0)
    row._remove()
    qtbot.waitUntil(lambda: page_row.box.findText("Ours") < 0)
    studio.window.toast.button.click()
    qtbot.waitUntil(lambda: page_row.box.findText("Ours") > 0)


def test_a_stopped_export_is_offered_after_a_restart(
    qtbot: QtBot, tmp_path: Path, engine: FakeEngineClient
) -> None:
    home, plan = tmp_path / "home", ExportPlan(tmp_path / "out", "{n}")
    first = compose_window(Options(theme="dark"), home=home, engine=engine)
    qtbot.waitUntil(lambda: engine.opened is not None)
    items = [ExportItem(engine.of_model(recipe_of(seed))) for seed in range(6)]

    def stop(step: ExportProgress) -> None:
        if step.done == 3:
            first.exporter.cancel()

    first.exporter.progress_changed.connect(stop)
    with qtbot.waitSignal(first.exporter.exported):
        first.exporter.export(items, plan)
    assert first.export_panel.foot.resume.isVisibleTo(first.export_panel)
    first.dismantle()
    again = FakeEngineClient()
    second = compose_window(Options(theme="dark"), home=home, engine=again)
    second.window.show()
    foot = second.export_panel.foot
    qtbot.waitUntil(lambda: foot.unfinished.text() != "")
    assert foot.unfinished.text() == "An export was stopped after 3 of 6 files."
    qtbot.waitUntil(lambda: again.opened is not None)
    with qtbot.waitSignal(second.exporter.exported) as told:
        second.window.actions_table.action("export_resume").trigger()
    assert len(told.args[0].paths) == 6
    assert _files(tmp_path) == [f"{number:03d}.png" for number in range(1, 7)]
    assert not second.window.actions_table.action("export_resume").isEnabled()
    second.dismantle()


def test_every_form_fits_the_narrow_dock(studio: Composition) -> None:
    chosen, inside = studio.preferences.values.export, studio.export_panel.place.parentWidget()
    assert inside is not None
    for kind in ("pictures", *SET_KINDS):
        studio.preferences.change(export=msgspec.structs.replace(chosen, kind=kind))
        assert studio.export_panel.minimumSizeHint().width() <= 300
        assert inside.minimumSizeHint().width() <= 300, kind
