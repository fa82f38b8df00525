"""Weights between two generators: all of them, or by zone."""

import pytest
import torch

from studio.core.errors import TrainingError
from studio.training.blend import blend_by_zone, layer_of
from studio.training.networks import Generator
from tests.unit.training.small import small_spec

SPEC = small_spec(resolution=32)
A = {name: torch.zeros_like(value) for name, value in Generator(SPEC).state_dict().items()}
B = {name: torch.ones_like(value) for name, value in A.items()}


def test_the_ends_are_the_two_and_the_middle_lies_between() -> None:
    for share in (0.0, 0.3, 1.0):
        mixed = blend_by_zone(A, B, shares=(share,) * 3, zones=(3, 5))
        assert mixed.keys() == A.keys()
        for value in mixed.values():
            torch.testing.assert_close(value, torch.full_like(value, share))


def test_each_zone_takes_its_own_share() -> None:
    mixed = blend_by_zone(A, B, shares=(0.0, 0.5, 1.0), zones=(3, 5))
    found = {name: float(value.flatten()[0]) for name, value in mixed.items()}
    assert found["mapping.layers.0.weight"] == 0.5
    assert found["synthesis.start.weight"] == 0.0
    assert found["synthesis.convs.2.weight"] == 0.0
    assert found["synthesis.convs.3.weight"] == 0.5
    assert found["synthesis.convs.5.weight"] == 1.0
    # A colour reads the layer after the last convolution of its size: 8 px is layer 3.
    assert found["synthesis.colours.0.weight"] == 0.0
    assert found["synthesis.colours.1.weight"] == 0.5
    assert found["synthesis.colours.2.weight"] == 1.0


def test_every_tensor_has_its_place() -> None:
    layers = {layer_of(name) for name in A if name.startswith("synthesis.")}
    assert layers == set(range(SPEC.num_layers))
    assert all(layer_of(name) is None for name in A if name.startswith("mapping."))


def test_networks_of_other_sizes_are_refused() -> None:
    other = Generator(small_spec(resolution=16)).state_dict()
    with pytest.raises(TrainingError, match="different sizes"):
        blend_by_zone(A, other, shares=(0.5, 0.5, 0.5), zones=(3, 5))
