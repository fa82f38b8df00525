"""Whom a kept picture comes from: told by the facts, kept in the record, found in the history."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.app.ancestry import find_lineage
from studio.app.small_pictures import SmallPictures
from studio.core.breeding import Sheet, recipe_on
from studio.core.lineage import Lineage
from studio.core.recipe import Recipe, new_recipe, with_edit
from studio.library.kept import Kept
from studio.ui.family_facts import FamilyFacts
from studio.ui.recipe_thumbs import RecipeThumb
from tests.fakes.engine_client import FAKE_HASH, fake_card, fake_picture
from tests.window.panel_parts import Shelf, Studio


def _child_of(*parents: Recipe) -> Recipe:
    sheet = Sheet("children", FAKE_HASH, parents=parents)
    return recipe_on(sheet, 3, directions=())


def test_parents_are_kept_in_the_record_and_shown_with_the_children(
    tmp_path: Path, qtbot: QtBot
) -> None:
    studio, shelf = Studio(tmp_path / "a"), Shelf(tmp_path / "b", 1)
    mother, father = shelf.desk.items()[0], new_recipe(FAKE_HASH, 99)
    born = _child_of(mother.recipe, father)
    lineage = Lineage(mother.id, (mother.recipe, father))
    kept = shelf.gallery.keep(
        fake_picture(born, 32), born, card=fake_card(), name="", provider="CPU", lineage=lineage
    )
    shelf.gallery.rebuild_index()
    again = shelf.gallery.get(kept.id)
    assert again.made_from == (mother.recipe, father)
    small = SmallPictures(studio.engine, "thumb", size=64)
    facts = FamilyFacts(shelf.desk, small)
    qtbot.addWidget(facts)
    facts.show_family(again)
    facts.show()
    tips = [thumb.toolTip() for thumb in facts.parents.findChildren(RecipeThumb)]
    assert tips == ["seed 0", "Seed 99, not kept"]
    opened: list[Kept | Recipe] = []
    facts.kept_requested.connect(opened.append)
    facts.recipe_requested.connect(opened.append)
    for thumb in facts.parents.findChildren(RecipeThumb):
        qtbot.mouseClick(thumb, Qt.MouseButton.LeftButton)
    assert opened == [mother, father]
    facts.show_family(mother)
    assert facts.children_row.recipes == (born,)
    facts.show_family(None)
    assert facts.isHidden()
    shelf.close()


def test_the_way_back_ends_at_parents_at_what_was_kept_and_at_another_seed(
    tmp_path: Path, qtbot: QtBot
) -> None:
    studio, shelf = Studio(tmp_path / "a", seed=0), Shelf(tmp_path / "b", 1)
    document, mother = studio.document, shelf.desk.items()[0]

    def lineage() -> Lineage:
        return find_lineage(document.history, shelf.desk.items())

    assert lineage() == Lineage(), "the picture itself is not its own parent"
    for strength in (1.0, 2.0):
        document.edit(with_edit(studio.recipe, studio.ids[0], strength=(strength,) * 3))
    assert lineage() == Lineage(mother.id)
    parents = (mother.recipe, new_recipe(FAKE_HASH, 5))
    document.edit(_child_of(*parents), made_from=parents)
    assert lineage() == Lineage(mother.id, parents)
    document.edit(with_edit(studio.recipe, studio.ids[1], strength=(1, 1, 1)))
    assert lineage() == Lineage(mother.id, parents), "a touch by hand leaves the parents"
    document.edit(new_recipe(FAKE_HASH, 1234))
    assert lineage() == Lineage(), "a new picture comes from nobody"
    shelf.close()
