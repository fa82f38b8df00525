"""Says whether a picture that was made again has the same pixels as the one it was kept as."""

from typing import Final, Literal

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.engine_client import EngineClient, FullPicture, RequestFailure
from studio.core.arrays import Picture, pixel_hash
from studio.core.picture_match import compare_pictures
from studio.core.recipe import Recipe

KEY: Final = "restore-check"
# Two providers round differently by a level or two (reference/generators.md); more is another picture.
SLIGHT: Final = 8

Verdict = Literal["identical", "slight", "different", "resized", "unknown"]


class RestoreResult(msgspec.Struct, frozen=True):
    """What the comparison found.

    Attributes:
        verdict: "identical" pixels; "slight" differences as between providers; "different";
            "resized" when the file has another size, "unknown" when there are no pixels to compare.
        most: Largest difference of a channel, 0…255.
        provider: What made the picture again.
    """

    verdict: Verdict
    most: int = 0
    provider: str = ""


class RestoreCheck(QObject):
    """Makes a picture again in full and compares.

    Signals:
        checked: `RestoreResult`; only for the newest `check`, and not when it cannot be rendered.
    """

    checked = Signal(object)

    def __init__(self, engine: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._number = 0
        self._hash = ""
        self._picture: Picture | None = None
        engine.full_ready.connect(self._on_full)
        engine.request_failed.connect(self._on_failed)

    def check(self, recipe: Recipe, *, pixels: str, picture: Picture | None) -> None:
        """Compare the recipe's picture with what was kept.

        Args:
            recipe: What to make again; of the model that is open.
            pixels: Hash of the kept pixels, "" when it is not known.
            picture: The kept picture, None when it is not at hand.
        """
        self._number += 1
        self._hash, self._picture = pixels, picture
        self._engine.request_full((KEY, self._number), recipe)

    @Slot(object)
    def _on_full(self, full: FullPicture) -> None:
        if full.key == (KEY, self._number):
            picture, self._picture = self._picture, None
            self.checked.emit(
                compare(full.picture, picture, pixels=self._hash, provider=full.provider)
            )

    @Slot(object)
    def _on_failed(self, failure: RequestFailure) -> None:
        if failure.key == (KEY, self._number):
            self._picture = None


def compare(
    made: Picture, kept: Picture | None, *, pixels: str, provider: str = ""
) -> RestoreResult:
    """Compare a picture that was made again with the kept one or with its hash."""
    if pixels and pixel_hash(made) == pixels:
        return RestoreResult("identical", 0, provider)
    if kept is None:
        return RestoreResult("unknown", 0, provider)
    match = compare_pictures(made, kept)
    if match.kind == "size":
        return RestoreResult("resized", 0, provider)
    verdict: Verdict = "identical" if match.is_identical else "different"
    if 0 < match.max_levels <= SLIGHT:
        verdict = "slight"
    return RestoreResult(verdict, match.max_levels, provider)
