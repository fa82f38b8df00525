import torch

from studio.training.draws import Draws
from studio.training.grain import fields, fresh_grain, mixer, num_fields, steady_grain
from studio.training.networks import Generator
from tests.unit.training.small import small_spec

DIM = 64


def field(w_ND: torch.Tensor, size: int = 32, layer: int = 5) -> torch.Tensor:
    return steady_grain(torch.zeros(DIM))(w_ND, layer=layer, size=size)


def random_w(count: int) -> torch.Tensor:
    return torch.randn(count, DIM, generator=torch.Generator().manual_seed(4))


def test_every_seed_has_a_field_of_its_own() -> None:
    flat = field(random_w(40)).flatten(1)
    flat = (flat - flat.mean(dim=1, keepdim=True)) / flat.std(dim=1, keepdim=True)
    alike = (flat @ flat.T / flat.shape[1]).abs() - torch.eye(40)
    assert alike.mean() < 0.25
    assert (alike < 0.6).float().mean() > 0.97


def test_the_same_w_always_has_the_same_field() -> None:
    assert torch.equal(field(random_w(3)), field(random_w(3)))


def test_a_field_has_unit_variance_like_the_noise_of_training() -> None:
    steady = field(random_w(64))
    fresh = fresh_grain(Draws(1, count=64))(random_w(64), layer=5, size=32)
    assert steady.shape == fresh.shape == (64, 1, 32, 32)
    assert abs(float(steady.std()) - 1) < 0.1
    assert abs(float(fresh.std()) - 1) < 0.05


def test_a_small_move_of_w_is_a_small_move_of_the_field() -> None:
    w = random_w(8)
    moved = field(w + 0.01 * random_w(8).flip(0)) - field(w)
    assert moved.std() < 0.05


def test_truncation_does_not_change_the_field() -> None:
    w = random_w(8)
    torch.testing.assert_close(field(w * 0.5), field(w), atol=1e-3, rtol=0)


def test_layers_of_one_size_share_fields_but_mix_them_differently() -> None:
    w = random_w(1)
    assert not torch.allclose(field(w, layer=5), field(w, layer=6))
    assert not torch.equal(mixer(5, DIM, size=32), mixer(6, DIM, size=32))


def test_large_fields_are_few() -> None:
    assert [num_fields(size) for size in (4, 128, 256, 512)] == [16, 16, 8, 4]
    assert fields(256).numel() * 2 <= 2**20


def test_a_generator_without_trained_grain_is_not_changed_by_it() -> None:
    spec = small_spec()
    generator = Generator(spec)
    z = torch.randn(2, spec.z_dim)
    grain = fresh_grain(Draws(1, count=2))
    with torch.no_grad():
        plain = generator(z, 16)
        assert torch.equal(generator(z, 16, grain=grain), plain)
        dict(generator.named_parameters())["synthesis.convs.1.grain"].fill_(0.3)
        assert not torch.allclose(generator(z, 16, grain=grain), plain)
