"""Pictures and tensors, changes, names of models, and how far pictures are apart."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from studio.core.arrays import (
    Picture,
    middle_square,
    picture_from_tensor,
    pixel_hash,
    tensor_from_picture,
)
from studio.core.changes import describe_change
from studio.core.directions import (
    DirectionEntry,
    DirectionSet,
    direction_id,
    from_tensors,
    to_tensors,
)
from studio.core.model_card import model_hash, slug
from studio.core.picture_match import compare_pictures
from studio.core.recipe import (
    Frame,
    Recipe,
    Region,
    Source,
    new_recipe,
    strength_of,
    with_edit,
    with_frame,
)
from tests.fakes.recipes import MASKS, recipes

MODEL = "ab" * 32
pictures = hnp.arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6), st.just(3)))


# ---------------------------------------------------------------------------------- pictures


@given(pictures)
def test_a_picture_survives_the_way_to_a_tensor_and_back(picture: Picture) -> None:
    tensor = tensor_from_picture(picture[None])
    assert tensor.dtype == np.float32
    assert np.abs(tensor).max() <= 1.0
    np.testing.assert_array_equal(picture_from_tensor(tensor)[0], picture)


def test_a_tensor_outside_its_range_is_clipped_and_nan_is_refused() -> None:
    tensor = np.array([-3.0, 0.0, 3.0], dtype=np.float32).reshape(1, 3, 1, 1)
    assert picture_from_tensor(tensor)[0, 0, 0].tolist() == [0, 128, 255]
    tensor[0, 0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        picture_from_tensor(tensor)


@given(pictures)
def test_equal_pixels_have_an_equal_hash_and_others_do_not(picture: Picture) -> None:
    assert pixel_hash(picture) == pixel_hash(picture.copy())
    changed = picture.copy()
    changed[0, 0, 0] ^= 1
    assert pixel_hash(changed) != pixel_hash(picture)


def test_the_hash_knows_the_size() -> None:
    flat = np.zeros((2, 8, 3), dtype=np.uint8)
    assert pixel_hash(flat) != pixel_hash(flat.reshape(4, 4, 3))


@given(pictures, st.integers(1, 40))
def test_the_difference_of_two_pictures_is_told(picture: Picture, levels: int) -> None:
    assert compare_pictures(picture, picture.copy()).is_identical
    other = picture.astype(np.int16)
    other[0, 0, 0] += levels if other[0, 0, 0] < 128 else -levels
    match = compare_pictures(picture, other.astype(np.uint8))
    assert (match.kind, match.max_levels) == ("differs", levels)
    assert match.share == pytest.approx(1 / (picture.shape[0] * picture.shape[1]))
    assert compare_pictures(picture, np.zeros((9, 9, 3), dtype=np.uint8)).kind == "size"


@given(pictures)
def test_the_middle_square_is_the_largest_and_a_square_stays(picture: Picture) -> None:
    square = middle_square(picture)
    side = min(picture.shape[:2])
    assert square.shape == (side, side, 3)
    assert square.flags.c_contiguous
    np.testing.assert_array_equal(middle_square(square), square)


# ----------------------------------------------------------------------------------- changes


@given(recipes(), recipes())
def test_a_change_is_told_when_there_is_one(before: Recipe, after: Recipe) -> None:
    assert describe_change(before, before) is None
    change = describe_change(before, after)
    assert (change is None) == (before == after)
    start = describe_change(None, after)
    assert start is not None
    assert start.kind == "start"


@given(recipes(), st.text("0123456789abcdef", min_size=16, max_size=16), st.floats(0.1, 5))
def test_one_move_of_one_slider_is_told_by_its_name(
    recipe: Recipe, name: str, strength: float
) -> None:
    before = with_edit(recipe, name, strength=(0, 0, 0))
    after = with_edit(before, name, strength=(0, strength, 0))
    change = describe_change(before, after)
    assert change is not None
    assert (change.kind, change.key, change.value) == ("direction", name, strength)
    assert change.num_more == 0
    assert strength_of(after, name) == (0, strength, 0)
    assert with_edit(after, name, strength=(0, 0, 0)) == before


def test_another_seed_and_another_mix_are_told_apart() -> None:
    one = new_recipe(MODEL, 7)
    change = describe_change(one, new_recipe(MODEL, 8))
    assert change is not None
    assert (change.kind, change.key) == ("seed", "8")
    mixed = Recipe(
        model=MODEL,
        sources=(Source(seed=7, shares=(0.7, 1, 1)), Source(seed=9, shares=(0.3, 0, 0))),
    )
    change = describe_change(one, mixed)
    assert change is not None
    assert change.kind == "mix"
    assert change.value == pytest.approx(0.3)


def test_what_is_painted_and_framed_is_told() -> None:
    one = new_recipe(MODEL, 7)
    keep = Region(kind="keep", mask=MASKS[0], recipe=one)
    mix = Region(kind="mix", mask=MASKS[0], recipe=new_recipe(MODEL, 8))

    def told(before: tuple[Region, ...], after: tuple[Region, ...]) -> tuple[str, float]:
        change = describe_change(
            msgspec.structs.replace(one, regions=before),
            msgspec.structs.replace(one, regions=after),
        )
        assert change is not None
        assert change.kind == "region"
        return change.key, change.value

    assert told((), (keep,)) == ("keep", 0)
    assert told((keep,), (keep, mix)) == ("mix", 0)
    assert told((keep, mix), (mix,)) == ("removed", 0)
    assert told((keep, mix), (mix, keep)) == ("order", 0)
    replace = msgspec.structs.replace
    assert told((keep, mix), (keep, replace(mix, mask=MASKS[1]))) == ("mix", 0)
    assert told((mix,), (replace(mix, recipe=one),)) == ("source", 0)
    assert told((mix,), (replace(mix, strength=0.5),)) == ("strength", 0.5)
    assert told((mix,), (replace(mix, is_visible=False),)) == ("hidden", 0)
    assert told((mix,), (replace(mix, name="sky"),)) == ("name", 0)
    wide = with_frame(one, Frame(size=(8, 4), tile="x"))
    change = describe_change(one, wide)
    assert change is not None
    assert (change.kind, change.key, change.num_more) == ("tile", "x", 1)
    assert with_frame(wide, Frame(size=(4, 4), beyond=3)) == one


# ------------------------------------------------------------------- models and directions


@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=5))
def test_the_folder_of_a_model_is_plain_and_never_taken(name: str, others: list[str]) -> None:
    taken = {slug(other) for other in others} | {slug(name)}
    found = slug(name, taken)
    assert found not in taken
    assert found
    assert all(char.isascii() and (char.isalnum() or char == "-") for char in found)
    assert found == found.lower()
    assert slug(name) == slug(slug(name))


def test_a_taken_name_gets_a_number() -> None:
    assert slug("My Cats!") == "my-cats"
    assert slug("My Cats", {"my-cats"}) == "my-cats-2"
    assert slug("My Cats", {"my-cats", "my-cats-2"}) == "my-cats-3"
    assert slug("猫") == "model"


def test_a_model_has_another_hash_when_anything_of_it_is_another() -> None:
    mean = np.zeros(4, dtype=np.float32)
    hashes = {
        model_hash("a", "b", mean_D=mean),
        model_hash("b", "a", mean_D=mean),
        model_hash("a", "b", mean_D=mean + 1),
    }
    assert len(hashes) == 3


def small_set() -> DirectionSet:
    source = np.random.RandomState(3)
    steps = source.randn(2, 5).astype(np.float32)
    entries = tuple(
        DirectionEntry(direction_id(step), f"d{i}", ("fine",), "pca")
        for i, step in enumerate(steps)
    )
    axes, sigmas = source.randn(3, 5).astype(np.float32), np.ones(3, dtype=np.float32)
    return DirectionSet(source.randn(5).astype(np.float32), axes, sigmas, entries, steps)


def test_directions_survive_their_tensors() -> None:
    directions = small_set()
    again = from_tensors(*to_tensors(directions))
    assert again.entries == directions.entries
    np.testing.assert_array_equal(again.steps_MD, directions.steps_MD)
    assert list(again.vectors()) == [entry.id for entry in directions.entries]


@pytest.mark.parametrize("name", ["mean", "axes", "sigmas", "steps"])
@pytest.mark.parametrize("fault", ["missing", "nan", "shape", "double"])
def test_directions_with_a_fault_are_refused(name: str, fault: str) -> None:
    tensors, metadata = to_tensors(small_set())
    broken = dict(tensors)
    if fault == "missing":
        del broken[name]
    elif fault == "nan":
        broken[name] = np.full_like(tensors[name], np.nan)
    elif fault == "shape":
        broken[name] = tensors[name][:-1]
    else:
        broken[name] = tensors[name].astype(np.float64)
    with pytest.raises(ValueError, match=r"directions|axes|direction"):
        from_tensors(broken, metadata)


def test_a_swapped_direction_is_refused() -> None:
    tensors, metadata = to_tensors(small_set())
    with pytest.raises(ValueError, match="does not belong"):
        from_tensors({**tensors, "steps": tensors["steps"][::-1].copy()}, metadata)
    with pytest.raises(ValueError, match="incomplete"):
        from_tensors(tensors, {})
