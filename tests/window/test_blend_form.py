"""Blending two models in the window: offered only among relatives, made, refused, cancelled."""

import sys
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from studio.app import blend_desk
from studio.compose import Composition
from studio.core.model_card import SPEC_FILE
from studio.core.training_spec import TrainingSpec, TuneSpec
from studio.library.model_library import InstalledModel
from studio.ui.blend_form import BlendForm
from studio.ui.model_facts import ModelFacts
from tests.fakes.engine_client import fake_card
from tests.window.shell_parts import Studio, install_model, press, studio

__all__ = ["studio"]


def _install(home: Path, name: str, *, key: str, start: str | None) -> None:
    card = msgspec.structs.replace(fake_card(name), id=name.lower(), model=key * 64)
    folder = install_model(home, card)
    tune = TuneSpec(start=start * 64) if start else None
    (folder / SPEC_FILE).write_bytes(msgspec.json.encode(TrainingSpec(tune=tune)))


@pytest.fixture
def window(studio: Studio, studio_home: Path, monkeypatch: pytest.MonkeyPatch) -> Composition:
    """Give a window with a model, one made from it, and a stranger; its trainer learns nothing."""
    _install(studio_home, "Hills", key="a", start=None)
    _install(studio_home, "Fjords", key="b", start="a")
    _install(studio_home, "Strangers", key="c", start=None)
    monkeypatch.setattr(
        blend_desk,
        "child_command",
        lambda *words: [sys.executable, "-m", "tests.fakes.fake_trainer", *words[1:]],
    )
    composition = studio.open()
    composition.window.show_place("gallery")
    return composition


def _details(window: Composition, name: str) -> tuple[ModelFacts, BlendForm]:
    facts = window.gallery_page.model_facts
    model = next(one for one in facts.installed if one.card.name == name)
    assert isinstance(model, InstalledModel)
    facts.show_model(model)
    return facts, facts.blend


def _opened(window: Composition, qtbot: QtBot) -> BlendForm:
    form = _details(window, "Hills")[1]
    qtbot.waitUntil(lambda: not form.isHidden())
    form.offer.click()
    return form


def test_only_relatives_are_offered(window: Composition, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.blending.desk.found):
        form = _details(window, "Strangers")[1]
    assert form.isHidden()
    form = _opened(window, qtbot)
    assert [form.other.itemText(row) for row in range(form.other.count())] == ["Fjords"]
    assert form.name.text() == "Hills + Fjords"
    assert all(part.accessibleName() for part in (form.other, form.name, *form.sliders))
    for slider in form.sliders:
        slider.show_number(1.0)
        slider.value_edited.emit(1.0)
    assert not form.make.isEnabled(), "that would be the other model itself"


def test_a_model_is_made_and_offered(window: Composition, studio_home: Path, qtbot: QtBot) -> None:
    form = _opened(window, qtbot)
    form.sliders[0].show_number(0.25)
    with qtbot.waitSignal(window.blending.desk.made) as told:
        form.make.click()
        assert form.cancel.isVisible()
        assert not form.make.isEnabled()
    assert told.args == [studio_home / "models" / "made"]
    job = (studio_home / "cache/blend/blend.json").read_text()
    assert '"shares":[0.25,0.5,0.5]' in job
    assert '"name":"Hills + Fjords"' in job
    assert window.window.toast.isVisible()
    assert form.inside.isHidden()


def test_a_failure_is_said_in_place(window: Composition, studio_home: Path, qtbot: QtBot) -> None:
    (studio_home / "cache").mkdir(exist_ok=True)
    (studio_home / "cache" / "refuse").write_text("The disk is full.")
    form = _opened(window, qtbot)
    with qtbot.waitSignal(window.blending.desk.failed):
        form.make.click()
    assert form.said.text() == "The disk is full. Try again."
    assert form.make.isEnabled()


def test_making_can_be_cancelled(window: Composition, qtbot: QtBot) -> None:
    form = _opened(window, qtbot)
    form.make.click()
    form.cancel.click()
    assert not window.blending.desk.is_busy
    assert form.cancel.isHidden()
    assert form.make.isEnabled()


def is_open(window: Composition, folder: Path) -> bool:
    opened = window.engine.opened
    return opened is not None and opened.folder == folder


def test_the_palette_opens_the_form_of_the_open_model_or_says_why_not(
    window: Composition, qtbot: QtBot
) -> None:
    facts = window.gallery_page.model_facts
    for name, is_offered in (("Hills", True), ("Strangers", False)):
        folder = next(one.folder for one in facts.installed if one.card.name == name)
        window.models.open(folder)
        qtbot.waitUntil(lambda: is_open(window, folder))  # noqa: B023
        window.window.show_place("explore")
        with qtbot.waitSignal(window.blending.desk.found):
            press(window, "blend_model")
        assert window.window.place == "gallery"
        assert facts.blend.offer.isChecked() == is_offered
        assert ("from the same start" in window.window.toast.text) != is_offered
