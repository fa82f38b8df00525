"""From the present walk to a `Course` that can be asked for pictures; slow parts in a child."""

from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.engine_client import EngineClient
from studio.app.walk_child import WalkChild
from studio.app.walk_desk import WalkDesk
from studio.core.course import Course, latents_wanted
from studio.core.errors import StudioError
from studio.core.latent import FloatArray
from studio.core.loudness import Envelope
from studio.core.recipe import ZONES, Recipe, Triple, floats_from_text
from studio.core.walk import Walk
from studio.core.walk_json import walk_to_json
from studio.files.atomic import write_bytes_atomic

_ASK_AFTER_MS: Final = 250  # a hand that drags a key asks once, when it rests
PLAN_FILE: Final = Path("cache") / "walk-plan.json"


class WalkCourse(QObject):
    """Follows the desk's walk.

    Signals:
        ready: The `Course` of the present walk, or None while it has no pictures or is worked out.
        failed: `StudioError`: what it needs could not be worked out.
    """

    ready = Signal(object)
    failed = Signal(object)

    def __init__(
        self, desk: WalkDesk, engine: EngineClient, *, home: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._desk, self._engine, self._home = desk, engine, home
        self._course: Course | None = None
        self._child: WalkChild | None = None
        self._asked: tuple[tuple[Recipe, ...], str] | None = None
        self._known: dict[Recipe, FloatArray] = {}
        self._envelopes: dict[str, Envelope] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_ASK_AFTER_MS)
        self._timer.timeout.connect(self._ask)
        desk.changed.connect(self.refresh)
        engine.model_opened.connect(self.refresh)
        self.refresh()

    @property
    def course(self) -> Course | None:
        """The present course."""
        return self._course

    @Slot(object)
    def refresh(self, _cause: object = None) -> None:
        """Work it out anew."""
        walk = self._desk.walk
        if not walk.keys:
            self._give(None)
            return
        if self._missing(walk) or self._needs_sound():
            # Until it is known, the walk goes by its plain seconds; nothing waits.
            self._timer.start()
        self._give(self._build(walk))

    def finish(self) -> None:
        """End the child; before the window closes."""
        self._timer.stop()
        if self._child is not None:
            self._child.finish()

    def _missing(self, walk: Walk) -> tuple[Recipe, ...]:
        return tuple(recipe for recipe in latents_wanted(walk) if recipe not in self._known)

    def _needs_sound(self) -> bool:
        saved = self._desk.present
        has_sound = bool(saved.sound) and saved.walk.sound is not None
        return has_sound and saved.sound not in self._envelopes

    def _build(self, walk: Walk) -> Course | None:
        if self._missing(walk):
            walk = _plain(walk)
            if self._missing(walk):
                return None
        return Course(
            walk,
            latents=self._known,
            envelope=self._envelopes.get(self._desk.present.sound),
            zones_by_direction=self._zones(),
        )

    def _zones(self) -> dict[str, Triple]:
        opened = self._engine.opened
        found: dict[str, Triple] = {}
        for entry in opened.directions if opened is not None else ():
            coarse, medium, fine = (float(zone in entry.zones) for zone in ZONES)
            found[entry.id] = (coarse, medium, fine)
        return found

    @Slot()
    def _ask(self) -> None:
        opened, walk = self._engine.opened, self._desk.walk
        if opened is None or opened.card.model != walk.model:
            return
        if self._child is not None:
            self._child.cancel()
        path = self._home / PLAN_FILE
        sound = self._desk.present.sound if walk.sound is not None else ""
        self._asked = (latents_wanted(walk), sound)
        words = ["--walk", str(path), "--model", str(opened.folder), "--plan", "--json"]
        words += ["--sound", sound] if sound else []
        try:
            write_bytes_atomic(path, walk_to_json(walk).encode(), name="the walk")
        except StudioError as error:
            self.failed.emit(error)
            return
        self._child = WalkChild(words, is_lines=False, parent=self)
        self._child.told.connect(self._on_plan)
        self._child.ended.connect(self._on_ended)
        self._child.start()

    @Slot(object)
    def _on_plan(self, fields: dict[str, Any]) -> None:
        if self._asked is None:
            return
        recipes, sound = self._asked
        shape = tuple(fields["shape"])
        for recipe, text in zip(recipes, fields["latents"], strict=True):
            self._known[recipe] = floats_from_text(text).reshape(shape)
        if sound:
            self._envelopes[sound] = Envelope(floats_from_text(fields["levels"]))

    @Slot(object)
    def _on_ended(self, error: StudioError | None) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.deleteLater()
        if error is not None:
            self.failed.emit(error)
        elif self._desk.walk.keys:
            self._give(self._build(self._desk.walk))

    def _give(self, course: Course | None) -> None:
        self._course = course
        self.ready.emit(course)


def _plain(walk: Walk) -> Walk:
    """Give the walk as it can be shown before its even pace is known."""
    return replace(walk, is_even=False)
