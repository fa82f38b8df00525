"""The synthesis network of StyleGAN2 and StyleGAN2-ADA, for making pictures only.

Weights are static: the style scales what goes into a convolution and the demodulation what comes
out, which is the same as scaling the weights themselves, conv(x, s·W) = conv(x·s, W).

Shapes: N batch, L layers of w, D width of w, I and O channels, R resolution in px, T filter taps.

Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", §2 to §4 and
appendix B (skip, residual and plain generators; noise; demodulation).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.errors import ModelError
from studio.training.foreign_mapping import GAIN, SLOPE
from studio.training.foreign_weights import OTHER, ForeignWeights

DEMOD_EPS = 1e-8
PREVIEWS = (64, 128)
MAX_TAPS = 8


def clamped(x: Tensor, limit: float | None) -> Tensor:
    """Gives numbers within ±limit."""
    return x if limit is None else x.clamp(-limit, limit)


class Style(nn.Module):
    """w [N, D] to a factor for each channel [N, I]."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weights: ForeignWeights, name: str, *, channels: int) -> None:
        super().__init__()
        width = weights.facts.w
        weight = weights.take(f"{name}.affine.weight", channels, width) / math.sqrt(width)
        self.register_buffer("weight", weight)
        self.register_buffer("bias", weights.take(f"{name}.affine.bias", channels))

    def forward(self, w: Tensor) -> Tensor:
        """Gives [N, I]."""
        return F.linear(w, self.weight, self.bias)


def take_filter(weights: ForeignWeights, name: str) -> Tensor:
    """Gives a square filter [T, T] with an even number of taps."""
    found = weights.take(f"{name}.resample_filter", None, None)
    taps = found.shape[0]
    if found.shape[1] != taps or taps % 2 or not 2 <= taps <= MAX_TAPS:
        raise ModelError(f"The filter of “{name}” is of an unknown kind.", OTHER)
    return found


class DoubledColour(nn.Module):
    """Doubles an image: zeros between the pixels, then the filter."""

    kernel: Tensor

    def __init__(self, filter_TT: Tensor, *, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.margin = filter_TT.shape[0] // 2 - 1
        # 4: three of four pixels that are filtered are zeros.
        self.register_buffer("kernel", 4 * filter_TT[None, None].repeat(channels, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Gives [N, C, 2R, 2R]."""
        return F.conv_transpose2d(
            x, self.kernel, stride=2, padding=self.margin, groups=self.channels
        )


class StyledConv(nn.Module):
    """A convolution steered by w: demodulated, with noise, bias and leaky ReLU."""

    weight: Tensor
    energy: Tensor
    bias: Tensor
    noise: Tensor
    blur: Tensor

    def __init__(
        self,
        weights: ForeignWeights,
        name: str,
        *,
        num_in: int,
        size: int,
        is_up: bool,
        gain: float,
    ) -> None:
        super().__init__()
        weights.check_activation(name)
        self.is_up = is_up
        limit = weights.clamp(name)
        self.limit = None if limit is None else limit * gain
        weight = weights.take(f"{name}.weight", None, num_in, 3, 3)
        num_out = len(weight)
        self.style = Style(weights, name, channels=num_in)
        self.register_buffer("energy", weight.square().sum(dim=(2, 3)).t().contiguous())
        if is_up:
            blur = take_filter(weights, name)
            taps = blur.shape[0]
            self.num_out = num_out
            self.margins = ((taps + 1) // 2 - 1, (taps - 2) // 2) * 2
            self.register_buffer("blur", 4 * blur.flip(0, 1)[None, None].repeat(num_out, 1, 1, 1))
            weight = weight.transpose(0, 1).contiguous()
        elif weights.has(f"{name}.resample_filter"):
            take_filter(weights, name)  # stored with every layer, used by those that double
        self.register_buffer("weight", weight)
        bias = weights.take(f"{name}.bias", num_out)
        self.gain = GAIN * gain
        self.register_buffer("bias", (bias * self.gain)[None, :, None, None])
        self.register_buffer("noise", _noise(weights, name, size=size) * self.gain)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Gives [N, O, R, R], or twice that size when it doubles."""
        style = self.style(w)
        demod = self.gain * torch.rsqrt(style.square() @ self.energy + DEMOD_EPS)
        x = x * style[:, :, None, None]
        if self.is_up:
            x = F.conv_transpose2d(x, self.weight, stride=2)
            x = F.conv2d(F.pad(x, self.margins), self.blur, groups=self.num_out)
        else:
            x = F.conv2d(x, self.weight, padding=1)
        x = x * demod[:, :, None, None] + self.noise + self.bias
        return clamped(F.leaky_relu(x, SLOPE), self.limit)


def _noise(weights: ForeignWeights, name: str, *, size: int) -> Tensor:
    """Gives the layer's own constant noise [1, 1, R, R], with its strength; 0 where it has none."""
    if not weights.has(f"{name}.noise_strength"):
        return torch.zeros(1, 1, 1, 1)
    strength = weights.take(f"{name}.noise_strength")
    if not weights.has(f"{name}.noise_const"):
        return torch.zeros(1, 1, 1, 1)  # older files of the port: drawn anew for each picture there
    noise = weights.take(f"{name}.noise_const", size, size)
    return (noise * strength * float(weights.uses_noise(name)))[None, None]


class Colour(nn.Module):
    """A 1 × 1 convolution to colour, steered by w, without demodulation."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weights: ForeignWeights, name: str, *, num_in: int) -> None:
        super().__init__()
        self.limit = weights.clamp(name)
        self.style = Style(weights, name, channels=num_in)
        weight = weights.take(f"{name}.weight", 3, num_in, 1, 1) / math.sqrt(num_in)
        self.register_buffer("weight", weight)
        self.register_buffer("bias", weights.take(f"{name}.bias", 3))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Gives colour [N, 3, R, R]."""
        x = x * self.style(w)[:, :, None, None]
        return clamped(F.conv2d(x, self.weight, self.bias), self.limit)


class Shortcut(nn.Module):
    """What a residual block adds to its convolutions: 1 × 1, doubled, times 1/sqrt(2)."""

    weight: Tensor

    def __init__(self, weights: ForeignWeights, name: str, *, num_in: int) -> None:
        super().__init__()
        limit = weights.clamp(name)
        self.limit = None if limit is None else limit * math.sqrt(0.5)
        weight = weights.take(f"{name}.weight", None, num_in, 1, 1)
        self.enlarge = DoubledColour(take_filter(weights, name), channels=len(weight))
        self.register_buffer("weight", weight * math.sqrt(0.5 / num_in))

    def forward(self, x: Tensor) -> Tensor:
        """Gives [N, O, 2R, 2R]."""
        return clamped(self.enlarge(F.conv2d(x, self.weight)), self.limit)


class Block(nn.Module):
    """One level: two convolutions (one at 4 px), and colour where the network has it there."""

    shortcut: Shortcut | None
    doubling: StyledConv | None
    conv: StyledConv
    colour: Colour | None
    enlarge: DoubledColour | None

    def __init__(self, weights: ForeignWeights, *, size: int, num_in: int) -> None:
        super().__init__()
        name = f"synthesis.b{size}"
        self.is_first = size == 4
        has_shortcut = weights.has(f"{name}.skip.weight")
        gain = math.sqrt(0.5) if has_shortcut else 1.0
        self.shortcut = Shortcut(weights, f"{name}.skip", num_in=num_in) if has_shortcut else None
        self.doubling = None
        if not self.is_first:
            self.doubling = StyledConv(
                weights, f"{name}.conv0", num_in=num_in, size=size, is_up=True, gain=1.0
            )
            num_in = self.doubling.bias.shape[1]
        self.conv = StyledConv(
            weights, f"{name}.conv1", num_in=num_in, size=size, is_up=False, gain=gain
        )
        self.num_out = self.conv.bias.shape[1]
        has_colour = weights.has(f"{name}.torgb.weight")
        self.colour = Colour(weights, f"{name}.torgb", num_in=self.num_out) if has_colour else None
        # The port keeps it with the colour, which the first level does not double.
        module = f"{name}.torgb" if weights.has(f"{name}.torgb.resample_filter") else name
        self.enlarge = None
        if not self.is_first or weights.has(f"{module}.resample_filter"):
            self.enlarge = DoubledColour(take_filter(weights, module), channels=3)


class StyleGAN2Synthesis(nn.Module):
    """w [N, L, D] to the full picture, then the smaller ones in rising size."""

    start: Tensor

    def __init__(self, weights: ForeignWeights) -> None:
        """Takes the weights of the synthesis.

        Raises:
            ModelError: a tensor is missing or does not fit.
        """
        super().__init__()
        side = weights.facts.resolution
        if side < 8 or side & (side - 1):
            raise ModelError(f"A picture of {side} px is not one that StyleGAN2 makes.", OTHER)
        self.sizes = tuple(4 << level for level in range((side // 4).bit_length()))
        start = weights.take("synthesis.b4.const", None, 4, 4)
        self.register_buffer("start", start[None])
        self.blocks = nn.ModuleList()
        channels = len(start)
        for size in self.sizes:
            block = Block(weights, size=size, num_in=channels)
            channels = block.num_out
            self.blocks.append(block)
        if self.levels[-1].colour is None:
            raise ModelError("The file's last level gives no colour.", OTHER)
        has_all = all(block.colour is not None for block in self.levels)
        self.previews = tuple(size for size in PREVIEWS if size < side) if has_all else ()

    @property
    def levels(self) -> list[Block]:
        """The blocks, from 4 px on."""
        return [block for block in self.blocks if isinstance(block, Block)]

    def styles(self) -> list[Tensor]:
        """Gives, by layer of w, the weights from w to the styles of its convolution [I, D]."""
        convs = [
            conv
            for block in self.levels
            for conv in (block.doubling, block.conv)
            if conv is not None
        ]
        return [conv.style.weight for conv in convs]

    def forward(self, w: Tensor) -> tuple[Tensor, ...]:
        """Gives pictures [N, 3, R, R], about −1…1: the full one first."""
        pictures = self.upto(w, self.sizes[-1])
        return (pictures[self.sizes[-1]], *(pictures[size] for size in self.previews))

    def upto(self, w: Tensor, side: int) -> dict[int, Tensor]:
        """Gives the pictures that the levels up to `side` make, by their sizes."""
        x = self.start.expand(w.shape[0], -1, -1, -1)
        picture: Tensor | None = None
        pictures: dict[int, Tensor] = {}
        place = 0
        for size, block in zip(self.sizes, self.levels, strict=True):
            if size > side:
                break
            before = x
            if block.doubling is not None:
                x = block.doubling(x, w[:, place])
                place += 1
            x = block.conv(x, w[:, place])
            place += 1
            if block.shortcut is not None:
                x = x + block.shortcut(before)
            if picture is not None and block.enlarge is not None:
                picture = block.enlarge(picture)
            if block.colour is not None:
                colour = block.colour(x, w[:, place])
                picture = colour if picture is None else picture + colour
            if picture is not None:
                pictures[size] = picture
        return pictures
