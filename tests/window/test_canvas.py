"""The canvas: what is seen, and what the hand does to it."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.arrays import Picture
from studio.ui.canvas import Canvas, Painted
from studio.ui.canvas_drop import Dropped, read_drop
from studio.ui.canvas_message import Message
from studio.ui.drag_types import MIME_KEPT
from studio.ui.view_transform import to_picture


def plain(colour: tuple[int, int, int], side: int = 64) -> Picture:
    """Give a picture of one colour."""
    picture = np.empty((side, side, 3), np.uint8)
    picture[:] = colour
    picture.flags.writeable = False
    return picture


RED, BLUE = (200, 30, 30), (20, 40, 180)


@pytest.fixture
def canvas(qapp: QApplication, qtbot: QtBot) -> Canvas:
    found = Canvas()
    qtbot.addWidget(found)
    found.resize(600, 400)
    found.show()
    return found


def _colour(canvas: Canvas, place: QPoint) -> tuple[int, int, int]:
    colour = QColor(canvas.grab().toImage().pixel(place))
    return colour.red(), colour.green(), colour.blue()


def _wheel(canvas: Canvas, place: QPointF, notches: int) -> None:
    none = Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        place,
        canvas.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        none,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_the_picture_is_fitted_and_shown_in_its_own_colours(canvas: Canvas) -> None:
    canvas.set_picture(plain(RED))
    assert _colour(canvas, QPoint(300, 200)) == RED
    area = canvas.picture_area()
    assert area.height() == pytest.approx(400 - 48, abs=1)
    assert _colour(canvas, QPoint(5, 5)) not in (RED, (0, 0, 0))


def test_it_tells_once_when_a_picture_was_painted(canvas: Canvas, qtbot: QtBot) -> None:
    told: list[Painted] = []
    canvas.painted.connect(told.append)
    canvas.set_picture(plain(RED), request_id=7)
    qtbot.waitUntil(lambda: len(told) == 1)
    canvas.update()
    canvas.repaint()
    assert [painted.request_id for painted in told] == [7]


def test_the_wheel_zooms_at_the_pointer(canvas: Canvas) -> None:
    canvas.set_picture(plain(RED))
    place = QPointF(260, 150)
    view = canvas.view
    assert view is not None
    before = to_picture(view, (place.x(), place.y()))
    _wheel(canvas, place, 3)
    view = canvas.view
    assert view is not None
    after = to_picture(view, (place.x(), place.y()))
    assert after == pytest.approx(before)
    assert not canvas.is_fit


def test_a_preview_changes_neither_place_nor_zoom(canvas: Canvas) -> None:
    canvas.set_picture(plain(RED, 256))
    canvas.zoom(2.5, at=QPointF(200, 100))
    area = canvas.picture_area()
    canvas.set_picture(plain(BLUE, 64), is_preview=True)
    assert canvas.view is not None
    assert canvas.view.picture == (64, 64)
    assert canvas.picture_area().topLeft().toPoint() == area.topLeft().toPoint()
    assert canvas.picture_area().width() == pytest.approx(area.width(), abs=1)
    canvas.set_picture(plain(RED, 256))
    assert canvas.picture_area().width() == pytest.approx(area.width(), abs=1)


def test_a_hundred_percent_is_one_picture_pixel_on_one_screen_pixel(canvas: Canvas) -> None:
    canvas.set_picture(plain(RED, 128))
    canvas.set_scale(1.0)
    assert canvas.picture_area().width() * canvas.devicePixelRatioF() == 128


def test_the_middle_button_pans_and_the_picture_cannot_be_lost(
    canvas: Canvas, qtbot: QtBot
) -> None:
    canvas.set_picture(plain(RED))
    left = canvas.picture_area().left()
    qtbot.mousePress(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(300, 200))
    qtbot.mouseMove(canvas, QPoint(340, 200))
    qtbot.mouseRelease(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(340, 200))
    canvas.pan(QPointF(25, 0))
    assert canvas.picture_area().left() > left
    canvas.pan(QPointF(1e6, 1e6))
    assert canvas.picture_area().intersects(canvas.rect().toRectF())


def test_the_mirror_turns_the_view_and_not_the_picture(canvas: Canvas) -> None:
    half = np.zeros((64, 64, 3), np.uint8)
    half[:, :32], half[:, 32:] = RED, BLUE
    canvas.set_picture(half)
    assert _colour(canvas, QPoint(200, 200)) == RED
    canvas.set_mirrored(True)
    assert _colour(canvas, QPoint(200, 200)) == BLUE
    canvas.zoom(3, at=QPointF(500, 200))
    canvas.fit()
    assert _colour(canvas, QPoint(200, 200)) == BLUE


def test_before_is_shown_left_of_a_line_that_can_be_dragged(canvas: Canvas, qtbot: QtBot) -> None:
    wanted: list[bool] = []
    canvas.before_wanted.connect(wanted.append)
    canvas.set_picture(plain(RED))
    canvas.set_compared(True)
    assert wanted == [True]
    canvas.set_before(plain(BLUE))
    assert _colour(canvas, QPoint(200, 120)) == BLUE
    assert _colour(canvas, QPoint(400, 120)) == RED
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(canvas, QPoint(430, 200))
    qtbot.waitUntil(lambda: (canvas.sheet.wipe or 0) > 0.8)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(430, 200))
    assert _colour(canvas, QPoint(400, 120)) == BLUE
    canvas.set_compared(False)
    assert wanted == [True, False]


def test_the_last_picture_stays_while_a_message_is_shown(canvas: Canvas) -> None:
    canvas.set_picture(plain(RED))
    canvas.show_message(Message("The engine stopped.", button="Start again", wish="restart"))
    assert canvas.has_picture
    assert _colour(canvas, QPoint(300, 100)) == RED


def test_the_button_of_a_message_gives_its_wish(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.show_message(Message("Nothing here.", button="Open", wish="open", details="more"))
    asked: list[object] = []
    canvas.asked.connect(asked.append)
    qtbot.mouseClick(canvas._message._button, Qt.MouseButton.LeftButton)
    assert asked == ["open"]
    canvas.show_message(None)
    assert canvas.message is None


def test_dragging_the_picture_asks_to_hand_it_out(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_picture(plain(RED))
    with qtbot.waitSignal(canvas.drag_out_requested):
        qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
        qtbot.mouseMove(canvas, QPoint(310, 200))
        qtbot.mouseMove(canvas, QPoint(340, 200))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton)


def test_a_kept_picture_lights_the_zone_it_is_dropped_on(canvas: Canvas) -> None:
    canvas.set_picture(plain(RED))
    mime = QMimeData()
    mime.setData(MIME_KEPT, b"abc123")
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    told: list[Dropped] = []
    canvas.dropped.connect(told.append)
    area = canvas.picture_area()
    for share, zone in ((0.1, "coarse"), (0.5, "medium"), (0.9, "fine")):
        place = QPointF(area.left() + area.width() * share, area.center().y())
        enter = QDragEnterEvent(place, copy, mime, buttons, keys)
        QApplication.sendEvent(canvas, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(canvas, QDropEvent(place, copy, mime, buttons, keys))
        assert told[-1] == Dropped(kept="abc123", zone=zone)  # type: ignore[arg-type]
    outside = QPointF(2, 2)
    QApplication.sendEvent(canvas, QDragEnterEvent(outside, copy, mime, buttons, keys))
    QApplication.sendEvent(canvas, QDropEvent(outside, copy, mime, buttons, keys))
    assert told[-1].zone is None


def test_what_cannot_be_used_is_not_taken() -> None:
    mime = QMimeData()
    mime.setText("hello")
    assert read_drop(mime) is None
    mime.setUrls([QUrl("https://example.org/a.png")])
    assert read_drop(mime) is None


def test_a_large_picture_is_halved_and_not_skipped_over(canvas: Canvas) -> None:
    stripes = np.zeros((2048, 2048, 3), np.uint8)
    stripes[:, ::8] = 255  # looking at 2 × 2 pixels only would hit some stripes and miss others
    canvas.set_picture(stripes)
    seen = canvas.grab().toImage()
    row = [QColor(seen.pixel(x, 200)).red() for x in range(200, 400)]
    assert max(row) - min(row) < 60
    assert 20 < sum(row) / len(row) < 45
