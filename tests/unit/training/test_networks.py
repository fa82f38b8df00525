import msgspec
import torch
from torch.nn import functional

from studio.core.training_spec import TrainingSpec
from studio.training.networks import (
    GAIN,
    Critic,
    Generator,
    StyledConv,
    activate,
    append_deviation,
    upsample,
)
from tests.unit.training.small import small_spec


def styles(layer: StyledConv, w_ND: torch.Tensor) -> torch.Tensor:
    return layer.affine(w_ND)  # type: ignore[no-any-return]


def test_a_styled_conv_equals_convolution_with_modulated_weights() -> None:
    torch.manual_seed(0)
    layer = StyledConv(5, 7, w_dim=6)
    x, w = torch.randn(3, 5, 8, 8), torch.randn(3, 6)
    with torch.no_grad():
        layer.bias.normal_()
        found = layer(x, w)
        expected = []
        for sample, style in zip(x, styles(layer, w), strict=True):
            weight = layer.weight * style[None, :, None, None]
            weight = weight * torch.rsqrt(weight.square().sum(dim=(1, 2, 3), keepdim=True))
            plain = functional.conv2d(sample[None], weight, padding=1)
            expected.append(activate(plain + layer.bias[None, :, None, None]) * GAIN)
    torch.testing.assert_close(found, torch.cat(expected), atol=1e-5, rtol=1e-4)


def test_growing_the_generator_changes_nothing_at_first() -> None:
    spec = small_spec(resolution=32, first=16)
    generator = Generator(spec)
    z = torch.randn(4, spec.z_dim)
    with torch.no_grad():
        grown, before = generator(z, 32), generator(z, 16)
    assert torch.equal(grown, upsample(before))


def test_growing_the_critic_changes_nothing_at_first() -> None:
    spec = small_spec(resolution=32, first=16)
    critic = Critic(spec)
    pictures = torch.randn(4, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(critic(pictures), critic(functional.avg_pool2d(pictures, 2)))


def test_mixed_layers_come_from_the_second_latent() -> None:
    spec = small_spec()
    generator = Generator(spec)
    z, other = torch.randn(2, 2, spec.z_dim)
    with torch.no_grad():
        all_second = generator(z, 16, mixed=(other, torch.tensor([0, 0])))
        none_second = generator(z, 16, mixed=(other, torch.tensor([6, 6])))
        some_second = generator(z, 16, mixed=(other, torch.tensor([3, 3])))
        torch.testing.assert_close(all_second, generator(other, 16))
        torch.testing.assert_close(none_second, generator(z, 16))
    assert not torch.allclose(some_second, none_second)
    assert not torch.allclose(some_second, all_second)


def test_the_deviation_sees_that_one_half_of_a_batch_is_all_alike() -> None:
    varied, alike = torch.randn(8, 2, 4, 4), torch.ones(8, 2, 4, 4)
    plane = append_deviation(torch.cat([varied, alike]))[:, -1, 0, 0]
    assert plane[:8].min() > 0.3
    assert plane[8:].max() < 0.01


def test_a_score_does_not_depend_on_pictures_outside_its_group() -> None:
    critic = Critic(small_spec())
    first, second = torch.randn(2, 4, 3, 16, 16)
    with torch.no_grad():
        together = critic(torch.cat([first, second]))[:4]
        torch.testing.assert_close(together, critic(first))


def test_half_precision_gives_nearly_the_same_picture() -> None:
    spec: TrainingSpec = small_spec()
    generator = Generator(spec)
    z = torch.randn(2, spec.z_dim)
    with torch.no_grad():
        exact, rough = generator(z, 16), generator(z, 16, dtype=torch.bfloat16)
    assert rough.dtype == torch.float32
    assert (exact - rough).abs().mean() < 0.05 * exact.std()


def test_a_symmetric_generator_draws_the_same_turned_and_mirrored() -> None:
    spec = msgspec.structs.replace(small_spec(), symmetry="square")
    picture = Generator(spec)(torch.randn(2, spec.z_dim), 16)
    for same in (picture.flip(2), picture.flip(3), picture.transpose(2, 3)):
        torch.testing.assert_close(picture, same)
    plain = Generator(small_spec())(torch.randn(2, spec.z_dim), 16)
    assert (plain - plain.flip(2)).abs().max() > 1e-3
