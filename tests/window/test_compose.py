"""The whole window: what an artist does in the first minutes."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from studio.app.engine_client import EngineState, RequestFailure
from studio.compose import Composition, Options
from studio.core.errors import EngineError, ModelError
from studio.core.exploring import fresh_recipe
from studio.core.recipe import Recipe, with_edit
from studio.ui.canvas_drop import Dropped
from studio.ui.commands import COMMANDS
from studio.ui.tool_bar import ToolBar
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient, fake_directions
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]

LIGHT = fake_directions()[0].id


def _recipe(composition: Composition) -> Recipe:
    recipe = composition.document.recipe
    assert recipe is not None
    return recipe


def _move_light(composition: Composition, strength: float = 1.0) -> Recipe:
    moved = with_edit(_recipe(composition), LIGHT, strength=(strength,) * 3)
    composition.document.edit(moved)
    return moved


def _keep(qtbot: QtBot, composition: Composition) -> None:
    count = len(composition.desk.items())
    press(composition, "keep")
    qtbot.waitUntil(lambda: len(composition.desk.items()) == count + 1)


def test_the_window_opens_on_a_fresh_picture_of_the_first_model(studio: Studio) -> None:
    composition = studio.open()
    assert _recipe(composition).model == FAKE_HASH
    assert composition.window.windowTitle().startswith("Landscapes")
    assert "128 × 128" in composition.window.status.words
    assert "CPU" in composition.window.status.words
    assert composition.window.status.provider_reason


def test_undo_and_redo_show_at_once_what_was_seen(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    before = _recipe(composition)
    moved = _move_light(composition)
    qtbot.waitUntil(lambda: composition.pictures.latest.recipe == moved)  # type: ignore[union-attr]
    press(composition, "undo")
    assert _recipe(composition) == before
    assert composition.window.actions_table.action("redo").isEnabled()
    press(composition, "redo")
    assert _recipe(composition) == moved


def test_keep_stores_the_picture_and_undo_in_the_toast_bins_it(
    studio: Studio, qtbot: QtBot
) -> None:
    composition = studio.open()
    _keep(qtbot, composition)
    qtbot.waitUntil(lambda: composition.window.toast.text.startswith("Kept."))
    qtbot.mouseClick(composition.window.toast.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not composition.desk.items())
    assert len(composition.desk.items(in_trash=True)) == 1


def test_star_keeps_first_what_is_not_kept(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    press(composition, "star")
    qtbot.waitUntil(lambda: any(kept.starred for kept in composition.desk.items()))
    press(composition, "star")
    qtbot.waitUntil(lambda: not any(kept.starred for kept in composition.desk.items()))
    assert len(composition.desk.items()) == 1


def test_a_kept_picture_comes_back_with_identical_pixels(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    first = _recipe(composition)
    _keep(qtbot, composition)
    _move_light(composition)
    composition.restoring.open_kept(composition.desk.items()[0])
    assert _recipe(composition) == first
    said = "Restored. The pixels are identical."
    qtbot.waitUntil(lambda: composition.window.toast.text == said)


def test_one_zone_of_a_kept_picture_can_be_dropped(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    _keep(qtbot, composition)
    kept = composition.desk.items()[0]
    press(composition, "dice")
    before = _recipe(composition)
    composition.restoring.take(Dropped(kept=kept.id, zone="fine"))
    after = _recipe(composition)
    assert after != before
    assert after.sources[0].seed == before.sources[0].seed
    assert kept.recipe.sources[0].seed in [source.seed for source in after.sources]


def test_the_wall_fills_opens_and_keeps(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    wall = composition.wall
    press(composition, "wall")
    assert composition.window.is_wall_shown
    qtbot.waitUntil(lambda: bool(wall.tiles) and all(tile.image for tile in wall.tiles))
    star = wall.tile_rect(1).topRight() + QPoint(-8, 8)
    qtbot.mouseClick(wall, Qt.MouseButton.LeftButton, pos=star)
    qtbot.waitUntil(lambda: wall.tiles[1].is_kept)
    chosen = wall.tiles[2].recipe
    qtbot.mouseClick(wall, Qt.MouseButton.LeftButton, pos=wall.tile_rect(2).center())
    assert not composition.window.is_wall_shown
    assert _recipe(composition) == chosen


def test_escape_leaves_the_wall_wherever_the_keyboard_is(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    press(composition, "wall")
    composition.window.bar.picker.setFocus()
    qtbot.keyClick(composition.window.bar.picker, Qt.Key.Key_Escape)
    assert not composition.window.is_wall_shown


def test_a_session_comes_back_with_recipe_history_keys_and_theme(studio: Studio) -> None:
    composition = studio.open()
    moved = _move_light(composition)
    press(composition, "theme_light")
    composition.window.actions_table.set_keys("fit", ["F"])
    studio.close()
    again = studio.open()
    assert _recipe(again) == moved
    assert again.document.history.can_undo
    assert again.preferences.values.theme == "light"
    assert again.window.actions_table.keys("fit") == ("F",)


def test_no_model_is_said_in_place_with_a_way_out(
    studio: Studio, studio_home: Path, qtbot: QtBot
) -> None:
    for file in (studio_home / "models" / "landscapes").iterdir():
        file.unlink()
    (studio_home / "models" / "landscapes").rmdir()
    composition = studio.open()
    message = composition.canvas.message
    if not composition.models.usable:  # a shipped model may be there
        assert message is not None
        assert message.wish == "add_model"


def test_a_broken_model_is_listed_with_its_sentence(studio: Studio, studio_home: Path) -> None:
    broken = studio_home / "models" / "broken"
    broken.mkdir()
    (broken / "card.json").write_text("{")
    composition = studio.open()
    choices = composition.models.choices()
    assert any(choice.problem for choice in choices)
    assert not any(choice.problem for choice in choices if choice.name == "Landscapes")


def test_an_engine_that_fails_says_so_on_the_canvas_and_keeps_the_picture(
    studio: Studio, qtbot: QtBot
) -> None:
    engine = FakeEngineClient()
    composition = studio.open(engine=engine)
    engine.set_fake_state(EngineState("failed", "The engine stopped three times."))
    assert composition.canvas.has_picture
    assert composition.canvas.message is not None
    assert composition.canvas.message.wish == "restart"
    engine.refuse = EngineError("The picture could not be computed.", "Try again.")
    _move_light(composition)
    qtbot.waitUntil(lambda: composition.canvas.message.wish == "retry")  # type: ignore[union-attr]
    engine.refuse = None
    composition.canvas.asked.emit("retry")
    qtbot.waitUntil(lambda: composition.canvas.message is None)


def test_a_model_that_cannot_be_opened_can_be_tried_again(studio: Studio, qtbot: QtBot) -> None:
    engine = FakeEngineClient()
    composition = studio.open(engine=engine)
    engine._opened = None
    error = ModelError("“mapping.onnx” is damaged or was changed.", "Install the model again.")
    engine.request_failed.emit(RequestFailure(None, error))
    message = composition.canvas.message
    assert message is not None
    assert message.wish == "restart"
    asked = len(engine.asked)
    composition.canvas.asked.emit("restart")
    assert "open_model" in [call[0] for call in engine.asked[asked:]]
    qtbot.waitUntil(lambda: composition.canvas.message is None)


@pytest.mark.parametrize("name", ["weights.pkl", "weights.ckpt", "model.pt"])
def test_a_file_that_could_run_programs_is_not_opened(
    studio: Studio, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    composition = studio.open()
    path = tmp_path / name
    path.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    composition.restoring.take(Dropped(paths=(path,)))
    qtbot.waitUntil(lambda: "was not opened" in composition.importing.page.said.text())


def test_a_recipe_of_a_missing_model_is_refused_and_nothing_changes(studio: Studio) -> None:
    composition = studio.open()
    before = _recipe(composition)
    other = fresh_recipe("cd" * 32, composition.models._random, psi=(0.7,) * 3)
    assert not composition.models.show_recipe(other)
    assert _recipe(composition) == before
    assert "not installed" in composition.window.toast.text


def test_every_command_does_something_and_stands_in_its_menu(studio: Studio) -> None:
    composition = studio.open()
    table = composition.window.actions_table
    assert [c.id for c in COMMANDS if c.scope != "held" and not table.has(c.id)] == []
    menus = [*composition.window.menus.values()]
    menus += [menu for outer in menus for menu in outer.findChildren(QMenu)]
    shown = {str(action.data()) for menu in menus for action in menu.actions()}
    assert {c.id for c in COMMANDS if c.menu} <= shown


def test_every_widget_that_takes_the_keyboard_has_a_name(studio: Studio) -> None:
    composition = studio.open()
    nameless = []
    for place in ("go_explore", "go_gallery"):
        press(composition, place)
        for widget in composition.window.findChildren(QWidget):
            if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisible():
                continue
            if widget.objectName() == "qt_spinbox_lineedit":  # its box has the name and the focus
                continue
            face = QAccessible.queryAccessibleInterface(widget)
            if face is not None and not face.text(QAccessible.Text.Name):
                nameless.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert not nameless


def test_tab_reaches_the_canvas_and_the_panels(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    composition.window.bar.picker.setFocus()
    seen = set()
    for _ in range(60):
        focused = QApplication.focusWidget()
        if focused is not None:
            seen.add(type(focused).__name__)
        composition.window.focusNextChild()
    assert "Canvas" in seen
    assert "FineSlider" in seen or "QSlider" in seen


def test_before_is_shown_as_long_as_its_key_is_held(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    _move_light(composition)
    qtbot.waitUntil(lambda: composition.window.actions_table.is_given("undo"))
    canvas = composition.canvas
    canvas.setFocus()
    QTest.keyPress(canvas, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: canvas.sheet.is_before_held and canvas.sheet.before is not None)
    QTest.keyRelease(canvas, Qt.Key.Key_B)
    assert not canvas.sheet.is_before_held


def test_canvas_only_hides_all_else_and_brings_it_back(studio: Studio) -> None:
    composition = studio.open()
    window = composition.window
    open_before = [key for key in ("styles", "latents") if window.docks.is_open(key)]
    press(composition, "canvas_only")
    assert not window.bar.isVisible()
    assert not any(window.docks.is_open(key) for key in open_before)
    press(composition, "canvas_only")
    assert window.bar.isVisible()
    assert [key for key in ("styles", "latents") if window.docks.is_open(key)] == open_before


def test_the_gallery_has_no_docks_and_comes_back_to_them(studio: Studio) -> None:
    composition = studio.open()
    window = composition.window
    press(composition, "go_gallery")
    assert window.bar.places.current == "gallery"
    assert not window.docks.is_open("latents")
    assert window.bar.new.isVisible()
    assert not window.bar.keep.isVisible()
    press(composition, "dice")
    assert window.bar.places.current == "explore"
    assert window.docks.is_open("latents")


def test_a_small_window_folds_the_docks_and_a_wide_one_unfolds_them(
    studio: Studio, qtbot: QtBot
) -> None:
    composition = studio.open()
    window = composition.window
    assert not window.docks.is_small
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: window.docks.is_small)
    together = window.tabifiedDockWidgets(window.docks.dock("latents"))
    assert len(together) == 4  # the walk lies below the canvas
    window.resize(*(1600, 1000))
    qtbot.waitUntil(lambda: not window.docks.is_small)


def test_a_small_window_remembers_its_own_docks(studio: Studio, qtbot: QtBot) -> None:
    first = studio.open(size=(1280, 720))
    assert first.window.docks.is_small
    press(first, "panel_walk")
    first.window.docks.dock("styles").close()
    studio.close()
    again = studio.open(size=(1280, 720))
    docks = again.window.docks
    assert docks.is_small
    assert docks.is_open("walk")
    assert not docks.is_open("styles")
    again.window.resize(1600, 1000)
    qtbot.waitUntil(lambda: not docks.is_small)
    assert docks.is_open("styles"), "a wide window has a layout of its own"


def test_the_tool_bar_fits_a_small_window(studio: Studio, qtbot: QtBot) -> None:
    window = studio.open().window
    bar = window.findChild(ToolBar)
    assert isinstance(bar, ToolBar)
    inside = bar.places.parentWidget()
    assert inside is not None
    window.resize(1000, 640)
    qtbot.waitUntil(lambda: bar.width() <= 1000)
    for place in ("gallery", "train", "explore"):
        bar.show_place(place)
        assert inside.minimumSizeHint().width() <= 1000
    assert bar.keep.isVisible()
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: bar.width() >= 1500)
    assert all(widget.isVisible() for widget in bar._spare)


def test_the_palette_finds_sliders_and_runs_commands(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    press(composition, "palette")
    box = composition.window.palette_box
    box.field.setText("storm")
    assert box.shown_entries()[0].text == "calm ↔ storm"
    box.field.setText("mirror")
    qtbot.keyClick(box.field, Qt.Key.Key_Return)
    assert composition.canvas.sheet.is_mirrored
    assert not box.isVisible()


def test_a_dropped_file_reaches_the_window_from_anywhere(
    studio: Studio, tmp_path: Path, qtbot: QtBot
) -> None:
    composition = studio.open()
    folder = tmp_path / "holiday"
    folder.mkdir()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder))])
    from studio.ui.canvas_drop import read_drop

    dropped = read_drop(mime)
    assert dropped is not None
    composition.window.dropped.emit(dropped)
    assert composition.window.place == "train"
    assert composition.train.desk.state.folder.source == folder


def test_chinese_reaches_menus_and_tool_bar(studio: Studio) -> None:
    from studio.ui.texts import set_language

    composition = studio.open(options=Options(language="zh_CN"))
    try:
        assert composition.window.menus["file"].title() == "文件"
        assert composition.window.bar.keep.text() == "收藏"
    finally:
        set_language("en")


def test_the_frame_time_opens_the_figures(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    moved = _move_light(composition)
    qtbot.waitUntil(lambda: composition.latencies.fulls.n >= 1)
    assert composition.latencies.fulls.p95_ms is not None
    assert _recipe(composition) == moved


def test_releasing_the_window_ends_what_was_held(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    composition.window.keyPressEvent(event)
    assert composition.window._held
    composition.window.keyReleaseEvent(
        QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
    )
    assert not composition.window._held
