"""Keeps an engine running with the model that is wanted, whatever happens to the process."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.crash_record import CrashRecord
from studio.app.engine_payloads import EngineState, EngineStateKind, OpenedModel, Wish
from studio.app.engine_process import EngineProcess, WatchLimits
from studio.app.picture_ring import PictureRing, make_ring, remove_stale_rings
from studio.core.arrays import Picture
from studio.core.errors import EngineError, ModelError, StudioError
from studio.protocol import messages as say

# Source: reliability.md F10: two failures of the card, then the CPU.
_MAX_CUDA_CRASHES: Final = 2
_CARD_FAILED: Final = "Running on the CPU: the graphics card failed twice."


class _Wanted(msgspec.Struct, frozen=True):
    """The model that should be open. `reason` replaces the engine's own for a forced CPU."""

    open_id: int
    folder: Path
    wish: Wish
    forced_wish: Wish
    reason: str = ""


class EngineKeeper(QObject):
    """Starts, watches and restarts the child process, and makes the ring for its pictures.

    Signals:
        state_changed: `EngineState`, only when it differs from the one before.
        opened: `OpenedModel`; the engine can take requests from now on and knows of none.
        refused: `StudioError`; no model is open and none will be until another is asked for.
        answered: `PictureDone`, `RowsDone`, `LargeProgress` or `RequestRefused`, in the engine's order.
    """

    state_changed = Signal(object)
    opened = Signal(object)
    refused = Signal(object)
    answered = Signal(object)

    def __init__(self, command: Sequence[str], *, limits: WatchLimits, parent: QObject) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._limits = limits
        self._process: EngineProcess | None = None
        self._is_connected = False  # the child has said "ready"
        self._ring: PictureRing | None = None
        self._crashes = CrashRecord()
        self._wanted: _Wanted | None = None
        self._last_good: _Wanted | None = None
        self._num_opens = 0
        self._state = EngineState("stopped")

    @property
    def state(self) -> EngineState:
        """What the engine is doing."""
        return self._state

    @property
    def process_id(self) -> int:
        """The child's process id, 0 when it does not run."""
        return self._process.process_id if self._process else 0

    def start(self) -> None:
        """Start the child; does nothing when it runs."""
        if self._process is None:
            remove_stale_rings()
            self._set_state("starting")
            self._launch()

    def stop(self) -> None:
        """End the child; waits at most two seconds."""
        self._wanted = None
        self._end_process()
        self._set_state("stopped")

    def open(self, folder: Path, wish: Wish) -> None:
        """Want a model from now on; one that was set aside is refused at once."""
        if self._crashes.is_set_aside(folder):
            self.refused.emit(_set_aside_error(folder))
            return
        self._num_opens += 1
        self._wanted = _Wanted(self._num_opens, folder, wish, wish)
        if self._process is None:
            self._set_state("starting")
            self._launch()
        elif self._is_connected:
            self._send_open(self._wanted)

    def forgive(self, folder: Path) -> None:
        """Let a model that was set aside be opened again."""
        self._crashes.forgive(folder)

    def send(self, command: say.Command) -> None:
        """Send a request; lost when no engine runs (the asker asks again at `opened`)."""
        if self._process is not None:
            self._process.send(command)

    def read_picture(self, event: say.PictureDone) -> Picture | None:
        """Give the picture of an event, read-only, and free its slot; None when it is gone."""
        if self._ring is None:
            return None
        picture = self._ring.read(event.slot, width=event.width, height=event.height)
        self.send(say.FreeSlot(slot=event.slot))
        self._last_good = self._wanted
        return picture

    def read_rows(self, event: say.RowsDone, *, width: int) -> Picture | None:
        """Give the rows of an event as a picture `width` wide, and free their slot; None when gone."""
        if self._ring is None:
            return None
        rows = self._ring.read(event.slot, width=width, height=event.rows)
        self.send(say.FreeSlot(slot=event.slot))
        return rows

    # ---------------------------------------------------------------------- what the engine says

    @Slot(object)
    def _take_event(self, event: say.Event) -> None:
        match event:
            case say.Ready():
                self._is_connected = True
                if self._wanted is not None:
                    self._send_open(self._wanted)
            case say.ModelOpened():
                self._take_opened(event)
            case say.ModelRefused():
                if self._wanted is not None and event.open_id == self._wanted.open_id:
                    self._refuse(ModelError(event.what, event.way_out))
            case (
                say.PictureDone()
                | say.RowsDone()
                | say.LargeProgress()
                | say.PictureFound()
                | say.RequestRefused()
                | say.UnitsMeasured()
                | say.Taught()
                | say.LeversWeighed()
            ):
                self.answered.emit(event)

    def _take_opened(self, event: say.ModelOpened) -> None:
        wanted = self._wanted
        if wanted is None or event.open_id != wanted.open_id:
            return
        if self._process is not None:
            self._process.is_on_cuda = event.provider == "CUDA"
        try:
            # A picture may have the room of four squares (core.recipe.MAX_AREA_CELLS).
            self._give_ring(2 * event.card.resolution)
        except StudioError as error:
            self._refuse(error)
            return
        opened = OpenedModel(
            folder=wanted.folder,
            card=event.card,
            directions=event.directions,
            provider=event.provider,
            wish=wanted.wish,
            fallback_reason=wanted.reason or event.fallback_reason,
            can_spread=event.can_spread,
        )
        self._set_state("ready", opened.fallback_reason)
        self.opened.emit(opened)

    def _refuse(self, error: StudioError) -> None:
        self._wanted = None
        self._set_state("failed", error.what)
        self.refused.emit(error)

    # -------------------------------------------------------------------------- when it has died

    @Slot(object)
    def _take_death(self, _why: object) -> None:
        was_on_cuda = self._process is not None and self._process.is_on_cuda
        self._end_process()
        wanted = self._wanted
        folder = wanted.folder if wanted else None
        if self._crashes.note(folder, time.monotonic()):
            self._give_up(wanted)
            return
        num_recent = self._crashes.num_recent(folder)
        if wanted is not None and was_on_cuda and num_recent >= _MAX_CUDA_CRASHES:
            self._wanted = msgspec.structs.replace(wanted, forced_wish="cpu", reason=_CARD_FAILED)
        self._set_state("restarting", "The engine stopped and is starting again.")
        self._launch()

    def _give_up(self, wanted: _Wanted | None) -> None:
        """Set the model aside and go back to the last one that gave pictures."""
        if wanted is not None:
            self._refuse(_set_aside_error(wanted.folder))
            good = self._last_good
            if good is not None and not self._crashes.is_set_aside(good.folder):
                self.open(good.folder, good.wish)
            return
        self._refuse(
            EngineError(
                "The engine stopped three times and was not started again.",
                "Start the program again; “studio doctor” says what is wrong.",
            )
        )

    # ------------------------------------------------------------------------------------ inside

    def _send_open(self, wanted: _Wanted) -> None:
        if self._state.kind != "restarting":
            self._set_state("opening")
        self.send(
            say.OpenModel(
                open_id=wanted.open_id, folder=str(wanted.folder), wish=wanted.forced_wish
            )
        )

    def _give_ring(self, side_px: int) -> None:
        """Give the engine a ring that this model's pictures fit into."""
        if self._ring is not None and 3 * side_px**2 <= self._ring.slot_bytes:
            return
        old, self._ring = self._ring, None
        if old is not None:
            old.remove()
        ring = self._ring = make_ring(side_px)
        self.send(
            say.UseRing(path=str(ring.path), num_slots=ring.num_slots, slot_bytes=ring.slot_bytes)
        )

    def _launch(self) -> None:
        self._process = EngineProcess(self._command, limits=self._limits, parent=self)
        self._process.event_received.connect(self._take_event)
        self._process.died.connect(self._take_death)
        self._process.start()

    def _end_process(self) -> None:
        process, self._process = self._process, None
        self._is_connected = False
        if process is not None:
            process.stop()
            process.deleteLater()
        if self._ring is not None:
            self._ring.remove()
            self._ring = None

    def _set_state(self, kind: EngineStateKind, sentence: str = "") -> None:
        state = EngineState(kind, sentence)
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)


def _set_aside_error(folder: Path) -> ModelError:
    return ModelError(
        f"The model “{folder.name}” stopped the engine three times and was set aside.",
        "Choose another model, or install this one again.",
    )
