"""Asks the engine for what is not a picture: units of sliders, and directions from piles."""

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.engine_client import EngineClient
from studio.core.errors import EngineError
from studio.core.levers import Lever
from studio.core.recipe import Recipe
from studio.core.teaching import Lesson
from studio.protocol import messages as say


class SideAnswers(QObject):
    """Numbers its requests and gives their answers; what was asked of an engine that died is lost.

    Whoever asked asks again when a model is opened.

    Signals:
        measured: Direction id → units of σ.
        learned: `Learned` for the newest lesson.
        not_learned: `StudioError` for the newest lesson.
        weighed: `LeverWeights` for the newest levers, None when they cannot be weighed.
    """

    measured = Signal(object)
    learned = Signal(object)
    not_learned = Signal(object)
    weighed = Signal(object)

    def __init__(self, engine: EngineClient, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._measuring = self._teaching = self._weighing = -1
        engine.side_answered.connect(self._take)

    def measure(self) -> None:
        """Ask for the units of the open model's sliders."""
        self._measuring = self._engine.request_side(lambda n: say.MeasureUnits(request_id=n))

    def teach(self, lesson: Lesson) -> None:
        """Ask for a direction; an older lesson is forgotten."""
        self._teaching = self._engine.request_side(lambda n: say.Teach(request_id=n, lesson=lesson))

    def weigh(self, recipe: Recipe, levers: tuple[Lever, ...]) -> None:
        """Ask how unusual a picture becomes with levers; older ones are forgotten."""
        self._weighing = self._engine.request_side(
            lambda n: say.WeighLevers(request_id=n, recipe=recipe, levers=levers)
        )

    def forget_lesson(self) -> None:
        """Want no answer to the newest lesson any more."""
        self._teaching = -1

    @Slot(object)
    def _take(self, event: say.Event) -> None:
        match event:
            case say.LeversWeighed() if event.request_id == self._weighing:
                self.weighed.emit(event.weights)
            case say.RequestRefused() if event.request_id == self._weighing:
                self.weighed.emit(None)
            case say.UnitsMeasured() | say.Taught() | say.RequestRefused():
                self._take_slow(event)

    def _take_slow(self, event: say.UnitsMeasured | say.Taught | say.RequestRefused) -> None:
        if event.request_id not in (self._measuring, self._teaching):
            return
        match event:
            case say.UnitsMeasured():
                self.measured.emit(event.units)
            case say.Taught():
                self.learned.emit(event.learned)
            case say.RequestRefused() if event.request_id == self._teaching:
                self.not_learned.emit(EngineError(event.what, event.way_out))
