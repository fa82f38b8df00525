"""Exports go picture by picture, from the engine or the gallery, and stop when asked."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.app.exporting import Exporter, ExportItem, ExportPlan, ExportProgress
from studio.core.enlargement import with_enlargement
from studio.core.errors import EngineError
from studio.export.stills import StillSettings
from studio.files.deep_images import decode_tiff
from studio.files.images import read_picture
from studio.library.gallery import Gallery
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.engine_client import FakeEngineClient, fake_picture
from tests.fakes.galleries import CARD, keep_one, picture_of, recipe_of


@pytest.fixture
def engine(qtbot: QtBot) -> FakeEngineClient:
    client = FakeEngineClient()
    with qtbot.waitSignal(client.model_opened):
        client.open_model(Path("hills"))
    return client


def items_of(engine: FakeEngineClient, *seeds: int) -> list[ExportItem]:
    return [ExportItem(engine.of_model(recipe_of(seed))) for seed in seeds]


def test_recipes_are_rendered_and_written_with_their_names(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        exporter = Exporter(gallery, engine)
        progress: list[ExportProgress] = []
        exporter.progress_changed.connect(progress.append)
        plan = ExportPlan(tmp_path / "out", "{model}-{seed}-{n}")
        with qtbot.waitSignal(exporter.exported) as caught:
            exporter.export(items_of(engine, 7, 9), plan)
            assert exporter.is_running
        (done,) = caught.args
        assert [path.name for path in done.paths] == [
            "Landscapes-7-001.png",
            "Landscapes-9-002.png",
        ]
        assert not done.was_cancelled
        assert not exporter.is_running
        assert [(step.done, step.total) for step in progress] == [(1, 2), (2, 2)]
        item = items_of(engine, 7)[0]
        np.testing.assert_array_equal(
            read_picture(done.paths[0]), fake_picture(item.recipe, engine.card.resolution)
        )
        found = read_recipe_text(done.paths[0].read_bytes())
        assert found.recipe is not None
        assert found.recipe.recipe == item.recipe


def test_a_kept_picture_is_exported_without_its_model(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        recipe = msgspec.structs.replace(recipe_of(7), model="cd" * 32)
        kept = gallery.keep(picture_of(7), recipe, card=CARD, name="Dawn: 1/2", provider="CPU")
        exporter = Exporter(gallery, engine)
        plan = ExportPlan(tmp_path, "{name}", StillSettings(with_recipe=False))
        with qtbot.waitSignal(exporter.exported) as caught:
            exporter.export([ExportItem(kept.recipe, kept=kept)], plan)
        (done,) = caught.args
        assert done.paths == (tmp_path / "Dawn 1 2.png",)
        np.testing.assert_array_equal(read_picture(done.paths[0]), picture_of(7))
        assert CARD.credit.encode() in done.paths[0].read_bytes()
        assert not any(call[0] == "request_full" for call in engine.asked)


def test_again_as_last_time(qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path) -> None:
    with Gallery(tmp_path / "home") as gallery:
        exporter = Exporter(gallery, engine)
        assert not exporter.export_again(items_of(engine, 7))
        plan = ExportPlan(tmp_path, "{seed}", StillSettings(format="jpeg", size=16))
        exporter.last_plan = plan
        for name in ("7.jpg", "7-2.jpg"):
            with qtbot.waitSignal(exporter.exported) as caught:
                assert exporter.export_again(items_of(engine, 7))
            assert caught.args[0].paths == (tmp_path / name,)
        assert read_picture(tmp_path / "7.jpg").shape == (16, 16, 3)
        assert exporter.last_plan == plan


def test_cancel_stops_and_what_is_written_stays(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        exporter = Exporter(gallery, engine)

        def stop_after_two(step: ExportProgress) -> None:
            if step.done == 2:
                exporter.cancel()

        exporter.progress_changed.connect(stop_after_two)
        with qtbot.waitSignal(exporter.exported) as caught:
            exporter.export(items_of(engine, *range(50)), ExportPlan(tmp_path / "out"))
        exporter.finish()
        assert caught.args[0].was_cancelled
        assert len(caught.args[0].paths) == 2
        assert len(list((tmp_path / "out").iterdir())) == 2
        exporter.cancel()
        with qtbot.waitSignal(exporter.exported):
            exporter.export(items_of(engine, 99), ExportPlan(tmp_path / "more"))


@pytest.mark.parametrize("fault", ["engine", "other model", "damaged", "folder", "busy"])
def test_a_failure_ends_the_export_with_a_sentence(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path, fault: str
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        exporter = Exporter(gallery, engine)
        items = items_of(engine, 7)
        folder = tmp_path / "out"
        if fault == "engine":
            engine.refuse = EngineError("No.", "Yes.")
        elif fault == "other model":
            items = [ExportItem(msgspec.structs.replace(items[0].recipe, model="0" * 64))]
        elif fault == "damaged":
            kept = keep_one(gallery, 7)
            gallery.picture_path(kept).unlink()
            items = [ExportItem(kept.recipe, kept=kept)]
        elif fault == "folder":
            folder.touch()
        with qtbot.waitSignal(exporter.failed) as caught:
            exporter.export(items, ExportPlan(folder))
            if fault == "busy":
                exporter.export(items, ExportPlan(folder))
        assert caught.args[0].error.what.endswith(".")
        if fault == "busy":
            qtbot.waitUntil(lambda: not exporter.is_running)
        assert not exporter.is_running
        exporter.finish()


def test_an_export_of_nothing_ends_at_once(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        exporter = Exporter(gallery, engine)
        with qtbot.waitSignal(exporter.exported) as caught:
            exporter.export([], ExportPlan(tmp_path))
        assert caught.args[0].paths == ()


def test_a_larger_size_is_enlarged_by_the_engine_and_the_file_says_so(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        exporter = Exporter(gallery, engine)
        progress: list[ExportProgress] = []
        exporter.progress_changed.connect(progress.append)
        plan = ExportPlan(tmp_path, settings=StillSettings(size=1024))
        items = items_of(engine, 3)
        with qtbot.waitSignal(exporter.exported) as caught:
            exporter.export(items, plan)
    (path,) = caught.args[0].paths
    wanted = fake_picture(items[0].recipe, 128).repeat(8, axis=0).repeat(8, axis=1)
    assert np.array_equal(read_picture(path), wanted)
    found = read_recipe_text(path.read_bytes()).recipe
    assert found is not None
    assert found.recipe == with_enlargement(items[0].recipe, 8)
    assert "enlarged 8x" in path.read_bytes().decode("latin-1")
    assert progress == [ExportProgress(0, 1, 0.5), ExportProgress(1, 1)]


def test_a_size_between_is_enlarged_to_the_next_and_reduced(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        exporter = Exporter(gallery, engine)
        with qtbot.waitSignal(exporter.exported) as caught:
            exporter.export(
                items_of(engine, 3), ExportPlan(tmp_path, settings=StillSettings(size=300))
            )
    assert engine.large.asked[0][1].factor == 4
    assert read_picture(caught.args[0].paths[0]).shape == (300, 300, 3)


def test_a_kept_picture_is_enlarged_from_its_file_whatever_model_is_open(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        kept = keep_one(gallery, 4)
        exporter = Exporter(gallery, engine)
        plan = ExportPlan(tmp_path, settings=StillSettings(size=2 * kept.width))
        with qtbot.waitSignal(exporter.exported) as caught:
            exporter.export([ExportItem(kept.recipe, kept=kept)], plan)
        ((_, wish),) = engine.large.asked
        assert (wish.path, wish.recipe, wish.factor) == (gallery.picture_path(kept), None, 2)
    assert len(caught.args[0].paths) == 1


def test_cancel_ends_what_is_being_enlarged(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    engine.large.is_held = True
    with Gallery(tmp_path / "home") as gallery:
        exporter = Exporter(gallery, engine)
        with qtbot.waitSignal(exporter.exported) as caught:
            exporter.export(
                items_of(engine, 3), ExportPlan(tmp_path, settings=StillSettings(size=512))
            )
            assert engine.large.has_waiting("export")
            exporter.cancel()
    assert caught.args[0].was_cancelled
    assert not engine.large.has_waiting()


def test_a_kept_picture_cannot_be_enlarged_without_an_engine_and_that_is_said(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        kept = keep_one(gallery, 4)
        exporter = Exporter(gallery, FakeEngineClient())
        with qtbot.waitSignal(exporter.failed) as caught:
            plan = ExportPlan(tmp_path, settings=StillSettings(size=4096))
            exporter.export([ExportItem(kept.recipe, kept=kept)], plan)
    assert "no model is open" in caught.args[0].error.what


@pytest.mark.parametrize("size", [None, 256])
def test_sixteen_bits_are_asked_of_the_engine_even_at_the_own_size(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path, size: int | None
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        exporter = Exporter(gallery, engine)
        plan = ExportPlan(tmp_path, settings=StillSettings(format="tiff", bits=16, size=size))
        with qtbot.waitSignal(exporter.exported) as caught:
            exporter.export(items_of(engine, 3), plan)
    ((_, wish),) = engine.large.asked
    assert (wish.bits, wish.factor) == (16, 1 if size is None else 2)
    assert decode_tiff(caught.args[0].paths[0].read_bytes()).dtype == np.uint16
