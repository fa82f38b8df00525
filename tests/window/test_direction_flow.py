"""Sliders in the whole window: piles from wall and gallery, undo, what an older program knew."""

import json

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core.direction_book import DirectionBook
from studio.core.recipe_json import recipe_to_json
from studio.files.direction_books import read_book
from studio.ui.drag_types import MIME_RECIPE
from tests.fakes.engine_client import FAKE_HASH, fake_directions
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]

FIRST = fake_directions()[0]


def test_pictures_are_sorted_from_the_wall_without_leaving_it(studio: Studio) -> None:
    composition = studio.open()
    press(composition, "wall")
    wall = composition.wall_page.wall
    press(composition, "teach_more")
    teaching = composition.latent_panel.teaching
    assert teaching.pile("more") == (wall.tiles[0].recipe,)
    assert composition.window.is_wall_shown
    assert composition.latent_panel.sliders.is_teaching
    press(composition, "wall")
    press(composition, "teach_less")
    assert teaching.pile("less") == (composition.document.recipe,)


def test_several_kept_pictures_are_dropped_on_a_pile(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    for count in (1, 2):
        press(composition, "dice")
        press(composition, "keep")
        qtbot.waitUntil(lambda: len(composition.desk.items()) == count)  # noqa: B023
    kept = composition.desk.items()
    first = recipe_to_json(kept[0].recipe).encode()
    mime = composition.desk.mime_of(kept, extra={MIME_RECIPE: first})
    assert mime is not None
    page, teaching = composition.latent_panel.sliders.teach_page, composition.latent_panel.teaching
    page.dropped.emit((mime, "less"))
    qtbot.waitUntil(lambda: len(teaching.pile("less")) == 2, timeout=60_000)
    assert set(teaching.pile("less")) == {one.recipe for one in kept}


def test_a_hidden_slider_comes_back_from_the_toast(studio: Studio, qtbot: QtBot) -> None:
    composition = studio.open()
    row = composition.latent_panel.directions.row(FIRST.id)
    assert row is not None
    row.hidden.emit(True)
    assert row.isHidden()
    qtbot.mouseClick(composition.window.toast.button, Qt.MouseButton.LeftButton)
    assert not row.isHidden()


def test_what_an_older_program_knew_of_sliders_is_taken_over(studio: Studio, qtbot: QtBot) -> None:
    old = {FIRST.id: {"name": "Evening", "is_starred": True}, "f" * 16: {"name": "another model"}}
    (studio.home / "settings.json").write_text(json.dumps({"directions": old}))
    composition = studio.open()
    assert composition.latent_panel.directions.rows[0].name == "Evening"
    composition.directing.finish()
    book = read_book(studio.home, FAKE_HASH).book
    assert book.note(FIRST.id).is_starred
    assert book != DirectionBook(model=FAKE_HASH)
    assert "f" * 16 not in book.notes
