"""The window's side of the engine: asks for pictures, keeps the child process alive.

An engine that dies or hangs is started again with the same model, and shows the same picture
again. A model that brings it down three times within a minute is set aside.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.engine_keeper import EngineKeeper
from studio.app.engine_payloads import (
    EngineState,
    EngineStateKind,
    FullPicture,
    Key,
    LargePicture,
    LargeProgress,
    LargeWish,
    OpenedModel,
    Provider,
    RenderedPicture,
    RequestFailure,
    SmallPicture,
    Wish,
)
from studio.app.engine_process import WatchLimits
from studio.app.large_pictures import LargePictures
from studio.app.request_book import Asked, RequestBook
from studio.core.arrays import Picture
from studio.core.errors import EngineError, StudioError
from studio.core.recipe import Recipe
from studio.files.places import child_command
from studio.protocol import messages as say

__all__ = [
    "EngineClient",
    "EngineState",
    "EngineStateKind",
    "FullPicture",
    "Key",
    "LargePicture",
    "LargePictures",
    "LargeProgress",
    "LargeWish",
    "OpenedModel",
    "Provider",
    "RenderedPicture",
    "RequestFailure",
    "SmallPicture",
    "WatchLimits",
    "Wish",
]


# Enlarged pictures that are finished before their model is left: of these askers.
_LASTING: Final = ("export", "compare")


class EngineClient(QObject):
    """Asks the engine for pictures and gives them as they come.

    Attributes:
        large: Enlarged pictures.

    Signals:
        state_changed: `EngineState`, only when it differs from the one before.
        model_opened: `OpenedModel`, after `open_model` and again after the engine was restarted.
        picture_ready: `RenderedPicture` for the canvas, previews included.
        small_ready: `SmallPicture`; not emitted for what was cancelled.
        full_ready: `FullPicture`.
        side_answered: What answers `request_side`, or belongs to nothing that is known.
        request_failed: `RequestFailure`; also when a model cannot be opened (key None).
    """

    state_changed = Signal(object)
    model_opened = Signal(object)
    picture_ready = Signal(object)
    small_ready = Signal(object)
    full_ready = Signal(object)
    side_answered = Signal(object)
    request_failed = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        command: Sequence[str] | None = None,
        limits: WatchLimits | None = None,
    ) -> None:
        """Make a client; nothing runs before `start`.

        Args:
            parent: Its owner.
            command: What to run as the engine; tests put a faulty one here.
            limits: When the engine counts as hung.
        """
        super().__init__(parent)
        self._opened: OpenedModel | None = None
        self._next: tuple[Path, Wish] | None = None
        self._book = RequestBook()
        self._keeper = EngineKeeper(
            command or child_command("engine"), limits=limits or WatchLimits(), parent=self
        )
        # Before the rest hears of an open model, as with the book.
        self.large = LargePictures(self._keeper, parent=self)
        self.large.drained.connect(self._open_next)
        self._keeper.state_changed.connect(self.state_changed)
        self._keeper.opened.connect(self._take_opened)
        self._keeper.refused.connect(self._take_refused)
        self._keeper.answered.connect(self._take_answer)

    @property
    def state(self) -> EngineState:
        """What the engine is doing."""
        return self._keeper.state

    @property
    def opened(self) -> OpenedModel | None:
        """The model that is open, None before the first and while another is being opened."""
        return self._opened

    @property
    def process_id(self) -> int:
        """The child's process id, 0 when it does not run."""
        return self._keeper.process_id

    # ---------------------------------------------------------------------- what the window asks

    def start(self) -> None:
        """Start the child process; does nothing when it runs."""
        self._keeper.start()

    def stop(self) -> None:
        """End the child process and forget what was asked; waits at most two seconds."""
        self._book.forget_model()
        self.large.cancel(())
        self._opened = self._next = None
        self._keeper.stop()

    def open_model(self, folder: Path, *, wish: Wish = "auto") -> None:
        """Open a model folder instead of the one that is open.

        Full pictures that were asked of the one before are finished first.
        """
        if self._opened is not None and self._is_busy():
            self._next = (folder, wish)
            return
        self._next = None
        error = EngineError(
            "Another model was chosen before this picture was made.",
            "Open its model again, then keep or export it once more.",
        )
        self._fail_keyed(error)
        self.large.fail_all(error)
        self._book.forget_model()
        self._opened = None
        self._keeper.open(folder, wish)

    def try_again(self, folder: Path, *, wish: Wish = "auto") -> None:
        """Open a model that was set aside, because the artist says so."""
        self._keeper.forgive(folder)
        self.open_model(folder, wish=wish)

    def request_picture(self, recipe: Recipe) -> None:
        """Ask for the canvas picture; the newest request wins, finished pictures always come."""
        self._send_if_open([self._book.ask_canvas(recipe)])

    def request_small(self, key: Key, recipe: Recipe, *, size: int) -> None:
        """Ask for a small picture when there is time; a second request of a key replaces it.

        Args:
            key: What to know it by.
            recipe: What to make.
            size: The side in px that is enough; the picture may be larger.
        """
        self._send_if_open(self._book.ask_small(key, recipe, size=size))

    def cancel_small(self, which: Key | Callable[[Key], bool]) -> None:
        """Forget small requests: all whose key begins with `which`, or for which it is true."""

        def begins(key: Key) -> bool:
            return not callable(which) and key[: len(which)] == which

        self._send_if_open(self._book.cancel_small(which if callable(which) else begins))

    def request_full(self, key: Key, recipe: Recipe, *, has_nearness: bool = False) -> None:
        """Ask for a full picture that is never skipped.

        Args:
            key: What to know it by.
            recipe: What to make.
            has_nearness: Whether to compare it with what the model learned from.
        """
        self._send_if_open([self._book.ask_full(key, recipe, has_nearness=has_nearness)])

    def request_side(self, make: Callable[[int], say.Command]) -> int:
        """Ask for something that is not a picture; gives its number, see `app/side_answers.py`.

        Args:
            make: Gives the command for its number.
        """
        number = self._book.next_number()
        self._send_if_open([make(number)])
        return number

    # ---------------------------------------------------------------------- what the engine says

    @Slot(object)
    def _take_opened(self, opened: OpenedModel) -> None:
        self._opened = opened
        # Before the window hears of it, or what it asks at once would be sent twice.
        for command in self._book.ask_again(opened.card.model):
            self._keeper.send(command)
        self.model_opened.emit(opened)

    @Slot(object)
    def _take_refused(self, error: StudioError) -> None:
        self._opened = None
        self._fail_keyed(error)
        self._fail(None, error)

    @Slot(object)
    def _take_answer(
        self,
        event: (
            say.PictureDone
            | say.PictureFound
            | say.RequestRefused
            | say.UnitsMeasured
            | say.Taught
            | say.LeversWeighed
        ),
    ) -> None:
        if not isinstance(event, say.PictureDone):
            asked = self._book.answer(event.request_id)
            if asked is None:
                self.side_answered.emit(event)
            elif isinstance(event, say.RequestRefused):
                self._fail(asked.key, EngineError(event.what, event.way_out))
        elif isinstance(event, say.PictureDone):
            picture = self._keeper.read_picture(event)
            is_preview = event.kind == "preview"
            asked = self._book.answer(event.request_id, is_last=not is_preview)
            if asked is not None and picture is not None:
                self._give(asked, event, picture=picture)
        self._open_next()

    @Slot()
    def _open_next(self) -> None:
        """Open the model that waited for the last pictures of the one before."""
        if self._next is not None and not self._is_busy():
            folder, wish = self._next
            self.open_model(folder, wish=wish)

    def _is_busy(self) -> bool:
        return self._book.has_full or self.large.has_waiting(*_LASTING)

    def _give(self, asked: Asked, event: say.PictureDone, *, picture: Picture) -> None:
        if asked.key is None:
            is_preview = event.kind == "preview"
            self.picture_ready.emit(
                RenderedPicture(
                    asked.recipe, picture, is_preview, event.engine_ms, event.request_id
                )
            )
        elif asked.kind == "small":
            self.small_ready.emit(SmallPicture(asked.key, asked.recipe, picture))
        else:
            self.full_ready.emit(
                FullPicture(asked.key, asked.recipe, picture, event.provider, event.nearness)
            )

    # ------------------------------------------------------------------------------------ inside

    def _send_if_open(self, commands: list[say.Command]) -> None:
        """Send requests when a model is open; else they wait in the book until one is."""
        if self._keeper.state.kind == "ready":
            for command in commands:
                self._keeper.send(command)

    def _fail_keyed(self, error: StudioError) -> None:
        for asked in self._book.take_all():
            if asked.kind == "full":
                self._fail(asked.key, error)

    def _fail(self, key: Key | None, error: StudioError) -> None:
        self.request_failed.emit(RequestFailure(key, error))
