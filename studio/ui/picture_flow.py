"""From the document to the canvas: asks for pictures, shows them, says what is wrong in place."""

import time
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.document import Document
from studio.app.engine_client import (
    EngineClient,
    EngineState,
    FullPicture,
    OpenedModel,
    RenderedPicture,
    RequestFailure,
)
from studio.core.arrays import Picture
from studio.core.errors import StudioError
from studio.core.recipe import Recipe, size_px
from studio.ui.canvas import Canvas, Painted
from studio.ui.canvas_message import Message
from studio.ui.latency import LatencyLog
from studio.ui.status_bar import StatusBar
from studio.ui.texts import tr, tr_sentence

BEFORE_KEY: Final = ("before",)
_CACHE_BYTES: Final = 24 * 1024 * 1024  # a hundred pictures of 256 px: a long way back by undo


class PictureFlow(QObject):
    """Connects document, engine, canvas and status bar.

    Signals:
        shown: `RenderedPicture` that was put on the canvas.
        model_wanted: `Recipe` of a model that is not open.
    """

    shown = Signal(object)
    model_wanted = Signal(object)

    def __init__(
        self,
        document: Document,
        engine: EngineClient,
        *,
        canvas: Canvas,
        status: StatusBar,
        latencies: LatencyLog,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._engine = document, engine
        self._canvas, self._status, self._latencies = canvas, status, latencies
        self._cache: dict[Recipe, Picture] = {}
        self._latest: RenderedPicture | None = None
        self._is_before_wanted = False
        self._is_repeated = False
        self._is_hand_timed = False
        self._asked_before: Recipe | None = None
        self._own_before: Picture | None = None
        document.recipe_changed.connect(self._on_recipe)
        document.history_changed.connect(self._on_reference)
        document.reference_changed.connect(self._on_reference)
        engine.picture_ready.connect(self._on_picture)
        engine.full_ready.connect(self._on_full)
        engine.request_failed.connect(self._on_failed)
        engine.state_changed.connect(self._on_state)
        engine.model_opened.connect(self._on_opened)
        canvas.painted.connect(self._on_painted)
        canvas.before_wanted.connect(self._on_before_wanted)
        canvas.scale_changed.connect(self._on_scale)

    @property
    def latest(self) -> RenderedPicture | None:
        """The picture on the canvas, None before the first."""
        return self._latest

    @property
    def repeats(self) -> tuple[int, int]:
        """How often the picture is shown across and down."""
        return (3, 3) if self._is_repeated else (1, 1)

    def time_hand(self, is_on: bool) -> None:
        """Show in the status bar how long it takes from the hand to the screen, or the engine's time."""
        self._is_hand_timed = is_on
        self._latencies.clear()
        if not is_on and self._latest is not None:
            self._status.show_time(self._latest.engine_ms)

    def show_repeated(self, is_repeated: bool) -> None:
        """Show the picture 3 × 3, as a tile is used, or once."""
        if is_repeated == self._is_repeated:
            return
        self._is_repeated = is_repeated
        if self._latest is not None:
            self._canvas.set_picture(
                self.repeated(self._latest.picture), is_preview=self._latest.is_preview
            )
        self._canvas.fit()
        self._show_before()
        if self._latest is not None:
            self.shown.emit(self._latest)

    def repeated(self, picture: Picture) -> Picture:
        """Give a picture as often as it is shown."""
        return np.tile(picture, (3, 3, 1)) if self._is_repeated else picture

    def ask_again(self) -> None:
        """Ask for the present picture once more."""
        if self._document.recipe is not None:
            self._on_recipe(self._document.recipe)

    def show_error(self, error: StudioError, *, wish: str = "", button: str = "") -> None:
        """Say in place what is wrong."""
        details = str(error.__cause__) if error.__cause__ else ""
        self._canvas.show_message(
            Message(
                tr_sentence(error.what),
                tr_sentence(error.way_out),
                button=button,
                wish=wish,
                details=details,
            )
        )

    @Slot(object)
    def _on_recipe(self, recipe: Recipe) -> None:
        opened = self._engine.opened
        if opened is None or opened.card.model != recipe.model:
            self.model_wanted.emit(recipe)
            return
        self._latencies.ask(recipe, time.perf_counter())
        seen = self._cache.get(recipe)
        if seen is not None and not self._document.is_in_gesture:
            self._canvas.set_picture(
                self.repeated(seen)
            )  # undo and redo show at once what was seen already
        self._engine.request_picture(recipe)

    @Slot(object)
    def _on_picture(self, rendered: RenderedPicture) -> None:
        self._latest = rendered
        self._latencies.arrive(
            rendered.recipe, request_id=rendered.request_id, is_preview=rendered.is_preview
        )
        self._canvas.show_message(None)
        self._canvas.set_picture(
            self.repeated(rendered.picture),
            request_id=rendered.request_id,
            is_preview=rendered.is_preview,
        )
        if not self._is_hand_timed:
            self._status.show_time(rendered.engine_ms)
        if not rendered.is_preview:
            height, width, _ = rendered.picture.shape
            self._status.show_size(width, height)
            self._remember(rendered.recipe, rendered.picture)
        self.shown.emit(rendered)

    @Slot(object)
    def _on_painted(self, painted: Painted) -> None:
        took_ms = self._latencies.paint(painted.request_id, painted.at_s)
        if self._is_hand_timed and took_ms is not None:
            log = self._latencies
            self._status.show_hand_time(log.recent, shown=log.num_shown, asked=log.num_asked)

    @Slot(object)
    def _on_failed(self, failure: RequestFailure) -> None:
        if failure.key is None:
            wish = "retry" if self._engine.opened is not None else "restart"
            self.show_error(failure.error, wish=wish, button=tr("Try again"))
        elif failure.key == BEFORE_KEY:
            self._asked_before = None

    @Slot(object)
    def _on_state(self, state: EngineState) -> None:
        sentence = tr_sentence(state.sentence) if state.sentence else ""
        is_working = state.kind in ("starting", "opening", "restarting")
        if state.kind == "failed":
            self._canvas.show_message(Message(sentence, button=tr("Start again"), wish="restart"))
        elif is_working and not self._canvas.has_picture:
            self._canvas.show_message(Message(tr("Opening the model…")))
        self._status.show_work(sentence if is_working else "", None)

    @Slot(object)
    def _on_opened(self, opened: OpenedModel) -> None:
        card = opened.card
        if self._canvas.message is not None and not self._canvas.message.wish:
            self._canvas.show_message(None)
        self._canvas.set_credit(card.credit)
        self._status.show_provider(opened.provider, reason=tr_sentence(opened.fallback_reason))
        self._status.show_size(card.resolution, card.resolution)

    @Slot(object)
    def _on_scale(self, scale: float) -> None:
        view = self._canvas.view
        opened = self._engine.opened
        if view is None or opened is None:
            return
        # A preview lies exactly where the full picture will: the zoom told is that one's.
        recipe = self._document.recipe
        width = size_px(recipe, opened.card.resolution)[0] if recipe else opened.card.resolution
        self._status.show_zoom(scale * view.picture[0] / (width * self.repeats[0]))

    # ---------------------------------------------------------------- before and after

    @Slot(object)
    def _on_before_wanted(self, is_wanted: bool) -> None:
        self._is_before_wanted = is_wanted
        self._show_before()

    @Slot(object)
    def _on_reference(self, _changed: object) -> None:
        self._show_before()

    def show_own_before(self, picture: Picture | None) -> None:
        """Let "before" show the artist's own picture; None takes the document's again."""
        if picture is not self._own_before:
            self._own_before = picture
            self._canvas.set_before(None)
            self._show_before()

    def _show_before(self) -> None:
        if not self._is_before_wanted:
            return
        if self._own_before is not None:
            self._canvas.set_before(self._own_before)
            return
        recipe = self._document.reference
        opened = self._engine.opened
        if recipe is None or opened is None or recipe.model != opened.card.model:
            self._canvas.set_before(None)
            return
        seen = self._cache.get(recipe)
        if seen is not None:
            self._canvas.set_before(self.repeated(seen))
        elif self._asked_before != recipe:
            self._asked_before = recipe
            self._engine.request_full(BEFORE_KEY, recipe)

    @Slot(object)
    def _on_full(self, full: FullPicture) -> None:
        if full.key == BEFORE_KEY:
            self._asked_before = None
            self._remember(full.recipe, full.picture)
            self._show_before()

    def _remember(self, recipe: Recipe, picture: Picture) -> None:
        self._cache.pop(recipe, None)
        self._cache[recipe] = picture
        while sum(seen.nbytes for seen in self._cache.values()) > _CACHE_BYTES:
            del self._cache[next(iter(self._cache))]
