"""Blending two models from the details of one: the form, the child that does it, the library."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from studio.app.blend_desk import BlendDesk, BlendWish
from studio.library.model_library import InstalledModel
from studio.ui.gallery_page import GalleryPage
from studio.ui.parts import Parts
from studio.ui.texts import tr
from studio.ui.train_place import shipped_ids


class BlendFlow(QObject):
    """Connects the form with the desk, and says when the model is there."""

    def __init__(self, parts: Parts, page: GalleryPage, *, home: Path) -> None:
        super().__init__(parts.window)
        self._parts, self._page = parts, page
        self._facts = facts = page.model_facts
        self._is_wanted = False  # the form, as soon as it is known with what
        parts.window.actions_table.connect_command("blend_model", self._open)
        self.desk = BlendDesk(home, taken=shipped_ids, parent=self)
        form = facts.blend
        facts.shown.connect(self._find)
        form.make_requested.connect(self._make)
        form.cancel_requested.connect(self.desk.cancel)
        self.desk.found.connect(self._on_found)
        self.desk.busy_changed.connect(form.show_busy)
        self.desk.failed.connect(form.show_error)
        self.desk.made.connect(self._on_made)

    def finish(self) -> None:
        """End what is under way."""
        self.desk.finish()

    @Slot()
    def _open(self) -> None:
        """Show the details of the open model with the form, where there is one to blend it with."""
        opened = self._parts.engine.opened
        if opened is None:
            return
        model = next((one for one in self._facts.installed if one.folder == opened.folder), None)
        if model is None:
            self._say_alone()
            return
        self._parts.window.show_place("gallery")
        self._is_wanted = True
        if model == self._facts.model:
            self._find(model)  # its details are open already
        else:
            self._page.show_model(model)

    @Slot(object)
    def _find(self, model: InstalledModel) -> None:
        self.desk.find(model, self._facts.installed)

    @Slot(object, object)
    def _on_found(self, model: InstalledModel, others: tuple[InstalledModel, ...]) -> None:
        if model != self._facts.model:
            return
        form = self._facts.blend
        form.show_others(model, others)
        if self._is_wanted:
            self._is_wanted = False
            form.offer.setChecked(bool(others))
            if others:
                form.offer.setFocus()
            else:
                self._say_alone()

    def _say_alone(self) -> None:
        self._parts.window.toast.say(
            tr("No other model here comes from the same start. Train one from this model first.")
        )

    @Slot(object)
    def _make(self, wish: BlendWish) -> None:
        self.desk.make(wish)

    @Slot(object)
    def _on_made(self, folder: Path) -> None:
        self._parts.models.refresh()
        self._facts.blend.offer.setChecked(False)

        def use() -> None:
            self._parts.models.open(folder)
            self._parts.window.show_place("explore")

        said = tr("The model is in the library.")
        self._parts.window.toast.say(said, button=tr("Use it"), do=use)
