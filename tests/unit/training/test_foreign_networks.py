"""The published networks against the papers' equations, written a second time in numpy."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from studio.core.errors import ModelError
from studio.core.latent import z_from_seeds
from studio.opener.generator_state import find_generator
from studio.opener.torch_archive import read_weights_file
from studio.opener.weights_answer import WeightsFacts
from studio.opener.weights_client import Weights
from studio.training.foreign_networks import ForeignNetworks
from studio.training.foreign_weights import ForeignWeights
from studio.training.stylegan3 import places
from tests.fakes.stylegan_equations import draw_stylegan2, draw_stylegan3, map_z, z_of_seed
from tests.fakes.stylegan_files import (
    Arrays,
    stylegan2_arrays,
    stylegan3_arrays,
    write_pickle,
    write_port,
)

WIDTH = 12
LARGEST = 5e-6  # float32 here, float64 there; as a share of the picture's largest number


def weights_in(file: Path) -> Weights:
    """Give a file's weights without the child."""
    state = find_generator(read_weights_file(memoryview(file.read_bytes())))
    tensors = {name: tensor.values() for name, tensor in state.tensors.items()}
    return Weights(state.facts, state.layout, state.settings, tensors)


def latents(networks: ForeignNetworks, w_D: NDArray[Any]) -> NDArray[Any]:
    """Give a latent of its own for every layer, so that a layer that takes another's is seen."""
    random = np.random.RandomState(3)
    return w_D + random.randn(networks.facts.layers, WIDTH) * 0.3


def pictures_of(networks: ForeignNetworks, w_LD: NDArray[Any]) -> list[NDArray[np.float32]]:
    with torch.no_grad():
        found = networks.synthesis(torch.from_numpy(w_LD[None].astype(np.float32)))
    return [picture[0].numpy() for picture in found]


def check_stylegan2(
    networks: ForeignNetworks,
    arrays: Arrays,
    *,
    class_index: int | None = None,
    clamp: float = math.inf,
) -> None:
    z = z_of_seed(7, WIDTH)
    with torch.no_grad():
        w_NLD = networks.mapping(torch.from_numpy(z[None].astype(np.float32)))
    w_D = map_z(arrays, z, class_index=class_index)
    np.testing.assert_allclose(w_NLD[0, -1], w_D, atol=LARGEST)
    w_LD = latents(networks, w_D)
    side = networks.facts.resolution
    expected = draw_stylegan2(arrays, w_LD, resolution=side, clamp=clamp)
    sizes = (side, *networks.synthesis.previews)
    for size, found in zip(sizes, pictures_of(networks, w_LD), strict=True):
        compare(found, expected[size])


def compare(found: NDArray[Any], expected: NDArray[Any]) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=LARGEST * np.abs(expected).max())


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
def test_stylegan2_makes_the_papers_picture(tmp_path: Path, architecture: str) -> None:
    arrays = stylegan2_arrays(architecture=architecture, width=WIDTH)
    networks = ForeignNetworks(weights_in(write_pickle(tmp_path / "a", arrays)), class_index=0)
    check_stylegan2(networks, arrays)
    np.testing.assert_array_equal(networks.mean_D, arrays["mapping.w_avg"])


def test_a_class_and_a_deep_mapping_are_baked_in(tmp_path: Path) -> None:
    arrays = stylegan2_arrays(resolution=8, classes=5, depth=8, width=WIDTH)
    weights = weights_in(write_pickle(tmp_path / "a", arrays))
    assert weights.facts.words == "StyleGAN2-ADA, 8 px, 4 layers, 5 classes"
    for chosen in (0, 3):
        check_stylegan2(ForeignNetworks(weights, class_index=chosen), arrays, class_index=chosen)
    with pytest.raises(ModelError, match="0 to 4"):
        ForeignNetworks(weights, class_index=5)


def test_limits_of_the_layers_hold(tmp_path: Path) -> None:
    arrays = stylegan2_arrays(architecture="resnet", resolution=16, width=WIDTH)
    parts = ("conv0", "conv1", "skip", "torgb")
    layers = [f"synthesis.b{size}.{part}" for size in (4, 8, 16) for part in parts]
    settings = {name: {"conv_clamp": 1.0, "activation": "lrelu"} for name in layers}
    file = write_pickle(tmp_path / "a", arrays, settings=settings)
    check_stylegan2(ForeignNetworks(weights_in(file), class_index=0), arrays, clamp=1.0)


@pytest.mark.parametrize("is_legacy", [True, False])
def test_the_common_port_makes_the_same_picture(tmp_path: Path, is_legacy: bool) -> None:
    arrays = stylegan2_arrays(resolution=128, channels=5, width=WIDTH)
    weights = weights_in(write_port(tmp_path / "a", arrays, is_legacy=is_legacy))
    assert weights.facts.words == "StyleGAN2, 128 px, 12 layers, 0 classes"
    networks = ForeignNetworks(weights, class_index=0)
    assert networks.synthesis.previews == (64,)
    check_stylegan2(networks, arrays)


@pytest.mark.parametrize("is_radial", [True, False])
def test_stylegan3_makes_the_papers_picture(tmp_path: Path, is_radial: bool) -> None:
    arrays = stylegan3_arrays(resolution=32, channels=6, width=WIDTH, is_radial=is_radial)
    networks = ForeignNetworks(weights_in(write_pickle(tmp_path / "a", arrays)), class_index=0)
    assert networks.facts.name == ("StyleGAN3-R" if is_radial else "StyleGAN3-T")
    w_LD = latents(networks, map_z(arrays, z_of_seed(7, WIDTH)))
    (found,) = pictures_of(networks, w_LD)
    expected = draw_stylegan3(arrays, w_LD, resolution=32)
    assert expected.std(axis=(1, 2)).min() > 0.02  # it is no flat field
    compare(found, expected)


@pytest.mark.parametrize(
    ("resolution", "sides"),
    [
        (128, "36 36 36 52 52 52 84 84 84 148 148 148 148 128 128"),
        (256, "36 36 36 52 52 84 84 148 148 148 276 276 276 256 256"),
        (512, "36 36 52 52 84 84 148 148 276 276 532 532 532 512 512"),
    ],
)
def test_layers_stand_where_published_files_have_them(resolution: int, sides: str) -> None:
    arrays = stylegan3_arrays(resolution=16, channels=4)
    facts = WeightsFacts(
        network="stylegan3", name="", resolution=resolution, layers=16, classes=0, z=8, w=8
    )
    named = ForeignWeights(Weights(facts, "nvidia", {}, arrays))
    found = places(named, count=15)
    assert [place.side for place in found] == [int(side) for side in sides.split()]


def test_a_seed_is_stylegans_own() -> None:
    found = z_from_seeds([7], WIDTH)[0]
    np.testing.assert_array_equal(found, z_of_seed(7, WIDTH).astype(np.float32))


def test_parts_that_lack_fit_badly_or_are_left_over_are_told(tmp_path: Path) -> None:
    arrays = stylegan2_arrays(resolution=8, channels=4, width=WIDTH)
    name = "synthesis.b8.conv1.weight"
    lacking = {key: values for key, values in arrays.items() if key != name}
    cases = {
        "lacks": lacking,
        "does not fit": arrays | {name: arrays[name][:, :2]},
        "does not have": arrays | {"synthesis.b8.attention.weight": arrays[name]},
    }
    for words, changed in cases.items():
        weights = weights_in(write_pickle(tmp_path / "a", changed))
        with pytest.raises(ModelError, match=words):
            ForeignNetworks(weights, class_index=0)


def test_directions_cover_the_zones(tmp_path: Path) -> None:
    arrays = stylegan2_arrays(resolution=128, channels=5, width=WIDTH)
    networks = ForeignNetworks(weights_in(write_pickle(tmp_path / "a", arrays)), class_index=0)
    shares: list[float] = []
    found = networks.directions(shares.append)
    assert {entry.source for entry in found.entries} == {"sefa", "pca"}
    assert {zone for entry in found.entries for zone in entry.zones} == {"coarse", "medium", "fine"}
    assert shares[-1] == 1
    np.testing.assert_array_equal(found.mean_D, arrays["mapping.w_avg"])
