"""What the engine works out beside pictures, in small steps and only when no picture waits."""

import threading
from collections import deque
from typing import Final

from studio.core.errors import StudioError
from studio.engine.lever_weighing import LeverScales
from studio.engine.session import GeneratorModel
from studio.engine.teaching import Teacher
from studio.engine.visible_change import ChangeGauge, Embeds, Steps
from studio.protocol import messages as say

SideCommand = say.MeasureUnits | say.Teach | say.WeighLevers
SideEvent = say.UnitsMeasured | say.Taught | say.LeversWeighed | say.RequestRefused
# Somebody waits for a taught slider and for a pull, nobody for units.
_URGENT: Final = (say.Teach, say.WeighLevers)


class SideWork:
    """Holds what was asked, of one open model at a time; `step` belongs to one thread.

    A newer `Teach` takes the place of one that is not done: the piles have changed meanwhile. So
    does a newer `WeighLevers`.
    """

    def __init__(self, network: Embeds | None = None) -> None:
        """Start without work.

        Args:
            network: What sees changes; None for φ, which is opened when first needed.
        """
        self._network = network
        self._lock = threading.Lock()
        self._waiting: deque[SideCommand] = deque()
        self._running: tuple[SideCommand, Steps[SideEvent]] | None = None
        self._tools: tuple[GeneratorModel, tuple[ChangeGauge, Teacher]] | None = None
        self._scales: tuple[GeneratorModel, LeverScales] | None = None

    def take(self, command: SideCommand) -> None:
        """Note a request."""
        with self._lock:
            if not isinstance(command, _URGENT):
                self._waiting.append(command)
                return
            self._waiting = deque(c for c in self._waiting if type(c) is not type(command))
            if self._running is not None:
                running, self._running = self._running[0], None
                if type(running) is not type(command):  # from its beginning: some seconds at most
                    put = self._waiting.appendleft if isinstance(running, _URGENT) else None
                    (put or self._waiting.append)(running)
            self._waiting.appendleft(command)

    def forget(self) -> None:
        """Forget everything: another model is being opened."""
        with self._lock:
            self._waiting.clear()
            self._running = self._tools = self._scales = None

    @property
    def has_work(self) -> bool:
        """Whether `step` would do something."""
        return self._running is not None or bool(self._waiting)

    def step(self, model: GeneratorModel) -> SideEvent | None:
        """Do the next small piece; gives the answer of a request that is done with it."""
        with self._lock:
            if self._running is None:
                if not self._waiting:
                    return None
                command = self._waiting.popleft()
                self._running = (command, self._begin(command, model))
            command, steps = self._running
        try:
            next(steps)
        except StopIteration as done:
            self._end(steps)
            answer: SideEvent = done.value
            return answer
        except StudioError as error:
            self._end(steps)
            return say.RequestRefused(
                request_id=command.request_id, what=error.what, way_out=error.way_out
            )
        return None

    def _end(self, steps: Steps[SideEvent]) -> None:
        with self._lock:
            if self._running is not None and self._running[1] is steps:
                self._running = None

    def _begin(self, command: SideCommand, model: GeneratorModel) -> Steps[SideEvent]:
        if isinstance(command, say.Teach):
            return self._teach(command, model)
        if isinstance(command, say.WeighLevers):
            return self._weigh(command, model)
        return self._measure(command, model)

    def _measure(self, command: say.MeasureUnits, model: GeneratorModel) -> Steps[SideEvent]:
        units = yield from self._tools_of(model)[0].units()
        return say.UnitsMeasured(request_id=command.request_id, units=units)

    def _teach(self, command: say.Teach, model: GeneratorModel) -> Steps[SideEvent]:
        learned = yield from self._tools_of(model)[1].teach(command.lesson)
        return say.Taught(request_id=command.request_id, learned=learned)

    def _weigh(self, command: say.WeighLevers, model: GeneratorModel) -> Steps[SideEvent]:
        yield
        if self._scales is None or self._scales[0] is not model:
            self._scales = (model, LeverScales(model))
        weights = self._scales[1].weigh(command.recipe, command.levers)
        return say.LeversWeighed(request_id=command.request_id, weights=weights)

    def _tools_of(self, model: GeneratorModel) -> tuple[ChangeGauge, Teacher]:
        if self._tools is None or self._tools[0] is not model:
            gauge = ChangeGauge(model, self._network)
            self._tools = (model, (gauge, Teacher(model, gauge)))
        return self._tools[1]
