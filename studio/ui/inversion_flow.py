"""Bringing one's own picture: from a drop to the model's version of it on the canvas."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Slot

from studio.app.inversion_desk import Brought, InversionDesk
from studio.core.arrays import Picture
from studio.core.inversion import FoundPicture, found_recipe
from studio.core.recipe import Recipe
from studio.ui.inversion_bar import InversionBar
from studio.ui.parts import Parts


class InversionFlow(QObject):
    """Connects drops, desk, bar and document."""

    def __init__(self, parts: Parts, home: Path) -> None:
        super().__init__(parts.window)
        self._parts, self._document = parts, parts.document
        self.desk = InversionDesk(home, parts.engine, parent=self)
        self.bar = InversionBar(parts.canvas)
        self._has_gesture = False
        self._is_ours = False
        actions = parts.window.actions_table
        actions.connect_command("refine", self.desk.refine)
        self._compare = actions.action("compare")
        self._compare.changed.connect(self._follow_compare)
        self.desk.changed.connect(self._on_changed)
        self.desk.found.connect(self._on_found)
        self.desk.improved.connect(self._on_improved)
        self.bar.asked.connect(self._on_asked)
        self.bar.height_changed.connect(parts.canvas.keep_free)
        parts.document.recipe_changed.connect(self._on_recipe)

    def finish(self) -> None:
        """End what is under way; for the end of the program."""
        self.desk.finish()

    def bring(self, picture: Picture, name: str) -> None:
        """Look for a picture of one's own in the open model."""
        self._parts.window.show_place("explore")
        self._parts.window.show_page("")
        self.desk.bring(picture, name)

    @Slot(object)
    def _on_changed(self, brought: Brought | None) -> None:
        self.bar.show_brought(brought)
        is_shown = brought is not None and brought.found is not None
        is_here = brought is not None and brought.phase not in ("elsewhere", "refused")
        own = brought.picture if brought is not None and is_shown and is_here else None
        self._parts.pictures.show_own_before(own)
        can = brought is not None and brought.phase == "found" and brought.can_refine
        self._parts.window.actions_table.give("found", can)
        if brought is None or brought.phase != "refining":
            self._end_gesture()

    @Slot(object)
    def _on_found(self, found: FoundPicture) -> None:
        opened = self._parts.engine.opened
        if opened is not None:
            self._edit(found_recipe(opened.card.model, found))

    @Slot(object)
    def _on_improved(self, change: tuple[str, str]) -> None:
        """Put the better latent in the old one's place; what the artist set meanwhile stays."""
        recipe, (old, new) = self._document.recipe, change
        if recipe is None:
            return
        if not self._document.is_in_gesture:  # all steps of a refinement are one step back
            self._document.begin_gesture()
            self._has_gesture = True
        sources = tuple(
            msgspec.structs.replace(source, w=new) if source.w == old else source
            for source in recipe.sources
        )
        self._edit(msgspec.structs.replace(recipe, sources=sources))

    def _edit(self, recipe: Recipe) -> None:
        self._is_ours = True
        try:
            self._document.edit(recipe)
        finally:
            self._is_ours = False

    def _end_gesture(self) -> None:
        if self._has_gesture:
            self._has_gesture = False
            self._document.end_gesture()

    @Slot(object)
    def _on_recipe(self, recipe: Recipe) -> None:
        """Put the picture away when the artist went on to something that is not made from it."""
        brought = self.desk.brought
        if self._is_ours or brought is None or brought.found is None:
            return
        if recipe.model != brought.model or brought.phase in ("looking", "elsewhere"):
            return
        if all(source.w != brought.found.w for source in recipe.sources):
            self.desk.put_away()

    @Slot(object)
    def _on_asked(self, wish: str) -> None:
        match wish:
            case "refine":
                self.desk.refine()
            case "stop":
                self.desk.stop()
            case "find":
                self.desk.find()
            case "compare" | "keep":
                self._parts.window.actions_table.action(wish).trigger()
            case "close":
                self.desk.put_away()

    @Slot()
    def _follow_compare(self) -> None:
        self.bar.compare.setChecked(self._compare.isChecked())
