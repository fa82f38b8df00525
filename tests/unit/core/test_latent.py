"""From seeds and recipes to w: against a plain loop, and the same alone or in a batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.latent import FloatArray, compose_w, filled_zones, z_from_seeds, zone_of_layer
from studio.core.recipe import (
    MAX_SEED,
    Recipe,
    floats_from_text,
    floats_to_text,
    new_recipe,
    with_edit,
)
from tests.fakes.recipes import recipes

NUM_LAYERS, WIDTH = 10, 4
ZONES = (3, 6)


def plain_w(recipe: Recipe, w_SLD: FloatArray, mean_D: FloatArray) -> FloatArray:
    """Give what `compose_w` must give, number by number, for edits that carry their vector."""
    result = np.zeros((NUM_LAYERS, WIDTH))
    medium, fine = recipe.zones or ZONES
    for layer in range(NUM_LAYERS):
        zone = 2 if layer >= fine else 1 if layer >= medium else 0
        total = sum(source.shares[zone] for source in recipe.sources)
        for d in range(WIDTH):
            value = 0.0
            for i, source in enumerate(recipe.sources):
                value += source.shares[zone] / total * float(w_SLD[i, layer, d])
            value = mean_D[d] + recipe.psi[zone] * (value - mean_D[d])
            for edit in recipe.edits:
                value += edit.strength[zone] * float(floats_from_text(edit.vector or "")[d])
            result[layer, d] = value
    return result.astype(np.float32)


@given(recipes(), st.integers(0, 1000))
def test_compose_w_gives_what_a_plain_loop_gives(recipe: Recipe, number: int) -> None:
    source = np.random.RandomState(number)
    w_SLD = source.randn(len(recipe.sources), NUM_LAYERS, WIDTH).astype(np.float32)
    mean_D = source.randn(WIDTH).astype(np.float32)
    taught = source.randn(len(recipe.edits), WIDTH).astype(np.float32)
    whole = recipe
    for edit, vector in zip(recipe.edits, taught, strict=True):
        whole = with_edit(
            whole, edit.direction, strength=edit.strength, vector=floats_to_text(vector)
        )
    found = compose_w(whole, w_SLD, mean_D=mean_D, vectors={}, zones=ZONES)
    assert found.dtype == np.float32
    assert found.shape == (NUM_LAYERS, WIDTH)
    np.testing.assert_allclose(found, plain_w(whole, w_SLD, mean_D), rtol=1e-4, atol=1e-4)


@given(st.lists(st.integers(0, MAX_SEED), min_size=1, max_size=6))
def test_a_seed_gives_the_same_z_alone_or_in_a_batch(seeds: list[int]) -> None:
    together = z_from_seeds(seeds, 16)
    assert together.dtype == np.float32
    for seed, z_Z in zip(seeds, together, strict=True):
        assert z_from_seeds([seed], 16)[0].tobytes() == z_Z.tobytes()


def test_a_seed_means_what_it_means_in_other_tools() -> None:
    # RandomState(7).randn(3): a frozen stream; these numbers may never change.
    found = [round(float(value), 6) for value in z_from_seeds([7], 3)[0]]
    assert found == [1.690526, -0.465937, 0.03282]


def test_psi_0_is_the_mean_and_psi_1_is_as_drawn() -> None:
    w_SLD = np.arange(NUM_LAYERS * WIDTH, dtype=np.float32).reshape(1, NUM_LAYERS, WIDTH)
    mean_D = np.full(WIDTH, 3.0, dtype=np.float32)
    for psi, expected in ((0.0, np.broadcast_to(mean_D, w_SLD[0].shape)), (1.0, w_SLD[0])):
        recipe = new_recipe("ab" * 32, 7, psi=psi)
        found = compose_w(recipe, w_SLD, mean_D=mean_D, vectors={}, zones=ZONES)
        np.testing.assert_allclose(found, expected)


def test_an_edit_of_an_unknown_direction_or_width_is_refused() -> None:
    w_SLD = np.zeros((1, NUM_LAYERS, WIDTH), dtype=np.float32)
    mean_D = np.zeros(WIDTH, dtype=np.float32)
    recipe = with_edit(new_recipe("ab" * 32, 7), "0" * 16, strength=(1, 1, 1))
    with pytest.raises(KeyError):
        compose_w(recipe, w_SLD, mean_D=mean_D, vectors={}, zones=ZONES)
    wide = {"0" * 16: np.zeros(WIDTH + 1, dtype=np.float32)}
    with pytest.raises(ValueError, match="width"):
        compose_w(recipe, w_SLD, mean_D=mean_D, vectors=wide, zones=ZONES)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 40))
def test_zones_cover_the_layers_in_order(num_layers: int, medium: int, more: int) -> None:
    zones = zone_of_layer(num_layers, (medium, medium + more))
    assert zones.shape == (num_layers,)
    assert (np.diff(zones) >= 0).all()
    assert (zones[:medium] == 0).all()
    assert (zones[medium + more :] == 2).all()


def test_zones_without_layers_are_left_out() -> None:
    assert filled_zones(12, (3, 7)) == ("coarse", "medium", "fine")
    assert filled_zones(6, (3, 6)) == ("coarse", "medium")
    assert filled_zones(4, (4, 4)) == ("coarse",)
