"""An engine client without an engine: it paints a gradient that depends on the recipe."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer

from studio.app.engine_client import (
    EngineClient,
    EngineState,
    FullPicture,
    Key,
    LargePicture,
    LargePictures,
    LargeProgress,
    LargeWish,
    OpenedModel,
    RenderedPicture,
    RequestFailure,
    SmallPicture,
    Wish,
)
from studio.core.arrays import Picture
from studio.core.directions import DirectionEntry
from studio.core.errors import StudioError
from studio.core.model_card import ModelCard, Right
from studio.core.nearness import Nearness
from studio.core.recipe import Recipe
from studio.core.recipe_json import recipe_to_json
from studio.protocol import messages as say

FAKE_HASH = "ab" * 32
_NAMES = (
    "dawn ↔ dusk", "calm ↔ storm", "far ↔ near", "pale ↔ rich", "bare ↔ wooded", "low ↔ high horizon",
    "cold ↔ warm", "still ↔ windy", "sketch ↔ finish", "open ↔ closed", "dry ↔ wet", "old ↔ new",
)  # fmt: skip


def fake_card(name: str = "Landscapes", resolution: int = 128) -> ModelCard:
    """Give the card of a model that does not exist."""
    return ModelCard(
        id=name.lower(),
        name=name,
        family="gan",
        model=FAKE_HASH,
        resolution=resolution,
        previews=(64,),
        z=64,
        w=64,
        layers=12,
        zones=(4, 8),
        graphs={"mapping.onnx": "0" * 64, "synthesis.onnx": "1" * 64},
        rights=(Right("nowhere", "CC0", "nobody"),),
        credit="Made with a model that does not exist.",
    )


def fake_directions() -> tuple[DirectionEntry, ...]:
    """Give twelve named directions."""
    return tuple(
        DirectionEntry(id=f"{index:016x}", name=name, zones=("coarse", "medium", "fine"), source="pca")
        for index, name in enumerate(_NAMES, start=1)
    )  # fmt: skip


def fake_picture(recipe: Recipe, size: int) -> Picture:
    """Give a gradient [size, size, 3] whose colours come from the recipe's text; read-only."""
    digest = hashlib.sha256(recipe_to_json(recipe).encode()).digest()
    corners = np.frombuffer(digest[:12], dtype=np.uint8).reshape(2, 2, 3).astype(np.float32)
    across = np.linspace(0, 1, size, dtype=np.float32)[:, None]
    left = corners[0, 0] * (1 - across) + corners[1, 0] * across
    right = corners[0, 1] * (1 - across) + corners[1, 1] * across
    picture = left[:, None] * (1 - across[None]) + right[:, None] * across[None]
    done = np.ascontiguousarray(picture.astype(np.uint8))
    done.flags.writeable = False
    return done


class FakeLargePictures(LargePictures):
    """Repeats every pixel; a file's picture is grey.

    Attributes:
        asked: Every request as (key, wish).
        is_held: Whether requests wait until `answer` is called.
    """

    def __init__(self, client: "FakeEngineClient") -> None:
        super().__init__(client._keeper, parent=client)
        self.asked: list[tuple[Key, LargeWish]] = []
        self.is_held = False
        self._client = client
        self._open: list[tuple[Key, LargeWish]] = []

    def request(self, key: Key, wish: LargeWish) -> None:
        self.asked.append((key, wish))
        self._open.append((key, wish))
        if not self.is_held:
            self._client._later(self.answer)

    def cancel(self, which: Key | Callable[[Key], bool]) -> None:
        self._open = [
            (key, wish)
            for key, wish in self._open
            if not (which(key) if callable(which) else key[: len(which)] == which)
        ]

    def has_waiting(self, *heads: str) -> bool:
        return any(not heads or key[0] in heads for key, _ in self._open)

    def answer(self) -> None:
        """Answer the oldest request."""
        if not self._open:
            return
        key, wish = self._open.pop(0)
        if self._client.refuse:
            self.failed.emit(RequestFailure(key, self._client.refuse))
            return
        self.progress_changed.emit(LargeProgress(key, 1, 2))
        size = self._client.card.resolution
        small = np.full((size, size, 3), 128, np.uint8)
        if wish.recipe is not None:
            small = fake_picture(wish.recipe, size)
        picture: NDArray[Any] = small.repeat(wish.factor, axis=0).repeat(wish.factor, axis=1)
        if wish.bits == 16 and wish.recipe is not None and wish.factor == 1:
            picture = self._client.deep_picture(wish.recipe)
        if wish.wants_alpha:  # the left half is not there
            alpha = np.full(
                (*picture.shape[:2], 1), 255 if wish.bits == 8 else 65535, picture.dtype
            )
            alpha[:, : alpha.shape[1] // 2] = 0
            picture = np.concatenate([picture, alpha], axis=2)
        nearness = self._client.nearness if wish.has_nearness else None
        self.ready.emit(LargePicture(key, wish.recipe, picture, wish.factor, "CPU", nearness))


class FakeEngineClient(EngineClient):
    """Answers every request in order, from the event loop or at once.

    Attributes:
        asked: Every call as (method, argument…), oldest first.
        refuse: When set, what every request is answered with instead of a picture.
        nearness: What every full picture is said to be near to, where that is asked for.
        answer_side: Gives the event that answers what is not a picture; None leaves it open.
        previews: When true, a canvas request is answered by a preview and then the full picture.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        card: ModelCard | None = None,
        is_immediate: bool = False,
        previews: bool = False,
    ) -> None:
        super().__init__(parent)
        self.large: FakeLargePictures = FakeLargePictures(self)
        self.card = card or fake_card()
        self.asked: list[tuple[object, ...]] = []
        self.refuse: StudioError | None = None
        self.previews = previews
        self.nearness: Nearness | None = None
        self.answer_side: Callable[[say.Command], say.Event | None] = lambda _command: None
        self._is_immediate = is_immediate
        self._num_requests = 0
        self._fake_state = EngineState("stopped")
        self._waiting: list[Callable[[], None]] = []
        self._cancelled: list[Callable[[Key], bool]] = []

    @property
    def state(self) -> EngineState:
        return self._fake_state

    def set_fake_state(self, state: EngineState) -> None:
        """Change the state as the engine would."""
        if state != self._fake_state:
            self._fake_state = state
            self.state_changed.emit(state)

    def start(self) -> None:
        self.asked.append(("start",))
        self.set_fake_state(EngineState("ready" if self._opened else "starting"))

    def stop(self) -> None:
        self.asked.append(("stop",))
        self._waiting.clear()
        self.set_fake_state(EngineState("stopped"))

    def open_model(self, folder: Path, *, wish: Wish = "auto") -> None:
        self.asked.append(("open_model", folder, wish))
        self._opened = None
        self.set_fake_state(EngineState("opening"))
        reason = "" if wish == "cpu" else "Running on the CPU: no NVIDIA graphics driver was found."

        def answer() -> None:
            self._opened = OpenedModel(folder, self.card, fake_directions(), "CPU", wish, reason)
            self.set_fake_state(EngineState("ready"))
            self.model_opened.emit(self._opened)

        self._later(answer)

    def request_picture(self, recipe: Recipe) -> None:
        self.asked.append(("request_picture", recipe))
        self._num_requests += 1
        number = self._num_requests

        def answer() -> None:
            if self.refuse:
                self.request_failed.emit(RequestFailure(None, self.refuse))
                return
            for is_preview in (True, False) if self.previews else (False,):
                size = 64 if is_preview else self.card.resolution
                self.picture_ready.emit(
                    RenderedPicture(recipe, fake_picture(recipe, size), is_preview, 12.5, number)
                )

        self._later(answer)

    def request_small(self, key: Key, recipe: Recipe, *, size: int) -> None:
        self.asked.append(("request_small", key, recipe, size))
        start = len(self._cancelled)

        def answer() -> None:
            if any(is_gone(key) for is_gone in self._cancelled[start:]):
                return
            if self.refuse:
                self.request_failed.emit(RequestFailure(key, self.refuse))
                return
            self.small_ready.emit(SmallPicture(key, recipe, fake_picture(recipe, size)))

        self._later(answer)

    def cancel_small(self, which: Key | Callable[[Key], bool]) -> None:
        self.asked.append(("cancel_small", which))
        if callable(which):
            self._cancelled.append(which)
        else:
            self._cancelled.append(lambda key: key[: len(which)] == which)

    def request_full(self, key: Key, recipe: Recipe, *, has_nearness: bool = False) -> None:
        self.asked.append(("request_full", key, recipe))

        def answer() -> None:
            if self.refuse:
                self.request_failed.emit(RequestFailure(key, self.refuse))
                return
            picture = fake_picture(recipe, self.card.resolution)
            nearness = self.nearness if has_nearness else None
            self.full_ready.emit(FullPicture(key, recipe, picture, "CPU", nearness))

        self._later(answer)

    def request_side(self, make: Callable[[int], say.Command]) -> int:
        self._num_requests += 1
        number, command = self._num_requests, make(self._num_requests)
        self.asked.append(("request_side", command))
        event = self.answer_side(command)
        if event is not None:
            # Never at once: who asks must know the number first.
            QTimer.singleShot(0, self, lambda: self.side_answered.emit(event))
        return number

    def deep_picture(self, recipe: Recipe) -> NDArray[np.uint16]:
        """Give what a file of 16 bits holds: a little beside the picture of 8."""
        picture = fake_picture(recipe, self.card.resolution).astype(np.uint16) * 257
        return np.where(picture > 300, picture - 200, picture).astype(np.uint16)

    def of_model(self, recipe: Recipe) -> Recipe:
        """Give the recipe as one of this fake's model."""
        return msgspec.structs.replace(recipe, model=self.card.model)

    def _later(self, answer: Callable[[], None]) -> None:
        if self._is_immediate:
            answer()
            return
        self._waiting.append(answer)
        QTimer.singleShot(0, self, self._answer_next)

    def _answer_next(self) -> None:
        if self._waiting:
            self._waiting.pop(0)()
