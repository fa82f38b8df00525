"""Times from the hand to the screen, live in the status bar when the artist asks for them."""

from pytestqt.qtbot import QtBot

from studio.core.recipe import new_recipe
from tests.fakes.engine_client import FAKE_HASH
from tests.window.shell_parts import Studio, studio

__all__ = ["studio"]


def test_the_status_bar_tells_the_hands_time_on_request_and_the_engines_again(
    studio: Studio, qtbot: QtBot
) -> None:
    composition = studio.open()
    status = composition.window.status
    command = composition.window.actions_table.action("hand_time")

    def move(seed: int) -> None:
        composition.document.edit(new_recipe(FAKE_HASH, seed))
        with qtbot.waitSignal(composition.canvas.painted):
            pass

    move(1)
    assert "hand" not in status.time_button.text()
    command.trigger()
    assert command.isChecked()
    move(2)
    move(3)
    assert status.time_button.text().startswith("hand ")
    assert status.time_button.text().endswith(" 2/2")
    command.trigger()
    assert not command.isChecked()
    assert "hand" not in status.time_button.text()
    move(4)
    assert "hand" not in status.time_button.text()
