"""Name, rights and signature in the Export panel; the provenance sheet from the menus."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from studio.app.preferences import ExportPreferences, Preferences
from studio.compose import Composition
from studio.core.provenance import Authorship
from studio.core.recipe import new_recipe
from studio.ui import author_form
from studio.ui.author_form import AuthorForm
from studio.ui.export_panel import ExportPanel
from tests.fakes.changed_copies import scene
from tests.fakes.engine_client import FAKE_HASH, fake_card
from tests.window.shell_parts import Studio, studio

__all__ = ["studio"]


def test_what_the_artist_says_is_remembered_and_goes_into_exports(
    qtbot: QtBot, tmp_path: Path
) -> None:
    preferences = Preferences(tmp_path)
    panel = ExportPanel(preferences)
    qtbot.addWidget(panel)
    assert panel.plan.settings.author == Authorship()
    panel.author.creator.setText("  张伟\t ")
    panel.author.creator.editingFinished.emit()
    panel.author.no_mining.setChecked(True)
    wanted = Authorship(creator="张伟", forbids_mining=True)
    assert panel.plan.settings.author == wanted
    assert preferences.values.export == ExportPreferences(author=wanted)
    preferences.save_now()
    again = ExportPanel(Preferences(tmp_path))
    qtbot.addWidget(again)
    assert again.author.creator.text() == "张伟"
    assert again.plan.settings.author == wanted


@pytest.mark.parametrize("has", [True, False])
def test_the_signature_says_what_it_is_worth_or_what_is_missing(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, has: bool
) -> None:
    monkeypatch.setattr(author_form, "has_c2pa", lambda: has)
    form = AuthorForm()
    qtbot.addWidget(form)
    form.show_choice(ExportPreferences(is_signed=True))
    assert form.read(ExportPreferences()).is_signed == has
    assert form.signed.isEnabled() == has
    wanted = "Signed by you, not by an authority." if has else "extra “provenance”"
    assert wanted in form.note.text()


@pytest.fixture
def composition(studio: Studio) -> Composition:
    return studio.open()


def test_a_kept_picture_gets_its_sheet_where_the_artist_says(
    composition: Composition, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = composition.gallery.keep(
        scene(1), new_recipe(FAKE_HASH, 5), card=fake_card(), name="山", provider="CPU"
    )
    proposed = []

    def choose(_parent: object, _title: str, path: str, _kinds: str) -> tuple[str, str]:
        proposed.append(Path(path).name)
        return str(tmp_path / "sheet.html"), "HTML (*.html)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    actions = composition.gallery_panel.actions_on_kept
    menu = actions.make_menu([kept], in_trash=False)
    next(one for one in menu.actions() if one.text() == "Provenance sheet…").trigger()
    qtbot.waitUntil(lambda: "sheet.html" in composition.window.toast.text)
    assert proposed == ["山 provenance.pdf"]
    assert FAKE_HASH in (tmp_path / "sheet.html").read_text()
    menu.deleteLater()


def test_the_picture_on_the_canvas_gets_one_too_and_calling_it_off_does_nothing(
    composition: Composition, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [("", ""), (str(tmp_path / "now"), "TXT (*.txt)")]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answers.pop(0))
    action = composition.window.actions_table.action("provenance")
    file_menu = composition.window.menuBar().actions()[0].menu()
    assert isinstance(file_menu, QMenu)
    assert action in file_menu.actions()
    qtbot.waitUntil(action.isEnabled)
    action.trigger()
    assert list(tmp_path.glob("now*")) == []
    action.trigger()
    qtbot.waitUntil(lambda: "now.txt" in composition.window.toast.text)
    assert FAKE_HASH in (tmp_path / "now.txt").read_text()
