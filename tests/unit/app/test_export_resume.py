"""An export that was stopped goes on where it stopped, in this session or the next."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.app.exporting import Exported, Exporter, ExportItem, ExportPlan, ExportProgress
from studio.core.recipe import Recipe
from studio.export.stills import StillSettings
from studio.export.unfinished import ExportRecord, Wanted
from studio.files.images import read_picture
from studio.library.gallery import Gallery
from tests.fakes.engine_client import FakeEngineClient, fake_picture
from tests.fakes.galleries import keep_one, recipe_of

ROOT = Path(__file__).parents[3]
_CHILD = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from studio.app.exporting import Exporter, ExportItem, ExportPlan
from studio.library.gallery import Gallery
from tests.fakes.engine_client import FakeEngineClient
from tests.fakes.galleries import recipe_of
app = QCoreApplication([])
home, out = Path(sys.argv[1]), Path(sys.argv[2])
engine = FakeEngineClient()
engine.open_model(Path("hills"))
app.processEvents()
exporter = Exporter(Gallery(home), engine, home=home)
exporter.progress_changed.connect(lambda step: print(step.done, flush=True))
exporter.export([ExportItem(engine.of_model(recipe_of(i))) for i in range(60)], ExportPlan(out, "{n}"))
app.exec()
"""


@pytest.fixture
def engine(qtbot: QtBot) -> FakeEngineClient:
    client = FakeEngineClient()
    with qtbot.waitSignal(client.model_opened):
        client.open_model(Path("hills"))
    return client


def _stopped(
    qtbot: QtBot, exporter: Exporter, *, items: list[ExportItem], plan: ExportPlan
) -> None:
    """Export, and cancel after two pictures."""

    def stop(step: ExportProgress) -> None:
        if step.done == 2:
            exporter.cancel()

    exporter.progress_changed.connect(stop)
    with qtbot.waitSignal(exporter.exported) as told:
        exporter.export(items, plan)
    exporter.finish()
    exporter.progress_changed.disconnect(stop)
    assert told.args[0].was_cancelled


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {one.name: (one.stat().st_ino, one.stat().st_mtime_ns) for one in folder.iterdir()}


def _resumed(qtbot: QtBot, exporter: Exporter) -> Exported:
    with qtbot.waitSignal(exporter.exported) as told:
        exporter.resume()
        assert exporter.is_running
    exporter.finish()
    done = told.args[0]
    assert isinstance(done, Exported)
    return done


def test_a_cancelled_export_goes_on_after_a_restart_and_leaves_what_is_written(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    home, plan = tmp_path / "home", ExportPlan(tmp_path / "out", "{n}-{name}")
    with Gallery(home) as gallery:
        kept = [keep_one(gallery, seed, f"Dawn {seed}") for seed in range(3)]
        items = [ExportItem(one.recipe, one.name, one) for one in kept]
        items += [ExportItem(engine.of_model(recipe_of(seed)), f"Sea {seed}") for seed in (7, 8)]
        _stopped(qtbot, Exporter(gallery, engine, home=home), items=items, plan=plan)
        before = _stamps(plan.folder)
        assert len(before) == 2
        gallery.move_to_trash(kept[2].id)
        again = Exporter(gallery, engine, home=home)
        with qtbot.waitSignal(again.unfinished_changed) as offered:
            again.look_for_unfinished()
        assert offered.args == [ExportProgress(2, 5)]
        done = _resumed(qtbot, again)
        assert [path.name for path in done.paths] == [
            "001-Dawn 0.png", "002-Dawn 1.png", "003-Dawn 2.png", "004-Sea 7.png", "005-Sea 8.png",
        ]  # fmt: skip
        assert (done.num_wanted, done.was_cancelled) == (5, False)
        after = _stamps(plan.folder)
        assert {name: after[name] for name in before} == before
        assert ExportRecord(home).read() is None


@pytest.mark.parametrize("harm", ["gone", "cut short", "painted over", "last line cut"])
def test_what_is_not_whole_is_written_again(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path, harm: str
) -> None:
    home, plan = tmp_path / "home", ExportPlan(tmp_path / "out", "{n}")
    items = [ExportItem(engine.of_model(recipe_of(seed))) for seed in range(3)]
    with Gallery(home) as gallery:
        _stopped(qtbot, Exporter(gallery, engine, home=home), items=items, plan=plan)
        second = plan.folder / "002.png"
        whole, lines = second.read_bytes(), home / "exports" / "window.lines"
        if harm == "gone":
            second.unlink()
        elif harm == "cut short":
            second.write_bytes(whole[:-50])
        elif harm == "painted over":
            second.write_bytes(b"the artist's own")
        else:
            lines.write_bytes(lines.read_bytes()[:-10])
        done = _resumed(qtbot, Exporter(gallery, engine, home=home))
    assert len(done.paths) == 3
    for item, path in zip(items, done.paths, strict=True):
        assert (read_picture(path) == fake_picture(item.recipe, 128)).all()
    name = "002.png" if harm == "gone" else "002-2.png"
    assert done.paths[1].name == name
    if harm == "painted over":
        assert second.read_bytes() == b"the artist's own"


def test_the_rest_can_be_let_be_and_another_export_takes_its_place(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    home, plan = tmp_path / "home", ExportPlan(tmp_path / "out", "{n}")
    items = [ExportItem(engine.of_model(recipe_of(seed))) for seed in range(4)]
    with Gallery(home) as gallery:
        exporter = Exporter(gallery, engine, home=home)
        _stopped(qtbot, exporter, items=items, plan=plan)
        with qtbot.waitSignal(exporter.exported):  # one picture alone leaves the record as it is
            exporter.export(items[:1], plan)
        exporter.finish()
        assert ExportRecord(home).read() is not None
        with qtbot.waitSignal(exporter.unfinished_changed) as told:
            exporter.forget_unfinished()
        exporter.finish()
        assert told.args == [None]
        assert ExportRecord(home).read() is None
        with qtbot.waitSignal(exporter.unfinished_changed):
            exporter.resume()
        assert not exporter.is_running


def test_a_record_that_is_no_record_is_no_offer(tmp_path: Path) -> None:
    record = ExportRecord(tmp_path)
    head = tmp_path / "exports" / "window.json"
    head.parent.mkdir()
    for content in (b"", b"{", b"[]", b'{"schema": 1}', b"\xff" * 20):
        head.write_bytes(content)
        assert record.read() is None


def test_names_in_the_record_never_leave_the_folder(tmp_path: Path) -> None:
    plan = ExportPlan(tmp_path / "out", settings=StillSettings())
    record = ExportRecord(tmp_path)
    recipe: Recipe = recipe_of(1)
    record.begin([Wanted(recipe, "a"), Wanted(recipe, "b")], plan)
    record.close()
    lines = tmp_path / "exports" / "window.lines"
    lines.write_bytes(b'[0, "../../etc/passwd", "aa"]\n[9, "a.png", "aa"]\n[1, "b.png", "bb"]\n')
    found = record.read()
    assert found is not None
    assert found.noted == {1: ("b.png", "bb")}


def test_killed_in_the_middle_nothing_is_written_twice_and_nothing_is_missing(
    qtbot: QtBot, engine: FakeEngineClient, tmp_path: Path
) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(home), str(out)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    with child.stdout as said:
        while said.readline().strip() != b"12":
            assert child.poll() is None
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    before = {name: one for name, one in _stamps(out).items() if not name.startswith(".part-")}
    assert 12 <= len(before) < 60
    with Gallery(home) as gallery:
        done = _resumed(qtbot, Exporter(gallery, engine, home=home))
    after = _stamps(out)
    assert [path.name for path in done.paths] == [f"{i:03d}.png" for i in range(1, 61)]
    assert {name: after[name] for name in before} == before
    assert len([name for name in after if not name.startswith(".part-")]) == 60
