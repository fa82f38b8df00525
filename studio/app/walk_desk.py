"""The walks as the window works with them: the present one, its undo, and saving."""

import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.background import Background
from studio.core.errors import RecipeError
from studio.core.recipe import Recipe
from studio.core.walk import (
    MAX_KEYS,
    MAX_NAME,
    Easing,
    SoundDrive,
    Walk,
    with_key,
    with_moved_key,
    with_time_of,
    with_timing,
    without_key,
)
from studio.library.walk_shelf import SavedWalk, WalkShelf

SAVE_AFTER_MS: Final = 400
MAX_STEPS: Final = 200


class _Trail(msgspec.Struct):
    """The states of one walk before and after the present one."""

    before: list[SavedWalk] = []
    after: list[SavedWalk] = []


class WalkDesk(QObject):
    """Holds the present walk and changes it; every change is saved within half a second.

    Signals:
        changed: The present `SavedWalk`, when it or the choice of it is another.
        listed: None; a walk was made, named or removed.
        selected: Place of the chosen key, -1 for none.
        failed: `StudioError`; a change was not made, or not saved.
    """

    changed = Signal(object)
    listed = Signal(object)
    selected = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        shelf: WalkShelf,
        *,
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._shelf, self._clock = shelf, clock
        self._worker = Background(self)
        self._walks = list(shelf.read_all())
        self._present = self._walks[0] if self._walks else _fresh()
        self._trails: dict[str, _Trail] = defaultdict(_Trail)
        self._gesture: SavedWalk | None = None
        self._selected = 0 if self._present.walk.keys else -1
        self._unsaved: dict[str, SavedWalk] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save_now)

    @property
    def present(self) -> SavedWalk:
        """The walk that is worked on."""
        return self._present

    @property
    def walk(self) -> Walk:
        """The same as a value."""
        return self._present.walk

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Id and name of every walk that is saved, and of the present one."""
        walks = self._walks
        if all(one.id != self._present.id for one in walks):
            walks = [self._present, *walks]
        return tuple((one.id, one.walk.name) for one in walks)

    @property
    def selection(self) -> int:
        """Place of the chosen key, -1 for none."""
        return self._selected

    @property
    def steps(self) -> tuple[int, int]:
        """How many steps can be taken back, and how many again."""
        trail = self._trails[self._present.id]
        return len(trail.before), len(trail.after)

    # ---------------------------------------------------------------- which walk

    def choose(self, walk_id: str) -> None:
        """Work on another walk."""
        found = next((one for one in self._walks if one.id == walk_id), None)
        if found is not None and walk_id != self._present.id:
            self._show(found, select=0 if found.walk.keys else -1)

    def start_new(self) -> None:
        """Work on a new, empty walk; it is saved with its first picture."""
        if self._present.walk.keys:
            self._show(_fresh(), select=-1)
            self.listed.emit(None)

    def remove(self) -> None:
        """Remove the present walk; `undo` brings it back as long as the window is open."""
        gone = self._present
        if not gone.walk.keys:
            return
        self._walks = [one for one in self._walks if one.id != gone.id]
        self._unsaved.pop(gone.id, None)
        self._worker.run(lambda: self._shelf.remove(gone.id), _nothing, failed=self.failed.emit)
        self._show(self._walks[0] if self._walks else _fresh(), select=-1)
        self.listed.emit(None)

    def bring_back(self, saved: SavedWalk) -> None:
        """Take a removed walk back."""
        self._put(saved)
        self._show(saved, select=0)
        self.listed.emit(None)

    def rename(self, name: str) -> None:
        """Call the present walk something else."""
        clean = _clean(name)
        if clean != self.walk.name:
            self._change(replace(self.walk, name=clean))
            self.listed.emit(None)

    # ---------------------------------------------------------------- its pictures

    def select(self, place: int) -> None:
        """Choose a key; -1 for none."""
        place = place if 0 <= place < len(self.walk.keys) else -1
        if place != self._selected:
            self._selected = place
            self.selected.emit(place)

    def add(self, recipe: Recipe, *, place: int | None = None) -> None:
        """Add a picture before the key at `place`, or after the chosen one."""
        if place is None:
            place = self._selected + 1 if self._selected >= 0 else len(self.walk.keys)
        if self.walk.keys and recipe.model != self.walk.model:
            self.failed.emit(
                RecipeError(
                    "This picture is of another model than the walk.",
                    "Start a new walk for it.",
                )
            )
        elif len(self.walk.keys) >= MAX_KEYS:
            self.failed.emit(
                RecipeError(f"A walk has at most {MAX_KEYS} pictures.", "Start another walk.")
            )
        else:
            self._change(with_key(self.walk, recipe, place=place), select=place)

    def delete(self, place: int) -> None:
        """Take a picture out."""
        left = len(self.walk.keys) - 1
        self._change(without_key(self.walk, place), select=min(place, left - 1))

    def move(self, place: int, *, to: int) -> None:
        """Put a picture at another place in the order."""
        to = min(max(to, 0), len(self.walk.keys) - 1)
        self._change(with_moved_key(self.walk, place, to=to), select=to)

    def set_time(self, place: int, *, at_s: float) -> None:
        """Let a picture be reached at another time; past a neighbour it changes places with it."""
        walk = self._gesture.walk if self._gesture is not None else self.walk
        others = [walk.time_of(n) for n in range(len(walk.keys)) if n != place]
        to = sum(time_s < at_s for time_s in others)
        if to != place:
            self._change(with_moved_key(walk, place, to=to), select=to)
        else:
            self._change(with_time_of(walk, place, at_s=at_s), select=place)

    def set_timing(
        self, place: int, *, seconds: float | None = None, easing: Easing | None = None
    ) -> None:
        """Set how long and how it goes from a picture to the next."""
        if 0 <= place < len(self.walk.keys):
            self._change(with_timing(self.walk, place, seconds=seconds, easing=easing))

    def set_way(self, *, is_loop: bool | None = None, is_even: bool | None = None) -> None:
        """Let it go back to the first, or let everything change equally fast, or not."""
        loop = self.walk.is_loop if is_loop is None else is_loop
        even = self.walk.is_even if is_even is None else is_even
        self._change(replace(self.walk, is_loop=loop, is_even=even))

    def set_sound(self, path: str, drive: SoundDrive | None) -> None:
        """Let a sound drive it; "" and None for none."""
        self._change(replace(self.walk, sound=drive), sound=path)

    # ---------------------------------------------------------------- steps

    def begin_gesture(self) -> None:
        """Take all changes until `end_gesture` as one step."""
        if self._gesture is None:
            self._gesture = self._present

    def end_gesture(self) -> None:
        """Make the gesture's step."""
        start, self._gesture = self._gesture, None
        if start is not None and start != self._present:
            self._note(start)

    @Slot()
    def undo(self) -> None:
        """Take the last step back."""
        self._step(self._trails[self._present.id].before, self._trails[self._present.id].after)

    @Slot()
    def redo(self) -> None:
        """Take it again."""
        self._step(self._trails[self._present.id].after, self._trails[self._present.id].before)

    @Slot()
    def save_now(self) -> None:
        """Hand what changed to the disk."""
        self._timer.stop()
        for saved in self._unsaved.values():
            self._worker.run(
                lambda saved=saved: self._shelf.save(saved),  # type: ignore[misc]
                _nothing,
                failed=self.failed.emit,
            )
        self._unsaved.clear()

    def finish(self) -> None:
        """Save, and wait for it; before the window closes."""
        self.save_now()
        self._worker.finish()

    # ---------------------------------------------------------------- inside

    def _change(self, walk: Walk, *, sound: str | None = None, select: int | None = None) -> None:
        sound = self._present.sound if sound is None else sound
        if walk == self.walk and sound == self._present.sound:
            return
        before = self._present
        after = replace(before, walk=walk, sound=sound, changed_at=self._clock())
        if self._gesture is None:
            self._note(before)
        self._put(after)
        self._show(after, select=self._selected if select is None else select)

    def _note(self, before: SavedWalk) -> None:
        trail = self._trails[self._present.id]
        trail.before = [*trail.before, before][-MAX_STEPS:]
        trail.after = []

    def _step(self, take: list[SavedWalk], give: list[SavedWalk]) -> None:
        self.end_gesture()
        if take:
            give.append(self._present)
            saved = replace(take.pop(), changed_at=self._clock())
            self._put(saved)
            self._show(saved, select=min(self._selected, len(saved.walk.keys) - 1))
            self.listed.emit(None)

    def _put(self, saved: SavedWalk) -> None:
        is_new = all(one.id != saved.id for one in self._walks)
        self._walks = [saved, *(one for one in self._walks if one.id != saved.id)]
        self._unsaved[saved.id] = saved
        self._timer.start()
        if is_new:
            self.listed.emit(None)

    def _show(self, saved: SavedWalk, *, select: int) -> None:
        self._present = saved
        select = select if 0 <= select < len(saved.walk.keys) else -1
        is_other = select != self._selected
        self._selected = select
        self.changed.emit(saved)
        if is_other:
            self.selected.emit(select)


def _fresh() -> SavedWalk:
    return SavedWalk(uuid.uuid4().hex, Walk())


def _nothing(_done: object) -> None:
    """Nobody waits for it."""


def _clean(name: str) -> str:
    """Give a name on one line, without control characters, of bounded length."""
    plain = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(plain.split())[:MAX_NAME]
