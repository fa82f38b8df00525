"""Layers laid on one another give the finished picture, whatever the pictures are."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.arrays import Picture
from studio.core.layer_plan import PlannedLayer, pictures_of, plan_layers
from studio.core.layer_stack import Layer, flatten, laid_over, stack_layers
from studio.core.mask import alpha_of
from studio.core.recipe import Frame, Recipe, new_recipe, with_frame
from tests.fakes.painted_recipes import disc, noise, painted

MODEL = "ab" * 32
RECIPE = painted(MODEL)
SHAPE = (48, 64)


def any_pictures(planned: tuple[PlannedLayer, ...], seed: int) -> dict[Recipe, Picture]:
    """Give pictures that have nothing to do with one another: harder than any real ones."""
    made = pictures_of(planned)
    return {recipe: noise(seed + place, SHAPE) for place, recipe in enumerate(made)}


def difference(one: Picture, other: Picture) -> int:
    return int(np.abs(one.astype(np.int16) - other.astype(np.int16)).max())


@given(seed=st.integers(0, 10_000), is_mirrored=st.booleans())
def test_the_visible_layers_give_the_picture_to_one_level(seed: int, is_mirrored: bool) -> None:
    planned = plan_layers(with_frame(RECIPE, Frame(is_mirrored=is_mirrored)))
    pictures = any_pictures(planned, seed)
    layers = stack_layers(planned, pictures)
    assert difference(flatten(layers), pictures[planned[4].shown]) <= 1


def laid_in_floats(layers: tuple[Layer, ...]) -> Picture:
    """Lay layers on one another as programs do that round once, at the end."""
    picture = layers[0].picture.astype(np.float64)
    for layer in layers[1:]:
        if layer.is_visible and layer.alpha is not None:
            share = layer.alpha[:, :, None] / 255
            picture = picture * (1 - share) + layer.picture * share
    return np.rint(picture).astype(np.uint8)


@pytest.mark.parametrize("seed", range(3))
def test_they_do_so_too_where_a_program_rounds_only_at_the_end(seed: int) -> None:
    soft = msgspec.structs.replace(RECIPE.regions[1], mask=disc(64, 64, 50, soft=60))
    regions = tuple(
        msgspec.structs.replace(soft, recipe=new_recipe(MODEL, place)) for place in range(16)
    )
    planned = plan_layers(msgspec.structs.replace(RECIPE, regions=regions))
    pictures = any_pictures(planned, seed)
    mask = alpha_of(soft.mask, width=SHAPE[1], height=SHAPE[0])[:, :, None]
    for below, one in pairwise(planned):
        assert one.own is not None
        low = pictures[below.shown].astype(np.float32)
        laid = np.rint(low + (pictures[one.own] - low) * mask)
        pictures[one.shown] = laid.astype(np.uint8)
    layers = stack_layers(planned, pictures)
    whole = pictures[planned[-1].shown]
    assert difference(laid_in_floats(layers), whole) <= 1
    assert difference(flatten(layers), whole) <= 1


def test_hiding_the_uppermost_gives_the_picture_without_that_region() -> None:
    planned = plan_layers(RECIPE)
    pictures = any_pictures(planned, 1)
    layers = stack_layers(planned, pictures)
    assert difference(flatten(layers[:4]), pictures[planned[2].shown]) <= 1
    assert difference(flatten(layers[:3]), pictures[planned[2].shown]) <= 1
    assert difference(flatten(layers[:2]), pictures[planned[1].shown]) <= 1
    assert np.array_equal(flatten(layers[:1]), pictures[planned[0].shown])


def test_a_hidden_layer_shows_its_region_once_it_is_shown() -> None:
    planned = plan_layers(RECIPE)
    pictures = any_pictures(planned, 2)
    layers = stack_layers(planned, pictures)
    assert not layers[3].is_visible
    shown = msgspec.structs.replace(layers[3], is_visible=True)
    assert difference(flatten((*layers[:3], shown)), pictures[planned[3].shown]) <= 1


def test_what_lies_above_a_hidden_layer_is_laid_on_what_is_seen() -> None:
    hidden, kept = (msgspec.structs.replace(RECIPE.regions[place], name="") for place in (2, 1))
    planned = plan_layers(msgspec.structs.replace(RECIPE, regions=(hidden, kept)))
    pictures = any_pictures(planned, 4)
    layers = stack_layers(planned, pictures)
    assert [one.is_visible for one in layers] == [True, False, True]
    assert difference(flatten(layers), pictures[planned[2].shown]) <= 1


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_a_kept_layer_has_its_own_picture_and_the_painted_mask(is_mirrored: bool) -> None:
    region = msgspec.structs.replace(RECIPE.regions[1], strength=0.5)
    kept = msgspec.structs.replace(RECIPE, regions=(region,))
    planned = plan_layers(with_frame(kept, Frame(is_mirrored=is_mirrored)))
    base, own = noise(1, SHAPE), noise(2, SHAPE)
    mask = alpha_of(RECIPE.regions[1].mask, width=SHAPE[1], height=SHAPE[0])
    mask = (mask[:, ::-1] if is_mirrored else mask) * np.float32(0.5)
    whole = np.rint(base + (own.astype(np.float32) - base) * mask[:, :, None]).astype(np.uint8)
    assert planned[1].own is not None
    pictures = {planned[0].shown: base, planned[1].shown: whole, planned[1].own: own}
    layer = stack_layers(planned, pictures)[1]
    assert layer.alpha is not None
    assert np.array_equal(layer.alpha, np.rint(mask * 255))
    assert (layer.picture == own).all(axis=2).mean() > 0.99


def test_a_mixed_layer_holds_true_pixels_where_it_changed_anything_and_nothing_far_off() -> None:
    mixed = msgspec.structs.replace(RECIPE, regions=RECIPE.regions[:1])
    planned = plan_layers(mixed)
    base, whole = noise(1, (128, 128)), noise(1, (128, 128))
    whole[30:60, 30:70] = noise(2, (30, 40))  # beyond the mask's right rim
    layer = stack_layers(planned, {planned[0].shown: base, planned[1].shown: whole})[1]
    assert layer.alpha is not None
    assert np.array_equal(layer.picture, whole)
    clear = np.abs(whole.astype(np.int16) - base).max(axis=2) > 12
    assert (layer.alpha[clear] == 255).all()
    assert not layer.alpha[90:, 90:].any()
    rim = layer.alpha[45, 66:86].astype(np.int16)
    assert (np.diff(rim) <= 0).all()
    assert len(set(rim.tolist())) > 4  # it fades, it does not end


def test_an_opaque_layer_covers_and_a_hidden_one_does_not() -> None:
    low, high = noise(1), noise(2)
    covered = (Layer(name="a", picture=low), Layer(name="b", picture=high))
    assert np.array_equal(flatten(covered), high)
    hidden = msgspec.structs.replace(covered[1], is_visible=False)
    assert np.array_equal(flatten((covered[0], hidden)), low)


def test_half_an_alpha_is_half_the_way() -> None:
    black, white = np.zeros((1, 1, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)
    assert laid_over(black, white, alpha_HW=np.full((1, 1), 128, np.uint8))[0, 0, 0] == 128
