"""The list models: correct as models, and nothing is decoded before it is drawn."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from studio.app.gallery_desk import GalleryDesk
from studio.app.history_model import CHANGE_ROLE, LINE_ROLE, HistoryModel
from studio.app.item_models import ITEM_ROLE, GalleryFilter, GalleryModel, ModelListModel
from studio.app.outbox import Outbox
from studio.app.small_pictures import SmallPictures
from studio.core.errors import ModelError
from studio.core.history_lines import list_lines
from studio.core.recipe import new_recipe
from studio.library.gallery import Gallery
from studio.library.kept import Kept
from studio.library.model_library import BrokenModel, InstalledModel
from tests.fakes.engine_client import FAKE_HASH, fake_card
from tests.window.panel_parts import Shelf, Studio

DECORATION = Qt.ItemDataRole.DecorationRole


@pytest.fixture
def shelf(tmp_path: Path, qtbot: QtBot) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path, 4)
    yield shelf
    shelf.close()


def _names(model: GalleryModel) -> list[str]:
    return [model.item(row).name for row in range(model.rowCount())]


def test_the_gallery_model_is_sound(shelf: Shelf, qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = GalleryModel(shelf.desk)
    qtmodeltester.check(model, force_py=True)
    with qtbot.waitSignal(model.rowsInserted):
        shelf.keep(50)
    first = model.item(0)
    with qtbot.waitSignal(shelf.desk.trashed):
        shelf.desk.trash([first])
    assert first.id not in {model.item(row).id for row in range(model.rowCount())}
    with qtbot.waitSignal(shelf.desk.changed):
        shelf.desk.restore([first])
    assert model.rowCount() == 5


def test_one_more_picture_leaves_every_row_and_day_where_a_new_model_has_it(
    shelf: Shelf, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.app.item_models._day", lambda kept: kept.sequence // 2)
    model = GalleryModel(shelf.desk)
    for seed in (50, 51, 52):
        with qtbot.waitSignal(model.rowsInserted):
            shelf.keep(seed)
    fresh = GalleryModel(shelf.desk)
    assert _names(model) == _names(fresh)
    assert model.sections == fresh.sections
    for row in range(fresh.rowCount()):
        assert model.row_of(fresh.item(row).id) == row
    assert model.row_of("none") == -1


def test_filters_narrow_what_is_shown(shelf: Shelf, qtbot: QtBot) -> None:
    model = GalleryModel(shelf.desk)
    one, other = model.item(0), model.item(1)
    with qtbot.waitSignal(shelf.desk.changed):
        shelf.desk.star([one], True)
    with qtbot.waitSignal(shelf.desk.changed):
        shelf.desk.set_tags([other], ("snow",))
    model.set_filter(GalleryFilter(kind="starred"))
    assert _names(model) == [one.name]
    model.set_filter(GalleryFilter(tag="snow"))
    assert _names(model) == [other.name]
    model.set_filter(GalleryFilter(search="SEED 2"))
    assert _names(model) == ["seed 2"]
    model.set_filter(GalleryFilter(kind="today"))
    assert model.rowCount() == 4
    counts = shelf.desk.counts()
    assert (counts.total, counts.today, counts.starred, counts.by_tag) == (4, 4, 1, (("snow", 1),))


def test_thumbnails_come_only_for_what_is_drawn(shelf: Shelf, qtbot: QtBot) -> None:
    model = GalleryModel(shelf.desk)
    assert model.index(2).data(DECORATION) is None
    qtbot.waitUntil(lambda: model.index(2).data(DECORATION) is not None)
    assert shelf.desk.thumbnails.request(model.item(1).id, Path) is None, "nobody drew it"
    shelf.desk.thumbnails.finish()


def test_a_damaged_picture_is_shown_as_such(shelf: Shelf, qtbot: QtBot) -> None:
    model = GalleryModel(shelf.desk)
    shelf.gallery.picture_path(model.item(0)).unlink()
    model.index(0).data(DECORATION)
    qtbot.waitUntil(lambda: model.index(0).data(DECORATION) is not None)
    image = model.index(0).data(DECORATION)
    assert isinstance(image, QImage)
    assert image.isNull()


class _ManyGallery(Gallery):
    """A gallery of two thousand pictures that exist in memory only."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.all = tuple(self._make(number) for number in range(2000))

    @staticmethod
    def _make(number: int) -> Kept:
        return Kept(
            id=f"{number:032x}", sequence=2000 - number, kept_at=time.time() - 3600 * number,
            name=f"seed {number}", object="0" * 64, pixel_hash="0" * 64, width=8, height=8,
            model=FAKE_HASH, model_name="Landscapes", seed_text=str(number),
            recipe=new_recipe(FAKE_HASH, number), provider="CPU",
        )  # fmt: skip

    def items(
        self, search: str = "", *, starred_only: bool = False, in_trash: bool = False
    ) -> tuple[Kept, ...]:
        return () if in_trash or starred_only else self.all


def test_two_thousand_pictures_are_grouped_by_day(tmp_path: Path, qtbot: QtBot) -> None:
    gallery = _ManyGallery(tmp_path)
    desk = GalleryDesk(gallery, Outbox(tmp_path))
    model = GalleryModel(desk)
    assert model.rowCount() == 2000
    assert sum(section.count for section in model.sections) == 2000
    assert 80 <= len(model.sections) <= 90
    desk.finish()
    gallery.close()


def test_the_model_of_models_is_sound(
    qtbot: QtBot, qtmodeltester: ModelTester, tmp_path: Path
) -> None:
    model = ModelListModel()
    broken = BrokenModel(tmp_path / "b", ModelError("It is damaged.", "Install it again."))
    model.set_models([broken, InstalledModel(tmp_path / "a", fake_card(), is_shipped=True)])
    qtmodeltester.check(model, force_py=True)
    assert isinstance(model.index(0).data(ITEM_ROLE), InstalledModel), "broken ones stand last"


def test_the_history_model_is_sound(
    qtbot: QtBot, qtmodeltester: ModelTester, tmp_path: Path
) -> None:
    studio = Studio(tmp_path)
    model = HistoryModel(studio.document, SmallPictures(studio.engine, "history", size=64))
    qtmodeltester.check(model, force_py=True)
    for seed in range(5):
        studio.document.edit(new_recipe(FAKE_HASH, 100 + seed))
    studio.document.undo()
    studio.document.undo()
    assert model.current_row == 2
    studio.document.edit(new_recipe(FAKE_HASH, 500))
    assert model.rowCount() == 7
    assert model.current_row == 0
    assert model.index(0).data(CHANGE_ROLE).kind == "seed"
    assert msgspec.structs.asdict(model.index(0).data(CHANGE_ROLE))["key"] == "500"


def test_a_state_is_rendered_when_it_is_drawn_and_only_once(qtbot: QtBot, tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    for seed in range(5):
        studio.document.edit(new_recipe(FAKE_HASH, 100 + seed))
    model = HistoryModel(studio.document, SmallPictures(studio.engine, "history", size=64))
    assert not studio.asked_small
    model.index(3).data(DECORATION)
    assert isinstance(model.index(3).data(DECORATION), QImage)
    assert len(studio.asked_small) == 1


def test_a_short_cut_gives_the_same_lines_as_finding_them_anew(
    qtbot: QtBot, tmp_path: Path
) -> None:
    studio, chance = Studio(tmp_path), random.Random(4)
    model = HistoryModel(studio.document, SmallPictures(studio.engine, "history", size=64))
    for number in range(400):
        move = chance.choice(("edit", "edit", "edit", "undo", "redo", "jump"))
        if move == "edit":
            studio.document.edit(new_recipe(FAKE_HASH, 1000 + number % 90))
        elif move == "jump":
            studio.document.jump(chance.randrange(studio.num_steps))
        else:
            studio.document.undo() if move == "undo" else studio.document.redo()
        rows = tuple(model.index(row).data(LINE_ROLE) for row in range(model.rowCount()))
        assert rows == list_lines(studio.document.history)
