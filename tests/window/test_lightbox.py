"""The lightbox: through the snapshots by hand and by keyboard, pins, opening, near copies."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from studio.app.snapshot_desk import SnapshotDesk, SnapshotWish
from studio.protocol.training_messages import SnapshotTaken
from studio.ui.lightbox import Lightbox
from studio.ui.lightbox_bar import FilmFrame, SnapshotBar
from studio.ui.score_words import say_number
from studio.ui.tile_paint import star_place
from tests.fakes.runs import colour_of, write_snapshot

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[SnapshotDesk]:
    desk = SnapshotDesk()
    snapshots = [write_snapshot(tmp_path, number) for number in range(4)]
    desk.show_run(tmp_path, snapshots=snapshots, best=2, num_planned=8)
    yield desk
    desk.finish()


@pytest.fixture
def box(desk: SnapshotDesk, qtbot: QtBot) -> Lightbox:
    box = Lightbox(desk)
    qtbot.addWidget(box)
    box.resize(1000, 900)
    box.show()
    qtbot.waitExposed(box)
    qtbot.waitUntil(lambda: _first_colour(box) == colour_of(3, 0))
    return box


def _first_colour(box: Lightbox, place: int = 0) -> tuple[int, int, int] | None:
    image = box.grid.tiles[place].image if box.grid.tiles else None
    if image is None:
        return None
    colour: QColor = image.pixelColor(image.width() // 2, image.height() // 2)
    return (colour.red(), colour.green(), colour.blue())


def test_the_newest_snapshot_is_shown_and_followed(
    box: Lightbox, desk: SnapshotDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    assert box.title.text() == "Snapshot 3"
    assert "6\N{NARROW NO-BREAK SPACE}000 images" in box.when.text()
    desk.take(SnapshotTaken(snapshot=write_snapshot(tmp_path, 4)))
    assert box.title.text() == "Snapshot 4"
    box.show_snapshot(1)
    desk.take(SnapshotTaken(snapshot=write_snapshot(tmp_path, 5)))
    assert box.title.text() == "Snapshot 1", "who looks at one is not taken away from it"
    box.show_snapshot(5)
    desk.take(SnapshotTaken(snapshot=write_snapshot(tmp_path, 6)))
    assert box.title.text() == "Snapshot 6"


def test_left_and_right_go_through_the_snapshots(box: Lightbox, qtbot: QtBot) -> None:
    told: list[object] = []
    box.snapshot_shown.connect(told.append)
    box.bar.setFocus()
    qtbot.keyClick(box.bar, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: _first_colour(box) == colour_of(2, 0))
    qtbot.keyClick(box.bar, Qt.Key.Key_Home)
    assert box.title.text() == "The start"
    qtbot.keyClick(box.bar, Qt.Key.Key_Left)
    qtbot.keyClick(box.bar, Qt.Key.Key_Right)
    assert told == [2, 0, 1]
    qtbot.keyClick(box.grid, Qt.Key.Key_End)
    assert box.title.text() == "Snapshot 3", "what the grid does not take goes to the bar"


def test_the_hand_drags_through_the_past_but_not_into_the_future(
    box: Lightbox, qtbot: QtBot
) -> None:
    bar = box.bar
    qtbot.mousePress(bar, LEFT, pos=bar.handle_centre(1).toPoint())
    assert box.title.text() == "Snapshot 1"
    qtbot.mouseMove(bar, QPoint(bar.width() - 2, 10))
    assert box.title.text() == "Snapshot 3"
    qtbot.mouseRelease(bar, LEFT, pos=QPoint(bar.width() - 2, 10))


def test_arrows_move_in_the_grid_and_the_film_follows_the_seed(box: Lightbox, qtbot: QtBot) -> None:
    opened: list[SnapshotWish] = []
    box.open_requested.connect(opened.append)
    box.grid.setFocus()
    qtbot.keyClick(box.grid, Qt.Key.Key_Right)
    qtbot.keyClick(box.grid, Qt.Key.Key_Down)
    qtbot.keyClick(box.grid, Qt.Key.Key_Up)
    qtbot.keyClick(box.grid, Qt.Key.Key_Down)
    assert box.grid.current == 6
    frames = box.bar.frames
    assert all(frame.image is not None for frame in frames)
    greens = [f.image.pixelColor(8, 8).green() for f in frames if f.image is not None]
    assert all(abs(green - colour_of(0, 6)[1]) <= 2 for green in greens)
    qtbot.keyClick(box.grid, Qt.Key.Key_Return)
    assert opened == [SnapshotWish(6000, 1.0, 6)]


def test_closer_and_freer_goes_along_with_what_is_opened(box: Lightbox, qtbot: QtBot) -> None:
    opened: list[SnapshotWish] = []
    kept: list[SnapshotWish] = []
    box.open_requested.connect(opened.append)
    box.keep_model_requested.connect(kept.append)
    box.foot.freedom.setFocus()
    for _ in range(5):
        qtbot.keyClick(box.foot.freedom, Qt.Key.Key_Right)
    qtbot.mouseClick(box.foot.open, LEFT)
    qtbot.mouseClick(box.foot.keep, LEFT)
    assert opened[0].nearness == pytest.approx(0.75)
    assert kept == [SnapshotWish(6000, opened[0].nearness)]
    box.show_snapshot(0)
    assert not box.foot.freedom.isEnabled(), "the start cannot be freer than itself"
    box.set_busy("Opening…")
    qtbot.mouseClick(box.foot.open, LEFT)
    qtbot.keyClick(box.grid, Qt.Key.Key_Return)
    assert len(opened) == 1


def test_the_star_pins_and_pins_are_shown(box: Lightbox, desk: SnapshotDesk, qtbot: QtBot) -> None:
    qtbot.mouseClick(box.kinds.button("pins"), LEFT)
    assert box.empty.isVisible()
    assert "star" in box.empty.sentence
    qtbot.mouseClick(box.kinds.button("same"), LEFT)
    place = star_place(box.grid.tile_rect(4)).center()
    qtbot.mouseClick(box.grid, LEFT, pos=place)
    assert desk.pins == (4,)
    assert box.grid.tiles[4].is_pinned
    with qtbot.waitSignal(desk.sheet_requested) as asked:
        qtbot.mouseClick(box.kinds.button("pins"), LEFT)
    assert asked.args[0].seeds == (4,)
    assert [tile.seed for tile in box.grid.tiles] == [4] or box.empty.isVisible()
    desk.sheet_failed()
    assert "could not be drawn" in box.empty.sentence


def test_scores_stand_beside_their_floor(box: Lightbox, desk: SnapshotDesk, tmp_path: Path) -> None:
    assert box.scores.text("likeness") == ("7.5", "real pictures: 1.2")
    assert box.scores.text("variety") == ("0.50", "density 0.75")
    assert box.scores.text("copies") == ("1.2 %", "of 256, at most 3.4 %")
    desk.take(SnapshotTaken(snapshot=write_snapshot(tmp_path, 4, is_scored=False)))
    assert box.scores.text("likeness") == ("–", "Being measured.")


def test_the_closest_are_shown_side_by_side(
    box: Lightbox, desk: SnapshotDesk, qtbot: QtBot
) -> None:
    assert box.foot.closest.text() == "Show the 2 closest"
    qtbot.mouseClick(box.foot.closest, LEFT)
    assert box.pairs.isVisible()
    model = box.pairs.model()
    spoken = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert spoken == ["Near copy hill.jpg", "0.31 away lake.jpg"]
    decoration = Qt.ItemDataRole.DecorationRole
    qtbot.waitUntil(lambda: isinstance(model.index(0, 0).data(decoration), tuple))
    qtbot.mouseClick(box.foot.closest, LEFT)
    assert box.grid.isVisible()


def test_without_snapshots_one_sentence_stands_there(desk: SnapshotDesk, box: Lightbox) -> None:
    desk.show_run(None)
    assert box.empty.sentence == "The first snapshot comes soon."
    assert not box.foot.open.isVisible()


@pytest.mark.parametrize(("num", "planned", "width"), [(1, 1, 800), (7, 40, 800), (90, 90, 300)])
def test_every_snapshot_has_a_cell_and_the_future_is_empty(
    num: int, planned: int, width: int, qtbot: QtBot
) -> None:
    bar = SnapshotBar()
    qtbot.addWidget(bar)
    bar.resize(width, bar.height())
    frames = [FilmFrame(number, None) for number in range(num)]
    bar.show_frames(frames, num_places=planned, best=0, place=num - 1)
    cells = bar.film_cells()
    assert [place for _, place in cells] == sorted({place for _, place in cells})
    assert cells[-1][1] == planned - 1
    assert cells[-1][0].right() <= width
    assert 0 <= bar.handle_centre(num - 1).x() <= width
    bar.grab()


def test_nothing_is_cut_in_a_small_window(box: Lightbox, qtbot: QtBot) -> None:
    box.resize(720, 560)
    qtbot.waitUntil(lambda: box.foot.width() <= 720)
    for button in (box.foot.closest, box.foot.keep, box.foot.open):
        assert button.width() >= button.sizeHint().width()
    assert box.foot.freedom.width() >= 40


def test_numbers_are_short() -> None:
    assert [say_number(x) for x in (0.0, 0.194, 2.44, 31.4)] == ["0", "0.19", "2.4", "31"]
