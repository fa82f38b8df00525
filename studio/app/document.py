"""The one mutable thing: which recipe is on the canvas, and the history it came by."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from studio.core.history import History, Node, Painted
from studio.core.recipe import Recipe


class Document(QObject):
    """Holds a reference to a frozen recipe and the tree of all recipes before it.

    A gesture (press…release) is one step, however many recipes it passes; one that ends where it
    began leaves none. Undo, redo and jump never raise.

    Signals:
        recipe_changed: The new `Recipe`. Not emitted when an edit gives the recipe that is there.
        history_changed: The present `Node`, or None in an empty history. Not emitted while a
            gesture runs, nor by one that ends where it began.
        reference_changed: The `Recipe` that "before" shows, or None.
    """

    recipe_changed = Signal(object)
    history_changed = Signal(object)
    reference_changed = Signal(object)

    def __init__(
        self,
        history: History | None = None,
        *,
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._history = history or History()
        self._clock = clock
        node = self._history.current
        self._recipe = node.recipe if node else None
        self._gesture_start: Recipe | None = None
        self._is_in_gesture = False
        self._reference: Recipe | None = None

    @property
    def recipe(self) -> Recipe | None:
        """The recipe on the canvas, None before the first."""
        return self._recipe

    @property
    def history(self) -> History:
        """The tree of states; only this class changes it."""
        return self._history

    @property
    def reference(self) -> Recipe | None:
        """What "before" shows: the chosen reference, else the state before the present one."""
        if self._reference is not None:
            return self._reference
        node = self._history.current
        if self._is_in_gesture:
            return self._gesture_start
        parent = self._history.node(node.parent) if node and node.parent is not None else None
        return parent.recipe if parent else None

    @property
    def painted(self) -> Painted | None:
        """The artist's own picture that is shown in place of the recipe's, None for none."""
        node = self._history.current
        return node.painted if node is not None and node.recipe == self._recipe else None

    @property
    def is_in_gesture(self) -> bool:
        """Whether a gesture is running."""
        return self._is_in_gesture

    def edit(self, recipe: Recipe, *, made_from: tuple[Recipe, ...] = ()) -> None:
        """Put another recipe on the canvas: a step of its own, or a part of the running gesture.

        Args:
            recipe: The recipe.
            made_from: The pictures it was bred from.
        """
        if recipe == self._recipe:
            return
        if self._is_in_gesture:
            self._show(recipe)
            return
        node = self._history.add(recipe, made_at=self._clock(), made_from=made_from)
        self._show(recipe)
        self.history_changed.emit(node)

    def show_painted(self, recipe: Recipe, painted: Painted | None) -> None:
        """Show the artist's own picture over a recipe; None takes it off. A step of its own."""
        self.end_gesture()
        if recipe == self._recipe and painted == self.painted:
            return
        node = self._history.add(recipe, made_at=self._clock(), painted=painted)
        self._show(recipe)
        self.history_changed.emit(node)

    def add_painted(self, painted: Painted, *, parent: int) -> Node | None:
        """Add an own picture as child of a state without going there; None without that state."""
        over, current = self._history.node(parent), self._history.current
        if over is None or current is None:
            return None
        node = self._history.add(over.recipe, made_at=self._clock(), parent=parent, painted=painted)
        self._history.jump(current.id)
        self.history_changed.emit(node)
        self.history_changed.emit(current)
        return node

    def begin_gesture(self) -> None:
        """Take all edits until `end_gesture` as one step; a gesture in progress just goes on."""
        if not self._is_in_gesture:
            self._is_in_gesture = True
            self._gesture_start = self._recipe

    def end_gesture(self) -> None:
        """Make the gesture's step, if it went anywhere; does nothing without a gesture."""
        if not self._is_in_gesture:
            return
        self._is_in_gesture = False
        start, self._gesture_start = self._gesture_start, None
        if self._recipe is not None and self._recipe != start:
            self.history_changed.emit(self._history.add(self._recipe, made_at=self._clock()))

    def undo(self) -> None:
        """Go to the state before; nothing happens at the first."""
        self.end_gesture()
        self._go_to(self._history.undo())

    def redo(self) -> None:
        """Go to the state that was visited last after this one; nothing happens without one."""
        self.end_gesture()
        self._go_to(self._history.redo())

    def jump(self, node_id: int) -> None:
        """Go to any state; nothing happens when there is no such state."""
        self.end_gesture()
        self._go_to(self._history.jump(node_id))

    def set_reference(self, recipe: Recipe | None) -> None:
        """Choose what "before" shows; None takes the state before the present one."""
        if recipe != self._reference:
            self._reference = recipe
            self.reference_changed.emit(recipe)

    def _go_to(self, node: Node | None) -> None:
        if node is None:
            return
        self._show(node.recipe)
        self.history_changed.emit(node)

    def _show(self, recipe: Recipe) -> None:
        if recipe != self._recipe:
            self._recipe = recipe
            self.recipe_changed.emit(recipe)
