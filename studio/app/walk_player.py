"""Plays a walk on the canvas at the speed the machine gives: times are skipped, pictures never."""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.document import Document
from studio.app.engine_client import EngineClient, RenderedPicture
from studio.app.walk_course import WalkCourse
from studio.core.recipe import Recipe

TICK_MS: Final = 15  # a screen shows 60 pictures a second at most


class WalkPlayer(QObject):
    """Asks for the picture of now, as soon as the one before has come.

    While it plays, the document stays as it is; when it stops, the picture then shown becomes the
    document's. An edit from elsewhere stops it.

    Signals:
        moved: Where it is, in seconds.
        playing_changed: bool.
    """

    moved = Signal(object)
    playing_changed = Signal(object)

    def __init__(
        self,
        course: WalkCourse,
        document: Document,
        *,
        engine: EngineClient,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._course, self._document, self._engine, self._clock = course, document, engine, clock
        self._at_s = 0.0
        self._began_s = 0.0
        self._asked: Recipe | None = None
        self._is_ours = False
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)
        engine.picture_ready.connect(self._on_picture)
        engine.model_opened.connect(self._on_model)
        document.recipe_changed.connect(self._on_recipe)
        course.ready.connect(self._on_course)

    @property
    def at_s(self) -> float:
        """Where it is."""
        return self._at_s

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    @Slot()
    def toggle(self) -> None:
        """Play, or stop."""
        (self.stop if self.is_playing else self.play)()

    def play(self) -> None:
        """Go on from where it is; from the start when it is at the end. Needs the walk's model."""
        course, opened = self._course.course, self._engine.opened
        if course is None or course.seconds <= 0 or self.is_playing:
            return
        if opened is None or opened.card.model != course.model:
            return
        if self._at_s >= course.seconds:
            self._at_s = 0.0
        self._began_s = self._clock() - self._at_s
        self._asked = None
        self._timer.start()
        self.playing_changed.emit(True)
        self.tick()

    def stop(self) -> None:
        """Stand still; the picture becomes the document's."""
        if self._halt():
            self._settle()

    def begin_scrub(self) -> None:
        """Let the hand lead: all of it is one step of the history."""
        self._halt()
        self._document.begin_gesture()

    def scrub(self, at_s: float) -> None:
        """Show the picture of a time."""
        course = self._course.course
        if course is None:
            return
        self._set_time(min(max(at_s, 0.0), course.seconds))
        self._settle()

    def end_scrub(self) -> None:
        """Let the hand go."""
        self._document.end_gesture()

    def go_to(self, at_s: float) -> None:
        """Show the picture of a time, as one step."""
        self._halt()
        self.scrub(at_s)

    @Slot()
    def tick(self) -> None:
        """Ask for the picture of now, unless one is still being made."""
        course = self._course.course
        if course is None or not self.is_playing:
            self._halt()
            return
        now_s = self._clock() - self._began_s
        if now_s >= course.seconds:
            if not course.is_loop:
                self._set_time(course.seconds)
                self.stop()
                return
            self._began_s += course.seconds * (now_s // course.seconds)
            now_s %= course.seconds
        self._set_time(now_s)
        recipe = course.recipe_at(now_s)
        if self._asked is None:
            self._asked = recipe
            self._engine.request_picture(recipe)

    def _halt(self) -> bool:
        was_playing = self.is_playing
        self._timer.stop()
        self._asked = None
        if was_playing:
            self.playing_changed.emit(False)
        return was_playing

    def _settle(self) -> None:
        course, opened = self._course.course, self._engine.opened
        if course is None or opened is None:
            return
        self._is_ours = True
        recipe = course.recipe_at(self._at_s)
        is_same = recipe == self._document.recipe
        self._document.edit(recipe)
        self._is_ours = False
        if is_same:
            self._engine.request_picture(recipe)  # while it played, another one was shown

    def _set_time(self, at_s: float) -> None:
        if at_s != self._at_s:
            self._at_s = at_s
            self.moved.emit(at_s)

    @Slot(object)
    def _on_picture(self, _rendered: RenderedPicture) -> None:
        self._asked = None

    @Slot(object)
    def _on_model(self, _opened: object) -> None:
        self._asked = None

    @Slot(object)
    def _on_recipe(self, _recipe: Recipe) -> None:
        if not self._is_ours:
            self._halt()

    @Slot(object)
    def _on_course(self, _course: object) -> None:
        present = self._course.course
        if present is None:
            self._halt()
        elif self._at_s > present.seconds:
            self._set_time(present.seconds)
