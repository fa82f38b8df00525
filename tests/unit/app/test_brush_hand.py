"""Painting into the document: what is kept, what is mixed, one step for each stroke."""

import random
from collections.abc import Iterator

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from studio.app.brush_hand import BrushHand
from studio.app.document import Document
from studio.app.frame_editor import FrameEditor
from studio.app.region_editor import RegionEditor
from studio.core.errors import RecipeError
from studio.core.mask import mask_from_text
from studio.core.recipe import (
    MAX_REGIONS,
    Frame,
    Recipe,
    Region,
    first_problem,
    new_recipe,
    plain,
    with_edit,
    with_frame,
)
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient
from tests.fakes.recipes import MASKS

DIRECTION = "0" * 15 + "1"


class Painting:
    """A document and the brush over it."""

    def __init__(self) -> None:
        self.document = Document()
        self.engine = FakeEngineClient()
        self.editor = RegionEditor(self.document, chance=random.Random(1))
        self.hand = BrushHand(self.document, self.engine, editor=self.editor)
        self.frame = FrameEditor(self.document, chance=random.Random(2))
        self.document.edit(new_recipe(FAKE_HASH, 7))
        self.refused: list[RecipeError] = []
        self.editor.refused.connect(self.refused.append)

    @property
    def recipe(self) -> Recipe:
        assert self.document.recipe is not None
        assert first_problem(self.document.recipe) is None
        return self.document.recipe

    @property
    def regions(self) -> tuple[Region, ...]:
        return self.recipe.regions

    @property
    def num_steps(self) -> int:
        return len(self.document.history.nodes)

    def stroke(self, *places: tuple[float, float]) -> None:
        self.hand.begin_stroke(*places[0])
        for place in places[1:]:
            self.hand.stroke_to(*place)
        self.hand.end_stroke()

    def move_slider(self) -> None:
        self.document.edit(with_edit(self.recipe, DIRECTION, strength=(1.0, 1.0, 1.0)))


@pytest.fixture
def painting(qtbot: QtBot) -> Iterator[Painting]:
    painting = Painting()
    yield painting
    for part in (
        painting.hand,
        painting.editor,
        painting.frame,
        painting.document,
        painting.engine,
    ):
        part.deleteLater()


def test_a_stroke_is_one_step_and_undo_takes_it_back(painting: Painting) -> None:
    before, steps = painting.recipe, painting.num_steps
    painting.hand.set_mode("mix")
    painting.stroke((0.2, 0.5), (0.5, 0.5), (0.8, 0.5))
    assert painting.num_steps == steps + 1
    assert mask_from_text(painting.regions[0].mask)[:, 64].max() == 255
    painting.stroke((0.5, 0.2), (0.5, 0.8))
    assert len(painting.regions) == 1  # it goes on with the chosen one
    painting.document.undo()
    painting.document.undo()
    assert painting.recipe == before
    painting.document.redo()
    assert painting.editor.chosen_region is not None or painting.regions


def test_what_is_kept_is_what_was_there_when_it_was_painted(painting: Painting) -> None:
    painting.hand.set_mode("keep")
    first = plain(painting.recipe)
    painting.stroke((0.2, 0.2))
    painting.stroke((0.3, 0.2))
    assert [one.recipe for one in painting.regions] == [first]
    painting.move_slider()
    assert painting.regions[0].recipe == first
    second = plain(painting.recipe)
    painting.stroke((0.7, 0.7))
    assert [one.recipe for one in painting.regions] == [first, second]


def test_keeping_goes_on_above_what_was_mixed_since(painting: Painting) -> None:
    painting.hand.set_mode("keep")
    painting.stroke((0.2, 0.2))
    painting.hand.set_mode("mix")
    painting.stroke((0.8, 0.8))
    painting.hand.set_mode("keep")
    painting.stroke((0.5, 0.5))
    assert [one.kind for one in painting.regions] == ["keep", "mix", "keep"]


def test_a_mix_is_another_seed_with_the_same_sliders(painting: Painting) -> None:
    painting.move_slider()
    painting.hand.set_mode("mix")
    painting.stroke((0.5, 0.5))
    mixed = painting.regions[0].recipe
    assert mixed.edits == painting.recipe.edits
    assert mixed.sources != painting.recipe.sources
    painting.editor.roll(0)
    assert painting.regions[0].recipe.sources != mixed.sources


def test_the_eraser_takes_the_chosen_region_and_a_region_rubbed_out_goes(
    painting: Painting,
) -> None:
    painting.hand.set_mode("mix")
    painting.stroke((0.5, 0.5))
    painting.hand.change_brush(is_eraser=True, size=1.0, softness=0.0)
    painting.stroke((0.5, 0.5))
    assert painting.regions == ()
    painting.stroke((0.5, 0.5))  # nothing there: no step
    assert painting.regions == ()


def test_a_stroke_beside_the_picture_leaves_nothing(painting: Painting) -> None:
    before, steps = painting.recipe, painting.num_steps
    painting.hand.set_mode("mix")
    painting.stroke((3.0, 3.0))
    assert painting.recipe == before
    assert painting.num_steps == steps


def test_undo_in_the_middle_of_a_stroke_ends_it(painting: Painting) -> None:
    painting.hand.set_mode("mix")
    painting.hand.begin_stroke(0.5, 0.5)
    painting.document.undo()
    before = painting.recipe
    painting.hand.stroke_to(0.8, 0.8)
    painting.hand.end_stroke()
    assert painting.recipe == before


def test_a_mirrored_picture_is_painted_where_the_hand_is(painting: Painting) -> None:
    painting.frame.set_mirrored(True)
    painting.hand.set_mode("mix")
    painting.stroke((0.1, 0.5))
    mask = mask_from_text(painting.regions[0].mask)
    assert mask[:, -20:].max() == 255
    assert mask[:, :20].max() == 0
    assert painting.editor.region_at(0.1, 0.5) == 0
    assert painting.editor.region_at(0.9, 0.5) == -1


def test_more_regions_than_fit_are_refused_with_a_sentence(painting: Painting) -> None:
    one = Region(kind="keep", mask=MASKS[0], recipe=plain(painting.recipe))
    painting.document.edit(msgspec.structs.replace(painting.recipe, regions=(one,) * MAX_REGIONS))
    painting.hand.set_mode("mix")
    painting.stroke((0.5, 0.5))
    assert len(painting.regions) == MAX_REGIONS
    assert len(painting.refused) == 1


def test_what_is_done_to_regions(painting: Painting) -> None:
    painting.hand.set_mode("mix")
    painting.stroke((0.5, 0.5))
    editor = painting.editor
    editor.change(0, name="  the\nsky ", strength=0.5, is_visible=False)
    assert (painting.regions[0].name, painting.regions[0].strength) == ("the sky", 0.5)
    assert editor.region_at(0.5, 0.5) == -1
    editor.change(0, is_visible=True)
    before = mask_from_text(painting.regions[0].mask)
    editor.invert(0)
    assert (mask_from_text(painting.regions[0].mask) == 255 - before).all()
    other = with_frame(new_recipe(FAKE_HASH, 99), Frame(tile="x"))
    editor.set_source(0, other)
    assert painting.regions[0].recipe == plain(other)
    editor.set_source(0, new_recipe("cd" * 32, 1))
    assert len(painting.refused) == 1
    editor.remove(0)
    assert painting.regions == ()
    assert editor.chosen == -1
    for do in (editor.remove, editor.roll, editor.invert):
        do(5)


def test_a_frame_is_changed_and_goes_when_it_says_nothing(painting: Painting) -> None:
    frame = painting.frame
    frame.set_size((8, 4))
    beyond = frame.frame.beyond
    assert beyond is not None
    frame.set_size((12, 4))
    assert frame.frame.beyond == beyond
    frame.roll_beyond()
    assert frame.frame.beyond != beyond
    frame.set_same_beyond(True)
    assert frame.frame == Frame(size=(12, 4))
    frame.set_tile("both")
    frame.set_size((4, 4))
    assert painting.recipe.frame == Frame(tile="both")
    frame.set_tile("none")
    assert painting.recipe.frame is None
