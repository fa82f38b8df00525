"""The desk gives each snapshot's own pictures, and asks for sheets of other seeds only when missing."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from studio.app.run_pins import PINS_FILE
from studio.app.snapshot_desk import FILM_TILE_PX, SnapshotDesk
from studio.core.snapshot import Snapshot
from studio.protocol.training_messages import SheetJob, SnapshotTaken
from tests.fakes.runs import colour_of, write_sheet, write_snapshot


@pytest.fixture
def snapshots(tmp_path: Path) -> list[Snapshot]:
    return [write_snapshot(tmp_path, number) for number in range(3)]


@pytest.fixture
def desk(tmp_path: Path, snapshots: list[Snapshot], qtbot: QtBot) -> Iterator[SnapshotDesk]:
    desk = SnapshotDesk(chance=random.Random(3))
    desk.show_run(tmp_path, snapshots=snapshots[::-1], best=1, num_planned=5)
    yield desk
    desk.finish()


def _middle(image: QImage) -> tuple[int, int, int]:
    colour: QColor = image.pixelColor(image.width() // 2, image.height() // 2)
    return (colour.red(), colour.green(), colour.blue())


def test_each_tile_is_its_snapshot_s_and_its_seed_s(desk: SnapshotDesk, qtbot: QtBot) -> None:
    assert [one.number for one in desk.snapshots] == [0, 1, 2]
    for number, place in ((2, 0), (1, 19), (0, 7)):
        one = desk.snapshots[number]
        qtbot.waitUntil(lambda one=one: desk.sheet(one) is not None)  # type: ignore[misc]
        tile = desk.tile(one, place)
        assert tile is not None
        assert _middle(tile) == colour_of(number, place)
    assert desk.tile(desk.snapshots[0], 20) is None


def test_the_film_s_sheets_are_small(tmp_path: Path, qtbot: QtBot) -> None:
    from studio.app.thumbnails import Thumbnails

    write_snapshot(tmp_path, 1)
    loader = Thumbnails(width_px=40)
    path = tmp_path / "snapshots/2000/sheet.webp"
    with qtbot.waitSignal(loader.ready):
        loader.request("a", lambda: path)
    image = loader.request("a", lambda: path)
    assert image is not None
    assert (image.width(), image.height()) == (40, 32)
    assert FILM_TILE_PX == 64
    loader.finish()


def test_new_seeds_are_asked_for_once_and_shown_when_drawn(
    desk: SnapshotDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(desk.sheet_requested) as asked:
        desk.choose("new")
        assert desk.sheet(desk.snapshots[0], is_small=True) is None
    job = asked.args[0]
    assert isinstance(job, SheetJob)
    assert len(job.seeds) == 20
    assert min(job.seeds) >= 20, "not those that are shown anyway"
    assert desk.is_drawing
    again: list[object] = []
    desk.sheet_requested.connect(again.append)
    for one in desk.snapshots:
        desk.sheet(one, is_small=True)
        write_sheet(tmp_path / one.folder, one.number + 10, file=job.file)
    desk.sheet_drawn(job.file)
    qtbot.waitUntil(lambda: desk.sheet(desk.snapshots[1]) is not None)
    tile = desk.tile(desk.snapshots[1], 4)
    assert tile is not None
    assert _middle(tile) == colour_of(11, 4)
    first = desk.snapshots[0]
    qtbot.waitUntil(lambda: desk.sheet(first, is_small=True) is not None)
    assert not again


def test_a_sheet_that_cannot_be_drawn_is_not_asked_for_again(
    desk: SnapshotDesk, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(desk.sheet_requested):
        desk.choose("new")
        desk.sheet(desk.snapshots[0], is_small=True)
    again: list[object] = []
    desk.sheet_requested.connect(again.append)
    desk.sheet_failed()
    assert desk.is_refused
    with qtbot.waitSignal(desk.pictures_ready):
        desk.sheet(desk.snapshots[1], is_small=True)
    assert not again
    desk.draw_new()
    assert not desk.is_refused, "other seeds may be tried"


def test_pins_are_found_again(desk: SnapshotDesk, tmp_path: Path, qtbot: QtBot) -> None:
    desk.pin(7, True)
    desk.pin(3, True)
    desk.pin(7, True)
    desk.pin(5, True)
    desk.pin(5, False)
    desk.finish()
    other = SnapshotDesk()
    other.show_run(tmp_path, snapshots=desk.snapshots)
    assert other.pins == (7, 3)
    other.choose("pins")
    assert other.seeds == (7, 3)
    other.finish()


@pytest.mark.parametrize(
    "content", [b"", b"[1, 2", b"[-1, 99999999999, 4, 4]", b'{"a": 1}', b"[true]"]
)
def test_damaged_pins_pin_nothing_wrong(content: bytes, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / PINS_FILE).write_bytes(content)
    desk = SnapshotDesk()
    desk.show_run(tmp_path)
    assert desk.pins in ((), (4,))
    desk.finish()


def test_a_snapshot_told_twice_is_there_once_with_its_scores(
    desk: SnapshotDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    bare = write_snapshot(tmp_path, 3, is_scored=False)
    desk.take(SnapshotTaken(snapshot=bare))
    assert desk.best == 1
    scored = write_snapshot(tmp_path / "elsewhere", 3)
    desk.take(SnapshotTaken(snapshot=scored, is_best=True))
    assert [one.number for one in desk.snapshots] == [0, 1, 2, 3]
    assert desk.snapshots[3].scores is not None
    assert desk.best == 3
    assert desk.num_planned == 5
    assert desk.taken_at(scored) > 0


def test_a_snapshot_that_was_thinned_out_goes_when_the_next_one_comes(
    desk: SnapshotDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    shutil.rmtree(tmp_path / desk.snapshots[1].folder)
    desk.take(SnapshotTaken(snapshot=write_snapshot(tmp_path, 3)))
    assert [one.number for one in desk.snapshots] == [0, 2, 3]


def test_a_sheet_that_stays_missing_is_asked_for_once(desk: SnapshotDesk, qtbot: QtBot) -> None:
    asked: list[SheetJob] = []
    desk.sheet_requested.connect(asked.append)
    with qtbot.waitSignal(desk.sheet_requested):
        desk.choose("new")
        desk.sheet(desk.snapshots[0], is_small=True)
    desk.sheet_drawn(asked[0].file)
    with qtbot.waitSignal(desk.pictures_ready):
        desk.sheet(desk.snapshots[0], is_small=True)
    assert len(asked) == 1


def test_a_pair_is_the_made_picture_and_the_training_picture(
    desk: SnapshotDesk, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: desk.pair(desk.snapshots[0], 1) is not None)
    pair = desk.pair(desk.snapshots[0], 1)
    assert pair is not None
    assert [_middle(image)[0] for image in pair] == [100, 150]


def test_a_run_folder_that_has_gone_shows_nothing(
    desk: SnapshotDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    gone = desk.snapshots
    desk.show_run(tmp_path / "gone", snapshots=gone)
    with qtbot.waitSignal(desk.pictures_ready):
        assert desk.sheet(gone[0]) is None
    assert desk.sheet(gone[0]) is None
    desk.show_run(None)
    assert desk.snapshots == ()
