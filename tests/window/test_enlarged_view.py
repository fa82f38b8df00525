"""The enlarged view: what would be exported, on the canvas, as soon as the hand rests."""

import numpy as np
from pytestqt.qtbot import QtBot

from studio.app.engine_client import LargeWish
from studio.compose import Composition
from studio.core.errors import EngineError
from studio.core.recipe import Recipe, with_edit
from studio.ui.enlarged_view import VIEW_KEY
from studio.ui.pictures import to_image
from tests.fakes.engine_client import FakeEngineClient, fake_directions, fake_picture
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]


def engine_of(composition: Composition) -> FakeEngineClient:
    engine = composition.engine
    assert isinstance(engine, FakeEngineClient)
    return engine


def wishes_of(composition: Composition) -> list[LargeWish]:
    return [wish for key, wish in engine_of(composition).large.asked if key == VIEW_KEY]


def move(composition: Composition, strength: float) -> Recipe:
    recipe = composition.document.recipe
    assert recipe is not None
    moved = with_edit(recipe, fake_directions()[0].id, strength=(strength,) * 3)
    composition.document.edit(moved)
    return moved


def test_it_lies_where_the_picture_lay_and_goes_away_again(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    canvas, recipe = composition.canvas, composition.document.recipe
    assert recipe is not None
    before = canvas.view
    assert before is not None
    assert canvas.sheet.enlarged == 1, "the picture itself comes first"
    qtbot.waitUntil(lambda: canvas.sheet.enlarged == 8)
    assert canvas.sheet.image is not None
    wanted = fake_picture(recipe, 128).repeat(8, axis=0).repeat(8, axis=1)
    assert canvas.sheet.image == to_image(wanted).convertToFormat(canvas.sheet.image.format())
    after = canvas.view
    assert after is not None
    assert np.allclose(
        np.array(before.picture) * before.scale, np.array(after.picture) * after.scale
    )
    press(composition, "enlarged_view")
    assert canvas.sheet.enlarged == 1
    assert canvas.sheet.image.width() == 128


def test_a_new_picture_is_shown_as_it_is_and_enlarged_when_the_hand_rests(
    studio: Studio, qtbot: QtBot
) -> None:
    composition = studio.open()
    qtbot.waitUntil(lambda: composition.canvas.sheet.enlarged == 8)
    moved = move(composition, 1.0)
    qtbot.waitUntil(lambda: len(wishes_of(composition)) == 2)
    qtbot.waitUntil(lambda: composition.canvas.sheet.enlarged == 8)
    assert wishes_of(composition)[-1].recipe == moved
    latest = composition.pictures.latest
    assert latest is not None
    assert latest.recipe == moved


def test_what_is_no_more_shown_is_not_enlarged_further(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    large = engine_of(composition).large
    large.is_held = True
    qtbot.waitUntil(lambda: large.has_waiting("view"))
    assert "Enlarging the view" in composition.window.status.words
    move(composition, 2.0)
    assert not large.has_waiting("view")
    assert "Enlarging the view" not in composition.window.status.words
    press(composition, "enlarged_view")


def test_a_failure_is_said_and_the_view_goes_back(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    engine_of(composition).refuse = EngineError("The enlarger cannot be read.", "Install again.")
    qtbot.waitUntil(lambda: "cannot be read" in composition.window.toast.text)
    assert not composition.window.actions_table.action("enlarged_view").isChecked()
    assert composition.canvas.sheet.enlarged == 1


def test_the_choice_is_remembered(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    press(composition, "enlarged_view")
    studio.close()
    again = studio.open()
    assert not again.window.actions_table.action("enlarged_view").isChecked()
    qtbot.waitUntil(lambda: again.pictures.latest is not None)
    assert wishes_of(again) == []


def test_one_to_one_is_the_picture_s_own_pixel_in_the_enlarged_view(
    studio: Studio, qtbot: QtBot
) -> None:
    composition = studio.open()
    qtbot.waitUntil(lambda: composition.canvas.sheet.enlarged == 8)
    press(composition, "one_to_one")
    view = composition.canvas.view
    assert view is not None
    assert view.picture[0] * view.scale == 128


def test_a_tile_shown_three_times_is_enlarged_as_a_whole(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    canvas = composition.canvas
    qtbot.waitUntil(lambda: canvas.sheet.enlarged == 8)
    press(composition, "repeats")
    qtbot.waitUntil(lambda: canvas.sheet.enlarged == 4)
    assert canvas.sheet.image is not None
    assert canvas.sheet.image.width() == 3 * 128 * 4
    press(composition, "repeats")
    qtbot.waitUntil(lambda: canvas.sheet.enlarged == 8)
    assert canvas.sheet.image.width() == 1024
