import numpy as np

from studio.core.directions import direction_id, from_tensors, to_tensors
from studio.training.found_directions import (
    find_directions,
    principal_axes,
    stable_signs,
    zone_layers,
    zone_styles,
    zones_of,
)
from studio.training.networks import Generator
from studio.training.to_onnx import bake
from tests.unit.training.small import small_spec


def test_principal_axes_find_the_stretched_direction() -> None:
    random = np.random.default_rng(1)
    samples = random.normal(size=(4000, 5)).astype(np.float32) * [1, 1, 6, 3, 1]
    axes, sigmas = principal_axes(samples.astype(np.float32), 2)
    np.testing.assert_allclose(axes[0], np.eye(5)[2], atol=0.05)
    np.testing.assert_allclose(axes[1], np.eye(5)[3], atol=0.05)
    np.testing.assert_allclose(sigmas, [6, 3], rtol=0.05)


def test_signs_do_not_depend_on_the_solver() -> None:
    rows = np.array([[0.1, -0.9, 0.3], [0.5, 0.2, -0.1]], np.float32)
    np.testing.assert_array_equal(stable_signs(rows), stable_signs(-rows))
    assert stable_signs(rows)[0, 1] == np.float32(0.9)


def test_zones_cover_all_layers_once() -> None:
    for layers in (6, 8, 10, 12, 14):
        zones = [zone_layers((name,), layers) for name in ("coarse", "medium", "fine")]
        covered = [layer for zone in zones for layer in range(layers)[zone]]
        assert covered == list(range(layers))
        assert zone_layers(("coarse", "medium", "fine"), layers) == slice(0, layers)
        medium, fine = zones_of(layers)
        assert 0 < medium <= fine <= layers


def test_each_zone_is_factored_from_its_own_layers() -> None:
    generator = Generator(small_spec(resolution=64, first=16))
    styles = zone_styles(generator)
    # 4, 8, 8 px | 16, 16, 32, 32 px | 64, 64 px with 8 channels each
    assert {zone: len(rows) for zone, rows in styles.items()} == {
        "coarse": 24,
        "medium": 32,
        "fine": 16,
    }


def test_found_directions_fit_their_file() -> None:
    spec = small_spec()
    generator = Generator(spec).requires_grad_(False)
    baked = bake(generator, spec)
    first = find_directions(generator, baked, spec=spec)
    again = from_tensors(*to_tensors(first))
    assert len(again.entries) >= 12
    assert [entry.name for entry in again.entries[:2]] == ["form 1", "form 2"]
    key = direction_id(first.steps_MD[1])
    named = find_directions(generator, baked, spec=spec, names={key: "dawn ↔ dusk"})
    assert [entry.name for entry in named.entries[:2]] == ["form 1", "dawn ↔ dusk"]
    np.testing.assert_array_equal(named.steps_MD, first.steps_MD)
