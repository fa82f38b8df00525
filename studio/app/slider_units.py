"""How many σ one unit of each slider is: read, or measured once for a model when all is quiet."""

import logging
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.background import Background
from studio.app.document import Document
from studio.app.engine_client import EngineClient, OpenedModel
from studio.app.side_answers import SideAnswers
from studio.core.errors import StudioError
from studio.files.direction_units import read_units, write_units

# First the picture, then its strips; only then what nobody waits for.
MEASURE_AFTER_MS: Final = 3000
_AGAIN_MS: Final = 500
_log = logging.getLogger(__name__)


class SliderUnits(QObject):
    """Holds the units of the open model's own directions; 1 until they are known.

    Signals:
        changed: None; other units. Not emitted while a slider is held.
    """

    changed = Signal(object)

    def __init__(
        self, home: Path, document: Document, *, engine: EngineClient, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._home, self._document, self._engine = home, document, engine
        self._unit_by_id: dict[str, float] = {}
        self._arrived: dict[str, float] = {}
        self._worker = Background(self)
        self._side = SideAnswers(engine, parent=self)
        self._side.measured.connect(self._take)
        self._wait = _timer(self, MEASURE_AFTER_MS)
        self._wait.timeout.connect(self.measure)
        self._later = _timer(self, _AGAIN_MS)
        self._later.timeout.connect(self._show)
        engine.model_opened.connect(self._on_model)
        self._on_model(engine.opened)

    def of(self, direction: str) -> float:
        """Give how many σ one unit of a slider is."""
        return self._unit_by_id.get(direction, 1.0)

    @Slot()
    def measure(self) -> None:
        """Have them measured now."""
        self._wait.stop()
        self._side.measure()

    def finish(self) -> None:
        """Wait until they are written, before the window closes."""
        self._wait.stop()
        self._later.stop()
        self._worker.finish()

    @Slot(object)
    def _on_model(self, opened: OpenedModel | None) -> None:
        if opened is None:
            return
        self._wait.stop()
        found = read_units(self._home, opened.card.model, folder=opened.folder)
        self._unit_by_id = found or {}
        is_tried_only = opened.folder.is_relative_to(self._home / "cache")
        if not self._are_all_known(opened) and not is_tried_only:
            self._wait.start()

    @Slot(object)
    def _take(self, units: dict[str, float]) -> None:
        opened = self._engine.opened
        if opened is None or any(entry.id not in units for entry in opened.directions):
            return  # of a model that is not open any more
        model = opened.card.model
        self._arrived = units
        self._worker.run(
            lambda: write_units(self._home, model, units=units), _forget, failed=_note_failure
        )
        self._show()

    @Slot()
    def _show(self) -> None:
        """Take new units, but never under the hand."""
        if self._document.is_in_gesture:
            self._later.start()
            return
        self._unit_by_id = self._arrived
        self.changed.emit(None)

    def _are_all_known(self, opened: OpenedModel) -> bool:
        return all(entry.id in self._unit_by_id for entry in opened.directions)


def _timer(parent: QObject, interval_ms: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    return timer


def _forget(_nothing: object) -> None:
    pass


def _note_failure(error: StudioError) -> None:
    _log.warning("the units of sliders were not kept: %s", error.what)
