"""Where the nodes and lines of a history tree are drawn: newest on top, branches to the right."""

from collections.abc import Iterable
from typing import Final

import msgspec

from studio.core.history import History, Node

MAX_LANE: Final = 4  # further branches share the last lane: there is no more room in a dock


class LineRow(msgspec.Struct, frozen=True):
    """What one row of the list draws.

    Attributes:
        node: The state.
        lane: Where its dot is, 0 at the left.
        passing: Lanes whose lines pass from top to bottom.
        from_above: Lanes whose line comes from above and ends at the dot.
        goes_down: Whether a line leaves the dot downwards, in its own lane.
        is_branch: Whether it is the start of a branch: its parent stands in another lane.
    """

    node: Node
    lane: int
    passing: tuple[int, ...]
    from_above: tuple[int, ...]
    goes_down: bool
    is_branch: bool


def list_lines(history: History) -> tuple[LineRow, ...]:
    """Give the rows, newest first. The line through the present state is the leftmost."""
    nodes = history.nodes
    lane_by_id = _find_lanes(history)
    row_by_id = {node.id: row for row, node in enumerate(reversed(nodes))}
    ends_at: dict[int, set[int]] = {}
    rows: list[LineRow] = []
    open_until: dict[int, int] = {}  # lane → the lowest row that its line reaches
    for row, node in enumerate(reversed(nodes)):
        lane = lane_by_id[node.id]
        passing = tuple(sorted(at for at, end in open_until.items() if end > row and at != lane))
        from_above = tuple(sorted(ends_at.pop(row, set())))
        open_until = {at: end for at, end in open_until.items() if end > row}
        is_branch = False
        if node.parent is not None:
            parent_row = row_by_id[node.parent]
            ends_at.setdefault(parent_row, set()).add(lane)
            open_until[lane] = max(open_until.get(lane, 0), parent_row)
            is_branch = lane_by_id[node.parent] != lane
        goes_down = node.parent is not None
        rows.append(LineRow(node, lane, passing, from_above, goes_down, is_branch))
    return tuple(rows)


def add_line(rows: tuple[LineRow, ...], node: Node) -> tuple[LineRow, ...] | None:
    """Give the rows with a new state on top, in constant time; None when lanes must be found anew.

    That is so when the new state does not go on from the one on top, in its leftmost line.
    """
    if not rows or node.parent != rows[0].node.id or rows[0].lane != 0:
        return None
    below = msgspec.structs.replace(rows[0], from_above=(0,))
    new = LineRow(node, 0, (), (), goes_down=True, is_branch=False)
    return (new, below, *rows[1:])


def _find_lanes(history: History) -> dict[int, int]:
    """Give the lane of every node; a child goes on in its parent's lane or steps to the right."""
    trunk = set(_trunk(history))
    lane_by_id: dict[int, int] = {}
    taken: set[int] = set()
    for node in history.nodes:  # oldest first, so a parent is known before its children
        if node.id in trunk or node.parent is None:
            lane_by_id[node.id] = 0
            continue
        parent_lane = lane_by_id[node.parent]
        siblings = history.children(node.parent)
        goes_on = node.parent not in taken and not any(child in trunk for child in siblings)
        lane_by_id[node.id] = parent_lane if goes_on else min(parent_lane + 1, MAX_LANE)
        taken.add(node.parent)
    return lane_by_id


def _trunk(history: History) -> Iterable[int]:
    node = history.current
    while node is not None:
        yield node.id
        node = history.node(node.parent) if node.parent is not None else None
    visited = history.visited_children
    current = history.current
    child = visited.get(current.id) if current else None
    while child is not None:
        yield child
        child = visited.get(child)
