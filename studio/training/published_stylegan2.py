"""A StyleGAN2 of the published size with random weights, for the bench alone.

In `forward` the weights are multiplied by the style of each picture and the batch becomes groups of
one convolution, as the published programs run it; `static` makes the same picture with unchanged
weights, which is what an engine can run. Nothing of anybody's code or weights is in here.

Shapes: N batch, L layers of w, D width of w, I and O channels, R resolution in px.

Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020), §2.2 eq. 1 to
3, §4 and appendix B: config F, skip generator, demodulation, bilinear filter [1, 3, 3, 1].
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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

    def static(self, x_NIRR: Tensor, w_ND: Tensor) -> Tensor:
        """Gives the same with the weights as they are: the style scales what goes in."""
        style = self.style(w_ND)
        x = x_NIRR * style[:, :, None, None]
        if self.is_up:
            x = self._blurred(F.conv_transpose2d(x, self.weight.transpose(0, 1), stride=2))
        else:
            x = F.conv2d(x, self.weight, padding=self.weight.shape[-1] // 2)
        if not self.is_colour:
            energy_IO = self.weight.square().sum(dim=(2, 3)).t()
            x = x * torch.rsqrt(style.square() @ energy_IO + _EPS)[:, :, None, None]
        return self._ended(x)

    def _blurred(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        return F.conv2d(
            F.pad(x, (1, 1, 1, 1)), self.blur.expand(channels, 1, 4, 4), groups=channels
        )

    def _ended(self, x: Tensor) -> Tensor:
        x = x + self.bias[:, None, None]
        return x if self.is_colour else F.leaky_relu(x + self.noise, _SLOPE) * _GAIN


class PublishedSynthesis(nn.Module):
    """w [N, L, D] to a picture [N, 3, R, R]; `is_static` chooses the way, the picture is the same."""

    start: Tensor
    blur: Tensor

    def __init__(self, resolution: int, *, is_static: bool = False) -> None:
        super().__init__()
        self.is_static = is_static
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
        assert isinstance(layer, Styled)
        return layer.static(x, w_ND) if self.is_static else layer(x, w_ND)

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
