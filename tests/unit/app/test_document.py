"""The document: one step per gesture, undo that never raises, signals only on change."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.app.document import Document
from studio.app.journal_records import decode_session, encode_snapshot
from studio.core.breeding import Sheet, recipe_on
from studio.core.history import History, Painted
from studio.core.mixing import with_mix, with_source_b
from studio.core.recipe import Recipe, Source, new_recipe, with_edit

MODEL = "ab" * 32
DIRECTIONS = tuple(f"{number:016x}" for number in range(6))


def _recipe(seed: int) -> Recipe:
    return new_recipe(MODEL, seed)


class Ear:
    """Writes down what a document says."""

    def __init__(self, document: Document) -> None:
        self.recipes: list[object] = []
        self.nodes: list[object] = []
        document.recipe_changed.connect(self.recipes.append)
        document.history_changed.connect(self.nodes.append)


def test_an_edit_is_one_step_and_an_equal_one_is_none() -> None:
    document = Document()
    ear = Ear(document)
    document.edit(_recipe(1))
    document.edit(_recipe(1))
    assert ear.recipes == [_recipe(1)]
    assert len(ear.nodes) == 1


def test_a_drag_is_one_step() -> None:
    document = Document()
    document.edit(_recipe(0))
    ear = Ear(document)
    document.begin_gesture()
    for seed in range(1, 50):
        document.edit(_recipe(seed))
    assert not ear.nodes
    document.end_gesture()
    assert len(ear.recipes) == 49
    assert len(ear.nodes) == 1
    assert len(document.history.nodes) == 2
    document.undo()
    assert document.recipe == _recipe(0)


def test_there_and_back_leaves_no_step() -> None:
    document = Document()
    document.edit(_recipe(0))
    document.begin_gesture()
    document.edit(_recipe(1))
    document.edit(_recipe(0))
    document.end_gesture()
    assert len(document.history.nodes) == 1


def test_undo_in_the_middle_of_a_drag_goes_back_to_its_start() -> None:
    document = Document()
    document.edit(_recipe(0))
    document.begin_gesture()
    document.edit(_recipe(1))
    document.undo()
    assert document.recipe == _recipe(0)
    assert not document.is_in_gesture
    document.redo()
    assert document.recipe == _recipe(1)


def test_undo_redo_and_jump_never_raise() -> None:
    document = Document()
    document.undo()
    document.redo()
    document.jump(7)
    document.end_gesture()
    chance = random.Random(3)
    for _ in range(500):
        move = chance.choice(("edit", "undo", "redo", "jump", "begin", "end"))
        if move == "edit":
            document.edit(with_edit(_recipe(chance.randrange(3)), "0" * 16, strength=(1, 1, 1)))
        elif move == "jump":
            document.jump(chance.randrange(40))
        else:
            {
                "undo": document.undo,
                "redo": document.redo,
                "begin": document.begin_gesture,
                "end": document.end_gesture,
            }[move]()
        current = document.history.current
        if not document.is_in_gesture and current is not None:
            assert document.recipe == current.recipe


def test_a_branch_keeps_both_ways() -> None:
    document = Document()
    for seed in (0, 1):
        document.edit(_recipe(seed))
    document.undo()
    document.edit(_recipe(2))
    root = document.history.nodes[0]
    assert len(document.history.children(root.id)) == 2
    document.undo()
    document.redo()
    assert document.recipe == _recipe(2)


def test_before_is_the_state_before_unless_one_was_chosen() -> None:
    document = Document(History())
    assert document.reference is None
    document.edit(_recipe(0))
    document.edit(_recipe(1))
    assert document.reference == _recipe(0)
    document.set_reference(_recipe(9))
    assert document.reference == _recipe(9)
    document.set_reference(None)
    document.begin_gesture()
    document.edit(_recipe(5))
    assert document.reference == _recipe(1)


def _moved_by_hand(document: Document, source: random.Random, num_moves: int) -> None:
    """Do what an artist may do: sliders, seeds, mixes, children, undo, redo, jumps."""
    for _ in range(num_moves):
        recipe = document.recipe
        assert recipe is not None
        move = source.randrange(9)
        if move == 0:
            document.edit(new_recipe(MODEL, source.randrange(2**31)))
        elif move == 1:
            document.edit(with_mix(with_source_b(recipe, Source(seed=9)), 0.3, zones=("fine",)))
        elif move == 2:
            sheet = Sheet("nearby", MODEL, parents=(recipe,))
            near = recipe_on(sheet, source.randrange(999), directions=DIRECTIONS)
            document.edit(near, made_from=(recipe,))
        elif move in (3, 4):
            document.begin_gesture()
            for _ in range(source.randrange(4)):
                direction, number = source.choice(DIRECTIONS), round(source.gauss(0, 1), 2)
                document.edit(with_edit(recipe, direction, strength=(number,) * 3))
            document.end_gesture()
        elif move == 5:
            document.jump(source.choice(document.history.nodes).id)
        elif move == 6:
            document.redo()
        else:
            document.undo()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_500_moves_undone_and_redone_give_the_first_and_the_last_recipe_also_from_the_disk(
    number: int,
) -> None:
    document = Document()
    start = new_recipe(MODEL, 7)
    document.edit(start)
    _moved_by_hand(document, random.Random(number), 500)
    final = document.recipe
    read = decode_session(encode_snapshot(document.history, None))
    assert read is not None
    assert read.history.nodes == document.history.nodes
    for one in (document, Document(read.history)):
        assert one.recipe == final
        num_back = 0
        while one.history.can_undo:
            one.undo()
            num_back += 1
        assert one.recipe == start
        for _ in range(num_back):
            one.redo()
        assert one.recipe == final


def test_a_painted_picture_lies_over_its_recipe_until_the_recipe_changes() -> None:
    document = Document()
    document.edit(_recipe(1))
    ear = Ear(document)
    painted = Painted("k", "Krita")
    document.show_painted(_recipe(1), painted)
    document.show_painted(_recipe(1), painted)
    assert (document.painted, len(ear.nodes), ear.recipes) == (painted, 1, [])
    document.edit(_recipe(1))  # a slider that was put where it stands
    assert document.painted == painted
    document.edit(_recipe(2))
    assert document.painted is None
    document.undo()
    assert document.painted == painted
    document.show_painted(_recipe(1), None)
    assert document.painted is None
    restored = decode_session(encode_snapshot(document.history, None))
    assert restored is not None
    assert restored.history.nodes == document.history.nodes


def test_a_picture_that_comes_back_during_a_drag_does_not_disturb_it() -> None:
    document = Document()
    document.edit(_recipe(1))
    document.edit(_recipe(2))
    document.begin_gesture()
    document.edit(_recipe(3))
    node = document.add_painted(Painted("k", "Krita"), parent=0)
    assert node is not None
    assert (node.parent, node.recipe) == (0, _recipe(1))
    document.edit(_recipe(4))
    document.end_gesture()
    last = document.history.current
    assert last is not None
    assert (last.recipe, last.parent) == (_recipe(4), 1)
    document.undo()
    document.undo()
    document.redo()
    assert document.recipe == _recipe(2)
    assert document.add_painted(Painted("k", "Krita"), parent=99) is None
