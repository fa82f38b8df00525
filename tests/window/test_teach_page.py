"""Teaching a slider: two piles, an honest word, a strip, a slider that stays."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.app.direction_desk import DirectionDesk
from studio.core.recipe import floats_to_text, new_recipe, strength_of
from studio.core.teaching import Learned
from studio.protocol import messages as say
from studio.ui.latent_panel import LatentPanel
from studio.ui.teach_words import say_lesson
from tests.fakes.engine_client import FAKE_HASH
from tests.window.panel_parts import Studio

LEFT = Qt.MouseButton.LeftButton
VECTOR = floats_to_text(np.linspace(-1, 1, 64, dtype=np.float32))


@pytest.fixture
def studio(tmp_path: Path, qtbot: QtBot) -> Studio:
    return Studio(tmp_path)


@pytest.fixture
def panel(studio: Studio, qtbot: QtBot) -> Iterator[LatentPanel]:
    panel = studio.make_panel(qtbot, width=350, height=900)
    qtbot.waitExposed(panel)
    panel.sliders.open_teaching()
    yield panel
    panel.teaching.finish()
    studio.close(panel)


def _answer(command: say.Command) -> say.Event | None:
    if not isinstance(command, say.Teach):
        return None
    return say.Taught(request_id=command.request_id, learned=Learned(VECTOR, 0.5, None))


def _lessons(studio: Studio) -> list[say.Teach]:
    sides = [call[1] for call in studio.engine.asked if call[0] == "request_side"]
    return [command for command in sides if isinstance(command, say.Teach)]


def test_a_slider_is_taught_tried_named_and_stays(
    panel: LatentPanel, studio: Studio, tmp_path: Path, qtbot: QtBot
) -> None:
    studio.engine.answer_side = _answer
    page = panel.sliders.teach_page
    qtbot.mouseClick(page.boxes["more"].add_present, LEFT)
    studio.document.edit(new_recipe(FAKE_HASH, 8))
    qtbot.mouseClick(page.boxes["less"].add_present, LEFT)
    assert not page.keep.isEnabled()
    qtbot.waitUntil(page.keep.isEnabled)
    (teach,) = _lessons(studio)
    assert [r.sources[0].seed for r in (*teach.lesson.more, *teach.lesson.less)] == [7, 8]
    assert "One pair is a guess" in page.sentence.text()
    qtbot.waitUntil(lambda: page.strip.image(6) is not None)
    page.strip.position_chosen.emit(2.0)
    (edit,) = studio.recipe.edits
    assert (edit.strength, edit.vector) == ((1.0, 1.0, 1.0), VECTOR)
    assert page.strip.framed == 5
    qtbot.keyClicks(page.name, "mist")
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    assert not panel.sliders.is_teaching
    assert panel.directions.rows[0].name == "mist"
    assert panel.directions.rows[0].slider.number == 2.0
    assert not panel.teaching.pile("more")
    studio.sliders.finish()
    again = DirectionDesk(tmp_path, studio.document, engine=studio.engine)
    assert again.entries[0].name == "mist"
    assert not again.is_guest(again.entries[0].id)
    panel.teaching.take_back(again.entries[0].id)
    assert len(panel.teaching.pile("more")) == len(panel.teaching.pile("less")) == 1
    assert studio.sliders.is_guest(again.entries[0].id), "the picture still uses it"


def test_a_taught_slider_moves_only_the_zones_it_was_taught_for(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    studio.engine.answer_side = _answer
    studio.editor.set_zones(("fine",))
    panel.teaching.add_present("more")
    qtbot.waitUntil(lambda: panel.teaching.learned is not None)
    taught = panel.teaching.keep("grain")
    assert taught is not None
    studio.editor.set_zones(("coarse", "medium", "fine"))
    panel.directions.rows[0].value_edited.emit(2.0)
    assert strength_of(studio.recipe, taught.id) == (0.0, 0.0, 1.0)


def test_a_picture_of_another_model_is_refused_in_place(panel: LatentPanel, studio: Studio) -> None:
    panel.teaching.add_present("more")
    panel.teaching.add([new_recipe("0" * 64, 1)], "less")
    assert panel.teaching.pile("less") == ()
    assert "another model" in panel.sliders.teach_page.sentence.text()
    panel.teaching.add_present("less")
    assert panel.teaching.pile("more") == (), "one picture lies on one pile"
    assert panel.teaching.problem is None


def test_piles_wait_for_their_model(panel: LatentPanel, studio: Studio) -> None:
    panel.teaching.add_present("more")
    here = studio.engine.opened
    assert here is not None
    card = msgspec.structs.replace(here.card, model="cd" * 32)
    studio.engine.model_opened.emit(msgspec.structs.replace(here, card=card))
    assert panel.teaching.pile("more") == ()
    studio.engine.model_opened.emit(here)
    assert panel.teaching.pile("more") == (studio.recipe,)


def test_piles_survive_a_restart(panel: LatentPanel, studio: Studio, qtbot: QtBot) -> None:
    one, two, three = (new_recipe(FAKE_HASH, seed) for seed in (1, 2, 3))
    panel.teaching.add([one, two], "more")
    panel.teaching.add([three], "less")
    panel.teaching.finish()
    again = studio.make_panel(qtbot, width=350, height=900)
    assert again.teaching.pile("more") == (one, two)
    assert again.teaching.pile("less") == (three,)
    again.teaching.clear()
    again.teaching.finish()
    last = studio.make_panel(qtbot, width=350, height=900)
    assert last.teaching.pile("more") == ()
    for made in (again, last):
        made.teaching.finish()
        studio.close(made)


def test_the_answer_to_piles_that_have_changed_is_not_taken(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    panel.teaching.add_present("more")
    qtbot.waitUntil(lambda: len(_lessons(studio)) == 1)
    panel.teaching.add([new_recipe(FAKE_HASH, 9)], "more")
    late = say.Taught(request_id=_lessons(studio)[0].request_id, learned=Learned(VECTOR, 1.0, None))
    studio.engine.side_answered.emit(late)
    assert panel.teaching.learned is None


def test_an_engine_that_comes_back_is_asked_again(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    panel.teaching.add_present("more")
    qtbot.waitUntil(lambda: len(_lessons(studio)) == 1)
    studio.engine.model_opened.emit(studio.engine.opened)
    qtbot.waitUntil(lambda: len(_lessons(studio)) == 2)
    assert _lessons(studio)[0].lesson == _lessons(studio)[1].lesson


def test_delete_takes_a_picture_off_its_pile(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    panel.teaching.add([new_recipe(FAKE_HASH, seed) for seed in range(30)], "more")
    box = panel.sliders.teach_page.boxes["more"]
    assert len(box.thumbs) == 24
    box.thumbs[0].setFocus()
    qtbot.keyClick(box.thumbs[0], Qt.Key.Key_Delete)
    assert len(panel.teaching.pile("more")) == 29
    assert any(thumb.hasFocus() for thumb in box.thumbs)


def test_starred_sliders_can_be_left_alone(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    page = panel.sliders.teach_page
    assert page.apart.isHidden()
    studio.sliders.star(studio.ids[3], True)
    panel.teaching.add_present("more")
    assert not page.apart.isHidden()
    page.apart.setChecked(True)
    qtbot.waitUntil(lambda: bool(_lessons(studio)))
    assert _lessons(studio)[-1].lesson.apart == (studio.ids[3],)


@pytest.mark.parametrize(
    ("counts", "hits", "word"),
    [
        ((1, 0), None, "average"),
        ((1, 1), None, "One pair is a guess"),
        ((5, 1), None, "pile of one"),
        ((2, 3), 5, "guess from few"),
        ((6, 6), 7, "hard to tell apart"),
        ((6, 6), 11, "11 of 12"),
    ],
)
def test_it_is_said_how_sure_a_lesson_is(
    counts: tuple[int, int], hits: int | None, word: str
) -> None:
    assert word in say_lesson(*counts, hits=hits)
