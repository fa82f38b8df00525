"""Styles of the artist's own, and how much of a dropped zone is taken."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from studio.app.saved_styles import SavedStyles
from studio.core.mixing import share_of_b
from studio.core.named_style import SavedStyle
from studio.core.recipe import MAX_SOURCES, Recipe, Source, new_recipe
from studio.core.recipe_json import recipe_to_json
from studio.files.saved_styles import read_saved_styles, write_saved_style
from studio.ui.canvas_drop import Dropped
from studio.ui.drag_types import MIME_RECIPE
from studio.ui.restore_flow import ZoneWish
from tests.fakes.engine_client import FAKE_HASH
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]
LEFT = Qt.MouseButton.LeftButton


def test_a_part_of_the_picture_is_saved_named_taken_removed_and_brought_back(
    studio: Studio, qtbot: QtBot
) -> None:
    composition = studio.open()
    composition.latent_panel.editor.set_zones(("fine",))
    press(composition, "save_style")
    shelf, row = composition.styles, composition.gallery_panel.styles
    qtbot.waitUntil(lambda: shelf.styles[0].saved is not None)
    assert row.headings.places()[0][0] == "Yours"
    field = row.tiles.findChild(QLineEdit)
    assert field is not None, "its name can be written at once"
    assert field.selectedText() == "Style 1"
    field.setText("  Pale\tlight ")
    tiles = row.tiles.model()
    last = tiles.index(tiles.rowCount() - 1, 0)
    tiles.dataChanged.emit(tiles.index(0, 0), last, [Qt.ItemDataRole.DecorationRole])
    assert field.text() == "  Pale\tlight ", "a picture that arrives leaves the name alone"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shelf.styles[0].name == "Pale light")
    style = shelf.styles[0]
    press(composition, "dice")
    before = composition.document.recipe
    assert before is not None
    row.open_requested.emit(style)
    after = composition.document.recipe
    assert after is not None
    assert [source.shares for source in after.sources] == [(1, 1, 0), (0, 0, 1)]
    assert after.sources[0].seed == before.sources[0].seed
    assert composition.flow.strength.bar.said.full_text == "Fine from “Pale light”"
    row.remove_requested.emit(style)
    qtbot.waitUntil(lambda: all(one.saved is None for one in shelf.styles))
    qtbot.mouseClick(composition.window.toast.button, LEFT)
    qtbot.waitUntil(lambda: shelf.styles[0] == style)
    assert read_saved_styles(studio.home) == (style.saved,)


def test_the_strength_of_a_dropped_zone_is_one_step_and_goes_with_the_next(
    studio: Studio, qtbot: QtBot
) -> None:
    composition = studio.open()
    document, bar = composition.document, composition.flow.strength.bar
    before = document.recipe
    assert before is not None
    other = new_recipe(FAKE_HASH, 4321, psi=1.0)
    mime = QMimeData()
    mime.setData(MIME_RECIPE, recipe_to_json(other).encode())
    chip = composition.latent_panel.chips.chips["fine"]
    chip.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
        )
    )
    assert not bar.isHidden()
    num_steps = len(document.history.nodes)
    bar.gesture_began.emit()
    for strength in (0.8, 0.4):
        bar.slider.value_edited.emit(strength)
    bar.gesture_ended.emit()
    assert len(document.history.nodes) == num_steps + 1
    mixed = document.recipe
    assert mixed is not None
    assert share_of_b(mixed) == pytest.approx((0.0, 0.0, 0.4))
    assert mixed.psi[2] == pytest.approx(before.psi[2] + 0.4 * (1.0 - before.psi[2]))
    bar.box.number_edited.emit(0.0)
    assert document.recipe == before, "nothing of it is nothing changed"
    bar.box.number_edited.emit(100.0)
    document.undo()
    assert bar.isHidden(), "another hand has changed the picture"


def test_what_cannot_be_taken_is_one_sentence_and_nothing_is_lost(studio: Studio) -> None:
    composition = studio.open()
    recipe = composition.document.recipe
    assert recipe is not None
    flow, toast = composition.flow.strength, composition.window.toast
    foreign = new_recipe("cd" * 32, 5)
    raw = recipe_to_json(foreign).encode()
    composition.restoring.take(Dropped(recipe=raw, zone="fine"))
    assert toast.text.startswith("A zone can be taken only from a picture of the same model.")
    thin = Source(seed=1, shares=(1.0, 1.0, 1.0))
    eight = tuple(msgspec.structs.replace(thin, seed=seed) for seed in range(MAX_SOURCES))
    flow.take(ZoneWish(Recipe(model=FAKE_HASH, sources=eight), ("fine",)))
    assert toast.text.startswith("A picture can be mixed from eight sources at most.")
    assert composition.document.recipe == recipe
    assert flow.bar.isHidden()


def test_a_damaged_style_is_left_out_and_the_others_are_there(tmp_path: Path, qtbot: QtBot) -> None:
    good = SavedStyle(id="a" * 32, name="Dawn", recipe=new_recipe(FAKE_HASH, 1), zones=("fine",))
    newer = msgspec.structs.replace(good, id="b" * 32, saved_at=2.0)
    for style in (good, newer):
        write_saved_style(tmp_path, style)
    (tmp_path / "styles" / ("c" * 32 + ".json")).write_bytes(b'{"schema": 1, "id": ')
    (tmp_path / "styles" / ("d" * 32 + ".json")).write_bytes(
        (tmp_path / "styles" / ("a" * 32 + ".json")).read_bytes()
    )
    (tmp_path / "styles" / "notes.txt").write_bytes(b"of the artist")
    saved = SavedStyles(tmp_path)
    qtbot.waitUntil(lambda: saved.styles == (newer, good))
    saved.finish()
