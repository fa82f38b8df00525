"""With a real engine: keep, export, drop the file again, and every control returns."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.app.exporting import ExportPlan
from studio.compose import Composition, Options, compose_window
from studio.core.recipe import with_edit
from studio.export.stills import StillSettings
from studio.ui.canvas_drop import Dropped
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.slow
PATIENCE_MS = 60_000


@pytest.fixture
def studio(qapp: QApplication, qtbot: QtBot, studio_home: Path) -> Iterator[Composition]:
    folder = make_tiny_model(studio_home / "models")
    found = compose_window(Options(model=str(folder)), home=studio_home)
    found.window.show()
    found.begin()
    qtbot.waitUntil(lambda: found.pictures.latest is not None, timeout=PATIENCE_MS)
    yield found
    found.dismantle()


def _move(studio: Composition, strength: float) -> None:
    recipe, opened = studio.document.recipe, studio.engine.opened
    assert recipe is not None
    assert opened is not None
    direction = opened.directions[0].id
    studio.document.edit(with_edit(recipe, direction, strength=(strength,) * 3))


def _export(studio: Composition, qtbot: QtBot, folder: Path, settings: StillSettings) -> Path:
    with qtbot.waitSignal(studio.exporter.exported, timeout=PATIENCE_MS) as told:
        studio.export_panel.export_requested.emit(ExportPlan(folder, settings=settings))
    path: Path = told.args[0].paths[0]
    return path


def test_a_dropped_picture_restores_every_control_and_says_identical(
    studio: Composition, qtbot: QtBot, tmp_path: Path
) -> None:
    _move(studio, 1.5)
    wanted = studio.document.recipe
    path = _export(studio, qtbot, tmp_path, StillSettings())
    _move(studio, -2.0)
    studio.restoring.take(Dropped(paths=(path,)))
    said = "Restored. The pixels are identical."
    qtbot.waitUntil(lambda: studio.window.toast.text == said, timeout=PATIENCE_MS)
    assert studio.document.recipe == wanted
    assert studio.document.history.can_undo


def test_a_jpeg_comes_back_and_the_difference_is_told(
    studio: Composition, qtbot: QtBot, tmp_path: Path
) -> None:
    _move(studio, 1.0)
    wanted = studio.document.recipe
    path = _export(studio, qtbot, tmp_path, StillSettings(format="jpeg", quality=60))
    _move(studio, 0.0)
    studio.restoring.take(Dropped(paths=(path,)))
    qtbot.waitUntil(lambda: studio.window.toast.text.startswith("Restored."), timeout=PATIENCE_MS)
    assert "identical" not in studio.window.toast.text
    assert studio.document.recipe == wanted


def test_a_picture_without_a_recipe_meets_a_model_without_an_encoder_and_nothing_changes(
    studio: Composition, qtbot: QtBot, tmp_path: Path
) -> None:
    before = studio.document.recipe
    path = _export(studio, qtbot, tmp_path, StillSettings(with_recipe=False))
    studio.restoring.take(Dropped(paths=(path,)))
    bar = studio.inverting.bar
    qtbot.waitUntil(lambda: "has no encoder" in bar.sentence, timeout=PATIENCE_MS)
    assert studio.document.recipe == before


def test_a_damaged_picture_gives_one_sentence(
    studio: Composition, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 200)
    studio.restoring.take(Dropped(paths=(path,)))
    qtbot.waitUntil(lambda: "damaged" in studio.window.toast.text, timeout=PATIENCE_MS)
    assert studio.canvas.has_picture
