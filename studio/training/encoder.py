"""The encoder: a picture and how the generator shows it now, to how w must change.

Its eyes are the critic's: what tells real from made pictures of this very kind. They stay as
they are; only the straight line from what they see to a change of w is fitted, which a
processor does in a minute (`encoder_fit`). The present picture goes through the same eyes, and
the change follows from the difference alone, so an encoder that has arrived stays where it is.

Shapes: N pictures, F what the eyes give, K the narrow middle, L layers, D width of w.

Sources: Alaluf et al., "ReStyle" (several rounds from the mean w); Richardson et al.,
"Encoding in Style" (a change for each layer).
"""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.inversion import LOOK_PX
from studio.core.training_spec import TrainingSpec, num_layers
from studio.training.networks import GAIN, Critic, EqualConv, activate
from studio.training.to_onnx import halved

SIDE: Final = LOOK_PX
LEAST_SIDE: Final = 8
RANK: Final = 192
# Into how many cells a side each of the critic's maps is averaged, by its size in px.
CELLS: Final = {64: 2, 32: 2, 16: 2, 8: 4}
COLOUR_CELLS: Final = 8
MAX_EYE_WEIGHTS: Final = 1_500_000  # 3 MiB as fp16: the eyes of a wide critic end earlier


class Look(nn.Module):
    """One convolution of the critic with its gains multiplied in."""

    weight: Tensor
    bias: Tensor

    def __init__(self, layer: EqualConv) -> None:
        super().__init__()
        self.register_buffer("weight", halved(layer.weight * layer.gain))
        self.register_buffer("bias", (layer.bias * GAIN).detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        """Gives [N, O, R, R]."""
        return F.conv2d(x, self.weight, self.bias, padding=self.weight.shape[2] // 2)


class Eyes(nn.Module):
    """The critic's layers from 128 px, or from the generator's own size, down to 8 px."""

    def __init__(self, critic: Critic, spec: TrainingSpec) -> None:
        super().__init__()
        self.side = min(spec.resolution, SIDE)
        self.from_rgb = nn.ModuleDict()
        self.blocks = nn.ModuleDict()
        self.num_features = 3 * COLOUR_CELLS**2
        size, num_weights = self.side, 0
        while size > LEAST_SIDE:
            block = critic.blocks[str(size)]
            looks = {name: Look(getattr(block, name)) for name in ("first", "second", "skip")}
            num_weights += sum(look.weight.numel() for look in looks.values())
            if num_weights > MAX_EYE_WEIGHTS:
                break
            self.blocks[str(size)] = nn.ModuleDict(looks)
            if str(size) in critic.from_rgb:
                self.from_rgb[str(size)] = Look(critic.from_rgb[str(size)])  # type: ignore[arg-type]
            size //= 2
            self.num_features += looks["second"].weight.shape[0] * CELLS[size] ** 2

    def forward(self, rgb_N3RR: Tensor) -> Tensor:
        """Gives what is seen [N, F] of pictures of 128 px, −1…1."""
        colour = _cells(rgb_N3RR, self.side)
        seen = [_cells(colour, COLOUR_CELLS).flatten(1)]
        x = activate(self.from_rgb[str(self.side)](colour))
        size = self.side
        for name, block in self.blocks.items():
            if size != self.side and name in self.from_rgb:
                colour = F.avg_pool2d(colour, 2)
                x = x + activate(self.from_rgb[name](colour))
            skipped = block["skip"](F.avg_pool2d(x, 2))  # type: ignore[index]
            x = F.avg_pool2d(activate(block["first"](x)), 2)  # type: ignore[index]
            x = activate(block["second"](x)) + skipped  # type: ignore[index]
            size //= 2
            seen.append(_cells(x, CELLS[size]).flatten(1))
        return torch.cat(seen, dim=1)


class Encoder(nn.Module):
    """Picture and present picture [N, 6, 128, 128] to Δw [N, L, D]."""

    narrow: Tensor
    wide: Tensor

    def __init__(self, eyes: Eyes, spec: TrainingSpec) -> None:
        super().__init__()
        self.eyes = eyes
        self.shape = (num_layers(spec.resolution), spec.w_dim)
        width = self.shape[0] * self.shape[1]
        rank = min(RANK, width)
        self.register_buffer("narrow", torch.zeros(rank, eyes.num_features))
        self.register_buffer("wide", torch.zeros(width, rank))

    def change(self, difference_NF: Tensor) -> Tensor:
        """Gives Δw [N, L, D] from what is seen of the picture less that of the present one."""
        narrow_NK = F.linear(difference_NF, self.narrow)
        return F.linear(narrow_NK, self.wide).reshape(-1, *self.shape)

    def forward(self, pair_N6RR: Tensor) -> Tensor:
        """Gives Δw [N, L, D], float32."""
        return self.change(self.eyes(pair_N6RR[:, :3]) - self.eyes(pair_N6RR[:, 3:]))


def at_side(rgb_N3RR: Tensor) -> Tensor:
    """Gives pictures of 128 px: smaller ones repeated, larger ones averaged."""
    side = rgb_N3RR.shape[2]
    if side < SIDE:
        return F.interpolate(rgb_N3RR, scale_factor=SIDE // side, mode="nearest")
    return rgb_N3RR if side == SIDE else F.avg_pool2d(rgb_N3RR, side // SIDE)


def _cells(x_NCRR: Tensor, count: int) -> Tensor:
    """Gives the means over `count` × `count` cells."""
    side = x_NCRR.shape[2] // count
    return x_NCRR if side == 1 else F.avg_pool2d(x_NCRR, side)
