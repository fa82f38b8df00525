"""The Live panel, and messages that reach styles, the gallery and the walk; never anything else."""

import socket
from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from studio.compose import Composition, Options
from studio.core.osc import write_message
from studio.core.recipe import new_recipe
from studio.ui.live_panel import FIRST, LAST
from tests.fakes.engine_client import fake_directions
from tests.fakes.galleries import CARD, picture_of
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]


@pytest.fixture
def port() -> int:
    """Give a port that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def controller() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        yield found


def _send(controller: socket.socket, composition: Composition, address: str, *n: float) -> None:
    port = composition.live.desk.state.port
    controller.sendto(write_message(f"/studio/{address}", n), ("127.0.0.1", port))


def test_it_is_off_until_asked_for_and_says_what_it_hears(
    studio: Studio, controller: socket.socket, port: int, qtbot: QtBot
) -> None:
    composition = studio.open()
    assert composition.live.desk.state.port == 0
    press(composition, "panel_live")
    panel = composition.live.panel.content
    assert panel.said.text() == "Off. Nothing is received."
    panel.port.setValue(port)
    panel.listen.click()
    assert panel.said.text() == f"Listening on port {port}, to this computer only."
    assert composition.window.actions_table.action("live").isChecked()
    _send(controller, composition, "psi", 1.25)
    qtbot.waitUntil(lambda: composition.document.recipe.psi == (1.25,) * 3)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: panel.counts.text() == "1 understood · 0 refused · 0 sent")
    assert panel.last.text() == "Last: /studio/psi 1.25"
    panel.send.click()
    panel.listen.click()
    assert panel.said.text() == "Off. Nothing is received."
    assert composition.preferences.values.live.port == port
    studio.close()
    assert studio.open().live.desk.state.port == 0  # each session asks anew


def test_the_table_lists_every_address_with_the_sliders_names(studio: Studio) -> None:
    composition = studio.open()
    press(composition, "panel_live")
    panel = composition.live.panel.content
    assert panel.table.rowCount() == len(FIRST) + len(fake_directions()) + len(LAST)
    panel.copy.click()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert f"/studio/slider/1\t−3 … 3\t{fake_directions()[0].name}" in lines
    panel.table.selectRow(0)
    panel._copy_chosen()
    assert QGuiApplication.clipboard().text() == "/studio/seed\t0 … 2³¹−1\tSeed"
    QGuiApplication.clipboard().clear()


def test_messages_show_kept_pictures_of_this_model_and_play_the_walk(
    studio: Studio, controller: socket.socket, port: int, qtbot: QtBot
) -> None:
    composition = studio.open(options=Options(osc=port))
    press(composition, "keep")
    qtbot.waitUntil(lambda: len(composition.desk.items()) == 1)
    first = composition.document.recipe
    other = msgspec.structs.replace(CARD, model="cd" * 32)
    recipe = new_recipe(other.model, 3)  # the newest, but of a model that is not open
    composition.gallery.keep(picture_of(3), recipe, card=other, name="", provider="CPU")
    press(composition, "dice")
    press(composition, "walk_add")
    press(composition, "dice")
    press(composition, "walk_add")
    _send(controller, composition, "kept", 1)
    qtbot.waitUntil(lambda: composition.document.recipe == first)
    _send(controller, composition, "kept", 9)
    _send(controller, composition, "style/1")
    _send(controller, composition, "dice", 1)
    qtbot.waitUntil(lambda: composition.document.recipe not in (first, None))
    qtbot.waitUntil(lambda: not composition.document.is_in_gesture)
    qtbot.waitUntil(lambda: composition.walking.course.course is not None)
    _send(controller, composition, "walk/position", 0.5)
    qtbot.waitUntil(lambda: composition.walking.player.at_s > 0)
    _send(controller, composition, "walk/play", 1)
    qtbot.waitUntil(lambda: composition.walking.player.is_playing)
    _send(controller, composition, "walk/stop", 1)
    qtbot.waitUntil(lambda: not composition.walking.player.is_playing)


def test_a_port_that_is_taken_is_said_in_the_panel(studio: Studio) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        composition = studio.open(options=Options(osc=taken))
        panel = composition.live.panel.content
        assert panel.said.text().startswith(f"Port {taken} cannot be listened on")
        assert not panel.listen.isChecked()
