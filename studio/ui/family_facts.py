"""Whom a kept picture comes from, and who comes from it: small pictures that open with a click."""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from studio.app.gallery_desk import GalleryDesk
from studio.app.small_pictures import SmallPictures
from studio.core.recipe import Recipe
from studio.library.kept import Kept
from studio.ui.recipe_thumbs import RecipeThumbs
from studio.ui.texts import tr
from studio.ui.theme import mark
from studio.ui.wall_words import say_seeds

_MAX_SHOWN: Final = 8


class FamilyFacts(QWidget):
    """Shows parents and children of one kept picture.

    Signals:
        kept_requested: `Kept` to open.
        recipe_requested: `Recipe` of a parent that was not kept.
    """

    kept_requested = Signal(object)
    recipe_requested = Signal(object)

    def __init__(
        self, desk: GalleryDesk, pictures: SmallPictures, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._desk, self._pictures = desk, pictures
        self._kept_by_recipe: dict[Recipe, Kept] = {}
        self.parents = RecipeThumbs(self._look)
        self.children_row = RecipeThumbs(self._look)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self._names = (
            mark(QLabel(tr("Parents")), "second"),
            mark(QLabel(tr("Children")), "second"),
        )
        for place, row in enumerate((self.parents, self.children_row)):
            grid.addWidget(self._names[place], place, 0)
            grid.addWidget(row, place, 1, Qt.AlignmentFlag.AlignRight)
            row.clicked.connect(self._open)
        desk.thumbnails.ready.connect(self._refresh)
        pictures.ready.connect(self._refresh)

    def show_family(self, kept: Kept | None) -> None:
        """Show the family of a picture, nothing of one without."""
        parents: tuple[Recipe, ...] = ()
        children: list[Kept] = []
        self._kept_by_recipe = {}
        if kept is not None:
            parents = kept.made_from
            above = self._desk.find(kept.parent) if kept.parent else None
            if above is not None and not parents:
                parents = (above.recipe,)
            # What was painted over elsewhere has no recipe that gives its picture.
            items = [one for one in self._desk.items() if not one.painted_in]
            wanted = set(parents)
            self._kept_by_recipe = {
                one.recipe: one for one in reversed(items) if one.recipe in wanted
            }
            if above is not None:
                self._kept_by_recipe.setdefault(above.recipe, above)
            children = [one for one in items if _is_child(one, kept)][:_MAX_SHOWN]
        self.parents.show_recipes(parents, tips=[self._say(recipe) for recipe in parents])
        self._kept_by_recipe |= {child.recipe: child for child in children}
        recipes = [child.recipe for child in children]
        self.children_row.show_recipes(recipes, tips=[child.name for child in children])
        for place, row in enumerate((self.parents, self.children_row)):
            row.setVisible(bool(row.recipes))
            self._names[place].setVisible(bool(row.recipes))
        self.setVisible(bool(parents or children))

    def _say(self, recipe: Recipe) -> str:
        kept = self._kept_by_recipe.get(recipe)
        return kept.name if kept else tr("{seeds}, not kept", seeds=say_seeds(recipe))

    def _look(self, recipe: Recipe) -> QImage | None:
        kept = self._kept_by_recipe.get(recipe)
        return self._desk.thumbnail(kept) if kept else self._pictures.request(recipe)

    @Slot(object)
    def _open(self, recipe: Recipe) -> None:
        kept = self._kept_by_recipe.get(recipe)
        if kept is not None:
            self.kept_requested.emit(kept)
        else:
            self.recipe_requested.emit(recipe)

    @Slot(object)
    def _refresh(self, _cause: object) -> None:
        self.parents.refresh()
        self.children_row.refresh()


def _is_child(one: Kept, of: Kept) -> bool:
    return one.id != of.id and (one.parent == of.id or of.recipe in one.made_from)
