"""A near copy is said when it is kept, shown beside its training picture, and never stops an export."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from safetensors.numpy import save

from studio.app.training_pictures import TrainingPictures
from studio.compose import Composition
from studio.core.model_card import CARD_FILE, CLOSENESS_FILE, ModelCard
from studio.core.nearness import Nearness
from studio.core.similarity import THUMBNAIL_PX, Closeness
from studio.library.model_library import InstalledModel
from studio.ui.near_note import NearNote
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient, fake_card
from tests.window.panel_parts import Shelf
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]
LEFT = Qt.MouseButton.LeftButton
NEAR = Nearness(distance=0.07, limit=0.3, is_copy=True, file="pond.jpg", square=2)
FAR = msgspec.structs.replace(NEAR, distance=0.8, is_copy=False)


def write_closeness(folder: Path, card: ModelCard) -> ModelCard:
    """Put three grey training pictures into a model folder; gives the card that lists them."""
    thumbnails = np.zeros((3, THUMBNAIL_PX, THUMBNAIL_PX, 3), np.uint8)
    thumbnails[:] = np.array([40, 90, 140], np.uint8)[:, None, None, None]
    features = np.eye(3, 8, dtype=np.float32)
    files = ("hill.jpg", "lake.jpg", "pond.jpg")
    tensors, texts = Closeness(features, thumbnails, files=files, phi="phi-1").to_tensors()
    raw = save(dict(tensors), metadata=dict(texts))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CLOSENESS_FILE).write_bytes(raw)
    graphs = {**card.graphs, CLOSENESS_FILE: hashlib.sha256(raw).hexdigest()}
    return msgspec.structs.replace(card, graphs=graphs)


class Learned:
    """One model that brings what it learned from."""

    def __init__(self, folder: Path) -> None:
        self.models = [InstalledModel(folder, write_closeness(folder, fake_card()), False)]
        self.pictures = TrainingPictures(lambda: self.models)

    def grey(self, nearness: Nearness) -> int | None:
        """Give the level of the training picture, None when it is not there."""
        image = self.pictures.image(FAKE_HASH, nearness)
        return None if image is None else image.pixelColor(9, 9).red()


@pytest.fixture
def learned(tmp_path: Path, qtbot: QtBot) -> Iterator[Learned]:
    learned = Learned(tmp_path / "model")
    yield learned
    learned.pictures.finish()


def test_the_training_picture_is_found_by_its_row(learned: Learned, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: learned.grey(NEAR) is not None)
    assert learned.grey(NEAR) == 140
    assert learned.pictures.image("cd" * 32, NEAR) is None


@pytest.mark.parametrize("change", [{"file": "other.jpg"}, {"square": 99}, {"square": -1}])
def test_a_row_that_is_another_picture_now_shows_none(
    change: dict[str, object], learned: Learned, qtbot: QtBot
) -> None:
    wanted = msgspec.structs.replace(NEAR, **change)
    with qtbot.waitSignal(learned.pictures.ready):
        assert learned.grey(wanted) is None
    assert learned.grey(wanted) is None


def test_a_damaged_file_shows_none(learned: Learned, qtbot: QtBot) -> None:
    (learned.models[0].folder / CLOSENESS_FILE).write_bytes(b"no")
    with qtbot.waitSignal(learned.pictures.ready):
        assert learned.grey(NEAR) is None


def test_the_note_shows_both_pictures(learned: Learned, tmp_path: Path, qtbot: QtBot) -> None:
    shelf = Shelf(tmp_path / "home", 2)
    note = NearNote(shelf.desk, learned.pictures)
    qtbot.addWidget(note)
    first, second = shelf.desk.items()
    near = msgspec.structs.replace(first, nearness=NEAR)
    far = msgspec.structs.replace(second, nearness=FAR)
    note.show_items((far,))
    assert note.isHidden()
    note.show_items((near,))
    assert not note.isHidden()
    assert note.sentence == "This is very close to one of your training pictures."
    qtbot.waitUntil(lambda: not note.pair.isHidden())
    note.show_items((near, far))
    assert note.sentence == "1 of them is very close to a training picture."
    learned.models[0] = msgspec.structs.replace(learned.models[0], is_shipped=True)
    note.show_items((near,))
    assert note.sentence.endswith("pictures that the model learned from.")
    note.show_items(())
    assert note.isHidden()
    shelf.close()


def _open(studio: Studio, nearness: Nearness) -> Composition:
    folder = studio.home / "models" / "landscapes"
    card = write_closeness(folder, fake_card())
    (folder / CARD_FILE).write_bytes(msgspec.json.encode(card))
    engine = FakeEngineClient()
    engine.nearness = nearness
    return studio.open(engine=engine)


def test_keeping_a_near_copy_says_so_and_shows_it(studio: Studio, qtbot: QtBot) -> None:
    composition = _open(studio, NEAR)
    with qtbot.waitSignal(composition.keeper.kept):
        press(composition, "keep")
    toast = composition.window.toast
    assert toast.text == "Kept. This is very close to one of your training pictures."
    qtbot.mouseClick(toast.button, LEFT)
    panel = composition.export_panel
    near = panel.near
    assert near is not None
    assert near.isVisible()
    assert panel.export.isEnabled(), "a warning stops nothing"
    assert not panel.subject.isVisible(), "the pair shows it already"
    press(composition, "dice")
    qtbot.waitUntil(near.isHidden)
    press(composition, "undo")
    qtbot.waitUntil(lambda: not near.isHidden())


def test_a_picture_that_is_no_copy_is_kept_as_ever(studio: Studio, qtbot: QtBot) -> None:
    composition = _open(studio, FAR)
    with qtbot.waitSignal(composition.keeper.kept):
        press(composition, "keep")
    assert composition.window.toast.text == "Kept. 1 picture in the gallery."
    page = composition.gallery_page
    composition.window.show_place("gallery")
    page.tiles.setCurrentIndex(page.model.index(0))
    assert page.facts.text("closest") == "0.80 away"


def test_an_export_says_it_too(studio: Studio, tmp_path: Path, qtbot: QtBot) -> None:
    composition = _open(studio, NEAR)
    folder = tmp_path / "out"
    export = msgspec.structs.replace(composition.preferences.values.export, folder=str(folder))
    composition.preferences.change(export=export)
    with qtbot.waitSignal(composition.exporter.exported) as done:
        qtbot.mouseClick(composition.export_panel.export, LEFT)
    assert done.args[0].num_near == 1
    assert composition.window.toast.text.endswith("It is very close to a training picture.")
    assert len(list(folder.iterdir())) == 1
