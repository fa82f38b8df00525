"""Blending two models from the details of one: the form, the child that does it, the library."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from studio.app.blend_desk import BlendDesk, BlendWish
from studio.library.model_library import InstalledModel
from studio.ui.model_facts import ModelFacts
from studio.ui.parts import Parts
from studio.ui.texts import tr
from studio.ui.train_place import shipped_ids


class BlendFlow(QObject):
    """Connects the form with the desk, and says when the model is there."""

    def __init__(self, parts: Parts, facts: ModelFacts, *, home: Path) -> None:
        super().__init__(parts.window)
        self._parts, self._facts = parts, facts
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

    @Slot(object)
    def _find(self, model: InstalledModel) -> None:
        self.desk.find(model, self._facts.installed)

    @Slot(object, object)
    def _on_found(self, model: InstalledModel, others: tuple[InstalledModel, ...]) -> None:
        if model == self._facts.model:
            self._facts.blend.show_others(model, others)

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
