"""Bringing one's own picture: drop, words, compare, refine, undo; with and without an encoder."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from studio.app.inversion_desk import InversionDesk
from studio.compose import Composition
from studio.core.inversion import FoundPicture
from studio.core.model_card import DISCRIMINATOR_FILE, ENCODER_FILE
from studio.core.provenance import provenance_of
from studio.core.recipe import Source, floats_to_text, new_recipe
from studio.files.images import encode_png
from studio.protocol import messages as say
from studio.protocol.refine_messages import Refined
from studio.ui.canvas_drop import Dropped
from studio.ui.inversion_bar import say_nearness
from studio.ui.pictures import from_image, to_image
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient, fake_card
from tests.window.shell_parts import Studio, install_model, press, studio

__all__ = ["studio"]

W = floats_to_text(np.full((12, 64), 0.5, np.float32))
BETTER = floats_to_text(np.full((12, 64), 0.25, np.float32))


def finds(share: float = 0.3) -> Callable[[say.Command], say.Event | None]:
    """Give answers of an engine that finds every picture at W."""

    def answer(command: say.Command) -> say.Event | None:
        if not isinstance(command, say.FindPicture):
            return None
        found = FoundPicture(w=command.w or W, share=share, met=("light", "colours"))
        return say.PictureFound(request_id=command.request_id, found=found)

    return answer


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "own.png"
    path.write_bytes(encode_png(np.full((40, 60, 3), 90, np.uint8)))
    return path


@pytest.fixture
def opened(studio: Studio, picture: Path) -> Composition:
    """The window on a model with encoder and critic, the picture dropped and found."""
    card = fake_card()
    names = (ENCODER_FILE, DISCRIMINATOR_FILE)
    card = msgspec.structs.replace(card, graphs=card.graphs | dict.fromkeys(names, "2" * 64))
    card = msgspec.structs.replace(card, id="own", name="Own")
    install_model(studio.home, card)
    engine = FakeEngineClient(card=card)
    engine.answer_side = finds()
    composition = studio.open(engine=engine)
    composition.restoring.take(Dropped(paths=(picture,)))
    desk = composition.inverting.desk
    studio.qtbot.waitUntil(lambda: _phase(desk) == "found")
    return composition


def _phase(desk: InversionDesk) -> str:
    return desk.brought.phase if desk.brought is not None else ""


def test_a_dropped_picture_is_shown_as_the_model_makes_it_and_can_be_undone(
    opened: Composition, qtbot: QtBot
) -> None:
    bar = opened.inverting.bar
    recipe = opened.document.recipe
    assert recipe is not None
    assert (recipe.sources, recipe.psi) == ((Source(w=W),), (1.0, 1.0, 1.0))
    assert bar.sentence == "Near in character. In place: light, colours. Not: forms, details."
    assert bar.figures.startswith("0.30 of the distance")
    assert bar.isVisible()
    assert opened.canvas.picture_area().bottom() <= bar.y()  # it covers nothing of the picture
    opened.canvas.set_before_held(True)
    before = opened.canvas.sheet.before
    assert before is not None
    assert (before.width(), before.height()) == (40, 40)  # the artist's own, its middle square
    opened.canvas.set_before_held(False)
    opened.document.undo()
    assert opened.document.recipe != recipe
    assert not bar.isVisible()
    opened.document.redo()
    assert opened.document.recipe == recipe


def test_a_refinement_is_one_step_and_leaves_what_was_set_meanwhile(
    opened: Composition, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, document = opened.inverting.desk, opened.document
    monkeypatch.setattr("studio.app.inversion_desk.child_command", lambda *_: ["/nonexistent"])
    found = document.recipe
    assert found is not None
    num_states = len(document.history.nodes)
    assert opened.window.actions_table.action("refine").isEnabled()
    desk.refine()
    desk._on_told(Refined(w=BETTER, share=0.2))
    assert not opened.window.actions_table.action("refine").isEnabled()
    recipe = document.recipe
    assert recipe is not None
    document.edit(msgspec.structs.replace(recipe, psi=(0.9, 0.9, 0.9)))
    newer = floats_to_text(np.full((12, 64), 0.1, np.float32))
    desk._on_told(Refined(w=newer, share=0.4))
    desk.stop()
    assert _phase(desk) == "found"
    recipe = document.recipe
    assert recipe is not None
    assert (recipe.sources[0].w, recipe.psi) == (newer, (0.9, 0.9, 0.9))
    assert len(document.history.nodes) == num_states + 1
    document.undo()
    assert document.recipe == found


def test_going_on_to_another_picture_puts_it_away_and_close_keeps_the_canvas(
    opened: Composition, picture: Path, qtbot: QtBot
) -> None:
    desk, recipe = opened.inverting.desk, opened.document.recipe
    opened.inverting.bar.shut.click()
    assert desk.brought is None
    assert opened.document.recipe == recipe
    opened.restoring.take(Dropped(image=to_image(np.zeros((8, 9, 3), np.uint8))))
    qtbot.waitUntil(lambda: _phase(desk) == "found")
    opened.document.edit(new_recipe(FAKE_HASH, 5))
    assert desk.brought is None


def test_a_model_without_an_encoder_says_what_is_missing_and_what_still_works(
    studio: Studio, picture: Path, qtbot: QtBot
) -> None:
    composition = studio.open()
    before = composition.document.recipe
    composition.restoring.take(Dropped(paths=(picture,)))
    desk, bar = composition.inverting.desk, composition.inverting.bar
    qtbot.waitUntil(lambda: _phase(desk) == "refused")
    assert "has no encoder" in bar.sentence
    assert bar.figures.startswith("Everything else works.")
    assert not bar.main.isVisible()
    assert not bar.keep.isVisible()
    assert composition.document.recipe == before


@pytest.mark.parametrize(
    ("share", "met", "said"),
    [
        (
            0.1,
            ("light", "colours", "forms", "details"),
            "Near in character. Everything is in place.",
        ),
        (0.5, (), "Roughly near. Nothing is in the same place."),
        (0.9, ("light",), "Far from your picture. In place: light. Not: colours, forms, details."),
    ],
)
def test_the_words_say_what_was_measured(share: float, met: tuple[str, ...], said: str) -> None:
    assert say_nearness(FoundPicture(w=W, share=share, met=met)) == said


def test_a_copied_picture_is_read_with_its_transparency_on_white() -> None:
    from PySide6.QtGui import QColor, QImage

    image = QImage(5, 3, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    image.setPixelColor(4, 2, QColor(10, 20, 30))
    picture = from_image(image)
    assert picture.shape == (3, 5, 3)
    assert picture[0, 0].tolist() == [255, 255, 255]
    assert picture[2, 4].tolist() == [10, 20, 30]


def test_png_bytes_on_the_clipboard_bring_their_recipe_or_are_looked_for(
    opened: Composition, qtbot: QtBot
) -> None:
    """A browser copies the bytes of a picture, not its file."""
    recipe = new_recipe(FAKE_HASH, 77)
    card = opened.engine.opened.card  # type: ignore[union-attr]
    texts = provenance_of(recipe, card, size=(60, 40), pixels="")
    own = np.full((40, 60, 3), 90, np.uint8)
    for content in (encode_png(own, texts), encode_png(own)):
        mime = QMimeData()
        mime.setData("image/png", content)
        opened.inverting.desk.put_away()
        QGuiApplication.clipboard().setMimeData(mime)
        press(opened, "paste")
        if content == encode_png(own, texts):
            qtbot.waitUntil(lambda: opened.document.recipe == recipe)
        else:
            qtbot.waitUntil(lambda: _phase(opened.inverting.desk) == "found")
    assert opened.inverting.desk.brought.name == "the copied picture"  # type: ignore[union-attr]
    QGuiApplication.clipboard().clear()


def test_bytes_that_only_call_themselves_a_png_are_refused(
    opened: Composition, qtbot: QtBot
) -> None:
    before = opened.document.recipe
    opened.restoring.take(Dropped(png=b"\x89PNG no picture"))
    qtbot.waitUntil(lambda: "picture" in opened.window.toast.text)
    assert opened.document.recipe == before
