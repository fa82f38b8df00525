import torch

from studio.core.training_spec import AugmentSpec
from studio.training.augment import augment, change_colour, cut_out, translate
from studio.training.draws import Draws


def draws(count: int, seed: int = 5) -> Draws:
    return Draws(seed, count=count)


def test_the_same_random_state_changes_any_pictures_alike() -> None:
    first = torch.randn(4, 3, 16, 16)
    assert torch.equal(
        augment(first, AugmentSpec(), draws=draws(4)),
        augment(first, AugmentSpec(), draws=draws(4)),
    )
    # Real and made pictures meet the same holes and the same moves.
    ones = torch.ones(4, 3, 16, 16)
    holes = cut_out(translate(ones, 0.125, draws=draws(4)), 0.5, draws=draws(4, 6)) == 0
    others = cut_out(translate(ones * 7, 0.125, draws=draws(4)), 0.5, draws=draws(4, 6)) == 0
    assert torch.equal(holes, others)


def test_each_picture_is_changed_by_itself() -> None:
    same = torch.rand(1, 3, 16, 16).expand(8, -1, -1, -1)
    changed = augment(same, AugmentSpec(), draws=draws(8))
    assert all(not torch.equal(changed[0], one) for one in changed[1:])


def test_gradients_flow_through_every_change() -> None:
    x = torch.randn(4, 3, 16, 16, requires_grad=True)
    augment(x, AugmentSpec(), draws=draws(4)).square().sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    assert (x.grad != 0).float().mean() > 0.5
    assert bool(torch.isfinite(x.grad).all())


def test_translation_moves_pixels_and_brings_in_nothing() -> None:
    x = torch.arange(1, 65, dtype=torch.float32).reshape(1, 1, 8, 8).expand(16, 3, 8, 8)
    moved = translate(x, 0.25, draws=draws(16))
    for one in moved:
        kept = one[0][one[0] != 0]
        assert len(kept) >= 6 * 6
        # Neighbours stay neighbours: a step to the right is +1, a step down +8.
        rows, columns = torch.nonzero(one[0], as_tuple=True)
        top, left = int(rows[0]), int(columns[0])
        assert one[0, top, left + 1] == one[0, top, left] + 1
        assert one[0, top + 1, left] == one[0, top, left] + 8


def test_cutout_removes_at_most_a_quarter() -> None:
    gone = cut_out(torch.ones(64, 3, 16, 16), 0.5, draws=draws(64)) == 0
    shares = gone[:, 0].float().mean(dim=(1, 2))
    assert 0.24 < float(shares.max()) <= 0.25
    assert float(shares.min()) >= 1 / 16


def test_colour_changes_keep_shape_and_spread() -> None:
    x = torch.randn(64, 3, 8, 8) * 0.3
    changed = change_colour(x, draws(64))
    assert changed.shape == x.shape
    shift = (changed.mean(dim=(1, 2, 3)) - x.mean(dim=(1, 2, 3))).abs()
    assert 0.3 < float(shift.max()) <= 0.5 + 1e-5


def test_nothing_is_changed_when_all_is_off() -> None:
    x = torch.randn(2, 3, 8, 8)
    assert augment(x, AugmentSpec(colour=False, translation=0, cutout=0), draws=draws(2)) is x
