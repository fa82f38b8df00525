"""The models' styles above the kept pictures: seen, found, opened, taken by zone."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDrag, QDropEvent, QImage
from pytestqt.qtbot import QtBot

from studio.app.item_models import ModelListModel
from studio.app.style_shelf import Style, StyleShelf
from studio.app.thumbnails import Thumbnails
from studio.core.model_card import ModelCard
from studio.core.named_style import (
    STYLES_COLUMNS,
    STYLES_FILE,
    STYLES_SHEET_FILE,
    NamedStyle,
    NamedStyles,
)
from studio.core.recipe import new_recipe
from studio.files.images import encode_webp
from studio.library.model_library import InstalledModel
from studio.ui.canvas_drop import Dropped, can_take, has_zones, read_drop
from studio.ui.drag_types import MIME_STYLE
from studio.ui.styles_row import StylesRow
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient, fake_card
from tests.window.shell_parts import Studio, studio

__all__ = ["studio"]
LEFT = Qt.MouseButton.LeftButton
OTHER = "cd" * 32


def write_styles(folder: Path, card: ModelCard, *names: str, has_sheet: bool = False) -> None:
    """Put styles into a model folder; their seeds count from 100."""
    folder.mkdir(parents=True, exist_ok=True)
    styles = tuple(
        NamedStyle(name=name, recipe=new_recipe(card.model, 100 + n))
        for n, name in enumerate(names)
    )
    (folder / STYLES_FILE).write_bytes(msgspec.json.encode(NamedStyles(styles=styles)))
    if has_sheet:
        sheet = np.zeros((8, STYLES_COLUMNS * 8, 3), dtype=np.uint8)
        for place in range(len(names)):
            sheet[:, place * 8 : place * 8 + 8] = 10 * (place + 1)
        (folder / STYLES_SHEET_FILE).write_bytes(encode_webp(sheet, quality=100))


class Row:
    """Two models with styles: the second one is open."""

    def __init__(self, folder: Path) -> None:
        self.engine = FakeEngineClient(is_immediate=True)
        self.thumbnails = Thumbnails()
        cats = msgspec.structs.replace(fake_card("Cats"), model=OTHER)
        write_styles(folder / "cats", cats, "Tabby", "Ginger", has_sheet=True)
        write_styles(folder / "hills", fake_card("Hills"), "Dawn", "Dusk", "Dawn mist")
        self.models = ModelListModel(self.thumbnails)
        self.shelf = StyleShelf(self.engine, self.models, thumbnails=self.thumbnails)
        self.widget = StylesRow(self.shelf, tile_px=60)
        self.models.set_models(
            [
                InstalledModel(folder / "cats", cats, is_shipped=True),
                InstalledModel(folder / "hills", fake_card("Hills"), is_shipped=True),
            ]
        )
        self.engine.open_model(folder / "hills")

    @property
    def names(self) -> list[str]:
        """The names shown, in their order."""
        return [style.name for style in self.widget.model.styles]


@pytest.fixture
def row(tmp_path: Path, qtbot: QtBot) -> Iterator[Row]:
    row = Row(tmp_path)
    qtbot.addWidget(row.widget)
    row.widget.resize(200, 120)
    row.widget.show()
    qtbot.waitExposed(row.widget)
    qtbot.waitUntil(lambda: len(row.names) == 5)
    yield row
    row.shelf.finish()
    row.thumbnails.finish()


def test_the_open_model_s_styles_come_first(row: Row, tmp_path: Path) -> None:
    assert row.names == ["Dawn", "Dusk", "Dawn mist", "Tabby", "Ginger"]
    row.engine.card = msgspec.structs.replace(fake_card("Cats"), model=OTHER)
    row.engine.open_model(tmp_path / "cats")
    assert row.names == ["Tabby", "Ginger", "Dawn", "Dusk", "Dawn mist"]


def test_pictures_come_from_the_sheet_or_from_the_engine(row: Row, qtbot: QtBot) -> None:
    styles = row.widget.model.styles
    qtbot.waitUntil(lambda: row.shelf.image(styles[4]) is not None)
    image = row.shelf.image(styles[4])
    assert image is not None
    assert image.pixelColor(4, 4).red() == 20, "the second tile of the other model's sheet"
    qtbot.waitUntil(lambda: row.shelf.image(styles[1]) is not None)
    asked = [call[2] for call in row.engine.asked if call[0] == "request_small"]
    assert styles[1].recipe in asked
    assert all(style.recipe not in asked for style in styles[3:])


def test_a_click_opens_and_search_finds_by_name(row: Row, qtbot: QtBot) -> None:
    opened: list[Style] = []
    row.widget.open_requested.connect(opened.append)
    row.widget.model.set_search("DAWN")
    assert row.names == ["Dawn", "Dawn mist"]
    tiles = row.widget.tiles
    place = tiles.visualRect(row.widget.model.index(1)).center()
    qtbot.mouseClick(tiles.viewport(), LEFT, pos=place)
    assert [style.name for style in opened] == ["Dawn mist"]
    qtbot.keyClick(tiles, Qt.Key.Key_Left)
    qtbot.keyClick(tiles, Qt.Key.Key_Return)
    assert [style.name for style in opened] == ["Dawn mist", "Dawn"]
    qtbot.keyClick(tiles, Qt.Key.Key_Delete)
    assert len(row.names) == 2, "a style cannot be thrown away"
    row.widget.model.set_search("cats")
    assert row.names == ["Tabby", "Ginger"]


def test_headings_stay_over_their_own_styles(row: Row, qtbot: QtBot) -> None:
    assert [place[:2] for place in row.widget.headings.places()] == [("Styles of Hills", 3)]
    qtbot.mouseClick(row.widget.on, LEFT)
    places = row.widget.headings.places()
    assert [place[0] for place in places] == ["Styles of Hills", "Styles of Cats"]
    assert places[0][2].left() == 0, "its own first style is out of sight already"
    bar = row.widget.tiles.horizontalScrollBar()
    bar.setValue(bar.maximum())
    assert not row.widget.on.isEnabled()
    assert row.widget.headings.places()[-1][2].left() >= 0
    row.widget.grab()


def test_a_drag_carries_the_style(row: Row, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    carried: list[QDrag] = []
    monkeypatch.setattr(QDrag, "exec", lambda self, *_: carried.append(self))
    row.widget.tiles.setCurrentIndex(row.widget.model.index(1))
    row.widget.tiles.startDrag(Qt.DropAction.CopyAction)
    key = bytes(carried[0].mimeData().data(MIME_STYLE).data()).decode()
    style = row.shelf.find(key)
    assert style is not None
    assert style.name == "Dusk"
    assert row.shelf.find("nothing") is None


def _drop(key: str) -> QMimeData:
    mime = QMimeData()
    mime.setData(MIME_STYLE, key.encode())
    mime.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    return mime


def test_a_style_goes_on_the_canvas_or_gives_one_zone(studio: Studio, qtbot: QtBot) -> None:
    folder = studio.home / "models" / "landscapes"
    write_styles(folder, fake_card(), "Dawn", "Dusk")
    composition = studio.open()
    shown = composition.styles
    qtbot.waitUntil(lambda: any(one.recipe.model == FAKE_HASH for one in shown.styles))
    assert composition.gallery_panel.styles.isVisible()
    first, second = shown.styles[:2]
    assert (first.name, second.name) == ("Dawn", "Dusk"), "before those of shipped models"
    composition.window.show_place("gallery")
    composition.gallery_page.styles.open_requested.emit(first)
    assert composition.document.recipe == first.recipe
    assert composition.window.place == "explore"
    chip = composition.latent_panel.chips.chips["fine"]
    mime = _drop(second.key)
    chip.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
        )
    )
    recipe = composition.document.recipe
    assert recipe is not None
    rules = {source.seed: source.shares for source in recipe.sources}
    assert rules == {100: (1.0, 1.0, 0.0), 101: (0.0, 0.0, 1.0)}
    assert can_take(mime)
    assert has_zones(mime)
    dropped = read_drop(mime)
    assert dropped == Dropped(style=second.key)
    composition.restoring.take(Dropped(style="gone/0"))  # its model was taken away
    assert "not there any more" in composition.window.toast.text


def test_a_star_or_a_tag_narrows_to_kept_pictures(studio: Studio, qtbot: QtBot) -> None:
    write_styles(studio.home / "models" / "landscapes", fake_card(), "Quince")
    composition = studio.open()
    panel = composition.gallery_panel
    qtbot.waitUntil(panel.styles.isVisible)
    panel.star.setChecked(True)
    assert not panel.styles.isVisible()
    panel.star.setChecked(False)
    panel.search.setText("no style has this name")
    assert not panel.styles.isVisible(), "nothing fits"
    panel.search.setText("quince")
    assert panel.styles.isVisible()
