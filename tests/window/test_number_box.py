"""The number beside a slider: a true minus, either comma, told once."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.ui.number_box import NumberBox


@pytest.fixture
def box(qtbot: QtBot) -> NumberBox:
    box = NumberBox(-5, 5, name="Mist", is_signed=True)
    qtbot.addWidget(box)
    box.show()
    return box


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0.0"), (1, "+1.0"), (-1, "−1.0"), (0.25, "+0.25"), (-0.001, "0.0"), (5, "+5.0")],
)
def test_it_shows_signs(box: NumberBox, number: float, text: str) -> None:
    box.show_number(1.7)
    box.show_number(number)
    assert box.text() == text


@pytest.mark.parametrize(
    ("typed", "number"), [("-1.5", -1.5), ("−1.5", -1.5), ("+2", 2), ("0,5", 0.5)]
)
def test_it_reads_what_people_type(box: NumberBox, qtbot: QtBot, typed: str, number: float) -> None:
    told: list[float] = []
    box.number_edited.connect(told.append)
    box.selectAll()
    box.lineEdit().insert(typed)  # QTest types ASCII only
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert told == [number]


@pytest.mark.parametrize("typed", ["nan", "inf", "abc", "1e9", "99", "--"])
def test_nonsense_changes_nothing(box: NumberBox, qtbot: QtBot, typed: str) -> None:
    box.show_number(1.0)
    told: list[float] = []
    box.number_edited.connect(told.append)
    box.selectAll()
    qtbot.keyClicks(box, typed)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert all(-5 <= number <= 5 for number in told)


def test_a_number_from_elsewhere_is_not_told(box: NumberBox) -> None:
    told: list[float] = []
    box.number_edited.connect(told.append)
    box.show_number(2.0)
    assert not told
