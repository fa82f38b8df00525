"""The gallery in the dock and on its page: restore, star, throw away, drag, search, by keyboard too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.item_models import ModelListModel
from studio.app.preferences import Preferences
from studio.app.style_shelf import StyleShelf
from studio.core.errors import ModelError
from studio.core.recipe_json import recipe_from_json
from studio.library.kept import Kept
from studio.library.model_library import BrokenModel, InstalledModel
from studio.ui.drag_types import MIME_KEPT, MIME_RECIPE
from studio.ui.gallery_page import GalleryPage, say_day
from studio.ui.gallery_panel import GalleryPanel
from studio.ui.kept_actions import read_tags
from studio.ui.texts import tr
from studio.ui.theme import apply_theme
from studio.ui.tile_view import TileView
from tests.fakes.engine_client import FakeEngineClient, fake_card
from tests.window.panel_parts import Shelf

LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def shelf(tmp_path: Path, qtbot: QtBot) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "home", 6)
    yield shelf
    shelf.close()


@pytest.fixture
def models(tmp_path: Path, shelf: Shelf) -> ModelListModel:
    models = ModelListModel(shelf.desk.thumbnails)
    error = ModelError("“card.json” is missing.", "Install the model again.")
    good = InstalledModel(tmp_path / "a", fake_card(), is_shipped=True)
    models.set_models([good, BrokenModel(tmp_path / "b", error)])
    return models


@pytest.fixture
def styles(shelf: Shelf, models: ModelListModel) -> Iterator[StyleShelf]:
    engine = FakeEngineClient()
    styles = StyleShelf(engine, models, thumbnails=shelf.desk.thumbnails)
    yield styles
    styles.finish()


@pytest.fixture
def dock(shelf: Shelf, models: ModelListModel, styles: StyleShelf, qtbot: QtBot) -> GalleryPanel:
    dock = GalleryPanel(shelf.desk, models, styles=styles)
    qtbot.addWidget(dock)
    dock.resize(280, 600)
    dock.show()
    qtbot.waitExposed(dock)
    return dock


@pytest.fixture
def page(
    shelf: Shelf, models: ModelListModel, styles: StyleShelf, tmp_path: Path, qtbot: QtBot
) -> Iterator[GalleryPage]:
    preferences = Preferences(tmp_path / "home")
    page = GalleryPage(shelf.desk, models, preferences=preferences, styles=styles)
    qtbot.addWidget(page)
    page.resize(1400, 800)
    page.show()
    qtbot.waitExposed(page)
    yield page
    preferences.save_now()


def _middle(view: TileView, row: int) -> QPoint:
    model = view.model()
    assert model is not None
    return view.visualRect(model.index(row, 0)).center()


def test_a_click_in_the_dock_restores(dock: GalleryPanel, qtbot: QtBot) -> None:
    told: list[Kept] = []
    dock.open_requested.connect(told.append)
    qtbot.mouseClick(dock.tiles.viewport(), LEFT, pos=_middle(dock.tiles, 2))
    assert [kept.name for kept in told] == [dock.model.item(2).name]


def test_a_click_on_the_page_only_chooses(page: GalleryPage, qtbot: QtBot) -> None:
    told: list[Kept] = []
    page.open_requested.connect(told.append)
    view = page.tiles.viewport()
    qtbot.mouseClick(view, LEFT, pos=_middle(page.tiles, 0))
    qtbot.mouseClick(view, LEFT, CTRL, pos=_middle(page.tiles, 2))
    assert [kept.name for kept in page.chosen] == ["seed 5", "seed 3"]
    qtbot.mouseClick(view, LEFT, pos=_middle(page.tiles, 1))
    qtbot.mouseClick(view, LEFT, SHIFT, pos=_middle(page.tiles, 4))
    assert [kept.name for kept in page.chosen] == ["seed 4", "seed 3", "seed 2", "seed 1"]
    assert not told
    qtbot.mouseDClick(view, LEFT, pos=_middle(page.tiles, 1))
    assert len(told) == 1


def test_the_keyboard_alone_is_enough(page: GalleryPage, shelf: Shelf, qtbot: QtBot) -> None:
    told: list[Kept] = []
    page.open_requested.connect(told.append)
    page.tiles.setFocus()
    qtbot.keyClick(page.tiles, Qt.Key.Key_Home)
    qtbot.keyClick(page.tiles, Qt.Key.Key_Right)
    qtbot.keyClick(page.tiles, Qt.Key.Key_Return)
    assert [kept.name for kept in told] == ["seed 4"]
    with qtbot.waitSignal(shelf.desk.trashed) as gone:
        qtbot.keyClick(page.tiles, Qt.Key.Key_Delete)
    assert [kept.name for kept in gone.args[0]] == ["seed 4"]
    assert page.model.rowCount() == 5
    with qtbot.waitSignal(shelf.desk.changed):
        shelf.desk.restore(gone.args[0])
    assert page.model.rowCount() == 6


def test_the_bin_gives_back(page: GalleryPage, shelf: Shelf, qtbot: QtBot) -> None:
    first = page.model.item(0)
    with qtbot.waitSignal(shelf.desk.trashed):
        shelf.desk.trash([first])
    qtbot.mouseClick(page.library.row("trash"), LEFT)
    assert page.model.rowCount() == 1
    opened: list[object] = []
    page.open_requested.connect(opened.append)
    with qtbot.waitSignal(shelf.desk.changed):
        qtbot.mouseDClick(page.tiles.viewport(), LEFT, pos=_middle(page.tiles, 0))
    assert not opened
    assert page.model.rowCount() == 0
    assert page.empty.sentence == "The bin is empty."


def test_hovering_offers_the_star(page: GalleryPage, shelf: Shelf, qtbot: QtBot) -> None:
    from studio.ui.tile_paint import star_place

    tile = page.tiles.visualRect(page.model.index(1))
    qtbot.mouseMove(page.tiles.viewport(), tile.center())
    with qtbot.waitSignal(shelf.desk.changed):
        qtbot.mouseClick(page.tiles.viewport(), LEFT, pos=star_place(tile).center())
    assert page.model.item(1).starred
    qtbot.mouseClick(page.library.row("starred"), LEFT)
    assert page.model.rowCount() == 1


def test_search_and_star_filter(dock: GalleryPanel, shelf: Shelf, qtbot: QtBot) -> None:
    dock.search.setText("seed 3")
    assert dock.model.rowCount() == 1
    dock.search.setText("no such thing")
    assert dock.empty.isVisible()
    assert dock.empty.sentence == "No picture fits."
    qtbot.keyClick(dock.search, Qt.Key.Key_Escape)
    assert dock.model.rowCount() == 6
    dock.star.setChecked(True)
    assert dock.model.rowCount() == 0


def test_tags_are_chips_in_the_dock_and_rows_on_the_page(
    dock: GalleryPanel, page: GalleryPage, shelf: Shelf, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(shelf.desk.changed):
        shelf.desk.set_tags([page.model.item(0)], ("dawn", "雪景"))
    assert dock.tags.isVisible()
    row = page.library.tag_row("雪景")
    assert row is not None
    qtbot.mouseClick(row, LEFT)
    assert page.model.rowCount() == 1
    with qtbot.waitSignal(shelf.desk.changed):
        shelf.desk.set_tags([page.model.item(0)], ())
    assert page.library.tag_row("雪景") is None
    assert page.model.rowCount() == 6, "a tag that is gone hides nothing"


def test_a_drag_carries_file_recipe_and_id(
    dock: GalleryPanel, shelf: Shelf, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried: list[QDrag] = []
    monkeypatch.setattr(QDrag, "exec", lambda self, *_: carried.append(self))
    dock.tiles.setCurrentIndex(dock.model.index(0))
    dock.tiles.startDrag(Qt.DropAction.CopyAction)
    mime = carried[0].mimeData()
    kept = dock.model.item(0)
    assert bytes(mime.data(MIME_KEPT).data()) == kept.id.encode()
    assert recipe_from_json(bytes(mime.data(MIME_RECIPE).data())).recipe == kept.recipe
    path = Path(mime.urls()[0].toLocalFile())
    assert path.suffix == ".png"
    assert path.read_bytes() == shelf.gallery.picture_path(kept).read_bytes()
    assert mime.hasImage()


def test_the_menu_offers_all_and_copies(dock: GalleryPanel, shelf: Shelf, qtbot: QtBot) -> None:
    kept = dock.model.item(0)
    menu = dock.actions_on_kept.make_menu((kept,), in_trash=False)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == [
        "Open", "Star", "Rename…", "Tags…", "Boards", "Teach a slider", "Export…", "Send to",
        "Provenance sheet…", "Copy", "Show file", "Move to bin",
    ]  # fmt: skip
    next(action for action in menu.actions() if action.text() == "Copy").trigger()
    assert QGuiApplication.clipboard().mimeData().hasUrls()
    menu.deleteLater()
    QGuiApplication.clipboard().clear()


def test_models_open_by_a_click(dock: GalleryPanel, tmp_path: Path, qtbot: QtBot) -> None:
    told: list[object] = []
    dock.open_model_requested.connect(told.append)
    dock.segments.set_current("models")
    place = dock.cards.visualRect(dock.cards.model().index(0, 0)).center()
    qtbot.mouseClick(dock.cards.viewport(), LEFT, pos=place)
    assert told == [tmp_path / "a"]


def test_styles_stand_in_one_grid_with_kept_pictures(
    dock: GalleryPanel, qtbot: QtBot, qapp: QApplication
) -> None:
    apply_theme(qapp, "dark")  # its scroll bar is narrower than the plain one
    for width in (280, 350):
        dock.resize(width, 600)
        dock.styles.show()
        qtbot.waitUntil(lambda: dock.styles.tiles.tile_px == dock.tiles.tile_px)


def test_details_of_a_model_stand_at_the_side_until_pictures_are_chosen(
    page: GalleryPage, models: ModelListModel, qtbot: QtBot
) -> None:
    page.show_model(models.models[0])  # type: ignore[arg-type]
    assert page.model_facts.isVisible()
    assert not page.export_panel.isVisible()
    with qtbot.waitSignal(page.open_model_requested) as told:
        qtbot.mouseClick(page.model_facts.open, LEFT)
    assert told.args == [models.models[0].folder]
    qtbot.mouseClick(page.tiles.viewport(), LEFT, pos=_middle(page.tiles, 0))
    assert not page.model_facts.isVisible()
    assert page.facts.isVisible()
    page.show_model(models.models[0])  # type: ignore[arg-type]
    page.model_facts.close_requested.emit()
    assert page.export_panel.isVisible()
    assert page.facts.isVisible()


def test_an_empty_gallery_says_what_to_do(
    tmp_path: Path, models: ModelListModel, styles: StyleShelf, qtbot: QtBot
) -> None:
    empty = Shelf(tmp_path / "empty")
    preferences = Preferences(tmp_path / "empty")
    page = GalleryPage(empty.desk, models, preferences=preferences, styles=styles)
    qtbot.addWidget(page)
    page.show()
    assert page.empty.sentence == tr("Nothing kept yet. Press K when you like what you see.")
    with qtbot.waitSignal(page.new_requested):
        qtbot.mouseClick(page.empty.button, LEFT)
    with qtbot.waitSignal(page.model.rowsInserted):
        empty.keep(1)
    assert not page.empty.isVisible()
    empty.close()


def test_the_size_of_tiles_is_remembered(page: GalleryPage, tmp_path: Path, qtbot: QtBot) -> None:
    before = page.tiles.tile_px
    qtbot.mouseClick(page.sizes.button("large"), LEFT)
    assert page.tiles.tile_px > before
    assert page._preferences.values.tile_size == "large"


def test_days_have_words() -> None:
    import datetime

    today = datetime.date.today().toordinal()  # noqa: DTZ011 - the artist's own day
    assert [say_day(today), say_day(today - 1)] == ["Today", "Yesterday"]
    assert say_day(datetime.date(2020, 2, 29).toordinal()) == "2020-02-29"


def test_tags_are_read_as_people_write_them() -> None:
    assert read_tags(" dawn,  for  Anna ，雪景,,dawn ") == ("dawn", "for Anna", "雪景")


def test_only_the_tiles_in_sight_are_loaded(
    tmp_path: Path, models: ModelListModel, styles: StyleShelf, qtbot: QtBot
) -> None:
    many = Shelf(tmp_path / "many", 40)
    dock = GalleryPanel(many.desk, models, styles=styles)
    qtbot.addWidget(dock)
    asked: set[str] = set()
    request = many.desk.thumbnails.request

    def note(key: str, find: object) -> object:
        asked.add(key)
        return request(key, find)  # type: ignore[arg-type]

    many.desk.thumbnails.request = note  # type: ignore[method-assign,assignment]
    dock.resize(280, 320)
    dock.show()
    qtbot.waitExposed(dock)
    qtbot.waitUntil(lambda: len(asked) > 0)
    assert len(asked) <= 15
    many.close()
