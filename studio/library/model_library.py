"""The models that are installed: those that come with the program, then the artist's own."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from studio.core.directions import DirectionSet
from studio.core.errors import ModelError
from studio.core.model_card import PREVIEW_FILE, ModelCard
from studio.files.model_folder import NEXT_SUFFIX, read_card, read_directions

_READ_BYTES: Final = 1024 * 1024


class InstalledModel(msgspec.Struct, frozen=True):
    """A model whose card was read. Its other files are only looked at when they are needed.

    Attributes:
        folder: Where it lies.
        card: Its card.
        is_shipped: Whether it came with the program.
    """

    folder: Path
    card: ModelCard
    is_shipped: bool

    @property
    def preview_path(self) -> Path:
        """Its contact sheet; it may be missing."""
        return self.folder / PREVIEW_FILE


class BrokenModel(msgspec.Struct, frozen=True):
    """A folder that holds something like a model, and why it cannot be used."""

    folder: Path
    error: ModelError


class ModelLibrary:
    """The models in some folders. Reads from disk at each call and remembers nothing.

    Args:
        folders: The shipped models first, then the artist's. One that is missing is empty.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    def scan(self) -> tuple[InstalledModel | BrokenModel, ...]:
        """Give every model, shipped ones first; only cards are read.

        The shipped ones come in the order of their likeness to what they learned from, so that a
        first start opens the best; models without that score, and the artist's, by name of folder.
        """
        found: list[InstalledModel | BrokenModel] = []
        for number, root in enumerate(self._folders):
            models = [_look_at(folder, is_shipped=number == 0) for folder in _model_folders(root)]
            found += sorted(models, key=_likeness) if number == 0 else models
        return tuple(found)

    def find(self, wish: str) -> InstalledModel:
        """Give the model with this hash, id, name or folder.

        Args:
            wish: Whole hash or its first eight digits or more; an id or name in any case; or the
                path of a model folder.

        Raises:
            ModelError: No model fits, or the one that does is broken.
        """
        found = self.scan()
        good = [model for model in found if isinstance(model, InstalledModel)]
        for fits in (_has_hash, _has_id, _has_name):
            for model in good:
                if fits(model.card, wish):
                    return model
        for other in found:
            if isinstance(other, BrokenModel) and other.folder.name == wish:
                raise other.error
        folder = Path(wish).expanduser()
        if folder.is_dir():
            return InstalledModel(folder, read_card(folder), is_shipped=False)
        raise self._not_found(wish, good)

    def read_directions(self, model: InstalledModel) -> DirectionSet:
        """Give mean, axes and directions of a model.

        Raises:
            ModelError: Their file is missing, damaged or another model's.
        """
        return read_directions(model.folder, model.card)

    def verify(self, model: InstalledModel) -> None:
        """Read every file of a model and compare it with the card.

        Raises:
            ModelError: The first file that is missing or was changed, by its name.
        """
        for name, expected in sorted(model.card.graphs.items()):
            beside = model.folder / f"{name}{NEXT_SUFFIX}"  # of a rewriting killed half-way
            places = [model.folder / name, *([beside] if beside.is_file() else [])]
            if all(_hash_of(place, card=model.card) != expected for place in places):
                raise ModelError(
                    f"“{name}” of the model “{model.card.name}” is damaged or was changed.",
                    "Install the model again.",
                )
        self.read_directions(model)

    def _not_found(self, wish: str, good: list[InstalledModel]) -> ModelError:
        is_hash = len(wish) == 64 and all(char in "0123456789abcdef" for char in wish)
        shown = f"the hash {wish[:10]}…" if is_hash else f"the name “{wish}”"
        if not good:
            return ModelError("No model is installed.", "Install one, or train one on a folder.")
        names = ", ".join(f"“{model.card.id}”" for model in good[:8])
        return ModelError(
            f"No model with {shown} is installed.", f"Install it, or choose one of these: {names}."
        )


def _model_folders(root: Path) -> list[Path]:
    """Give the folders that hold a card, or that have a name of a model: hidden ones are not."""
    try:
        folders = [path for path in root.iterdir() if path.is_dir()]
    except OSError:
        return []
    return sorted(folder for folder in folders if not folder.name.startswith((".", "_")))


def _look_at(folder: Path, *, is_shipped: bool) -> InstalledModel | BrokenModel:
    try:
        card = read_card(folder)
    except ModelError as error:
        return BrokenModel(folder, error)
    missing = [name for name in sorted(card.graphs) if not (folder / name).is_file()]
    if missing:
        what = f"“{missing[0]}” is missing from the model “{card.name}”."
        return BrokenModel(folder, ModelError(what, "Install the model again."))
    return InstalledModel(folder, card, is_shipped)


def _likeness(model: InstalledModel | BrokenModel) -> float:
    """Give the kernel distance on the card, smaller is nearer; infinity where there is none."""
    score = model.card.scores.get("likeness") if isinstance(model, InstalledModel) else None
    return math.inf if score is None else score.value


def _hash_of(path: Path, *, card: ModelCard) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
    except OSError as error:
        raise ModelError(
            f"“{path.name}” of the model “{card.name}” cannot be read ({error.strerror}).",
            "Install the model again.",
        ) from error
    return digest.hexdigest()


def _has_hash(card: ModelCard, wish: str) -> bool:
    return len(wish) >= 8 and card.model.startswith(wish.lower())


def _has_id(card: ModelCard, wish: str) -> bool:
    return card.id == wish.lower()


def _has_name(card: ModelCard, wish: str) -> bool:
    return card.name.casefold() == wish.casefold()
