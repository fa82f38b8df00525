"""Layered files from the window: every picture that is needed, one file or many, cancel, errors."""

import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from psd_tools import PSDImage
from pytestqt.qtbot import QtBot

from studio.app import export_files
from studio.app.exporting import Exported, Exporter, ExportItem, ExportPlan, ExportProgress
from studio.core.layer_plan import pictures_of, plan_layers
from studio.core.lineage import Lineage
from studio.core.recipe import Recipe
from studio.export import layers
from studio.export.stills import FileFormat, StillSettings, save_still
from studio.files.images import decode_picture
from studio.library.gallery import Gallery, Kept
from studio.opener.merged_preview import unwrapped
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.engine_client import FakeEngineClient, fake_picture
from tests.fakes.galleries import CARD, keep_one, picture_of, recipe_of
from tests.fakes.painted_recipes import painted

NAMES = ["Base", "Sky 天空", 'Rock <"&', "Kept 3", "Mixed in 4"]


@pytest.fixture
def engine(qtbot: QtBot) -> FakeEngineClient:
    client = FakeEngineClient()
    with qtbot.waitSignal(client.model_opened):
        client.open_model(Path("hills"))
    return client


@pytest.fixture
def exporter(engine: FakeEngineClient, tmp_path: Path) -> Exporter:
    return Exporter(Gallery(tmp_path / "home"), engine, home=tmp_path / "home")


def plan(folder: Path, kind: FileFormat = "psd", **fields: object) -> ExportPlan:
    settings = msgspec.structs.replace(StillSettings(format=kind), **fields)
    return ExportPlan(folder, "{n} {name}", settings)


def done(qtbot: QtBot, exporter: Exporter, *items: ExportItem, how: ExportPlan) -> Exported:
    with qtbot.waitSignal(exporter.exported) as caught:
        exporter.export(items, how)
    exporter.finish()
    told = caught.args[0]
    assert isinstance(told, Exported)
    return told


def refused(qtbot: QtBot, exporter: Exporter, *items: ExportItem, how: ExportPlan) -> str:
    with qtbot.waitSignal(exporter.failed) as caught:
        exporter.export(items, how)
    assert not exporter.is_running
    assert not list(how.folder.glob("*.psd"))
    return str(caught.args[0].error.what)


def seen(path: Path) -> Recipe:
    found = read_recipe_text(unwrapped(path.read_bytes())).recipe
    assert found is not None
    return found.recipe


def keep(gallery: Gallery, recipe: Recipe, *, painted_in: str = "") -> Kept:
    lineage = Lineage(painted_in=painted_in)
    return gallery.keep(
        picture_of(5, 64), recipe, card=CARD, name="Bay", provider="CPU", lineage=lineage
    )


def test_a_painted_picture_is_written_with_its_layers(
    qtbot: QtBot, engine: FakeEngineClient, exporter: Exporter, tmp_path: Path
) -> None:
    recipe = engine.of_model(painted(CARD.model))
    told = done(qtbot, exporter, ExportItem(recipe, "Hill"), how=plan(tmp_path))
    assert told.paths == (tmp_path / "001 Hill.psd",)
    (group,) = PSDImage.open(told.paths[0])
    assert group.name == "Hill"
    assert [one.name for one in group] == NAMES  # type: ignore[attr-defined]
    assert seen(told.paths[0]) == recipe
    merged = decode_picture(told.paths[0].read_bytes())
    assert np.array_equal(merged, fake_picture(recipe, merged.shape[0]))
    asked = [call[2] for call in engine.asked if call[0] == "request_full"]
    assert asked == list(pictures_of(plan_layers(recipe)))


def test_several_pictures_go_into_one_file_or_into_one_each(
    qtbot: QtBot, engine: FakeEngineClient, exporter: Exporter, tmp_path: Path
) -> None:
    items = [ExportItem(engine.of_model(recipe_of(seed)), f"P{seed}") for seed in (1, 2, 3)]
    together = done(qtbot, exporter, *items, how=plan(tmp_path))
    assert (len(together.paths), together.num_wanted) == (1, 1)
    assert [one.name for one in PSDImage.open(together.paths[0])] == ["P3", "P2", "P1"]
    assert seen(together.paths[0]) == items[0].recipe
    each = done(qtbot, exporter, *items, how=plan(tmp_path, "ora", in_one=False))
    assert [path.name for path in each.paths] == ["001 P1.ora", "002 P2.ora", "003 P3.ora"]
    stills = done(qtbot, exporter, *items, how=plan(tmp_path, "png"))
    assert len(stills.paths) == 3


def test_enlarged_layers_have_the_wished_size_and_say_so(
    qtbot: QtBot, engine: FakeEngineClient, exporter: Exporter, tmp_path: Path
) -> None:
    recipe = engine.of_model(painted(CARD.model))
    told = done(qtbot, exporter, ExportItem(recipe, "Hill"), how=plan(tmp_path, size=300))
    file = PSDImage.open(told.paths[0])
    assert file.size == (300, 300)
    assert all(one.size == (300, 300) for one in file[0])  # type: ignore[attr-defined]
    found = seen(told.paths[0])
    assert found.frame is not None
    assert found.frame.enlarge == 4
    assert found.regions == recipe.regions
    wishes = {wish.factor for _, wish in engine.large.asked}
    assert wishes == {4}


def test_kept_pictures_are_taken_as_they_are_but_painted_ones_are_taken_apart(
    qtbot: QtBot, engine: FakeEngineClient, exporter: Exporter, tmp_path: Path
) -> None:
    with Gallery(tmp_path / "home") as gallery:
        plain = keep_one(gallery, 4, "Plain")
        parted = keep(gallery, engine.of_model(painted(CARD.model)))
        over = keep(gallery, engine.of_model(painted(CARD.model)), painted_in="Krita")
    items = [ExportItem(one.recipe, one.name, one) for one in (plain, parted, over)]
    told = done(qtbot, exporter, *items, how=plan(tmp_path, in_one=False))
    files = [PSDImage.open(path) for path in told.paths]
    assert [[one.name for one in file] for file in files] == [["Plain"], ["Bay"], ["Bay"]]
    assert [file[0].is_group() for file in files] == [False, True, False]
    assert np.array_equal(decode_picture(told.paths[0].read_bytes()), picture_of(4))
    assert np.array_equal(decode_picture(told.paths[2].read_bytes()), picture_of(5, 64))


def test_progress_rises_to_the_end(
    qtbot: QtBot, engine: FakeEngineClient, exporter: Exporter, tmp_path: Path
) -> None:
    steps: list[int] = []
    exporter.progress_changed.connect(lambda step: steps.append(step.percent))
    items = [ExportItem(engine.of_model(painted(CARD.model, seed=seed))) for seed in (1, 2)]
    done(qtbot, exporter, *items, how=plan(tmp_path))
    assert steps == sorted(steps)
    assert steps[-1] == 100
    assert len(set(steps)) > 6


def test_cancel_in_the_middle_of_a_picture_leaves_nothing_and_the_next_export_works(
    qtbot: QtBot, engine: FakeEngineClient, exporter: Exporter, tmp_path: Path
) -> None:
    item = ExportItem(engine.of_model(painted(CARD.model)), "Hill")

    def stop(step: ExportProgress) -> None:
        if 0.3 < step.share < 1:
            exporter.cancel()

    exporter.progress_changed.connect(stop)
    told = done(qtbot, exporter, item, how=plan(tmp_path))
    assert told.was_cancelled
    assert not list(tmp_path.glob("*.psd"))
    asked = _num_asked(engine)
    for place in range(7):  # as long as the rest of the picture would have taken
        with qtbot.waitSignal(engine.full_ready):
            engine.request_full(("probe", place), item.recipe)
    assert _num_asked(engine) == asked
    exporter.progress_changed.disconnect(stop)
    again = done(qtbot, exporter, item, how=plan(tmp_path))
    assert len(again.paths) == 1
    assert [one.name for one in PSDImage.open(again.paths[0])[0]] == NAMES  # type: ignore[attr-defined]


def _num_asked(engine: FakeEngineClient) -> int:
    """Count what was asked for exports."""
    keys = [call[1] for call in engine.asked if call[0] == "request_full"]
    return sum(isinstance(key, tuple) and key[0] == "export" for key in keys)


def test_a_file_that_is_written_after_cancel_is_not_taken_for_the_next_one(
    qtbot: QtBot,
    engine: FakeEngineClient,
    exporter: Exporter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    has_begun, may_go_on = threading.Event(), threading.Event()

    def save(path: Path, *args: Any, **fields: Any) -> Path:
        has_begun.set()
        may_go_on.wait()
        return save_still(path, *args, **fields)

    monkeypatch.setattr(export_files, "save_still", save)
    first, second = (ExportItem(engine.of_model(recipe_of(n)), f"P{n}") for n in (1, 2))
    exporter.export([first], plan(tmp_path, "png"))
    qtbot.waitUntil(has_begun.is_set)
    exporter.cancel()
    with qtbot.waitSignal(exporter.exported) as caught:
        exporter.export([second], plan(tmp_path, "png"))
        may_go_on.set()
    exporter.finish()
    assert caught.args[0].paths == (tmp_path / "001 P2.png",)


def test_one_each_goes_on_where_it_was_stopped(
    qtbot: QtBot, engine: FakeEngineClient, exporter: Exporter, tmp_path: Path
) -> None:
    items = [ExportItem(engine.of_model(recipe_of(seed)), f"P{seed}") for seed in range(4)]

    def stop(step: ExportProgress) -> None:
        if step.done == 2:
            exporter.cancel()

    exporter.progress_changed.connect(stop)
    done(qtbot, exporter, *items, how=plan(tmp_path, in_one=False))
    exporter.progress_changed.disconnect(stop)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.psd")}
    with qtbot.waitSignal(exporter.exported) as caught:
        exporter.resume()
    exporter.finish()
    assert [path.name for path in caught.args[0].paths] == [f"00{n + 1} P{n}.psd" for n in range(4)]
    assert before.items() <= {p: p.stat().st_mtime_ns for p in tmp_path.glob("*.psd")}.items()


def test_what_cannot_be_done_is_one_sentence(
    qtbot: QtBot,
    engine: FakeEngineClient,
    exporter: Exporter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = ExportItem(engine.of_model(painted(CARD.model)), "Hill")
    other = ExportItem(painted("cd" * 32), "Far")
    assert "not open" in refused(qtbot, exporter, own, other, how=plan(tmp_path))
    monkeypatch.setattr(layers, "MAX_PIXELS_IN_ALL", 4 * 128 * 128)
    asked = len(engine.asked)
    assert "more than" in refused(qtbot, exporter, own, how=plan(tmp_path))
    assert len(engine.asked) == asked  # nothing was made in vain


def test_sides_that_are_powers_of_two_hold_for_layers_too(
    qtbot: QtBot, engine: FakeEngineClient, exporter: Exporter, tmp_path: Path
) -> None:
    items = [
        ExportItem(engine.of_model(painted(CARD.model)), "Hill"),
        ExportItem(engine.of_model(recipe_of(2)), "Far"),
    ]
    told = done(qtbot, exporter, *items, how=plan(tmp_path, size=300, is_power_of_two=True))
    file = PSDImage.open(told.paths[0])
    assert file.size == (256, 256)
    assert {one.size for one in file.descendants()} == {(256, 256)}
