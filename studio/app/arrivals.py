"""Files and folders that are dropped on the window, opened with the program, or pasted."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.core.errors import ModelError, RecipeError, StudioError
from studio.core.model_card import CARD_FILE
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_from_json

MAX_RECIPE_BYTES: Final = 1024 * 1024  # DESIGN §4
# Formats of weights that are programs: opening them would run what is inside (DESIGN §10.5).
_PROGRAMS: Final = frozenset({".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".bin", ".npy", ".npz"})


class Arrivals(QObject):
    """Looks at what comes from outside and says what it is.

    Signals:
        picture_arrived: Path of what may be a picture; nothing of it has been read.
        recipe_arrived: `Recipe` from a recipe file.
        model_arrived: Path of a model folder.
        folder_arrived: Path of a folder that holds no model.
        refused: `StudioError` for everything that cannot be used.
    """

    picture_arrived = Signal(object)
    recipe_arrived = Signal(object)
    model_arrived = Signal(object)
    folder_arrived = Signal(object)
    refused = Signal(object)

    def take(self, path: Path) -> None:
        """Look at a file or folder."""
        kind = path.suffix.lower()
        if path.is_dir():
            is_model = (path / CARD_FILE).is_file()
            (self.model_arrived if is_model else self.folder_arrived).emit(path)
        elif path.name == CARD_FILE:
            self.model_arrived.emit(path.parent)
        elif kind in _PROGRAMS:
            self.refused.emit(
                ModelError(
                    "This file could run programs on your computer, so it was not opened.",
                    "Ask for an .onnx file.",
                )
            )
        elif kind in {".onnx", ".safetensors"}:
            self._take_graph(path)
        elif kind == ".json":
            self._take_recipe(path)
        else:
            self.picture_arrived.emit(path)

    def take_recipe(self, raw: bytes) -> None:
        """Take a recipe's JSON that was dropped or pasted."""
        try:
            self.recipe_arrived.emit(read_recipe(raw))
        except RecipeError as error:
            self.refused.emit(error)

    def _take_graph(self, path: Path) -> None:
        if (path.parent / CARD_FILE).is_file():
            self.model_arrived.emit(path.parent)
            return
        self.refused.emit(
            ModelError(
                "This file is only a part of a model.",
                "Open the model’s folder, the one that holds card.json.",
            )
        )

    def _take_recipe(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                raw = file.read(MAX_RECIPE_BYTES + 1)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self.refused.emit(
                RecipeError(f"“{path.name}” cannot be read ({reason}).", "Choose another file.")
            )
            return
        self.take_recipe(raw)


def read_recipe(raw: bytes) -> Recipe:
    """Give the recipe of some JSON.

    Raises:
        RecipeError: Too large, or no recipe that can be read.
    """
    if len(raw) > MAX_RECIPE_BYTES:
        raise RecipeError("The recipe is larger than 1 MiB.", "Choose another file.")
    try:
        return recipe_from_json(raw).recipe
    except StudioError as error:
        raise RecipeError(error.what, error.way_out) from error
