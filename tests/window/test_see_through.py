"""A model with alpha in the window: a checkerboard on the canvas, and alpha in what is exported."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.compose import Composition, compose_window
from studio.core.model_card import ForeignGraph
from studio.files.images import decode_with_alpha
from studio.ui.window_options import Options
from tests.fakes.engine_client import FakeEngineClient, fake_picture

FOREIGN = ForeignGraph(kind="onnx", sha256="0" * 64, has_alpha=True)


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path) -> Iterator[Composition]:
    engine = FakeEngineClient()
    engine.card = msgspec.structs.replace(engine.card, foreign=FOREIGN)
    composition = compose_window(Options(theme="dark"), home=tmp_path / "home", engine=engine)
    composition.preferences.change(is_view_enlarged=False)
    composition.window.show()
    composition.begin()
    qtbot.waitUntil(lambda: composition.pictures.latest is not None)
    yield composition
    composition.dismantle()


def test_what_is_seen_through_shows_a_checkerboard_and_stays_clear_in_the_file(
    studio: Composition, qtbot: QtBot, tmp_path: Path
) -> None:
    canvas, recipe = studio.canvas, studio.document.recipe
    assert recipe is not None

    def corner() -> int:
        image = canvas.sheet.image
        return -1 if image is None else image.pixelColor(0, 0).rgb() & 0xFFFFFF

    qtbot.waitUntil(lambda: corner() == 0x999999)
    wanted = fake_picture(recipe, 128)
    assert canvas.sheet.image is not None
    colour = canvas.sheet.image.pixelColor(127, 127)
    assert (colour.red(), colour.green(), colour.blue()) == tuple(map(int, wanted[127, 127]))
    chosen = studio.preferences.values.export
    studio.preferences.change(
        export=msgspec.structs.replace(chosen, folder=str(tmp_path / "out"), size=None)
    )
    with qtbot.waitSignal(studio.exporter.exported) as told:
        qtbot.mouseClick(studio.export_panel.export, Qt.MouseButton.LeftButton)
    levels = decode_with_alpha(told.args[0].paths[0].read_bytes())
    assert levels.shape == (128, 128, 4)
    assert not levels[:, :64, 3].any()
    assert (levels[:, 64:, 3] == 255).all()
    np.testing.assert_array_equal(levels[:, 64:, :3], wanted[:, 64:])
