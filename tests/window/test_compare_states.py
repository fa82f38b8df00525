"""Two states of the history side by side, with what differs in words."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core.breeding import Sheet, recipe_on
from studio.core.mixing import with_mix, with_source_b
from studio.core.recipe import Source, new_recipe, with_edit
from studio.ui.difference_words import say_differences
from tests.fakes.engine_client import FAKE_HASH
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]
LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
DAWN, CALM = "1" * 16, "2" * 16


def test_every_kind_of_difference_has_its_line() -> None:
    one = new_recipe(FAKE_HASH, 7)
    names = {DAWN: "dawn", CALM: "calm"}
    assert say_differences(one, one, names=names) == []
    other = with_edit(one, DAWN, strength=(2.0, 2.0, 2.0))
    other = with_edit(other, CALM, strength=(0.0, 0.0, -1.0))
    assert say_differences(one, other, names=names) == [
        "dawn 0.0 → +2.0",
        "calm 0.0 → −1.0 (Fine)",
    ]
    assert say_differences(one, other, names=names, units={DAWN: 2.0})[0] == "dawn 0.0 → +1.0"
    assert say_differences(one, new_recipe(FAKE_HASH, 8, psi=0.5), names=names) == [
        "Seed 7 → Seed 8",
        "Truncation 0.70 → 0.50",
    ]
    two = with_source_b(one, Source(seed=9))
    assert say_differences(two, with_mix(two, 0.4, zones=("fine",)), names=names) == [
        "Fine: 0 % → 40 % from B"
    ]
    foreign = say_differences(one, new_recipe("cd" * 32, 7), names=names)
    assert foreign == ["Another model"]


def test_two_states_chosen_in_the_history_are_shown_and_one_is_gone_to(
    studio: Studio, qtbot: QtBot
) -> None:
    composition = studio.open()
    document, panel = composition.document, composition.history_panel
    page, window = composition.comparing.page, composition.window
    first = document.recipe
    assert first is not None
    document.edit(new_recipe(FAKE_HASH, 71))
    child = recipe_on(Sheet("nearby", FAKE_HASH, parents=(first,)), 3, directions=())
    document.edit(child, made_from=(first,))

    def click(row: int, *, keys: Qt.KeyboardModifier = CONTROL) -> None:
        place = panel.view.visualRect(panel.model.index(row)).center()
        qtbot.mouseClick(panel.view.viewport(), LEFT, keys, pos=place)

    click(2)
    assert window.page == "compare"
    states = [side.state for side in page.sides]
    assert [state.recipe for state in states if state] == [first, child]
    assert states[1] is not None
    assert states[1].name == "Variation"
    assert states[1].when.endswith("on the canvas")
    click(1)
    states = [side.state for side in page.sides]
    assert [state.recipe for state in states if state] == [first, new_recipe(FAKE_HASH, 71)]
    assert "Seed 71" in page.lines.text()
    page.grab()
    qtbot.mouseClick(page.sides[0].picture, LEFT)
    assert (window.page, document.recipe) == ("", first)
    click(1)
    click(1)
    assert window.page == "", "what was chosen twice is chosen no more"
    click(0, keys=Qt.KeyboardModifier.NoModifier)
    press(composition, "compare_states")
    assert [side.state.recipe for side in page.sides if side.state] == [
        new_recipe(FAKE_HASH, 71),
        child,
    ]
    document.undo()
    assert window.page == "", "the canvas shows what was gone to"
