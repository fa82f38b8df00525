"""Keeping tells `kept` only when it is on the disk, and every failure is told once."""

import threading
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from studio.app.keeping import Keeper
from studio.core.errors import EngineError, StudioError
from studio.core.lineage import Lineage
from studio.core.nearness import Nearness
from studio.library.gallery import Gallery
from tests.fakes.disks import FaultyDisk, raise_error
from tests.fakes.engine_client import FakeEngineClient
from tests.fakes.galleries import recipe_of


@pytest.fixture
def engine(qtbot: QtBot) -> FakeEngineClient:
    client = FakeEngineClient(is_immediate=True)
    client.open_model(Path("hills"))
    return client


def test_what_is_told_as_kept_is_on_the_disk(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    with Gallery(tmp_path) as gallery:
        keeper = Keeper(gallery, engine)
        seen: list[tuple[bool, bool]] = []
        here = threading.current_thread()

        def look(kept: object) -> None:
            path = gallery.picture_path(kept)  # type: ignore[arg-type]
            seen.append((path.is_file(), threading.current_thread() is here))

        keeper.kept.connect(look)
        recipe = engine.of_model(recipe_of(7))
        with qtbot.waitSignal(keeper.kept) as caught:
            keeper.keep(recipe, name="Dawn", lineage=Lineage("f" * 32))
            assert keeper.num_waiting == 1
        (kept,) = caught.args
        assert seen == [(True, True)]
        assert keeper.num_waiting == 0
        assert (kept.name, kept.recipe, kept.parent) == ("Dawn", recipe, "f" * 32)
        assert kept.credit == engine.card.credit
        assert gallery.items() == (kept,)


def test_nearness_is_kept_with_the_picture_and_outlives_the_session(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    engine.nearness = Nearness(distance=0.1, limit=0.3, is_copy=True, file="a.jpg", square=2)
    with Gallery(tmp_path) as gallery:
        keeper = Keeper(gallery, engine)
        with qtbot.waitSignal(keeper.kept) as caught:
            keeper.keep(engine.of_model(recipe_of(7)))
        assert caught.args[0].nearness == engine.nearness
        gallery.set_starred(caught.args[0].id, True)
    with Gallery(tmp_path) as gallery:
        assert gallery.items()[0].nearness == engine.nearness
        gallery.rebuild_index()
        assert gallery.items()[0].nearness == engine.nearness
        assert gallery.items()[0].starred


def test_many_wishes_at_once_are_all_kept_in_order(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    with Gallery(tmp_path) as gallery:
        keeper = Keeper(gallery, engine)
        told: list[str] = []
        keeper.kept.connect(lambda kept: told.append(kept.seed_text))
        for seed in range(8):
            keeper.keep(engine.of_model(recipe_of(seed)))
        qtbot.waitUntil(lambda: keeper.num_waiting == 0)
        assert told == [str(seed) for seed in range(8)]
        assert [kept.seed_text for kept in gallery.items()] == told[::-1]


@pytest.mark.parametrize("fault", ["disk", "engine", "no model", "other model"])
def test_a_failure_is_told_once_and_nothing_waits(qtbot: QtBot, tmp_path: Path, fault: str) -> None:
    engine = FakeEngineClient(is_immediate=True)
    if fault != "no model":
        engine.open_model(Path("hills"))
    model = "0" * 64 if fault == "other model" else engine.card.model
    recipe = msgspec.structs.replace(recipe_of(7), model=model)
    engine.refuse = EngineError("No.", "Yes.") if fault == "engine" else None
    disk = FaultyDisk(3 if fault == "disk" else 0, raise_error(28))
    with Gallery(tmp_path, disk=disk) as gallery:
        keeper = Keeper(gallery, engine)
        told: list[StudioError] = []
        keeper.failed.connect(lambda failure: told.append(failure.error))
        keeper.keep(recipe)
        qtbot.waitUntil(lambda: bool(told))
        keeper.finish()
        assert len(told) == 1
        assert keeper.num_waiting == 0
        assert gallery.items() == ()
