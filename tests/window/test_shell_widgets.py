"""The small parts of the shell: palette, shortcuts, picker, status bar, toast, icons."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from studio.files.places import resources
from studio.ui import tool_bar
from studio.ui.actions import Actions
from studio.ui.command_palette import CommandPalette, Entry, PaletteModel
from studio.ui.commands import COMMANDS
from studio.ui.icon_button import IconButton
from studio.ui.icons import pixmap
from studio.ui.latency import LatencyLog
from studio.ui.model_picker import ModelChoice, ModelChoices, ModelPicker
from studio.ui.segments import Segments
from studio.ui.shortcuts_sheet import ShortcutsSheet
from studio.ui.status_bar import LatencyPanel, StatusBar
from studio.ui.theme import THEMES, make_palette
from studio.ui.toast import Toast


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot) -> QWidget:
    found = QWidget()
    qtbot.addWidget(found)
    found.resize(900, 600)
    found.show()
    return found


@pytest.fixture
def actions(window: QWidget) -> Iterator[Actions]:
    found = Actions(window)
    done: list[str] = []
    for command in COMMANDS:
        if command.scope != "held":
            found.connect_command(command.id, partial(done.append, command.id))
    found.done = done  # type: ignore[attr-defined]
    yield found
    found.deleteLater()


# ---------------------------------------------------------------- actions


def test_a_command_runs_once_and_is_remembered(actions: Actions) -> None:
    actions.give("undo", True)
    actions.action("undo").trigger()
    actions.action("shortcuts").trigger()
    assert actions.done == ["undo", "shortcuts"]  # type: ignore[attr-defined]
    assert actions.recent() == ("shortcuts", "undo")


def test_what_is_not_possible_is_not_done(actions: Actions) -> None:
    assert not actions.action("keep").isEnabled()
    actions.give("picture", True)
    assert actions.action("keep").isEnabled()
    actions.give("picture", False)
    actions.action("keep").trigger()
    assert actions.done == []  # type: ignore[attr-defined]


def test_a_key_taken_from_a_command_is_lost_there(actions: Actions) -> None:
    told: list[dict[str, tuple[str, ...]]] = []
    actions.keys_changed.connect(told.append)
    actions.set_keys("fit", ["W"])
    assert actions.keys("wall") == ()
    assert actions.action("fit").shortcut() == QKeySequence("W")
    assert told[-1] == {"wall": (), "fit": ("W",)}
    actions.reset_keys()
    assert actions.keys("wall") == ("W",)
    assert actions.action("wall").shortcut() == QKeySequence("W")


def test_keys_from_an_older_program_are_ignored(window: QWidget) -> None:
    found = Actions(window, keys={"gone": ("X",), "fit": ("F",)})
    found.connect_command("fit", lambda: None)
    assert found.keys("fit") == ("F",)
    found.deleteLater()


# ---------------------------------------------------------------- shortcuts sheet


def test_the_sheet_takes_a_new_key_and_tells_whose_it_was(
    actions: Actions, window: QWidget, qtbot: QtBot
) -> None:
    sheet = ShortcutsSheet(actions, parent=window)
    qtbot.addWidget(sheet)
    sheet.show()
    button = sheet.button("fit")
    button.click()
    QTest.keyClick(button, Qt.Key.Key_W)
    assert actions.keys("fit") == ("W",)
    assert "Wall of new pictures" in sheet.said
    assert button.text() == "W"
    button.click()
    QTest.keyClick(button, Qt.Key.Key_Escape)
    assert actions.keys("fit") == ("W",)
    button.click()
    QTest.keyClick(button, Qt.Key.Key_Delete)
    assert actions.keys("fit") == ()


def test_the_sheet_can_be_searched(actions: Actions, window: QWidget, qtbot: QtBot) -> None:
    sheet = ShortcutsSheet(actions, parent=window)
    qtbot.addWidget(sheet)
    sheet.show()
    everything = sheet.num_shown()
    sheet.field.setText("mirror")
    assert 0 < sheet.num_shown() < everything
    sheet.field.clear()
    assert sheet.num_shown() == everything


# ---------------------------------------------------------------- palette


def test_the_palette_is_steered_by_the_keyboard(window: QWidget, qtbot: QtBot) -> None:
    box = CommandPalette(window)
    chosen: list[object] = []
    box.chosen.connect(chosen.append)
    entries = [
        Entry("a", "Alpha"),
        Entry("b", "Beta", is_possible=False),
        Entry("c", "Gamma"),
    ]
    box.open(entries, recent=("c",))
    assert [entry.key for entry in box.shown_entries()] == ["c", "a", "b"]
    qtbot.keyClick(box.field, Qt.Key.Key_Down)
    qtbot.keyClick(box.field, Qt.Key.Key_Return)
    assert chosen == ["a"]
    box.open(entries, recent=())
    box.field.setText("beta")
    qtbot.keyClick(box.field, Qt.Key.Key_Return)
    assert chosen == ["a"], "what is not possible cannot be chosen"
    qtbot.keyClick(box.field, Qt.Key.Key_Escape)
    assert not box.isVisible()


# ---------------------------------------------------------------- models


CHOICES = (
    ModelChoice(Path("/a"), "Landscapes", "GAN · 256 px", is_open=True),
    ModelChoice(Path("/b"), "Cats", "GAN · 64 px"),
    ModelChoice(Path("/c"), "broken", problem="“mapping.onnx” is missing. Install it again."),
)


def test_the_picker_opens_usable_models_only(window: QWidget, qtbot: QtBot) -> None:
    picker = ModelPicker(window)
    picker.show_model("Landscapes", "256 px")
    picker.set_choices(CHOICES)
    chosen: list[object] = []
    picker.model_chosen.connect(chosen.append)
    assert "Landscapes" in picker.accessibleName()
    for steps, expected in ((1, [Path("/b")]), (2, [Path("/b")])):
        picker.open_list()
        view = picker.list_widget._list
        for _ in range(steps):
            qtbot.keyClick(view, Qt.Key.Key_Down)
        qtbot.keyClick(view, Qt.Key.Key_Return)
        assert chosen == expected
    picker.list_widget.close()


def test_a_long_name_does_not_push_the_tools_away(window: QWidget) -> None:
    picker = ModelPicker(window)
    picker.show_model("A model with a name that never seems to come to its end" * 3, "256 px")
    assert picker.width() < 400


@pytest.mark.parametrize("kind", ["palette", "models"])
def test_the_lists_keep_qt_s_rules(
    qapp: QApplication, qtmodeltester: ModelTester, kind: str
) -> None:
    model: QAbstractItemModel
    if kind == "palette":
        model = entries = PaletteModel()
        entries.set_entries([Entry("a", "Alpha"), Entry("b", "Beta")])
    else:
        model = choices = ModelChoices()
        choices.set_choices(CHOICES)
    qtmodeltester.check(model)


# ---------------------------------------------------------------- status bar, toast


def test_the_status_bar_says_how_things_are(qapp: QApplication, qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_saved("Everything is saved")
    bar.show_size(256, 256)
    bar.show_zoom(3.341)
    bar.show_provider("CUDA")
    bar.show_time(6.84)
    assert bar.words == "Everything is saved · 256 × 256 · 334 % · GPU · CUDA"
    assert bar.time_button.text() == "6.8 ms"
    bar.show_provider("CPU", reason="Running on the CPU: no driver.")
    assert bar.provider_reason == "Running on the CPU: no driver."


def test_the_latency_panel_tells_both_figures(qapp: QApplication, qtbot: QtBot) -> None:
    from studio.core.recipe import new_recipe

    log = LatencyLog()
    panel = LatencyPanel(log)
    qtbot.addWidget(panel)
    panel.open_above(panel.pos(), engine_ms=5.0, provider="CPU")
    assert "nothing measured yet" in panel.words
    recipe = new_recipe("ab" * 32, 1)
    log.ask(recipe, 1.0)
    log.arrive(recipe, request_id=1, is_preview=False)
    log.paint(1, 1.030)
    panel.open_above(panel.pos(), engine_ms=5.0, provider="CPU")
    assert "within 30 ms" in panel.words
    panel.close()


def test_a_toast_goes_by_itself_and_its_button_works(window: QWidget, qtbot: QtBot) -> None:
    toast = Toast(window)
    done: list[bool] = []
    toast.say("Kept.", button="Undo", do=lambda: done.append(True))
    assert toast.text == "Kept."
    assert toast.geometry().bottom() < window.height()
    qtbot.mouseClick(toast.button, Qt.MouseButton.LeftButton)
    assert done == [True]
    assert toast.text == ""
    toast._timer.setInterval(10)
    toast.say("Again.")
    qtbot.waitUntil(lambda: toast.text == "")


def test_a_toast_stays_in_the_corner_of_a_resized_window(window: QWidget, qtbot: QtBot) -> None:
    toast = Toast(window)
    toast.say("A sentence that is rather long and has to be shown in a narrow window. " * 2)
    window.resize(400, 300)
    qtbot.waitUntil(lambda: toast.geometry().bottom() < 300)
    assert toast.geometry().right() < 400
    toast.close_now()


# ---------------------------------------------------------------- small widgets


def test_segments_tell_only_changes(qapp: QApplication, qtbot: QtBot) -> None:
    row = Segments((("a", "Alpha"), ("b", "Beta")))
    qtbot.addWidget(row)
    told: list[object] = []
    row.current_changed.connect(told.append)
    qtbot.mouseClick(row.button("b"), Qt.MouseButton.LeftButton)
    row.set_current("b")
    assert told == ["b"]
    assert row.current == "b"


def test_every_icon_that_is_named_is_there() -> None:
    names = {command.icon for command in COMMANDS if command.icon}
    names |= {tool_bar._icon_of(name) for group in tool_bar._ICON_BUTTONS for name in group}
    names |= {"close", "chevron-down", "check", "warning", "star-filled", "reset", "search"}
    missing = sorted(n for n in names if not (resources() / "icons" / f"{n}.svg").is_file())
    assert not missing


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_icons_take_the_colour_and_the_pixels_of_the_screen(
    qapp: QApplication, ratio: float
) -> None:
    drawn = pixmap("keep", size=20, colour="#ff0000", ratio=ratio)
    assert drawn.width() == 20 * ratio
    image = drawn.toImage()
    seen = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 200
    }
    assert seen == {"#ff0000"}


def test_an_icon_button_follows_the_theme(qapp: QApplication, qtbot: QtBot) -> None:
    button = IconButton("star", "Star")
    qtbot.addWidget(button)
    button.setPalette(make_palette(THEMES["dark"]))
    dark = button.icon().pixmap(20).toImage()
    button.setPalette(make_palette(THEMES["light"]))
    assert button.icon().pixmap(20).toImage() != dark
    assert button.accessibleName() == button.toolTip() == "Star"
