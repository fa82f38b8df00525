"""The explore wall."""

import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.engine_client import SmallPicture
from studio.app.small_pictures import SmallPictures
from studio.core.errors import EngineError
from studio.core.recipe import Recipe, new_recipe
from studio.ui.wall import Wall, WallPick
from studio.ui.wall_page import WallPage
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient, fake_card, fake_picture


@pytest.fixture
def engine(qapp: QApplication) -> FakeEngineClient:
    found = FakeEngineClient(is_immediate=True)
    found.open_model(Path("landscapes"))
    return found


@pytest.fixture
def wall(engine: FakeEngineClient, qtbot: QtBot) -> Iterator[Wall]:
    found = Wall(engine, random_source=random.Random(3))
    page = WallPage(found, pictures=SmallPictures(engine, "thumb", size=64))
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
    wall.recipe_chosen.connect(lambda pick: chosen.append(pick.recipe))
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
    wall.keep_requested.connect(lambda pick: kept.append(pick.recipe))
    wall.recipe_chosen.connect(lambda pick: chosen.append(pick.recipe))
    corner = wall.tile_rect(3).topRight()
    qtbot.mouseClick(wall, Qt.MouseButton.LeftButton, pos=corner + corner.__class__(-10, 10))
    assert kept == [wall.tiles[3].recipe]
    assert chosen == []
    wall.desk.mark_kept(kept[0])
    wall.keep_current()
    assert len(kept) == 1


def test_more_gives_others_and_late_pictures_of_the_first_are_not_shown(
    wall: Wall, engine: FakeEngineClient, qtbot: QtBot
) -> None:
    before = {tile.recipe for tile in wall.tiles}
    old_key = ("wall", 1, 0)
    wall.desk.refill()
    assert not before & {tile.recipe for tile in wall.tiles}
    shown = wall.tiles[0].image
    recipe = next(iter(before))
    engine.small_ready.emit(SmallPicture(old_key, recipe, fake_picture(recipe, 64)))
    assert wall.tiles[0].image is shown
    qtbot.waitUntil(lambda: not wall._fade.isActive())


def _settled(wall: Wall, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not wall._fade.isActive())


def test_nine_variations_of_the_picture_and_the_spread_moves_them(
    wall: Wall, engine: FakeEngineClient, qtbot: QtBot
) -> None:
    parent = new_recipe(FAKE_HASH, 5)
    wall.desk.fill("nearby", parent)
    assert {tile.recipe.sources[0].seed for tile in wall.tiles} == {5}
    assert len({tile.recipe for tile in wall.tiles}) == 9
    before = [tile.recipe for tile in wall.tiles]
    wall.desk.set_spread(0.9)
    after = [tile.recipe for tile in wall.tiles]
    assert [r.sources[1].seed for r in before] == [r.sources[1].seed for r in after]
    assert not set(before) & set(after)
    shown, trail = wall.tiles[0].image, wall.desk.trail
    assert trail.present is not None
    late = SmallPicture(("wall", trail.present.number, 0), before[0], fake_picture(before[0], 64))
    engine.small_ready.emit(late)
    assert wall.tiles[0].image is shown, "a picture of the spread before comes too late"
    assert engine.asked[-1][2] == after[8]
    wall.desk.set_zones(("fine",))
    assert all(tile.recipe.sources[1].shares[:2] == (0.0, 0.0) for tile in wall.tiles)
    wall.desk.set_side(4)
    assert len(wall.tiles) == 16
    _settled(wall, qtbot)


def test_two_chosen_are_crossed_and_the_way_back_leads_to_their_sheet(
    wall: Wall, qtbot: QtBot
) -> None:
    wall.desk.fill("nearby", new_recipe(FAKE_HASH, 5))
    first = [tile.recipe for tile in wall.tiles]
    tick = wall.tile_rect(1).topLeft()
    qtbot.mouseClick(wall, Qt.MouseButton.LeftButton, pos=tick + tick.__class__(8, 8))
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(wall, Qt.MouseButton.LeftButton, control, pos=wall.tile_rect(5).center())
    qtbot.keyClick(wall, Qt.Key.Key_Right)
    qtbot.keyClick(wall, Qt.Key.Key_Space)
    assert list(wall.chosen) == [1, 5, 6]
    assert wall.accessibleName().endswith("chosen")
    qtbot.keyClick(wall, Qt.Key.Key_Space)
    picks: list[WallPick] = []
    wall.recipe_chosen.connect(picks.append)
    wall.breed()
    assert wall.kind == "children"
    assert not {tile.recipe for tile in wall.tiles} & set(first)
    qtbot.keyClick(wall, Qt.Key.Key_Return)
    assert picks[0] == WallPick(wall.tiles[0].recipe, (first[1], first[5]))
    wall.desk.turn(-1)
    assert [tile.recipe for tile in wall.tiles] == first
    assert list(wall.chosen) == [1, 5]
    wall.desk.turn(1)
    assert wall.kind == "children"
    wall.desk.turn(1)
    assert wall.kind == "children"
    _settled(wall, qtbot)


def test_one_at_hand_is_varied_and_sheets_of_another_model_go(
    wall: Wall, engine: FakeEngineClient, qtbot: QtBot
) -> None:
    wall.desk.fill("nearby", new_recipe(FAKE_HASH, 5))
    parent = wall.tiles[0].recipe
    wall.breed()
    assert wall.desk.sheet is not None
    assert wall.desk.sheet.parents == (parent,)
    engine.card = fake_card()
    engine.card = msgspec.structs.replace(engine.card, model="cd" * 32)
    engine.open_model(Path("other"))
    wall.desk.refill()
    assert wall.kind == "fresh"
    assert {tile.recipe.model for tile in wall.tiles} == {"cd" * 32}
    assert not wall.desk.trail.can_go_back
    _settled(wall, qtbot)


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
    wall.desk.refill()
    assert all(tile.problem for tile in wall.tiles)
    chosen: list[Recipe] = []
    wall.recipe_chosen.connect(lambda pick: chosen.append(pick.recipe))
    qtbot.keyClick(wall, Qt.Key.Key_Return)
    assert chosen == []


def test_leaving_cancels_what_is_still_asked(wall: Wall, engine: FakeEngineClient) -> None:
    wall.empty()
    assert engine.asked[-1] == ("cancel_small", ("wall",))
