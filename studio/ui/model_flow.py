"""Which model is open: the list to choose from, opening, and finding the one a recipe needs."""

import random
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from studio.app.document import Document
from studio.app.engine_client import EngineClient, OpenedModel, Wish
from studio.app.item_models import ModelListModel
from studio.app.preferences import Preferences
from studio.core.errors import ModelError
from studio.core.exploring import fresh_recipe
from studio.core.model_card import ModelCard
from studio.core.recipe import DEFAULT_PSI, Recipe, new_recipe
from studio.library.model_library import BrokenModel, InstalledModel, ModelLibrary
from studio.ui.model_picker import ModelChoice
from studio.ui.texts import tr, tr_error


class ModelFlow(QObject):
    """Opens models and keeps the document on a model that is open.

    Signals:
        choices_changed: Tuple of `ModelChoice`, after looking at the folders or opening a model.
        refused: `StudioError`; what was open stays open.
        nothing_found: There is no usable model.
        opening: Name of the model that is being opened.
    """

    choices_changed = Signal(object)
    refused = Signal(object)
    nothing_found = Signal()
    opening = Signal(object)

    def __init__(
        self,
        library: ModelLibrary,
        engine: EngineClient,
        *,
        document: Document,
        preferences: Preferences,
        shelf: ModelListModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._shelf = shelf
        shelf.dataChanged.connect(self._on_previews)
        self._library, self._engine = library, engine
        self._document, self._preferences = document, preferences
        self._found: tuple[InstalledModel | BrokenModel, ...] = ()
        self._outside: list[InstalledModel] = []
        self._pending: Recipe | None = None
        self._random = random.Random()
        self._opening: Path | None = None
        engine.model_opened.connect(self._on_opened)

    @property
    def usable(self) -> tuple[InstalledModel, ...]:
        """All models that can be opened."""
        return tuple(m for m in (*self._found, *self._outside) if isinstance(m, InstalledModel))

    @property
    def provider(self) -> str:
        """What really runs the open model, "" without one."""
        return self._engine.opened.provider if self._engine.opened else ""

    @Slot()
    def refresh(self) -> None:
        """Look at the folders again."""
        self._found = self._library.scan()
        self._shelf.set_models(self._found)
        self.choices_changed.emit(self.choices())

    def choices(self) -> tuple[ModelChoice, ...]:
        """Give what the picker shows: usable models first, then broken ones with their sentence."""
        opened = self._engine.opened
        folder = opened.folder if opened else self._opening
        good = tuple(
            ModelChoice(
                folder=model.folder,
                name=model.card.name,
                detail=detail_of(model.card, is_shipped=model.is_shipped),
                preview=self._preview(model),
                is_open=model.folder == folder,
            )
            for model in self.usable
        )
        broken = tuple(
            ModelChoice(
                folder=model.folder,
                name=model.folder.name,
                problem=tr_error(model.error),
            )
            for model in self._found
            if isinstance(model, BrokenModel)
        )
        return good + broken

    def open_first(self, wanted: str = "") -> None:
        """Open a model at the start: the one asked for, the recipe's, the last one, or the first.

        Args:
            wanted: Id, name, hash or folder of a model; "" for none.
        """
        if wanted:
            self._open_named(wanted)
            return
        recipe = self._document.recipe
        for model in self.usable:
            if recipe is not None and model.card.model == recipe.model:
                self.open(model.folder)
                return
        last = self._preferences.values.model
        usable = sorted(
            self.usable, key=lambda m: (m.card.id != last, not m.is_shipped, m.card.sketch)
        )
        if usable:
            self.open(usable[0].folder)
        else:
            self.nothing_found.emit()

    def add_outside(self, folder: Path) -> None:
        """Know a model from outside the library, too.

        Raises:
            ModelError: It cannot be used.
        """
        if all(model.folder != folder for model in self.usable):
            self._outside.append(self._library.find(str(folder)))

    def open(self, folder: Path, *, seed: int | None = None) -> None:
        """Open a model folder, also one from outside the library.

        Args:
            folder: The model.
            seed: The picture to show first; None keeps the present one where that is possible.
        """
        wish: Wish = self._preferences.values.provider
        try:
            self.add_outside(folder)
        except ModelError as error:
            self.refused.emit(error)
            return
        self._opening = folder
        card = next(model.card for model in self.usable if model.folder == folder)
        if seed is not None:
            self._pending = new_recipe(card.model, seed)
        self.opening.emit(card.name)
        self._engine.open_model(folder, wish=wish)
        self.choices_changed.emit(self.choices())

    def find_card(self, model: str) -> ModelCard | None:
        """Give the card of a model by its hash, None when it is not installed."""
        return next((one.card for one in self.usable if one.card.model == model), None)

    def is_open(self, recipe: Recipe) -> bool:
        """Say whether the model of a recipe is open."""
        opened = self._engine.opened
        return opened is not None and opened.card.model == recipe.model

    @Slot(object)
    def on_model_wanted(self, recipe: Recipe) -> None:
        """Open the model that the document's recipe needs (undo, restored session)."""
        self.show_recipe(recipe)

    def show_recipe(self, recipe: Recipe) -> bool:
        """Put a recipe on the canvas, opening its model first when needed; False when it is missing."""
        opened = self._engine.opened
        if self.is_open(recipe):
            self._document.edit(recipe)
            return True
        model = next((m for m in self.usable if m.card.model == recipe.model), None)
        if model is None:
            self.refused.emit(
                ModelError(
                    "The model that this picture was made with is not installed.",
                    "Put its folder into the models folder, then try again.",
                )
            )
            return False
        self._pending = recipe
        if self._opening != model.folder or opened is not None:
            self.open(model.folder)
        return True

    def change_provider(self, wish: Wish) -> None:
        """Run the open model on something else."""
        if wish == self._preferences.values.provider:
            return
        self._preferences.change(provider=wish)
        opened = self._engine.opened
        if opened is not None:
            self._engine.open_model(opened.folder, wish=wish)

    def open_again(self) -> None:
        """Open the model that was open or being opened once more (after a failure)."""
        if self._opening is not None:
            self._engine.start()
            # The artist asks for it: a model that was set aside after crashes gets another chance.
            self._engine.try_again(self._opening, wish=self._preferences.values.provider)

    @Slot(object)
    def _on_opened(self, opened: OpenedModel) -> None:
        self._opening = opened.folder
        self._preferences.change(model=opened.card.id)
        self.choices_changed.emit(self.choices())
        pending, self._pending = self._pending, None
        current = self._document.recipe
        if pending is not None and pending.model == opened.card.model and pending != current:
            self._document.edit(pending)
        elif current is not None and current.model == opened.card.model:
            self._engine.request_picture(current)
        else:
            psi = (DEFAULT_PSI,) * 3
            self._document.edit(fresh_recipe(opened.card.model, self._random, psi=psi))

    def _preview(self, model: InstalledModel) -> QImage | None:
        if model not in self._shelf.models:
            return None
        index = self._shelf.index(self._shelf.models.index(model))
        image = index.data(Qt.ItemDataRole.DecorationRole)
        return image if isinstance(image, QImage) else None

    @Slot()
    def _on_previews(self) -> None:
        self.choices_changed.emit(self.choices())

    def _open_named(self, wanted: str) -> None:
        folder = Path(wanted)
        if folder.is_dir():
            self.open(folder.absolute())
            return
        try:
            self.open(self._library.find(wanted).folder)
        except ModelError as error:
            self.refused.emit(error)


def detail_of(card: ModelCard, *, is_shipped: bool) -> str:
    """Give kind, size and origin of a model in a few words."""
    family = {"gan": "GAN"}.get(card.family, card.family)
    size = tr("{size} px", size=card.resolution)
    origin = tr("starter") if is_shipped else tr("your model")
    return f"{family} · {size} · {tr('sketch') if card.sketch else origin}"
