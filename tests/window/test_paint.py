"""The brush on the canvas, the regions and the frame, in the whole window."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.compose import Composition
from studio.core.mask import mask_from_text
from studio.core.recipe import Recipe, Region, new_recipe, plain
from studio.core.recipe_json import recipe_to_json
from studio.ui.canvas_drop import Dropped
from studio.ui.paint_overlay import PaintOverlay
from tests.fakes.engine_client import FAKE_HASH
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def composition(studio: Studio) -> Composition:
    return studio.open()


def recipe_of(composition: Composition) -> Recipe:
    recipe = composition.document.recipe
    assert recipe is not None
    return recipe


def regions_of(composition: Composition) -> tuple[Region, ...]:
    return recipe_of(composition).regions


def overlay_of(composition: Composition) -> PaintOverlay:
    found = composition.canvas.findChild(PaintOverlay)
    assert isinstance(found, PaintOverlay)
    return found


def at(composition: Composition, x: float, y: float) -> QPointF:
    """Give the point of the canvas at a place of the picture."""
    area = composition.canvas.picture_area()
    return QPointF(area.x() + x * area.width(), area.y() + y * area.height())


def mouse(
    composition: Composition,
    kind: QEvent.Type,
    place: QPointF,
    button: Qt.MouseButton = LEFT,
) -> None:
    overlay = overlay_of(composition)
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    spot = QPointF(overlay.mapToGlobal(place))
    event = QMouseEvent(kind, place, spot, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(overlay, event)


def stroke(composition: Composition, *places: tuple[float, float]) -> None:
    first, *others = [at(composition, *place) for place in places]
    mouse(composition, QEvent.Type.MouseButtonPress, first)
    for place in others:
        mouse(composition, QEvent.Type.MouseMove, place)
    mouse(composition, QEvent.Type.MouseButtonRelease, (others or [first])[-1])


def pen(
    composition: Composition, kind: QEvent.Type, place: QPointF, *, pressure: float, is_eraser: bool
) -> None:
    overlay = overlay_of(composition)
    end = QPointingDevice.PointerType.Eraser if is_eraser else QPointingDevice.PointerType.Pen
    device = QPointingDevice(
        "pen", 7, QInputDevice.DeviceType.Stylus, end, QInputDevice.Capability.Pressure, 1, 2
    )
    is_up = kind == QEvent.Type.TabletRelease
    held = Qt.MouseButton.NoButton if is_up else LEFT
    spot = QPointF(overlay.mapToGlobal(place))
    modifiers = Qt.KeyboardModifier.NoModifier
    event = QTabletEvent(
        kind, device, place, spot, pressure, 0.0, 0.0, 0.0, 0.0, 0, modifiers, LEFT, held
    )
    QApplication.sendEvent(overlay, event)


def pen_stroke(
    composition: Composition, *places: tuple[float, float], pressure: float, is_eraser: bool = False
) -> None:
    first, *others = [at(composition, *place) for place in places]
    pen(composition, QEvent.Type.TabletPress, first, pressure=pressure, is_eraser=is_eraser)
    for place in others:
        pen(composition, QEvent.Type.TabletMove, place, pressure=pressure, is_eraser=is_eraser)
    pen(composition, QEvent.Type.TabletRelease, first, pressure=0.0, is_eraser=is_eraser)


def test_without_the_brush_the_canvas_is_as_before(composition: Composition) -> None:
    assert overlay_of(composition).isHidden()


def test_the_mouse_paints_where_it_is_and_undo_takes_the_stroke_back(
    composition: Composition,
) -> None:
    before = recipe_of(composition)
    press(composition, "paint_mix")
    stroke(composition, (0.25, 0.5), (0.75, 0.5))
    (painted,) = regions_of(composition)
    mask = mask_from_text(painted.mask)
    assert painted.kind == "mix"
    assert (mask[64, 34:94] == 255).all()
    assert mask[:30].max() == 0
    assert len(composition.painting.panel.regions.rows) == 1
    press(composition, "undo")
    assert recipe_of(composition) == before
    assert len(composition.painting.panel.regions.rows) == 0


def test_what_was_kept_holds_the_recipe_of_then(composition: Composition, qtbot: QtBot) -> None:
    press(composition, "paint_keep")
    then = plain(recipe_of(composition))
    stroke(composition, (0.5, 0.5))
    press(composition, "dice")
    (kept,) = regions_of(composition)
    assert kept.kind == "keep"
    assert kept.recipe == then
    assert plain(recipe_of(composition)) != then


def test_a_pen_paints_by_its_pressure_and_its_other_end_rubs_out(composition: Composition) -> None:
    press(composition, "paint_mix")
    composition.painting.panel.hand.change_brush(size=0.5)
    pen_stroke(composition, (0.3, 0.3), pressure=0.3)
    thin = int((mask_from_text(regions_of(composition)[0].mask) > 127).sum())
    pen_stroke(composition, (0.7, 0.7), pressure=1.0)
    both = int((mask_from_text(regions_of(composition)[0].mask) > 127).sum())
    assert both - thin > 4 * thin
    pen_stroke(composition, (0.7, 0.7), pressure=1.0, is_eraser=True)
    left = int((mask_from_text(regions_of(composition)[0].mask) > 127).sum())
    assert left <= thin


def test_the_middle_button_and_space_still_move_the_picture(composition: Composition) -> None:
    press(composition, "paint_mix")
    middle = Qt.MouseButton.MiddleButton
    place = at(composition, 0.5, 0.5)
    mouse(composition, QEvent.Type.MouseButtonPress, place, middle)
    mouse(composition, QEvent.Type.MouseMove, place + QPointF(20, 0), middle)
    mouse(composition, QEvent.Type.MouseButtonRelease, place, middle)
    assert not composition.canvas.is_fit
    composition.canvas.fit()
    composition.canvas.hold_pan(True)
    stroke(composition, (0.5, 0.5), (0.6, 0.5))
    composition.canvas.hold_pan(False)
    assert regions_of(composition) == ()


def test_escape_lays_the_brush_down(composition: Composition, qtbot: QtBot) -> None:
    press(composition, "paint_keep")
    assert composition.window.actions_table.action("paint_keep").isChecked()
    qtbot.keyClick(composition.canvas, Qt.Key.Key_Escape)
    assert overlay_of(composition).isHidden()
    assert not composition.window.actions_table.action("paint_keep").isChecked()
    press(composition, "paint_keep")
    qtbot.keyClick(composition.painting.panel.tools.modes.button("keep"), Qt.Key.Key_Escape)
    assert overlay_of(composition).isHidden()


def test_the_keys_change_the_brush(composition: Composition) -> None:
    hand = composition.painting.panel.hand
    size = hand.brush.size
    press(composition, "brush_larger")
    assert hand.brush.size > size
    assert composition.painting.panel.tools.extent.slider.number == pytest.approx(hand.brush.size)
    press(composition, "brush_smaller")
    assert hand.brush.size == pytest.approx(size)
    press(composition, "paint_erase")
    assert hand.brush.is_eraser
    assert hand.mode == "mix"


def test_regions_are_named_hidden_turned_and_removed(
    composition: Composition, qtbot: QtBot
) -> None:
    press(composition, "paint_mix")
    stroke(composition, (0.5, 0.5))
    panel = composition.painting.panel.regions
    row = panel.rows[0]
    row.renamed.emit("the sky")
    assert regions_of(composition)[0].name == "the sky"
    assert row.name_field.text == "the sky"
    qtbot.mouseClick(row.eye, LEFT)
    assert not regions_of(composition)[0].is_visible
    qtbot.mouseClick(row.dice, LEFT)
    qtbot.mouseClick(panel.invert, LEFT)
    assert mask_from_text(regions_of(composition)[0].mask)[0, 0] == 255
    panel.strength.edited.emit(0.5)
    assert regions_of(composition)[0].strength == 0.5
    press(composition, "region_new")
    stroke(composition, (0.2, 0.2))
    assert len(regions_of(composition)) == 2
    qtbot.mouseClick(panel.rows[0].name_field, LEFT)
    assert composition.painting.panel.editor.chosen == 0
    qtbot.keyClick(panel.rows[0], Qt.Key.Key_Delete)
    assert len(regions_of(composition)) == 1


def test_a_picture_dropped_on_a_region_is_shown_there(composition: Composition) -> None:
    press(composition, "paint_mix")
    stroke(composition, (0.5, 0.5))
    other = new_recipe(FAKE_HASH, 99)
    dropped = Dropped(recipe=recipe_to_json(other).encode())
    overlay_of(composition).dropped_on.emit(dropped, 0)
    assert regions_of(composition)[0].recipe == other
    overlay_of(composition).dropped_on.emit(dropped, -1)
    assert recipe_of(composition) == other


def test_a_tile_is_shown_three_by_three(composition: Composition, qtbot: QtBot) -> None:
    form = composition.painting.panel.form
    form.tiles.set_current("both")
    frame = recipe_of(composition).frame
    assert frame is not None
    assert frame.tile == "both"
    qtbot.waitUntil(lambda: composition.pictures.latest.recipe == recipe_of(composition))  # type: ignore[union-attr]
    press(composition, "repeats")
    image = composition.canvas.sheet.image
    assert image is not None
    assert (image.width(), image.height()) == (384, 384)
    assert form.repeats.isChecked()
    press(composition, "paint_mix")
    stroke(composition, (0.5, 0.5))  # the middle of the middle one
    assert mask_from_text(regions_of(composition)[0].mask)[64, 64] == 255
    press(composition, "repeats")
    assert composition.canvas.sheet.image.width() == 128  # type: ignore[union-attr]


def test_the_frame_is_shown_and_changed(composition: Composition, qtbot: QtBot) -> None:
    form = composition.painting.panel.form
    form.shapes.activated.emit(2)
    frame = recipe_of(composition).frame
    assert frame is not None
    assert frame.size == (8, 4)
    assert form.shapes.currentIndex() == 2
    qtbot.mouseClick(form.dice, LEFT)
    assert recipe_of(composition).frame != frame
    form.same.setChecked(True)
    assert recipe_of(composition).frame.beyond is None  # type: ignore[union-attr]
    press(composition, "swap_sides")
    assert form.mirrored.isChecked()
    for _ in range(5):
        press(composition, "undo")
    assert recipe_of(composition).frame is None
    assert not form.mirrored.isChecked()
    press(composition, "tile_next")
    assert form.tiles.current == "x"


def test_a_model_that_can_only_make_squares_says_so(composition: Composition) -> None:
    form = composition.painting.panel.form
    form.set_possible(False)
    assert not form.tiles.isEnabled()
    assert not form.shapes.isEnabled()
    assert form.mirrored.isEnabled()


def test_the_outline_follows_the_mirror(composition: Composition) -> None:
    press(composition, "paint_mix")
    stroke(composition, (0.2, 0.5))
    overlay = overlay_of(composition)
    region = regions_of(composition)[0]
    size = composition.canvas.picture_area().size().toSize()
    before = middle_of_line(overlay._outline_of(region.mask, size))
    press(composition, "mirror")
    after = middle_of_line(overlay._outline_of(region.mask, size))
    assert before < 0.3
    assert before + after == pytest.approx(1, abs=0.02)


def middle_of_line(image: QImage) -> float:
    """Give where the outline lies, in parts of the width."""
    raw = np.frombuffer(image.constBits(), dtype=np.uint8)
    alpha = raw.reshape(image.height(), image.width(), 4)[:, :, 3]
    return float(np.nonzero(alpha == 255)[1].mean() / image.width())
