"""A StyleGAN2 of the published size with random weights, for the bench alone.

The weights are multiplied by the style of each picture and the batch becomes groups of one
convolution, as the published programs run it. `as_file` gives the same weights as a file would:
`training.stylegan2` makes the same picture of them with weights that stay as they are, which is what
an engine can run. Nothing of anybody's code or weights is in here.

Shapes: N batch, L layers of w, D width of w, I and O channels, R resolution in px.

Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020), §2.2 eq. 1 to
3, §4 and appendix B: config F, skip generator, demodulation, bilinear filter [1, 3, 3, 1].
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.opener.weights_answer import WeightsFacts
from studio.opener.weights_client import Weights

WIDTH = 512
_SLOPE, _GAIN, _EPS = 0.2, math.sqrt(2.0), 1e-8
_TAPS = (1.0, 3.0, 3.0, 1.0)


def channels_at(size: int) -> int:
    """Gives the channels of a level of config F."""
    return min(512, 32768 // size)


def filter_44(gain: float) -> Tensor:
    """Gives the filter [1, 1, 4, 4] with a sum of `gain`."""
    taps = torch.tensor(_TAPS)
    kernel = torch.outer(taps, taps)
    return (kernel * (gain / kernel.sum()))[None, None]


class Styled(nn.Module):
    """A convolution steered by w; `is_up` doubles the size, `is_colour` neither demodulates nor bends."""

    weight: Tensor
    affine: Tensor
    bias: Tensor
    noise: Tensor
    blur: Tensor

    def __init__(
        self, num_in: int, num_out: int, *, size: int, is_up: bool = False, is_colour: bool = False
    ) -> None:
        super().__init__()
        self.is_up, self.is_colour = is_up, is_colour
        side = 1 if is_colour else 3
        scale = 1 / math.sqrt(num_in * side * side)
        self.register_buffer("weight", torch.randn(num_out, num_in, side, side) * scale)
        self.register_buffer("affine", torch.randn(num_in, WIDTH) / math.sqrt(WIDTH))
        self.register_buffer("bias", torch.randn(num_out) * 0.1)
        self.register_buffer("noise", torch.randn(1, 1, size, size) * 0.1)
        self.register_buffer("blur", filter_44(4.0))

    def style(self, w_ND: Tensor) -> Tensor:
        """Gives a factor for each channel that goes in, [N, I]."""
        return F.linear(w_ND, self.affine) + 1

    def forward(self, x_NIRR: Tensor, w_ND: Tensor) -> Tensor:
        """Gives [N, O, R, R] with weights of each picture's own."""
        num, num_in = x_NIRR.shape[:2]
        weight = self.weight[None] * self.style(w_ND)[:, None, :, None, None]
        if not self.is_colour:
            weight = weight * torch.rsqrt(weight.square().sum(dim=(2, 3, 4), keepdim=True) + _EPS)
        x = x_NIRR.reshape(1, num * num_in, *x_NIRR.shape[2:])
        if self.is_up:
            turned = weight.transpose(1, 2).flatten(0, 1)
            x = F.conv_transpose2d(x, turned, stride=2, groups=num)
            x = self._blurred(x)
        else:
            x = F.conv2d(x, weight.flatten(0, 1), padding=weight.shape[-1] // 2, groups=num)
        return self._ended(x.reshape(num, -1, *x.shape[2:]))

    def _blurred(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        return F.conv2d(
            F.pad(x, (1, 1, 1, 1)), self.blur.expand(channels, 1, 4, 4), groups=channels
        )

    def _ended(self, x: Tensor) -> Tensor:
        x = x + self.bias[:, None, None]
        return x if self.is_colour else F.leaky_relu(x + self.noise, _SLOPE) * _GAIN


class PublishedSynthesis(nn.Module):
    """w [N, L, D] to a picture [N, 3, R, R]."""

    start: Tensor
    blur: Tensor

    def __init__(self, resolution: int) -> None:
        super().__init__()
        self.sizes = [4 << level for level in range((resolution // 4).bit_length())]
        self.register_buffer("start", torch.randn(1, channels_at(4), 4, 4))
        self.register_buffer("blur", filter_44(4.0))
        self.convs = nn.ModuleList()
        self.colours = nn.ModuleList()
        for size in self.sizes:
            num_out = channels_at(size)
            if size > 4:
                self.convs.append(Styled(channels_at(size // 2), num_out, size=size, is_up=True))
            self.convs.append(Styled(num_out, num_out, size=size))
            self.colours.append(Styled(num_out, 3, size=size, is_colour=True))

    @property
    def num_layers(self) -> int:
        """L: a layer for each convolution, and one for the last colour."""
        return len(self.convs) + 1

    def forward(self, w_NLD: Tensor) -> Tensor:
        """Gives the picture, about −1…1."""
        x = self.start.expand(w_NLD.shape[0], -1, -1, -1)
        x = self._run(self.convs[0], x, w_ND=w_NLD[:, 0])
        rgb = self._run(self.colours[0], x, w_ND=w_NLD[:, 1])
        for level in range(1, len(self.sizes)):
            for place in (2 * level - 1, 2 * level):
                x = self._run(self.convs[place], x, w_ND=w_NLD[:, place])
            doubled = F.conv_transpose2d(
                rgb, self.blur.expand(3, 1, 4, 4), stride=2, padding=1, groups=3
            )
            rgb = doubled + self._run(self.colours[level], x, w_ND=w_NLD[:, 2 * level + 1])
        return rgb

    def _run(self, layer: nn.Module, x: Tensor, *, w_ND: Tensor) -> Tensor:
        found: Tensor = layer(x, w_ND)
        return found

    def as_file(self) -> Weights:
        """Gives the weights by the names, and with the scales, that a file has them in."""
        tensors = {"synthesis.b4.const": _array(self.start[0])}
        for level, size in enumerate(self.sizes):
            block = f"synthesis.b{size}"
            if level:
                tensors |= _named(self.convs[2 * level - 1], f"{block}.conv0")
            tensors |= _named(self.convs[2 * level], f"{block}.conv1")
            tensors |= _named(self.colours[level], f"{block}.torgb")
            tensors[f"{block}.resample_filter"] = _array(self.blur[0, 0] / 4)
        facts = WeightsFacts(
            network="stylegan2",
            name="StyleGAN2",
            resolution=self.sizes[-1],
            layers=self.num_layers,
            classes=0,
            z=WIDTH,
            w=WIDTH,
        )
        return Weights(facts, "nvidia", {}, tensors)

    def multiply_adds(self) -> int:
        """Gives those of all convolutions for one picture, in the cheaper of both ways."""
        total = 0
        for place, layer in enumerate(self.convs):
            size = self.sizes[(place + 1) // 2]
            weight = layer.get_buffer("weight")
            own = size // 2 if place % 2 else size  # transposed: each pixel that goes in once
            total += weight.numel() * own * own
            total += 16 * weight.shape[0] * size * size if place % 2 else 0
        return total + sum(
            layer.get_buffer("weight").numel() * size * size
            for layer, size in zip(self.colours, self.sizes, strict=True)
        )


def _named(layer: nn.Module, name: str) -> dict[str, NDArray[np.float32]]:
    """Gives a layer's tensors as a file names them.

    There, the affine layers, and the convolutions to colour, are divided by the root of what goes in
    when they are used.
    """
    assert isinstance(layer, Styled)
    num_in = layer.weight.shape[1]
    found = {
        f"{name}.affine.weight": _array(layer.affine * math.sqrt(WIDTH)),
        f"{name}.affine.bias": np.ones(num_in, np.float32),
        f"{name}.bias": _array(layer.bias),
    }
    if layer.is_colour:
        return found | {f"{name}.weight": _array(layer.weight * math.sqrt(num_in))}
    found[f"{name}.weight"] = _array(layer.weight)
    found[f"{name}.noise_const"] = _array(layer.noise[0, 0])
    found[f"{name}.noise_strength"] = np.ones((), np.float32)
    if layer.is_up:
        found[f"{name}.resample_filter"] = _array(layer.blur[0, 0] / 4)
    return found


def _array(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.detach().numpy()
