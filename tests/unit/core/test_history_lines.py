"""The lines of the history: the way to the present state is straight, the rest steps aside."""

import random

from studio.core.history import History
from studio.core.history_lines import MAX_LANE, list_lines
from studio.core.recipe import new_recipe


def _random_history(seed: int, num_moves: int) -> History:
    chance, history = random.Random(seed), History()
    for number in range(num_moves):
        if number and chance.random() < 0.3:
            history.jump(chance.choice(history.nodes).id)
        history.add(new_recipe("ab" * 32, number), made_at=0.0)
    history.jump(chance.choice(history.nodes).id)
    return history


def test_an_empty_history_has_no_lines() -> None:
    assert list_lines(History()) == ()


def test_the_way_to_the_present_state_is_the_leftmost_line() -> None:
    for seed in range(20):
        history = _random_history(seed, 40)
        lane_by_id = {row.node.id: row.lane for row in list_lines(history)}
        node = history.current
        while node is not None:
            assert lane_by_id[node.id] == 0
            node = history.node(node.parent) if node.parent is not None else None
        assert max(lane_by_id.values()) <= MAX_LANE
        for parent in history.nodes:
            beside = [lane_by_id[child] for child in history.children(parent.id)]
            lane = lane_by_id[parent.id]
            assert lane == MAX_LANE or beside.count(lane) <= 1, "two branches on one line"


def test_every_line_reaches_its_parent() -> None:
    for seed in range(20):
        rows = list_lines(_random_history(seed, 40))
        place_by_id = {row.node.id: place for place, row in enumerate(rows)}
        assert [row.node.id for row in rows] == sorted(place_by_id, reverse=True)
        for place, row in enumerate(rows):
            if row.node.parent is None:
                assert not row.goes_down
                continue
            end = place_by_id[row.node.parent]
            assert row.lane in rows[end].from_above
            for between in range(place + 1, end):
                other = rows[between]
                assert row.lane in other.passing or row.lane == other.lane


def test_a_branch_steps_to_the_right() -> None:
    history = History()
    for number in range(2):
        history.add(new_recipe("ab" * 32, number), made_at=0.0)
    history.undo()
    history.add(new_recipe("ab" * 32, 9), made_at=0.0)
    newest, branch, root = list_lines(history)
    assert (newest.lane, branch.lane, root.lane) == (0, 1, 0)
    assert branch.is_branch
    assert not newest.is_branch
    assert root.from_above == (0, 1)
