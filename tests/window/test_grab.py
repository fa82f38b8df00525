"""Grab and pull in the whole window: one drag is one step, and what came of it is said."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.compose import Composition
from studio.core.arrays import Picture
from studio.core.lever_weights import to_weights
from studio.core.recipe import Recipe, strength_of
from studio.protocol import messages as say
from tests.fakes import engine_client as fakes
from tests.fakes.engine_client import FakeEngineClient
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]

LEFT = Qt.MouseButton.LeftButton
ACROSS = f"{1:016x}"  # the fake model's first slider moves the spot to the right, 0.02 for a σ


def spot_picture(recipe: Recipe, size: int) -> Picture:
    """Draw a spot that the first slider moves; the others only darken."""
    x = 0.4 + 0.02 * strength_of(recipe, ACROSS)[0]
    dark = sum(edit.strength[0] for edit in recipe.edits if edit.direction != ACROSS)
    axis = (np.arange(size) + 0.5) / size
    shape = np.exp(-((axis - x) ** 2 + (axis[:, None] - 0.5) ** 2) / (2 * 0.05**2))
    levels = 60 + 150 * shape[..., None] * np.array([1.0, 0.6, 0.3]) - 4 * dark
    picture: Picture = np.clip(levels, 0, 255).astype(np.uint8)
    picture.flags.writeable = False
    return picture


def weigh(command: say.Command) -> say.Event | None:
    if not isinstance(command, say.WeighLevers):
        return None
    num = len(command.levers)
    nothing = np.zeros((num, num))
    weights = to_weights((0,) * num, base_Z=np.zeros(1), slope_M=nothing[0], gram_MM=nothing)
    return say.LeversWeighed(request_id=command.request_id, weights=weights)


@pytest.fixture
def composition(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Composition:
    monkeypatch.setattr(fakes, "fake_picture", spot_picture)
    engine = FakeEngineClient()
    engine.answer_side = weigh
    composition = studio.open(engine=engine)
    composition.latent_panel.editor.set_zones(("coarse",))
    press(composition, "grab")
    return composition


def mouse(
    composition: Composition,
    kind: QEvent.Type,
    x: float,
    *,
    y: float = 0.5,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Give the overlay a mouse event at a place of the picture."""
    area, overlay = composition.canvas.picture_area(), composition.grabbing.overlay
    point = QPointF(area.x() + x * area.width(), area.y() + y * area.height())
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else LEFT
    spot = QPointF(overlay.mapToGlobal(point))
    QApplication.sendEvent(overlay, QMouseEvent(kind, point, spot, LEFT, held, keys))


def pull(composition: Composition, *, to: float, y: float = 0.5) -> None:
    mouse(composition, QEvent.Type.MouseButtonPress, 0.4)
    mouse(composition, QEvent.Type.MouseMove, to, y=y)


def said(composition: Composition) -> str:
    return composition.grabbing.bar.said.full_text


def wait_for(qtbot: QtBot, composition: Composition, state: str) -> None:
    qtbot.waitUntil(lambda: composition.grabbing.desk.grabbed.state == state)


def test_a_pull_is_one_step_and_undo_takes_it_back(qtbot: QtBot, composition: Composition) -> None:
    document = composition.document
    before, num_states = document.recipe, len(document.history.nodes)
    pull(composition, to=0.45)
    mouse(composition, QEvent.Type.MouseButtonRelease, 0.45)
    wait_for(qtbot, composition, "there")
    assert said(composition) == "It came all the way."
    assert document.recipe is not None
    assert strength_of(document.recipe, ACROSS)[0] == pytest.approx(2.5, abs=0.5)
    assert strength_of(document.recipe, ACROSS)[1:] == (0.0, 0.0), "only the chosen zone"
    assert len(document.history.nodes) == num_states + 1
    assert not document.is_in_gesture
    press(composition, "undo")
    assert document.recipe == before
    assert composition.grabbing.desk.grabbed.state == "ready"


def test_where_the_sliders_cannot_move_it_one_sentence_says_so(
    qtbot: QtBot, composition: Composition
) -> None:
    num_states = len(composition.document.history.nodes)
    pull(composition, to=0.4, y=0.6)
    mouse(composition, QEvent.Type.MouseButtonRelease, 0.4, y=0.6)
    wait_for(qtbot, composition, "stuck")
    assert said(composition) == "The model's sliders cannot move this there."
    assert len(composition.document.history.nodes) == num_states


def test_it_says_how_far_it_came_when_a_slider_ends(qtbot: QtBot, composition: Composition) -> None:
    pull(composition, to=0.6)
    mouse(composition, QEvent.Type.MouseButtonRelease, 0.6)
    wait_for(qtbot, composition, "part")
    assert "% of the way; the model's sliders bring it no further" in said(composition)
    assert composition.grabbing.desk.grabbed.share == pytest.approx(0.5, abs=0.1)


def test_escape_takes_the_pull_back_and_then_lays_the_tool_down(
    qtbot: QtBot, composition: Composition
) -> None:
    before, num_states = composition.document.recipe, len(composition.document.history.nodes)
    pull(composition, to=0.45)
    qtbot.waitUntil(lambda: composition.document.recipe != before)
    qtbot.keyClick(composition.canvas, Qt.Key.Key_Escape)
    assert composition.document.recipe == before
    assert len(composition.document.history.nodes) == num_states
    assert composition.window.actions_table.action("grab").isChecked()
    qtbot.keyClick(composition.canvas, Qt.Key.Key_Escape)
    assert not composition.window.actions_table.action("grab").isChecked()
    assert composition.grabbing.overlay.isHidden()
    assert composition.grabbing.bar.isHidden()


def test_a_change_from_elsewhere_ends_the_pull(qtbot: QtBot, composition: Composition) -> None:
    before = composition.document.recipe
    pull(composition, to=0.45)
    qtbot.waitUntil(lambda: composition.document.recipe != before)
    press(composition, "dice")
    after = composition.document.recipe
    assert not composition.grabbing.desk.is_pulling
    mouse(composition, QEvent.Type.MouseMove, 0.5)
    mouse(composition, QEvent.Type.MouseButtonRelease, 0.5)
    assert composition.document.recipe == after


def test_shift_and_a_click_put_a_pin_and_take_it_away(composition: Composition) -> None:
    desk, shift = composition.grabbing.desk, Qt.KeyboardModifier.ShiftModifier
    mouse(composition, QEvent.Type.MouseButtonPress, 0.7, keys=shift)
    assert desk.grabbed.pins
    assert not composition.grabbing.bar.unpin.isHidden()
    mouse(composition, QEvent.Type.MouseButtonPress, 0.702, keys=shift)
    assert not desk.grabbed.pins


def test_brush_and_grab_are_never_both_in_the_hand(composition: Composition) -> None:
    press(composition, "paint_keep")
    assert not composition.window.actions_table.action("grab").isChecked()
    press(composition, "grab")
    assert not composition.window.actions_table.action("paint_keep").isChecked()


def test_the_fine_zone_alone_and_a_flat_place_say_why_nothing_moves(
    qtbot: QtBot, composition: Composition
) -> None:
    mouse(composition, QEvent.Type.MouseButtonPress, 0.9, y=0.1)
    wait_for(qtbot, composition, "flat")
    assert said(composition).startswith("There is nothing to hold on to here.")
    composition.latent_panel.editor.set_zones(("fine",))
    mouse(composition, QEvent.Type.MouseButtonPress, 0.4)
    assert said(composition).startswith("The fine zone only colours.")
    assert not composition.document.is_in_gesture
