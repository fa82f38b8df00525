"""The window's side of the engine: asks for pictures, keeps the child process alive."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.app.engine_payloads import (
    EngineState,
    EngineStateKind,
    FullPicture,
    Key,
    OpenedModel,
    Provider,
    RenderedPicture,
    RequestFailure,
    SmallPicture,
    Wish,
)
from studio.core.recipe import Recipe

__all__ = [
    "EngineClient",
    "EngineState",
    "EngineStateKind",
    "FullPicture",
    "Key",
    "OpenedModel",
    "Provider",
    "RenderedPicture",
    "RequestFailure",
    "SmallPicture",
    "Wish",
]


class EngineClient(QObject):
    """Asks the engine for pictures and gives them as they come.

    Signals:
        state_changed: `EngineState`, only when it differs from the one before.
        model_opened: `OpenedModel`, after `open_model` and again after the engine was restarted.
        picture_ready: `RenderedPicture` for the canvas, previews included.
        small_ready: `SmallPicture`; not emitted for what was cancelled.
        full_ready: `FullPicture`.
        request_failed: `RequestFailure`; also when a model cannot be opened (key None).
    """

    state_changed = Signal(object)
    model_opened = Signal(object)
    picture_ready = Signal(object)
    small_ready = Signal(object)
    full_ready = Signal(object)
    request_failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = EngineState("stopped")
        self._opened: OpenedModel | None = None

    @property
    def state(self) -> EngineState:
        """What the engine is doing."""
        return self._state

    @property
    def opened(self) -> OpenedModel | None:
        """The model that is open, None before the first and while another is being opened."""
        return self._opened

    def start(self) -> None:
        """Start the child process; does nothing when it runs."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the child process and forget what was asked; waits at most two seconds."""
        raise NotImplementedError

    def open_model(self, folder: Path, *, wish: Wish = "auto") -> None:
        """Open a model folder instead of the one that is open."""
        raise NotImplementedError

    def request_picture(self, recipe: Recipe) -> None:
        """Ask for the canvas picture; the newest request wins, finished pictures always come."""
        raise NotImplementedError

    def request_small(self, key: Key, recipe: Recipe, *, size: int) -> None:
        """Ask for a small picture when there is time; a second request of a key replaces it."""
        raise NotImplementedError

    def cancel_small(self, which: Key | Callable[[Key], bool]) -> None:
        """Forget small requests: all whose key begins with `which`, or for which it is true."""
        raise NotImplementedError

    def request_full(self, key: Key, recipe: Recipe) -> None:
        """Ask for a full picture that is never skipped."""
        raise NotImplementedError
