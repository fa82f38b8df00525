"""Files and folders that are dropped on the window, opened with the program, or pasted."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.core.errors import RecipeError, StudioError
from studio.core.model_card import CARD_FILE
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_from_json
from studio.opener.kinds import HEAD_BYTES, begins_with_pictures, is_layered, kind_of
from studio.opener.open_file import OpenFile

MAX_RECIPE_BYTES: Final = 1024 * 1024  # DESIGN §4
_MODELS: Final = ("graph", "zip", "weights", "program", "archive", "tensors")
_ANY_SIZE: Final = 1 << 62  # how large each kind may be is checked where it is opened


class Arrivals(QObject):
    """Looks at what comes from outside and says what it is.

    Signals:
        picture_arrived: Path of what may be a picture; only its first bytes have been read.
        recipe_arrived: `Recipe` from a recipe file.
        model_arrived: Path of a model folder.
        model_file_arrived: Path of a file that may be a model; only its first bytes have been read.
        folder_arrived: Path of a folder that holds no model, or of a zip of pictures.
        refused: `StudioError` for everything that cannot be used.
    """

    picture_arrived = Signal(object)
    recipe_arrived = Signal(object)
    model_arrived = Signal(object)
    model_file_arrived = Signal(object)
    folder_arrived = Signal(object)
    refused = Signal(object)

    def take(self, path: Path) -> None:
        """Look at a file or folder: by its first bytes, never by its name."""
        if path.is_dir():
            is_model = (path / CARD_FILE).is_file()
            (self.model_arrived if is_model else self.folder_arrived).emit(path)
            return
        if path.name == CARD_FILE:
            self.model_arrived.emit(path.parent)
            return
        try:
            with OpenFile(path, noun="file", max_bytes=_ANY_SIZE) as file:
                head = file.head(HEAD_BYTES)
        except StudioError as error:
            self.refused.emit(error)
            return
        kind = kind_of(head)
        if kind in ("graph", "tensors") and (path.parent / CARD_FILE).is_file():
            self.model_arrived.emit(path.parent)  # a part of the model that it lies in
        elif kind == "zip" and begins_with_pictures(head):
            self.folder_arrived.emit(path)
        elif kind in _MODELS and not is_layered(head):
            self.model_file_arrived.emit(path)
        elif kind == "text":
            self._take_recipe(path)
        else:
            self.picture_arrived.emit(path)

    def take_recipe(self, raw: bytes) -> None:
        """Take a recipe's JSON that was dropped or pasted."""
        try:
            self.recipe_arrived.emit(read_recipe(raw))
        except RecipeError as error:
            self.refused.emit(error)

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
