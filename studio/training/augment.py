"""Random changes that every picture goes through before the critic sees it.

The critic then cannot learn a small folder by heart, and because real and made
pictures go through the same changes, and gradients flow through them, the generator
does not learn the changes themselves.

Source: Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training".
"""

import torch
from torch import Tensor

from studio.core.training_spec import AugmentSpec
from studio.training.draws import Draws


def augment(rgb_N3RR: Tensor, spec: AugmentSpec, *, draws: Draws) -> Tensor:
    """Gives pictures changed at random, each by itself; differentiable.

    Args:
        rgb_N3RR: pictures, −1…1.
        spec: which changes act.
        draws: the random numbers of these pictures; the same ones give the same changes
            whatever the pictures are.
    """
    x = rgb_N3RR
    if spec.colour:
        x = change_colour(x, draws)
    if spec.translation > 0:
        x = translate(x, spec.translation, draws=draws)
    if spec.cutout > 0:
        x = cut_out(x, spec.cutout, draws=draws)
    return x


def change_colour(rgb_N3RR: Tensor, draws: Draws) -> Tensor:
    """Shifts brightness by ±0.5, scales saturation by 0…2 and contrast by 0.5…1.5."""
    shift, saturation, contrast = draws.uniform(3, 1, 1, 1).unbind(dim=1)
    x = rgb_N3RR + (shift - 0.5)
    grey = x.mean(dim=1, keepdim=True)
    x = torch.lerp(grey, x, saturation * 2)
    level = x.mean(dim=(1, 2, 3), keepdim=True)
    return torch.lerp(level, x, contrast + 0.5)


def translate(rgb_N3RR: Tensor, share: float, *, draws: Draws) -> Tensor:
    """Moves each picture by up to `share` of its size; what comes in is 0."""
    count, _, height, width = rgb_N3RR.shape
    device = rgb_N3RR.device
    reach_y, reach_x = int(height * share + 0.5), int(width * share + 0.5)
    move_y = draws.whole(-reach_y, reach_y + 1, 1)
    move_x = draws.whole(-reach_x, reach_x + 1, 1)
    rows = torch.arange(height, device=device)[None] + move_y
    columns = torch.arange(width, device=device)[None] + move_x
    is_inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[
        :, None, :
    ]
    rows, columns = rows.clamp(0, height - 1), columns.clamp(0, width - 1)
    sample = torch.arange(count, device=device)[:, None, None]
    moved = rgb_N3RR.permute(0, 2, 3, 1)[sample, rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2) * is_inside[:, None]


def cut_out(rgb_N3RR: Tensor, share: float, *, draws: Draws) -> Tensor:
    """Sets a square of `share` of the side, anywhere, even half outside, to 0."""
    _, _, height, width = rgb_N3RR.shape
    device = rgb_N3RR.device
    side_y, side_x = int(height * share + 0.5), int(width * share + 0.5)
    middle_y = draws.whole(0, height + 1, 1)
    middle_x = draws.whole(0, width + 1, 1)
    rows, columns = torch.arange(height, device=device), torch.arange(width, device=device)
    in_y = (rows[None] >= middle_y - side_y // 2) & (rows[None] < middle_y + (side_y + 1) // 2)
    in_x = (columns[None] >= middle_x - side_x // 2) & (
        columns[None] < middle_x + (side_x + 1) // 2
    )
    is_kept = ~(in_y[:, :, None] & in_x[:, None, :])
    return rgb_N3RR * is_kept[:, None]
