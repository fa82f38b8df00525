"""History as a tree: every state stays, undo goes to the parent, redo to the last visited child."""

from collections.abc import Mapping
from typing import Final

import msgspec

from studio.core.recipe import Recipe

MAX_NODES: Final = 5000


class Painted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture that the artist painted over, in place of the one its state's recipe gives.

    Attributes:
        kept: Id of the kept picture that it is.
        program: What it was painted in, for people.
    """

    kept: str
    program: str


# What is empty is left out, so that journals without it can be read by older programs.
class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One state.

    Attributes:
        id: Rising number, unique in its tree, never used again.
        parent: The state it was made from, None for a root.
        recipe: The state itself.
        made_at: Seconds since 1970, for showing only; order comes from `id`.
        made_from: The pictures it was bred from: one for a variation, two or more for a child,
            none for every other step.
        painted: What is shown in place of the recipe's picture, None for nothing.
    """

    id: int
    parent: int | None
    recipe: Recipe
    made_at: float
    made_from: tuple[Recipe, ...] = ()
    painted: Painted | None = None


class History:
    """A tree of frozen nodes and the place in it. Undo and redo never raise.

    Bounded: beyond `max_nodes` the oldest leaf that is not on the way to the current node goes.
    """

    def __init__(self, max_nodes: int = MAX_NODES) -> None:
        self._max_nodes = max_nodes
        self._node_by_id: dict[int, Node] = {}
        self._children_by_id: dict[int | None, list[int]] = {None: []}
        self._visited_child_by_id: dict[int, int] = {}
        self._current: int | None = None
        self._next_id = 0

    @property
    def current(self) -> Node | None:
        """The present state, None in an empty history."""
        return None if self._current is None else self._node_by_id[self._current]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All states, oldest first."""
        return tuple(self._node_by_id.values())

    def node(self, node_id: int) -> Node | None:
        """Give a state by its id, None when there is none."""
        return self._node_by_id.get(node_id)

    def children(self, node_id: int | None) -> tuple[int, ...]:
        """Give the ids of the states made from a state, oldest first; None gives the roots."""
        return tuple(self._children_by_id.get(node_id, ()))

    def add(
        self,
        recipe: Recipe,
        *,
        made_at: float,
        parent: int | None = None,
        made_from: tuple[Recipe, ...] = (),
        painted: Painted | None = None,
    ) -> Node:
        """Make a state from the current one (or from `parent`) and go there."""
        if parent is None or parent not in self._node_by_id:
            parent = self._current
        node = Node(self._next_id, parent, recipe, made_at, made_from, painted)
        self.restore_node(node)
        self._go(node.id)
        self._prune()
        return node

    def restore_node(self, node: Node) -> None:
        """Put back a node read from the journal, without going there.

        Raises:
            ValueError: Its id was used before, or its parent is not in the tree.
        """
        if node.id < self._next_id:
            raise ValueError(f"node {node.id} was used before")
        if node.parent is not None and node.parent not in self._node_by_id:
            raise ValueError(f"node {node.id} has no parent in the tree")
        self._node_by_id[node.id] = node
        self._children_by_id[node.id] = []
        self._children_by_id[node.parent].append(node.id)
        self._next_id = node.id + 1

    def undo(self) -> Node | None:
        """Go to the parent; give the new current node, None when there is nowhere to go."""
        node = self.current
        if node is None or node.parent is None:
            return None
        return self._go(node.parent)

    def redo(self) -> Node | None:
        """Go to the child visited last; give the new current node, None when there is none."""
        if self._current is None or not self.can_redo:
            return None
        return self._go(self._visited_child_by_id[self._current])

    def jump(self, node_id: int) -> Node | None:
        """Go anywhere; None and no move when there is no such state."""
        return self._go(node_id) if node_id in self._node_by_id else None

    @property
    def can_undo(self) -> bool:
        """Whether the current state has a parent."""
        node = self.current
        return node is not None and node.parent is not None

    @property
    def can_redo(self) -> bool:
        """Whether the current state has a child that was visited."""
        return self._current is not None and self._current in self._visited_child_by_id

    @property
    def visited_children(self) -> dict[int, int]:
        """State → its child visited last, for the journal."""
        return dict(self._visited_child_by_id)

    def restore_place(self, current: int, visited_children: Mapping[int, int]) -> None:
        """Put back the present state and where redo goes; what is not in the tree is left out."""
        for parent, child in visited_children.items():
            node = self._node_by_id.get(child)
            if node is not None and node.parent == parent:
                self._visited_child_by_id[parent] = child
        self.jump(current)

    def _go(self, node_id: int) -> Node:
        came_from, self._current = self._current, node_id
        child: int = node_id
        if came_from is not None and self._node_by_id[child].parent == came_from:
            # The way to the present state is always the visited one, so one step more is enough.
            self._visited_child_by_id[came_from] = child
            return self._node_by_id[child]
        parent = self._node_by_id[child].parent
        while parent is not None:
            self._visited_child_by_id[parent] = child
            child, parent = parent, self._node_by_id[parent].parent
        return self._node_by_id[node_id]

    def _prune(self) -> None:
        while len(self._node_by_id) > self._max_nodes:
            leaf = next(
                (i for i in self._node_by_id if not self._children_by_id[i] and i != self._current),
                None,
            )
            if leaf is None:
                self._cut_root()
            else:
                self._remove(leaf)

    def _cut_root(self) -> None:
        """Drop the oldest state of a single line; its child becomes the root."""
        root = self._children_by_id[None][0]
        for child in self._children_by_id.pop(root):
            node = self._node_by_id[child]
            self._node_by_id[child] = msgspec.structs.replace(node, parent=None)
            self._children_by_id[None].append(child)
        self._children_by_id[None].remove(root)
        self._visited_child_by_id.pop(root, None)
        del self._node_by_id[root]

    def _remove(self, leaf: int) -> None:
        parent = self._node_by_id.pop(leaf).parent
        self._children_by_id[parent].remove(leaf)
        self._children_by_id.pop(leaf)
        if parent is not None and self._visited_child_by_id.get(parent) == leaf:
            del self._visited_child_by_id[parent]
