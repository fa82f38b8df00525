"""Small pictures of a recipe with its levers moved, and how unusual they become; a round at a time."""

from typing import Final

import msgspec
import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.engine_client import EngineClient, SmallPicture
from studio.app.side_answers import SideAnswers
from studio.core.lever_weights import LeverWeights, Usual
from studio.core.levers import Lever, with_levers
from studio.core.pulling import SIDE_PX, FloatArray
from studio.core.recipe import Recipe

_GROUP: Final = "grab"
Strengths = tuple[float, ...]


class LeverRound(msgspec.Struct, frozen=True):
    """The pictures of one round, [N, H, W, 3] in 0…1, in the order of `asked`."""

    asked: tuple[Strengths, ...]
    pictures: FloatArray


class LeverPictures(QObject):
    """Asks the engine; what was asked before and has not come is forgotten.

    Signals:
        came: `LeverRound`, when all its pictures and the weights of the levers are there.
    """

    came = Signal(object)

    def __init__(self, engine: EngineClient, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._start: Recipe | None = None
        self._levers: tuple[Lever, ...] = ()
        self._usual: Usual | None = None
        self._is_weighed = False
        self._round = 0
        self._asked: tuple[Strengths, ...] = ()
        self._come: dict[int, FloatArray] = {}
        self._side = SideAnswers(engine, parent=self)
        self._side.weighed.connect(self._take_weights)
        engine.small_ready.connect(self._take)

    @property
    def usual(self) -> Usual | None:
        """What keeps the levers where the model can draw; None where it cannot be told."""
        return self._usual

    @property
    def is_waiting(self) -> bool:
        """Whether a round was asked for and has not come."""
        return bool(self._asked)

    def begin(self, recipe: Recipe, levers: tuple[Lever, ...]) -> None:
        """Take a recipe and its levers, and ask for the picture as it is."""
        self.stop()
        self._start, self._levers = recipe, levers
        self._usual, self._is_weighed = None, False
        self._side.weigh(recipe, levers)
        self.ask((tuple(0.0 for _ in levers),))

    def ask(self, wanted: tuple[Strengths, ...]) -> None:
        """Ask for the pictures of some strengths."""
        assert self._start is not None
        self._round += 1
        self._asked, self._come = wanted, {}
        for number, strengths in enumerate(wanted):
            recipe = with_levers(self._start, self._levers, strengths=strengths)
            self._engine.request_small((_GROUP, self._round, number), recipe, size=SIDE_PX)

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._start, self._asked = None, ()
        self._engine.cancel_small((_GROUP,))

    @Slot(object)
    def _take(self, small: SmallPicture) -> None:
        if small.key[0] == _GROUP and small.key[1] == self._round and self._asked:
            self._come[int(small.key[2])] = small.picture.astype(np.float64) / 255
            self._tell_when_whole()

    @Slot(object)
    def _take_weights(self, weights: LeverWeights | None) -> None:
        if self._start is not None and not self._is_weighed:
            self._usual = None if weights is None else Usual(weights)
            self._is_weighed = True
            self._tell_when_whole()

    def _tell_when_whole(self) -> None:
        if not self._asked or len(self._come) < len(self._asked) or not self._is_weighed:
            return
        asked, self._asked = self._asked, ()
        pictures = np.stack([self._come[number] for number in range(len(asked))])
        self._come = {}
        self.came.emit(LeverRound(asked, pictures))
