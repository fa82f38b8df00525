"""The mixing sheet of the window: what stands where, dropping, going there, one picture out of it."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from studio.compose import Composition
from studio.core.arrays import pixel_hash
from studio.core.mixing_sheet import mix_cell
from studio.core.recipe import MAX_SOURCES, Recipe, Source, new_recipe
from studio.core.recipe_json import recipe_to_json
from studio.files.images import read_picture
from studio.ui.drag_types import MIME_RECIPE
from studio.ui.mixing_view import MixingView
from tests.fakes.engine_client import FAKE_HASH, fake_picture
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]
LEFT = Qt.MouseButton.LeftButton


def _drop(view: MixingView, recipe: Recipe, place: tuple[int, int]) -> None:
    """Drop a recipe on a place of the sheet as the hand does."""
    mime = QMimeData()
    mime.setData(MIME_RECIPE, recipe_to_json(recipe).encode())
    at = QPointF(view.tile_rect(place).center())
    no_keys, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    view.dropEvent(QDropEvent(at, copy, mime, LEFT, no_keys))


@pytest.fixture
def sheet(studio: Studio) -> Composition:
    composition = studio.open()
    press(composition, "mixing_sheet")
    assert composition.window.page == "mixing"
    return composition


def test_rows_give_layout_and_columns_the_zones_that_were_chosen(
    sheet: Composition, qtbot: QtBot
) -> None:
    desk, view = sheet.mixing.desk, sheet.mixing.view
    assert desk.rows[0] == sheet.document.recipe, "the picture on the canvas comes first"
    assert desk.cell(1, 2) == mix_cell(desk.rows[1], desk.columns[2], zones=("fine",))
    medium = sheet.mixing.page.zones.buttons["medium"]
    qtbot.mouseClick(medium, LEFT)
    assert desk.zones == ("medium", "fine")
    mixed = desk.cell(0, 3)
    assert mixed is not None
    assert [one.shares for one in mixed.sources] == [(1, 0, 0), (0, 1, 1)]
    qtbot.mouseClick(sheet.mixing.page.zones.buttons["coarse"], LEFT)
    assert desk.zones == ("medium", "fine"), "all zones would only repeat the columns"
    wanted = view.recipe_at((3, 4))
    parents = (desk.rows[2], desk.columns[3])
    qtbot.mouseClick(view, LEFT, pos=view.tile_rect((3, 4)).center())
    node = sheet.document.history.current
    assert node is not None
    assert (node.recipe, node.made_from) == (wanted, parents)
    assert sheet.window.page == ""


def test_pictures_are_dropped_on_heads_and_those_of_another_model_change_nothing(
    sheet: Composition, qtbot: QtBot
) -> None:
    desk, view = sheet.mixing.desk, sheet.mixing.view
    _drop(view, new_recipe(FAKE_HASH, 77), (0, 2))
    _drop(view, new_recipe(FAKE_HASH, 78), (4, 0))
    assert (desk.columns[1], desk.rows[3]) == (
        new_recipe(FAKE_HASH, 77),
        new_recipe(FAKE_HASH, 78),
    )
    before = (desk.rows, desk.columns)
    _drop(view, new_recipe("cd" * 32, 5), (1, 0))
    _drop(view, new_recipe(FAKE_HASH, 5), (2, 2))
    assert (desk.rows, desk.columns) == before
    assert sheet.window.toast.text.startswith("Only pictures of the same model can be mixed.")
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.accessibleName().startswith("Column 1")
    press(sheet, "dice")
    assert desk.columns[0] != before[1][0]
    assert desk.columns[1:] == before[1][1:]
    thin = Source(seed=1, shares=(1.0, 1.0, 1.0))
    eight = tuple(msgspec.structs.replace(thin, seed=seed) for seed in range(MAX_SOURCES))
    _drop(view, Recipe(model=FAKE_HASH, sources=eight), (1, 0))
    assert desk.cell(0, 0) is None
    qtbot.mouseClick(view, LEFT, pos=view.tile_rect((1, 1)).center())
    assert sheet.window.page == "mixing", "there is nothing to go to"
    view.grab()


def test_a_mix_is_kept_and_the_sheet_becomes_one_picture(
    sheet: Composition, tmp_path: Path, qtbot: QtBot
) -> None:
    desk, view = sheet.mixing.desk, sheet.mixing.view
    press(sheet, "keep")
    qtbot.waitUntil(lambda: len(sheet.desk.items()) == 1)
    assert sheet.desk.items()[0].made_from == (desk.rows[0], desk.columns[0])
    export = msgspec.structs.replace(sheet.preferences.values.export, folder=str(tmp_path))
    sheet.preferences.change(export=export)
    qtbot.mouseClick(sheet.mixing.page.export, LEFT)
    path = tmp_path / "landscapes-mixing-sheet.png"
    qtbot.waitUntil(path.is_file)
    picture = read_picture(path)
    assert picture.shape == (2 * 2 + 5 * 128 + 6 + 3 * 2,) * 2 + (3,)
    first = picture[2 + 128 + 6 :, 2 + 128 + 6 :][:128, :128]
    mixed = view.recipe_at((1, 1))
    assert mixed is not None
    assert pixel_hash(first) == pixel_hash(fake_picture(mixed, 128))
    qtbot.waitUntil(lambda: "mixing-sheet.png" in sheet.window.toast.text)
    assert sheet.mixing.page.export.isEnabled()
