"""Enlarged pictures from the engine: asked for, put together from rows, asked again after a crash."""

from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.engine_keeper import EngineKeeper
from studio.app.engine_payloads import (
    Key,
    LargePicture,
    LargeProgress,
    LargeWish,
    OpenedModel,
    RequestFailure,
)
from studio.core.errors import EngineError, StudioError
from studio.core.recipe import Recipe
from studio.protocol import messages as say

# Far above what the request book ever counts to, so that one answer never finds two askers.
_FIRST_NUMBER: Final = 1 << 40


class _Asked(msgspec.Struct):
    """One request, and the rows that have come."""

    key: Key
    wish: LargeWish
    rows: NDArray[np.uint8] | None = None


class LargePictures(QObject):
    """Asks the engine for enlarged pictures; they wait while no model is open.

    Signals:
        ready: `LargePicture`.
        progress_changed: `LargeProgress`, after each tile.
        failed: `RequestFailure`, instead of `ready`; neither comes for what was cancelled.
        drained: Nothing is waited for any more.
    """

    ready = Signal(object)
    progress_changed = Signal(object)
    failed = Signal(object)
    drained = Signal()

    def __init__(self, keeper: EngineKeeper, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._next = _FIRST_NUMBER
        self._asked: dict[int, _Asked] = {}
        keeper.opened.connect(self._ask_again)
        keeper.refused.connect(self.fail_all)
        keeper.answered.connect(self._take)

    def has_waiting(self, *heads: str) -> bool:
        """Whether a picture is waited for whose key begins with one of these words (none: any)."""
        return any(not heads or asked.key[0] in heads for asked in self._asked.values())

    def request(self, key: Key, wish: LargeWish) -> None:
        """Ask for an enlarged picture; a second request of a key replaces the first."""
        self.cancel(lambda other: other == key)
        asked = _Asked(key, wish)
        number = self._note(asked)
        if self._keeper.state.kind == "ready":
            self._send(number, asked)

    def cancel(self, which: Key | Callable[[Key], bool]) -> None:
        """Forget all whose key begins with `which`, or for which it is true."""

        def is_meant(key: Key) -> bool:
            return which(key) if callable(which) else key[: len(which)] == which

        gone = tuple(number for number, asked in self._asked.items() if is_meant(asked.key))
        for number in gone:
            del self._asked[number]
        if gone and self._keeper.state.kind == "ready":
            self._keeper.send(say.CancelLarge(request_ids=gone))
        if gone and not self._asked:
            self.drained.emit()

    @Slot(object)
    def fail_all(self, error: StudioError) -> None:
        """Tell every asker that no picture comes."""
        waiting = list(self._asked.values())
        self._asked.clear()
        for asked in waiting:
            self.failed.emit(RequestFailure(asked.key, error))

    # ---------------------------------------------------------------------- what the engine says

    @Slot(object)
    def _ask_again(self, _opened: OpenedModel) -> None:
        waiting = list(self._asked.values())
        self._asked.clear()
        for asked in waiting:
            fresh = _Asked(asked.key, asked.wish)
            self._send(self._note(fresh), fresh)

    @Slot(object)
    def _take(self, event: object) -> None:
        if isinstance(event, say.RowsDone):
            self._take_rows(event)
        elif isinstance(event, say.LargeProgress):
            asked = self._asked.get(event.request_id)
            if asked is not None:
                self.progress_changed.emit(LargeProgress(asked.key, event.done, event.total))
        elif isinstance(event, say.RequestRefused):
            asked = self._asked.pop(event.request_id, None)
            if asked is not None:
                error = EngineError(event.what, event.way_out)
                self.failed.emit(RequestFailure(asked.key, error))
                self._tell_drained()

    def _take_rows(self, event: say.RowsDone) -> None:
        sample_bytes = event.bits // 8
        # As a picture of bytes, since the ring knows no other.
        rows = self._keeper.read_rows(event, width=event.width * sample_bytes)
        asked = self._asked.get(event.request_id)
        if asked is None or rows is None:
            return
        if asked.rows is None:
            asked.rows = np.zeros((event.height, event.width * sample_bytes * 3), np.uint8)
        asked.rows[event.top : event.top + event.rows] = rows.reshape(event.rows, -1)
        if event.top + event.rows == event.height:
            del self._asked[event.request_id]
            self.ready.emit(_whole(asked, event))
            self._tell_drained()

    # ------------------------------------------------------------------------------------ inside

    def _tell_drained(self) -> None:
        if not self._asked:
            self.drained.emit()

    def _note(self, asked: _Asked) -> int:
        self._next += 1
        self._asked[self._next] = asked
        return self._next

    def _send(self, number: int, asked: _Asked) -> None:
        wish = asked.wish
        self._keeper.send(
            say.RenderLarge(
                request_id=number,
                factor=wish.factor,
                recipe=wish.recipe,
                path="" if wish.path is None else str(wish.path),
                tile=wish.tile,
                bits=wish.bits,
                has_nearness=wish.has_nearness,
                wants_alpha=wish.wants_alpha,
            )
        )


def _whole(asked: _Asked, last: say.RowsDone) -> LargePicture:
    assert asked.rows is not None
    levels = asked.rows if last.bits == 8 else asked.rows.view("<u2")
    picture = levels.reshape(last.height, last.width, 3)
    if last.has_alpha:  # the lower half, in grey
        half = last.height // 2
        picture = np.concatenate([picture[:half], picture[half:, :, :1]], axis=2)
    picture.flags.writeable = False
    recipe: Recipe | None = asked.wish.recipe
    return LargePicture(asked.key, recipe, picture, asked.wish.factor, last.provider, last.nearness)
