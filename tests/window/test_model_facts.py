"""A model's card in the window: what was measured beside its floor, or that nothing was."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.app.item_models import ModelListModel
from studio.app.thumbnails import Thumbnails
from studio.core.errors import ModelError
from studio.core.model_card import ModelCard, Right, Score, TrainingRecord
from studio.library.model_library import BrokenModel, InstalledModel
from studio.ui.model_cards import ModelCards, details_place
from studio.ui.model_facts import ModelFacts, say_duration
from studio.ui.score_words import say_copies, say_number, score_rows
from tests.fakes.engine_client import fake_card

LEFT = Qt.MouseButton.LeftButton
SCORES = {
    "zeta_own": Score(3.0),
    "sliced_64": Score(21.0, 6.0),
    "sliced_16": Score(14.0, 5.0),
    "copies": Score(0.004, 0.012, 1000, "phi-1"),
    "likeness": Score(12.34, 1.1, 1000, "phi-1"),
    "variety": Score(0.64, 0.93, 1000, "phi-1"),
}


def measured_card() -> ModelCard:
    """Give a card with everything on it."""
    record = TrainingRecord(116.8, "studio train", "one core", 4324.0, "0" * 64)
    return msgspec.structs.replace(
        fake_card("Hills"),
        scores=SCORES,
        training=record,
        sketch=True,
        export_error=2e-6,
        rights=(Right("<b>A book</b>", "CC0-1.0", "a painter"),),
    )


@pytest.fixture
def models(tmp_path: Path, qtbot: QtBot) -> Iterator[ModelListModel]:
    thumbnails = Thumbnails()
    models = ModelListModel(thumbnails)
    bare = msgspec.structs.replace(fake_card("Bare"), rights=(), credit="")
    models.set_models(
        [
            InstalledModel(tmp_path / "hills", measured_card(), is_shipped=True),
            InstalledModel(tmp_path / "bare", bare, is_shipped=False),
            BrokenModel(tmp_path / "broken", ModelError("It is broken.", "Install it again.")),
        ]
    )
    yield models
    thumbnails.finish()


@pytest.fixture
def facts(models: ModelListModel, qtbot: QtBot) -> ModelFacts:
    facts = ModelFacts(models)
    qtbot.addWidget(facts)
    facts.resize(320, 700)
    facts.show()
    return facts


def _model(models: ModelListModel, row: int) -> InstalledModel:
    model = models.models[row]
    assert isinstance(model, InstalledModel)
    return model


def test_scores_come_in_order_with_their_floor_and_a_word() -> None:
    rows = score_rows(measured_card())
    assert [(row.name, row.value, row.floor) for row in rows] == [
        ("Likeness", "12", "1.1"),
        ("Variety", "0.64", "0.93"),
        ("Near copies", "0.40 %", "1.2 %"),
        ("Details of 16 px", "14", "5.0"),
        ("Details of 64 px", "21", "6.0"),
        ("zeta own", "3.0", ""),
    ]
    assert [row.better for row in rows[:3]] == [
        "lower is better", "higher is better", "lower is better",
    ]  # fmt: skip
    assert rows[0].beside == "1000 pictures, phi-1"
    assert rows[5].better == "", "which way is better is not known"
    assert say_copies(measured_card()) == "near copies 0.40 %"
    assert say_copies(fake_card()) == ""


def test_the_details_tell_the_whole_card(facts: ModelFacts, models: ModelListModel) -> None:
    facts.show_model(_model(models, 0))
    texts = facts.texts()
    for text in (
        "GAN, 128 px", "yes: small and quick", "116\N{NARROW NO-BREAK SPACE}800 images",
        "1 h 12 min", "one core", "less than one level of 255", "0.40 %", "a painter · CC0-1.0",
        "Made with a model that does not exist.",
    ):  # fmt: skip
        assert text in texts
    assert "<b>A book</b>" in texts
    labels = [label for label in facts.findChildren(QLabel) if "A book" in label.text()]
    assert labels[0].textFormat() == Qt.TextFormat.PlainText, "a stranger's card is no page"


def test_what_was_not_measured_is_said(facts: ModelFacts, models: ModelListModel) -> None:
    facts.show_model(_model(models, 1))
    texts = facts.texts()
    assert "Not measured." in texts
    assert "elsewhere" in texts
    assert "not compared" in texts
    assert "none asked for" in texts
    assert any("names no source" in text for text in texts)


def test_details_are_asked_for_by_hand_and_by_menu(models: ModelListModel, qtbot: QtBot) -> None:
    cards = ModelCards(models, is_row=True)
    qtbot.addWidget(cards)
    cards.resize(900, 92)
    cards.show()
    told: list[object] = []
    opened: list[object] = []
    cards.details_requested.connect(told.append)
    cards.open_requested.connect(opened.append)
    area = cards.visualRect(models.index(1))
    qtbot.mouseClick(cards.viewport(), LEFT, pos=details_place(area).center())
    assert told == [models.models[1]]
    assert not opened, "who looks at the details has not opened it"
    qtbot.mouseClick(cards.viewport(), LEFT, pos=area.center() + QPoint(0, 10))
    assert opened == [models.models[1].folder]
    menu = cards.make_menu(models.index(0))
    assert [action.text() for action in menu.actions()] == ["Open", "Details"]
    menu.actions()[1].trigger()
    assert told[-1] == models.models[0]
    menu.deleteLater()
    broken = cards.make_menu(models.index(2))
    assert [action.text() for action in broken.actions()] == ["Open"]
    broken.deleteLater()
    cards.grab()


def test_times_and_numbers_are_short() -> None:
    times = [say_duration(seconds) for seconds in (40, 90, 3600, 4324)]
    assert times == ["40 s", "2 min", "1 h", "1 h 12 min"]
    assert [say_number(x) for x in (0.001, -0.3, -12.2)] == [
        "0", "\N{MINUS SIGN}0.30", "\N{MINUS SIGN}12",
    ]  # fmt: skip
