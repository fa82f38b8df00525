import math

import torch
from torch import Tensor, nn

from studio.training.objective import critic_loss, generator_loss, gradient_penalty, shared_part


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


def mean_of(count: int, random: torch.Generator, *, pattern: Tensor) -> Tensor:
    return (pattern + torch.randn(count, 3, 8, 8, generator=random)).mean(dim=0)


def test_nothing_is_shared_when_the_means_agree() -> None:
    random = torch.Generator().manual_seed(2)
    mean = torch.randn(3, 8, 8, generator=random)
    draws = [
        float(
            shared_part(
                mean + torch.randn(8, 3, 8, 8, generator=random),
                mean_of(8, random, pattern=mean),
                mean_CRR=mean,
            )
        )
        for _ in range(200)
    ]
    assert abs(sum(draws) / len(draws)) < 0.01
    assert min(draws) < 0 < max(draws)


def test_a_planted_pattern_is_measured_and_pushed_away() -> None:
    random = torch.Generator().manual_seed(2)
    pattern, nothing = torch.randn(3, 8, 8, generator=random), torch.zeros(3, 8, 8)
    made = pattern + torch.randn(64, 3, 8, 8, generator=random) * 0.1
    made.requires_grad_(True)
    shared = shared_part(made, pattern, mean_CRR=nothing)
    expected = pattern.square().mean()
    torch.testing.assert_close(shared, expected, atol=0.02, rtol=0)
    shared.backward()  # type: ignore[no-untyped-call]
    assert made.grad is not None
    # That of the squared distance: 2 m / (pixels · pictures) at each picture.
    by_hand = 2 * pattern / (pattern.numel() * 64)
    torch.testing.assert_close(made.grad[0], by_hand, atol=1e-7, rtol=1e-3)
    moved = made.detach() - made.grad * 3000
    assert shared_part(moved, moved.mean(dim=0), mean_CRR=nothing) < expected / 2


def test_what_is_shared_adds_up_over_the_parts_of_a_batch() -> None:
    made, other = torch.randn(8, 3, 4, 4), torch.randn(3, 4, 4)
    mean = torch.randn(3, 4, 4)
    whole = shared_part(made, other, mean_CRR=mean)
    parts = [shared_part(part, other, mean_CRR=mean) / 2 for part in (made[:4], made[4:])]
    torch.testing.assert_close(parts[0] + parts[1], whole)


def test_what_the_real_pictures_share_is_no_fault() -> None:
    horizon = torch.zeros(3, 8, 8)
    horizon[:, 4:] = 1
    made = horizon.expand(8, -1, -1, -1)
    assert float(shared_part(made, made.mean(dim=0), mean_CRR=horizon)) == 0
