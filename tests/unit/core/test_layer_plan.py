"""A picture falls into its base and one layer for each region; each knows what it shows."""

import msgspec

from studio.core.layer_plan import pictures_of, plan_layers, whole_of
from studio.core.recipe import Frame, new_recipe
from tests.fakes.painted_recipes import painted

MODEL = "ab" * 32
RECIPE = painted(MODEL)


def test_each_region_is_a_layer_with_its_name_and_its_own_recipe() -> None:
    layers = plan_layers(RECIPE)
    assert [one.name for one in layers] == ["Base", "Sky 天空", 'Rock <"&', "Kept 3", "Mixed in 4"]
    assert [one.recipe.sources[0].seed for one in layers] == [7, 9, 5, 78, 77]
    assert [one.is_visible for one in layers] == [True, True, True, False, True]
    assert layers[0].mask == ""


def test_a_layer_shows_the_regions_up_to_itself() -> None:
    layers = plan_layers(RECIPE)
    assert [len(one.shown.regions) for one in layers] == [0, 1, 2, 3, 4]
    assert layers[4].shown == RECIPE
    assert layers[3].shown.regions[2].is_visible


def test_a_kept_region_has_a_picture_of_its_own_with_what_lies_below_it() -> None:
    layers = plan_layers(RECIPE)
    assert [one.own is None for one in layers] == [True, True, False, False, True]
    own = layers[2].own
    assert own is not None
    assert own.sources == RECIPE.regions[1].recipe.sources
    assert own.regions == RECIPE.regions[:1]


def test_the_frame_is_everyones_but_for_the_enlargement() -> None:
    recipe = msgspec.structs.replace(RECIPE, frame=Frame(size=(8, 4), enlarge=8, is_mirrored=True))
    layers = plan_layers(recipe)
    for made in pictures_of(layers):
        assert made.frame == Frame(size=(8, 4), is_mirrored=True)
    assert all(one.is_mirrored for one in layers[1:])


def test_a_region_of_no_strength_is_hidden_and_shown_at_full_strength() -> None:
    region = msgspec.structs.replace(RECIPE.regions[0], strength=0.0)
    layer = plan_layers(msgspec.structs.replace(RECIPE, regions=(region,)))[1]
    assert (layer.is_visible, layer.strength) == (False, 1.0)


def test_every_picture_is_asked_for_once() -> None:
    wanted = pictures_of(plan_layers(RECIPE))
    assert len(wanted) == len(set(wanted)) == 7
    assert pictures_of(plan_layers(new_recipe(MODEL, 3))) == (new_recipe(MODEL, 3),)


def test_the_whole_is_what_is_seen() -> None:
    assert whole_of(plan_layers(RECIPE)) == RECIPE
    seen = msgspec.structs.replace(RECIPE, regions=RECIPE.regions[:3])
    assert whole_of(plan_layers(seen)) == msgspec.structs.replace(seen, regions=seen.regions[:2])
    hidden = msgspec.structs.replace(RECIPE, regions=RECIPE.regions[2:3])
    assert whole_of(plan_layers(hidden)) == plan_layers(hidden)[0].shown
