"""The slider under the hand: one gesture per drag, fine with Shift, no accidents with the wheel."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.fine_slider import FineSlider

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Told:
    def __init__(self, slider: FineSlider) -> None:
        self.log: list[object] = []
        slider.gesture_began.connect(lambda: self.log.append("began"))
        slider.gesture_ended.connect(lambda: self.log.append("ended"))
        slider.value_edited.connect(self.log.append)
        slider.default_requested.connect(lambda: self.log.append("default"))

    @property
    def numbers(self) -> list[float]:
        return [one for one in self.log if isinstance(one, float)]


@pytest.fixture
def slider(qtbot: QtBot) -> FineSlider:
    slider = FineSlider(-3.0, 3.0, name="Light", default=0.0)
    slider.show_number(0.0)
    qtbot.addWidget(slider)
    slider.resize(312, 20)
    slider.show()
    qtbot.waitExposed(slider)
    return slider


def test_a_drag_is_one_gesture(slider: FineSlider, qtbot: QtBot) -> None:
    told = Told(slider)
    start = slider.handle_centre()
    qtbot.mousePress(slider, LEFT, pos=start)
    for step in range(1, 6):
        qtbot.mouseMove(slider, start + QPoint(10 * step, 0))
    qtbot.mouseRelease(slider, LEFT, pos=start + QPoint(50, 0))
    assert told.log[0] == "began"
    assert told.log[-1] == "ended"
    assert told.log.count("began") == told.log.count("ended") == 1
    assert told.numbers[-1] == pytest.approx(1.0, abs=0.02)


def test_pressing_the_groove_goes_there(slider: FineSlider, qtbot: QtBot) -> None:
    qtbot.mouseClick(slider, LEFT, pos=QPoint(slider.width() - 6, 10))
    assert slider.number == pytest.approx(3.0, abs=0.02)


def test_shift_is_ten_times_finer(slider: FineSlider, qtbot: QtBot) -> None:
    start = slider.handle_centre()
    qtbot.mousePress(slider, LEFT, SHIFT, pos=start)
    for step in range(1, 51):  # one pixel at a time: hundredths must add up
        event_pos = start + QPoint(step, 0)
        _move(slider, event_pos, SHIFT)
    qtbot.mouseRelease(slider, LEFT, SHIFT, pos=start + QPoint(50, 0))
    assert slider.number == pytest.approx(0.1, abs=0.02)


def _move(slider: FineSlider, place: QPoint, modifiers: Qt.KeyboardModifier) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    where = QPointF(place)
    event = QMouseEvent(
        QEvent.Type.MouseMove, where, slider.mapToGlobal(where), LEFT, LEFT, modifiers
    )
    QApplication.sendEvent(slider, event)


def test_a_double_click_asks_for_the_default(slider: FineSlider, qtbot: QtBot) -> None:
    told = Told(slider)
    qtbot.mouseDClick(slider, LEFT, pos=slider.handle_centre())
    assert "default" in told.log


def test_a_number_from_elsewhere_is_not_told(slider: FineSlider) -> None:
    told = Told(slider)
    slider.show_number(2.5)
    slider.show_number(4.5)  # the box beside goes up to five
    assert slider.number == 4.5
    assert not told.log


def _turn(slider: QWidget, notches: int) -> QWheelEvent:
    place = QPointF(slider.rect().center())
    event = QWheelEvent(
        place, slider.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(slider, event)
    return event


def test_the_wheel_steps_a_tenth_but_only_in_focus(slider: FineSlider, qtbot: QtBot) -> None:
    slider.clearFocus()
    assert not _turn(slider, 1).isAccepted()
    assert slider.number == 0.0
    slider.setFocus()
    qtbot.waitUntil(slider.hasFocus)
    told = Told(slider)
    for _ in range(3):
        _turn(slider, 1)
    assert slider.number == pytest.approx(0.3)
    qtbot.waitUntil(lambda: told.log[-1] == "ended")
    assert told.log.count("began") == 1


@pytest.mark.parametrize(
    ("key", "modifier", "expected"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 0.1),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, -0.1),
        (Qt.Key.Key_Up, SHIFT, 0.01),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier, -1.0),
    ],
)
def test_the_keys_step(
    slider: FineSlider, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier, expected: float
) -> None:
    qtbot.keyClick(slider, key, modifier)
    assert slider.number == pytest.approx(expected)
    slider.clearFocus()


def test_a_screen_reader_knows_it(slider: FineSlider) -> None:
    assert slider.accessibleName() == "Light"
    slider.show_number(1.5)
    assert (slider.minimum(), slider.value(), slider.maximum()) == (-3000, 1500, 3000)
