"""States of a model that is not open have the pictures that were seen of them before."""

from pathlib import Path

import msgspec
from pytestqt.qtbot import QtBot

from studio.app.state_pictures import StatePictures
from studio.core.recipe import new_recipe
from studio.files.state_pictures import prune_state_pictures, state_picture_path
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient, fake_card


def test_a_state_keeps_its_picture_while_another_model_is_open(
    tmp_path: Path, qtbot: QtBot
) -> None:
    engine = FakeEngineClient(is_immediate=True)
    engine.open_model(tmp_path / "model")
    recipe, unseen = new_recipe(FAKE_HASH, 7), new_recipe(FAKE_HASH, 8)
    first = StatePictures(engine, size=64, home=tmp_path)
    first.request(recipe)
    first.finish()
    assert state_picture_path(tmp_path, recipe).is_file()
    engine.card = msgspec.structs.replace(fake_card(), model="cd" * 32)
    engine.open_model(tmp_path / "other")
    second = StatePictures(engine, size=64, home=tmp_path)
    asked = len(engine.asked)
    told: list[object] = []
    second.ready.connect(told.append)
    qtbot.waitUntil(lambda: second.request(recipe) is not None)
    assert second.request(unseen) is None
    assert len(engine.asked) == asked, "the engine cannot make it now"
    qtbot.waitUntil(lambda: recipe in told and unseen in told)
    second.finish()
    assert prune_state_pictures(tmp_path, most=1) == 0
    assert prune_state_pictures(tmp_path, most=0) == 1
    assert not state_picture_path(tmp_path, recipe).exists()
