"""Every state stays, and undo and redo find the way back and forth."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.history import History, Node
from studio.core.recipe import Recipe, new_recipe

MODEL = "ab" * 32


def recipe_of(number: int) -> Recipe:
    return new_recipe(MODEL, number)


def walked(num_moves: int, number: int, *, max_nodes: int = 5000) -> History:
    """Give a history after random moves: new states, undo, redo and jumps."""
    source = random.Random(number)
    history = History(max_nodes)
    for i in range(num_moves):
        move = source.random()
        if move < 0.6 or history.current is None:
            history.add(recipe_of(i), made_at=float(i))
        elif move < 0.8:
            history.undo()
        elif move < 0.9:
            history.redo()
        else:
            history.jump(source.choice(history.nodes).id)
    return history


@given(st.integers(0, 10_000))
def test_after_500_moves_undo_all_then_redo_all_comes_back(number: int) -> None:
    history = walked(500, number)
    start = history.current
    way = [start]
    while (node := history.undo()) is not None:
        way.append(node)
    assert not history.can_undo
    back = [history.current]
    back += [history.redo() for _ in way[1:]]
    assert back == way[::-1]
    assert history.current == start


@given(st.integers(0, 10_000))
def test_no_state_is_lost_while_there_is_room(number: int) -> None:
    history = walked(200, number)
    for node in history.nodes:
        assert history.jump(node.id) == node
        assert history.current == node
        if node.parent is not None:
            assert node.id in history.children(node.parent)
            assert history.undo() == history.node(node.parent)
            assert history.redo() == node


@given(st.integers(0, 10_000), st.integers(1, 30))
def test_beyond_the_limit_old_leaves_go_but_never_the_present(number: int, max_nodes: int) -> None:
    history = walked(200, number, max_nodes=max_nodes)
    assert 1 <= len(history.nodes) <= max_nodes
    assert history.current in history.nodes
    for node in history.nodes:
        assert node.parent is None or history.node(node.parent) is not None
    while history.undo() is not None:
        pass
    while history.redo() is not None:
        pass


@given(st.integers(0, 10_000))
def test_a_tree_read_back_node_by_node_is_the_same_tree(number: int) -> None:
    history = walked(100, number)
    again = History()
    for node in history.nodes:
        again.restore_node(node)
    assert again.nodes == history.nodes
    for node in history.nodes:
        assert again.children(node.id) == history.children(node.id)
    assert again.children(None) == history.children(None)


def test_redo_goes_where_the_artist_went_last() -> None:
    history = History()
    root = history.add(recipe_of(0), made_at=0)
    first = history.add(recipe_of(1), made_at=1)
    history.undo()
    second = history.add(recipe_of(2), made_at=2)
    history.undo()
    assert history.redo() == second
    history.jump(first.id)
    history.undo()
    assert history.current == root
    assert history.redo() == first


def test_an_empty_history_stays_calm() -> None:
    history = History()
    assert history.current is None
    assert history.undo() is None
    assert history.redo() is None
    assert history.jump(3) is None
    assert not history.can_undo
    assert not history.can_redo
    assert history.children(None) == ()


def test_a_node_that_does_not_belong_is_refused() -> None:
    history = History()
    history.add(recipe_of(0), made_at=0)
    with pytest.raises(ValueError, match="used before"):
        history.restore_node(Node(0, None, recipe_of(1), 1.0))
    with pytest.raises(ValueError, match="no parent"):
        history.restore_node(Node(5, 4, recipe_of(1), 1.0))
