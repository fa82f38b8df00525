"""Grab and pull: the hand holds a point of the picture, and the latent follows.

Asks the engine for small pictures of levers moved a little, and lets `core.pulling` say how far all
of them go. One drag is one gesture of the document, so one step of the history.
"""

from typing import Final, Literal

import msgspec
import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.direction_desk import DirectionDesk
from studio.app.document import Document
from studio.app.engine_client import EngineClient
from studio.app.latent_editor import LatentEditor
from studio.app.lever_pictures import LeverPictures, LeverRound
from studio.core.levers import Lever, levers_of, room, with_levers
from studio.core.pulling import FloatArray, Place, Pull
from studio.core.recipe import Recipe, Zone

GrabState = Literal[
    "off", "ready", "holding", "pulling", "there", "part", "stuck", "flat", "zones", "none"
]
_MOST_LEVERS: Final = 60
_MOST_PINS: Final = 8
_PLACING: Final[tuple[Zone, ...]] = ("coarse", "medium")  # the fine zone colours and moves nothing
_LEAST_SHARE: Final = 0.1  # below this the honest word is that it cannot be moved


class Grabbed(msgspec.Struct, frozen=True):
    """What the hand holds. Places are parts of the picture, from its upper left corner.

    Attributes:
        state: "off" without the tool; "ready" with nothing pulled; "holding" until it is known what
            the levers do; "pulling"; then "there", "part" of the way, "stuck" where it was; "flat"
            when there is nothing to hold on to; "zones" when the chosen zones move nothing, "none"
            when the model has no directions.
        start: Where it was gripped.
        now: Where that is seen now.
        target: Where it shall go.
        share: How much of the way was made, 0…1.
        pins: Places that shall stay.
    """

    state: GrabState = "off"
    start: Place | None = None
    now: Place | None = None
    target: Place | None = None
    share: float = 0.0
    pins: tuple[Place, ...] = ()


class GrabDesk(QObject):
    """Holds the tool, the pins and the pull in progress.

    Signals:
        changed: `Grabbed`, only when it differs.
    """

    changed = Signal(object)

    def __init__(
        self,
        document: Document,
        engine: EngineClient,
        *,
        sliders: DirectionDesk,
        editor: LatentEditor,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._sliders, self._editor = sliders, editor
        self._grabbed = Grabbed()
        self._start: Recipe | None = None
        self._levers: tuple[Lever, ...] = ()
        self._pull: Pull | None = None
        self._is_held = False
        self._mine: Recipe | None = None
        self._pictures = LeverPictures(engine, parent=self)
        self._pictures.came.connect(self._learn)
        engine.model_opened.connect(self._on_model)
        document.recipe_changed.connect(self._on_recipe)

    @property
    def grabbed(self) -> Grabbed:
        """What the hand holds."""
        return self._grabbed

    @property
    def is_pulling(self) -> bool:
        """Whether a pull is in progress, even after the hand let go."""
        return self._start is not None

    # ---------------------------------------------------------------- the hand

    def set_on(self, is_on: bool) -> None:
        """Take up the tool, or lay it down; what was pulled so far stays."""
        if is_on != (self._grabbed.state != "off"):
            self._finish()
            self._show(Grabbed("ready" if is_on else "off", pins=self._grabbed.pins))

    def press(self, place: Place) -> None:
        """Grip a place; nothing happens without the tool or a picture."""
        recipe = self._document.recipe
        if recipe is None or self._grabbed.state == "off":
            return
        self._finish()
        pins = self._grabbed.pins
        held = Grabbed("holding", place, place, place, pins=pins)
        zones = tuple(zone for zone in self._editor.zones if zone in _PLACING)
        found = levers_of(self._sliders.entries, zones=zones)[:_MOST_LEVERS]
        self._levers = tuple(
            msgspec.structs.replace(lever, vector=self._sliders.vector(lever.direction))
            for lever in found
        )
        if not self._levers:
            self._show(
                msgspec.structs.replace(held, state="zones" if self._sliders.entries else "none")
            )
            return
        self._start = self._mine = recipe
        self._is_held = True
        self._document.begin_gesture()
        self._show(held)
        self._pictures.begin(recipe, self._levers)

    def drag_to(self, place: Place) -> None:
        """Pull what was gripped to another place; one beside the picture counts as its rim."""
        x, y = place
        place = (min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        if not self._is_held or place == self._grabbed.target:
            return
        self._show(msgspec.structs.replace(self._grabbed, target=place))
        if self._pull is not None:
            self._pull.set_target(place)
            if not self._pictures.is_waiting:
                self._go_on()

    def release(self) -> None:
        """Let go: it goes on to the target as far as it comes."""
        self._is_held = False
        if self._start is not None and not self._pictures.is_waiting:
            self._settle()

    def cancel(self) -> bool:
        """Put everything back where it was; give whether there was anything to put back."""
        start = self._start
        if start is None:
            return False
        self._mine = start
        self._document.edit(start)
        self._end()
        self._show(Grabbed("ready", pins=self._grabbed.pins))
        return True

    def toggle_pin(self, place: Place, *, near: float) -> None:
        """Put a pin, or take away one that is as near as `near` parts of the picture."""
        pins = self._grabbed.pins
        left = tuple(pin for pin in pins if np.hypot(pin[0] - place[0], pin[1] - place[1]) > near)
        if left == pins:
            left = (*pins, place)[-_MOST_PINS:]
        self._show(msgspec.structs.replace(self._grabbed, pins=left))

    def clear_pins(self) -> None:
        """Take all pins away."""
        self._show(msgspec.structs.replace(self._grabbed, pins=()))

    # ---------------------------------------------------------------- rounds

    @Slot(object)
    def _learn(self, came: LeverRound) -> None:
        pull = self._pull
        if pull is None:
            if not self._begin(came.pictures[0]):
                return
        elif pull.wants_probes:
            pull.learn(came.pictures)
        else:
            pull.see(came.asked[0], came.pictures[0])
        self._go_on()

    def _begin(self, picture_HWC: FloatArray) -> bool:
        """Grip the picture; False where there is nothing to hold on to."""
        grabbed, start = self._grabbed, self._start
        assert grabbed.start is not None
        assert start is not None
        rooms = [room(start, lever) for lever in self._levers]
        self._pull = Pull(
            picture_HWC,
            grabbed.start,
            low_M=[low for low, _ in rooms],
            high_M=[high for _, high in rooms],
            usual=self._pictures.usual,
            pins=grabbed.pins,
        )
        if self._pull.grip.is_flat:
            self._end()
            self._show(msgspec.structs.replace(grabbed, state="flat", target=grabbed.start))
            return False
        self._pull.set_target(grabbed.target or grabbed.start)
        return True

    def _go_on(self) -> None:
        """Look at the levers, take the next step, or be done."""
        pull = self._pull
        assert pull is not None
        if pull.wants_probes:
            self._pictures.ask(tuple(pull.probes()))
        elif pull.is_done:
            self._settle()
        else:
            strengths = pull.next_strengths()
            self._move(strengths)
            self._pictures.ask((strengths,))
        self._tell()

    def _settle(self) -> None:
        """Show the nearest that was found; the gesture ends with the hand."""
        if self._pull is not None:
            self._move(self._pull.standing.strengths)
        self._tell()
        if not self._is_held:
            self._end()

    def _move(self, strengths: tuple[float, ...]) -> None:
        assert self._start is not None
        self._mine = with_levers(self._start, self._levers, strengths=strengths)
        self._document.edit(self._mine)

    # ---------------------------------------------------------------- ends

    def _finish(self) -> None:
        """End a pull at the nearest that was found so far."""
        if self._start is not None:
            self._is_held = False
            self._settle()

    def _end(self) -> None:
        self._start = self._pull = None
        self._is_held = False
        self._pictures.stop()
        self._document.end_gesture()

    @Slot(object)
    def _on_recipe(self, recipe: Recipe | None) -> None:
        """Let go when the picture is changed from elsewhere, by undo as well."""
        if self._start is not None and recipe != self._mine:
            self._end()
        if self._start is None and self._grabbed.start is not None and recipe != self._mine:
            state: GrabState = "off" if self._grabbed.state == "off" else "ready"
            self._show(Grabbed(state, pins=self._grabbed.pins))

    @Slot(object)
    def _on_model(self, _opened: object) -> None:
        if self._start is not None:
            self._end()
        is_off = self._grabbed.state == "off"
        self._show(Grabbed("off" if is_off else "ready"))

    def _tell(self) -> None:
        pull = self._pull
        if pull is None:
            return
        state: GrabState = "pulling"
        if pull.target == pull.grip.place and self._is_held:
            state = "holding"
        elif pull.is_done and not self._pictures.is_waiting:
            state = _word(pull)
        self._show(
            msgspec.structs.replace(
                self._grabbed, state=state, now=pull.standing.place, share=pull.share
            )
        )

    def _show(self, grabbed: Grabbed) -> None:
        if grabbed != self._grabbed:
            self._grabbed = grabbed
            self.changed.emit(grabbed)


def _word(pull: Pull) -> GrabState:
    if not pull.is_stuck:
        return "there"
    return "part" if pull.share >= _LEAST_SHARE else "stuck"
