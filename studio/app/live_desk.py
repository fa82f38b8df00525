"""Live messages at work: wishes become edits of the document, at most one for each frame."""

from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal, Slot

from studio.app.direction_desk import DirectionDesk
from studio.app.document import Document
from studio.app.engine_client import EngineClient, RenderedPicture
from studio.app.latent_editor import LatentEditor
from studio.app.live_receiver import LiveError, LiveReceiver, Taken
from studio.app.live_sender import LiveSender
from studio.core.live import ROOT, LiveWish
from studio.core.mixing import share_of_b, with_mix, with_source_a, zone_index
from studio.core.recipe import ZONES, Recipe, Source

FRAME_MS: Final = 16
# Messages farther apart than this are two moves of the hand, and two steps of the history.
REST_MS: Final = 600
_FOR_OTHERS: Final = ("style", "kept", "dice", "play", "stop", "position")
_EDITS: Final = ("style", "kept", "dice", "position")
_ID_CHARS: Final = 16


class LiveState(msgspec.Struct, frozen=True):
    """What the panel shows.

    Attributes:
        port: Where is listened, 0 for nowhere.
        out_port: Where is sent to, 0 for nowhere.
        num_taken: Messages that were understood.
        num_refused: Messages that were not.
        num_sent: Messages that were sent.
        last: The newest wish that did something, None before.
    """

    port: int = 0
    out_port: int = 0
    num_taken: int = 0
    num_refused: int = 0
    num_sent: int = 0
    last: LiveWish | None = None


class LiveDesk(QObject):
    """Receives and sends; off until it is asked for.

    Signals:
        changed: `LiveState`; while messages come at most once for each frame.
        wished: `LiveWish` about styles, kept pictures, dice and walks: others fulfil those.
    """

    changed = Signal(object)
    wished = Signal(object)

    def __init__(
        self,
        document: Document,
        editor: LatentEditor,
        *,
        sliders: DirectionDesk,
        engine: EngineClient,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._editor, self._sliders = document, editor, sliders
        self._receiver: LiveReceiver | None = None
        self._notifier: QSocketNotifier | None = None
        self._sender = LiveSender()
        self._taken = Taken()
        self._num_unknown = 0
        self._last: LiveWish | None = None
        self._has_gesture = False
        self._engine_ms = 0.0
        self._frame = self._make_timer(FRAME_MS, self._on_frame)
        self._rest = self._make_timer(REST_MS, self._end_gesture)
        self._out = self._make_timer(2 * FRAME_MS, self._send)
        document.recipe_changed.connect(self._on_state)
        engine.picture_ready.connect(self._on_picture)

    @property
    def state(self) -> LiveState:
        """How it stands."""
        return LiveState(
            port=self._receiver.port if self._receiver is not None else 0,
            out_port=self._sender.port,
            num_taken=self._taken.num_taken - self._num_unknown,
            num_refused=self._taken.num_refused + self._num_unknown,
            num_sent=self._sender.num_sent,
            last=self._last,
        )

    def listen(self, port: int) -> None:
        """Listen on a port of this computer; 0 takes a free one.

        Raises:
            LiveError: It cannot be listened on, or is where messages are sent to.
        """
        _refuse_echo(port, self._sender.port)
        self.stop_listening()
        self._receiver = LiveReceiver(port)
        self._notifier = QSocketNotifier(self._receiver.descriptor, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_readable)
        self._taken, self._num_unknown, self._last = Taken(), 0, None
        self.changed.emit(self.state)

    def send_to(self, port: int) -> None:
        """Send the state to a port of this computer, now and whenever it changes.

        Raises:
            LiveError: It is where messages are received.
        """
        _refuse_echo(port, self.state.port)
        self._sender.start(port)
        self._send()

    def stop_listening(self) -> None:
        """Close the port."""
        self._frame.stop()
        if self._notifier is not None and self._receiver is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._receiver.close()
        self._receiver = self._notifier = None
        self._end_gesture()
        self.changed.emit(self.state)

    def stop_sending(self) -> None:
        """Send nothing more."""
        self._out.stop()
        self._sender.stop()
        self.changed.emit(self.state)

    def finish(self) -> None:
        """Close everything; before the window closes."""
        self.stop_listening()
        self.stop_sending()

    # ---------------------------------------------------------------- in

    @Slot()
    def _on_readable(self) -> None:
        """Do what came, and look again a frame later: of a flood, the newest of each address."""
        if self._receiver is None or self._notifier is None:
            return
        self._notifier.setEnabled(False)
        self._taken = self._receiver.read()
        self._fulfil(self._taken.wishes)
        self.changed.emit(self.state)
        self._frame.start()

    @Slot()
    def _on_frame(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(True)

    def _fulfil(self, wishes: tuple[LiveWish, ...]) -> None:
        recipe = self._document.recipe
        if recipe is None:
            return
        for wish in wishes:
            if wish.kind in _FOR_OTHERS:
                self._edit(recipe)
                self._ask(wish)
                recipe = self._document.recipe or recipe
                continue
            changed = self._changed(recipe, wish)
            if changed is None:
                self._num_unknown += 1
                continue
            self._last, recipe = wish, changed
        self._edit(recipe)

    def _changed(self, recipe: Recipe, wish: LiveWish) -> Recipe | None:
        """Give the recipe with a wish fulfilled, None when there is no such slider."""
        editor, number = self._editor, wish.number
        match wish.kind:
            case "slider":
                direction = self._direction_of(wish.target)
                if direction is None:
                    return None
                return editor.with_strength(recipe, direction, number=number)
            case "zone":
                zones = {zone for zone in editor.zones if zone != wish.target}
                zones |= {zone for zone in ZONES if zone == wish.target and number > 0}
                editor.set_zones(tuple(zone for zone in ZONES if zone in zones))
                return recipe
            case "seed":
                return with_source_a(recipe, Source(seed=int(number)))
            case "psi":
                return editor.with_psi(recipe, number)
            case _:
                has_b = len(recipe.sources) > 1
                return with_mix(recipe, number, zones=editor.zones) if has_b else None

    def _direction_of(self, target: str) -> str | None:
        shown = self._sliders.shown
        if len(target) < _ID_CHARS:
            place = int(target) - 1
            return shown[place].id if place < len(shown) else None
        return next((entry.id for entry in self._sliders.entries if entry.id == target), None)

    def _ask(self, wish: LiveWish) -> None:
        """Let others fulfil a wish; the release of a button is none."""
        self._last = wish
        if wish.number > 0 or wish.kind == "position":
            if wish.kind in _EDITS:
                self._begin_gesture()
            self.wished.emit(wish)

    def _edit(self, recipe: Recipe) -> None:
        if recipe != self._document.recipe:
            self._begin_gesture()
            self._document.edit(recipe)

    def _begin_gesture(self) -> None:
        """Take what comes until it rests as one step; a drag by hand that goes on has its own."""
        if not self._document.is_in_gesture:
            self._document.begin_gesture()
            self._has_gesture = True
        self._rest.start()

    @Slot()
    def _end_gesture(self) -> None:
        self._rest.stop()
        if self._has_gesture:
            self._has_gesture = False
            self._document.end_gesture()

    # ---------------------------------------------------------------- out

    @Slot(object)
    def _on_state(self, _recipe: object) -> None:
        if self._sender.port and not self._out.isActive():
            self._out.start()

    @Slot(object)
    def _on_picture(self, rendered: RenderedPicture) -> None:
        self._engine_ms = rendered.engine_ms
        self._on_state(None)

    @Slot()
    def _send(self) -> None:
        self._sender.send(self._numbers())
        self.changed.emit(self.state)

    def _numbers(self) -> dict[str, float]:
        """Give what is sent: the addresses are those that are received."""
        recipe = self._document.recipe
        if recipe is None:
            return {}
        zone = zone_index(self._editor.zones[0])
        numbers: dict[str, float] = {
            f"{ROOT}psi": recipe.psi[zone],
            f"{ROOT}mix": share_of_b(recipe)[zone],
            f"{ROOT}frame_ms": round(self._engine_ms, 1),
        }
        seed = recipe.sources[0].seed
        if seed is not None:
            numbers[f"{ROOT}seed"] = seed
        for place, entry in enumerate(self._sliders.shown, start=1):
            strength = self._editor.strength(entry.id)
            numbers[f"{ROOT}slider/{place}"] = numbers[f"{ROOT}slider/{entry.id}"] = strength
        return numbers

    def _make_timer(self, after_ms: int, do: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(do)
        return timer


def _refuse_echo(port: int, other: int) -> None:
    if port and port == other:
        raise LiveError(
            f"Port {port} cannot be used for both directions.", "Choose another port for one."
        )
