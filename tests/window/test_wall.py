"""The explore wall."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.errors import EngineError
from studio.core.recipe import Recipe, new_recipe
from studio.ui.wall import Wall
from studio.ui.wall_page import WallPage
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient


@pytest.fixture
def engine(qapp: QApplication) -> FakeEngineClient:
    found = FakeEngineClient(is_immediate=True)
    found.open_model(Path("landscapes"))
    return found


@pytest.fixture
def wall(engine: FakeEngineClient, qtbot: QtBot) -> Iterator[Wall]:
    found = Wall(engine, random_source=random.Random(3))
    page = WallPage(found)
    qtbot.addWidget(page)
    page.resize(900, 800)
    page.show()
    page.open("fresh", new_recipe(FAKE_HASH, 5, psi=0.5))
    qtbot.waitUntil(lambda: not found._fade.isActive())
    yield found
    page.close()


def test_it_fills_with_different_seeds_at_the_present_truncation(wall: Wall) -> None:
    recipes = [tile.recipe for tile in wall.tiles]
    assert len(set(recipes)) == len(recipes) == 36
    assert {recipe.psi for recipe in recipes} == {(0.5, 0.5, 0.5)}
    assert all(tile.image is not None for tile in wall.tiles)


def test_arrows_move_and_enter_opens(wall: Wall, qtbot: QtBot) -> None:
    chosen: list[Recipe] = []
    wall.recipe_chosen.connect(chosen.append)
    qtbot.keyClick(wall, Qt.Key.Key_Right)
    qtbot.keyClick(wall, Qt.Key.Key_Down)
    assert wall.current == 7
    assert "8 of 36" in wall.accessibleName()
    qtbot.keyClick(wall, Qt.Key.Key_Return)
    assert chosen == [wall.tiles[7].recipe]
    qtbot.keyClick(wall, Qt.Key.Key_Up)
    qtbot.keyClick(wall, Qt.Key.Key_Up)
    assert wall.current == 1


def test_the_star_keeps_and_is_not_an_open(wall: Wall, qtbot: QtBot) -> None:
    kept: list[Recipe] = []
    chosen: list[Recipe] = []
    wall.keep_requested.connect(kept.append)
    wall.recipe_chosen.connect(chosen.append)
    corner = wall.tile_rect(3).topRight()
    qtbot.mouseClick(wall, Qt.MouseButton.LeftButton, pos=corner + corner.__class__(-10, 10))
    assert kept == [wall.tiles[3].recipe]
    assert chosen == []
    wall.mark_kept(kept[0])
    wall.keep_current()
    assert len(kept) == 1


def test_more_gives_others_and_late_pictures_of_the_first_are_not_shown(
    wall: Wall, engine: FakeEngineClient, qtbot: QtBot
) -> None:
    before = {tile.recipe for tile in wall.tiles}
    old_key = ("wall", 1, 0)
    wall.refill()
    assert not before & {tile.recipe for tile in wall.tiles}
    shown = wall.tiles[0].image
    from studio.app.engine_client import SmallPicture
    from tests.fakes.engine_client import fake_picture

    recipe = next(iter(before))
    engine.small_ready.emit(SmallPicture(old_key, recipe, fake_picture(recipe, 64)))
    assert wall.tiles[0].image is shown
    qtbot.waitUntil(lambda: not wall._fade.isActive())


def test_variations_keep_the_seed(wall: Wall, qtbot: QtBot) -> None:
    wall.fill("nearby", new_recipe(FAKE_HASH, 5))
    assert {tile.recipe.sources[0].seed for tile in wall.tiles} == {5}
    assert len({tile.recipe for tile in wall.tiles}) == 36
    qtbot.waitUntil(lambda: not wall._fade.isActive())


def test_a_smaller_wall_shows_fewer_and_a_larger_one_asks_for_more(
    wall: Wall, qtbot: QtBot
) -> None:
    page = wall.window()
    page.resize(420, 420)
    qtbot.waitUntil(lambda: len(wall.tiles) < 36)
    page.resize(900, 800)
    qtbot.waitUntil(lambda: len(wall.tiles) == 36)
    assert all(tile.image is not None for tile in wall.tiles)
    qtbot.waitUntil(lambda: not wall._fade.isActive())


def test_a_picture_that_fails_leaves_a_mark_and_cannot_be_opened(
    wall: Wall, engine: FakeEngineClient, qtbot: QtBot
) -> None:
    engine.refuse = EngineError("The picture could not be computed.", "Try again.")
    wall.refill()
    assert all(tile.problem for tile in wall.tiles)
    chosen: list[Recipe] = []
    wall.recipe_chosen.connect(chosen.append)
    qtbot.keyClick(wall, Qt.Key.Key_Return)
    assert chosen == []


def test_leaving_cancels_what_is_still_asked(wall: Wall, engine: FakeEngineClient) -> None:
    wall.empty()
    assert engine.asked[-1] == ("cancel_small", ("wall",))
    assert wall.tiles == ()
