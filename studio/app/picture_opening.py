"""A picture file dropped on the window: what it holds, and whether it can be made again exactly."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.engine_client import EngineClient, FullPicture, LargePicture, LargeWish
from studio.core.arrays import Picture
from studio.core.enlargement import enlargement_of, with_enlargement
from studio.core.errors import StudioError
from studio.core.picture_match import PictureMatch, compare_pictures
from studio.core.recipe import Recipe
from studio.files.deep_images import narrow, resize_deep, widen
from studio.files.images import resize_to
from studio.opener.client import OpenedPicture, open_recipe_picture

_KEY = "compare"


class OpenedFile(msgspec.Struct, frozen=True):
    """A file that was opened, and what it holds; look at `opened.recipe` before `refused`."""

    path: Path
    opened: OpenedPicture


class Comparison(msgspec.Struct, frozen=True):
    """A dropped picture beside the one made anew from its recipe; `sentence` is for people."""

    path: Path
    match: PictureMatch
    sentence: str


class PictureOpening(QObject):
    """Opens picture files in the opener child, and compares them with fresh pictures.

    Signals:
        opened: `OpenedFile`, once for each `open`.
        compared: `Comparison`, once for each `compare` that the engine could answer.
    """

    opened = Signal(object)
    compared = Signal(object)

    def __init__(self, engine: EngineClient, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._worker = Background(self)
        self._next = 0
        self._file_by_number: dict[int, OpenedFile] = {}
        self._first_by_number: dict[int, Comparison] = {}
        engine.full_ready.connect(self._take_full)
        engine.large.ready.connect(self._take_large)

    def open(self, path: Path) -> None:
        """Open a file from anywhere; `opened` tells what it holds, refusals included."""
        self.open_made(path, lambda: None)

    def open_made(self, path: Path, make: Callable[[], object]) -> None:
        """Open a file that `make` writes first, on the worker."""

        def work() -> OpenedFile:
            make()
            return OpenedFile(path, open_recipe_picture(path))

        self._worker.run(
            work,
            self.opened.emit,
            failed=lambda error: self._take_error(path, error),
        )

    def compare(self, file: OpenedFile) -> bool:
        """Make the picture of the file's recipe anew and compare; False when that cannot be.

        One that was exported enlarged is enlarged again, and made to fit as it was then.
        """
        recipe, model = file.opened.recipe, self._engine.opened
        if recipe is None or file.opened.picture is None or not file.opened.is_whole:
            return False
        if model is None or model.card.model != recipe.recipe.model:
            return False
        self._next += 1
        self._file_by_number[self._next] = file
        factor, plain = enlargement_of(recipe.recipe), with_enlargement(recipe.recipe, 1)
        if factor == 1:
            self._engine.request_full((_KEY, self._next), plain)
        else:
            self._engine.large.request((_KEY, self._next), LargeWish(factor, plain))
        return True

    def finish(self) -> None:
        """Wait until the file that is being opened is read."""
        self._worker.finish()

    def _take_error(self, path: Path, error: StudioError) -> None:
        self.opened.emit(OpenedFile(path, OpenedPicture(refused=error)))

    @Slot(object)
    def _take_full(self, full: FullPicture) -> None:
        if full.key[0] == _KEY:
            self._compare(int(full.key[1]), full.picture, provider=full.provider)

    @Slot(object)
    def _take_large(self, large: LargePicture) -> None:
        if large.key[0] == _KEY:
            self._compare(int(large.key[1]), large.picture, provider=large.provider)

    def _compare(self, number: int, made: Picture, *, provider: str) -> None:
        file = self._file_by_number.get(number)
        if file is None:
            return

        def work() -> tuple[Comparison, bool]:
            found = _compared(file, made, provider=provider)
            is_other = found.match.kind == "differs" and file.opened.is_unchanged
            return found, is_other and made.dtype == np.uint8

        self._worker.run(
            work,
            lambda told: self._take_compared(number, told[0], may_be_deep=told[1]),
            failed=lambda error: self._take_error(file.path, error),
        )

    def _take_compared(self, number: int, found: Comparison, *, may_be_deep: bool) -> None:
        """Tell what was found; before that, see whether a file that differs holds 16 bits."""
        file = self._file_by_number[number]
        recipe = file.opened.recipe
        if may_be_deep and recipe is not None:
            self._first_by_number[number] = found
            factor, plain = enlargement_of(recipe.recipe), with_enlargement(recipe.recipe, 1)
            self._engine.large.request((_KEY, number), LargeWish(factor, plain, bits=16))
            return
        del self._file_by_number[number]
        first = self._first_by_number.pop(number, found)
        self.compared.emit(found if found.match.is_identical else first)


def _compared(file: OpenedFile, made: Picture, *, provider: str) -> Comparison:
    """Compare with what was made, of 8 or 16 bits, in the file's size and as its reader sees it."""
    assert file.opened.picture is not None  # `compare` asked for nothing else
    longer_px = max(file.opened.picture.shape[:2])
    if enlargement_of(_recipe_of(file)) == 1:
        seen = narrow(made)
    elif made.dtype == np.uint8:  # it was made to fit, as now
        seen = resize_to(made, longer_px)
    else:
        seen = narrow(resize_deep(widen(made), longer_px))
    match = compare_pictures(file.opened.picture, seen)
    return Comparison(file.path, match, match_sentence(match, file.opened, provider=provider))


def _recipe_of(file: OpenedFile) -> Recipe:
    assert file.opened.recipe is not None
    return file.opened.recipe.recipe


def match_sentence(match: PictureMatch, opened: OpenedPicture, *, provider: str) -> str:
    """Give one sentence: identical, or by how much it differs and why."""
    if match.is_identical:
        return "Identical: every pixel is the same."
    if match.kind == "size":
        return f"The file was saved at another size ({opened.width} × {opened.height})."
    by = f"Up to {match.max_levels} of 255 levels apart"
    if not opened.pixel_hash_in_file:
        return f"{by}: the file does not say how its pixels were saved."
    if not opened.is_unchanged:
        return f"{by}: the file's pixels were changed, or saved with loss, after they were made."
    return f"{by}: it was made on another processor than this one ({provider})."
