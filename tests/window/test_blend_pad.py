"""The blend pad of the Latents panel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from studio.core.blending import shares_of
from studio.core.recipe import MAX_SOURCES, new_recipe
from studio.core.recipe_json import recipe_to_json
from studio.ui.drag_types import MIME_RECIPE
from studio.ui.latent_panel import LatentPanel
from tests.fakes.engine_client import FAKE_HASH
from tests.window import shell_parts
from tests.window.panel_parts import Studio
from tests.window.shell_parts import studio as shell_studio

studio_window = shell_studio
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def parts(tmp_path: Path, qtbot: QtBot) -> Iterator[tuple[Studio, LatentPanel]]:
    studio = Studio(tmp_path)
    panel = studio.make_panel(qtbot, width=340, height=800)
    yield studio, panel
    studio.close(panel)


def test_from_three_sources_on_there_is_a_pad_and_a_drag_is_one_step(
    parts: tuple[Studio, LatentPanel], qtbot: QtBot
) -> None:
    studio, panel = parts
    pad = panel.mix.pad
    assert pad.isHidden()
    qtbot.mouseClick(panel.mix.row.b, LEFT)
    assert pad.isHidden(), "two sources have their slider"
    qtbot.mouseClick(panel.mix.add, LEFT)
    assert not pad.isHidden()
    assert panel.mix.row.isHidden()
    studio.editor.set_zones(("medium", "fine"))
    before, num_steps = studio.recipe, studio.num_steps
    qtbot.mousePress(pad, LEFT, pos=pad.rect().center())
    for place in (0, 1):
        target = pad.source_rect(place).center().toPoint()
        qtbot.mouseMove(pad, (pad.rect().center() + target) / 2)
    qtbot.mouseRelease(pad, LEFT, pos=target)
    assert studio.num_steps == num_steps + 1
    shares = shares_of(studio.recipe, "fine")
    assert shares[1] == max(shares)
    assert shares_of(studio.recipe, "medium") == shares
    assert shares_of(studio.recipe, "coarse") == shares_of(before, "coarse")
    assert "B" in pad.accessibleName()
    qtbot.mouseClick(pad, LEFT, pos=pad.source_rect(2).center().toPoint())
    assert shares_of(studio.recipe, "fine") == (0.0, 0.0, 1.0)
    assert panel.chips.chips["fine"].letter == "C"
    studio.document.undo()
    assert shares_of(studio.recipe, "fine") == shares
    pad.grab()


def test_keys_move_the_point_and_the_menu_takes_sources_away(
    parts: tuple[Studio, LatentPanel], qtbot: QtBot
) -> None:
    studio, panel = parts
    pad = panel.mix.pad
    for _ in range(MAX_SOURCES - 1):
        studio.editor.roll_added()
    assert not panel.mix.add.isEnabled()
    num_steps = studio.num_steps
    studio.editor.roll_added()
    assert studio.num_steps == num_steps, "eight is all"
    pad.setFocus()
    qtbot.keyClick(pad, Qt.Key.Key_Home)
    assert pad.point == (0.0, 0.0)
    num_steps = studio.num_steps
    for _ in range(3):
        qtbot.keyClick(pad, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: studio.num_steps == num_steps + 1)
    shares = shares_of(studio.recipe, "coarse")
    assert shares[0] == max(shares)
    seed = studio.recipe.sources[3].seed
    pad.dice_requested.emit(3)
    assert studio.recipe.sources[3].seed != seed
    while len(studio.recipe.sources) > 2:
        pad.remove_requested.emit(0)
    assert pad.isHidden()


def test_a_dropped_picture_is_one_source_more(
    studio_window: shell_parts.Studio, qtbot: QtBot
) -> None:
    composition = studio_window.open()
    part = composition.latent_panel.mix

    def drop(raw: str) -> None:
        mime = QMimeData()
        mime.setData(MIME_RECIPE, raw.encode())
        copy, no_keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        part.dropEvent(QDropEvent(QPointF(9, 9), copy, mime, LEFT, no_keys))

    drop(recipe_to_json(new_recipe(FAKE_HASH, 99)))
    recipe = composition.document.recipe
    assert recipe is not None
    assert [source.seed for source in recipe.sources][1:] == [99]
    assert shares_of(recipe, "fine") == (0.5, 0.5)
    drop(recipe_to_json(recipe))
    assert composition.window.toast.text.startswith("That picture is made of several sources")
    before = composition.document.recipe
    drop(recipe_to_json(new_recipe("cd" * 32, 1)))
    assert composition.document.recipe == before
    assert composition.window.toast.text.startswith("Only pictures of the same model")
