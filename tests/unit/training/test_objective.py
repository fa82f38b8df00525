import math

import torch
from torch import Tensor, nn

from studio.training.objective import critic_loss, generator_loss, gradient_penalty


class Quadratic(nn.Module):
    """D(x) = a · Σ x², whose gradient is 2 a x."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.tensor(0.5))

    def forward(self, x: Tensor) -> Tensor:
        return self.a * x.square().sum(dim=(1, 2, 3))


def test_losses_are_the_paired_ones_by_hand() -> None:
    real, fake = torch.tensor([1.0, -2.0]), torch.tensor([0.5, 1.0])
    expected = (math.log1p(math.exp(-0.5)) + math.log1p(math.exp(3.0))) / 2
    assert math.isclose(float(critic_loss(real, fake)), expected, rel_tol=1e-6)
    mirrored = (math.log1p(math.exp(0.5)) + math.log1p(math.exp(-3.0))) / 2
    assert math.isclose(float(generator_loss(real, fake)), mirrored, rel_tol=1e-6)


def test_the_penalty_is_the_mean_squared_gradient() -> None:
    critic, x = Quadratic(), torch.randn(3, 3, 4, 4)
    penalty = gradient_penalty(critic, x)
    expected = (x * 2 * 0.5).square().sum(dim=(1, 2, 3)).mean()
    torch.testing.assert_close(penalty, expected)


def test_the_penalty_has_its_own_gradient() -> None:
    critic, x = Quadratic(), torch.randn(3, 3, 4, 4)
    gradient_penalty(critic, x).backward()  # type: ignore[no-untyped-call]
    # d/da of mean |2 a x|² = 8 a mean |x|², a = 0.5
    expected = 4 * x.square().sum(dim=(1, 2, 3)).mean()
    assert critic.a.grad is not None
    torch.testing.assert_close(critic.a.grad, expected)


def test_the_penalty_leaves_the_pictures_alone() -> None:
    x = torch.randn(2, 3, 4, 4, requires_grad=True)
    gradient_penalty(Quadratic(), x).backward()  # type: ignore[no-untyped-call]
    assert x.grad is None
