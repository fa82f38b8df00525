"""The style generator and its critic.

Shapes: N batch, Z and D latent sizes, L layers of w, C channels, R resolution in px,
I and O input and output channels of a convolution.

Every network is built whole, to its final resolution; a stage of growth only uses the
blocks up to the size it trains. A new generator block starts with its colour output
at zero and a new critic block with its branch at zero, so that growth changes nothing
at the moment it happens.

Sources: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN"
(modulation, skip outputs, residual critic); Karras et al., "Progressive Growing of
GANs" (equalised learning rate, minibatch deviation).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.training_spec import TrainingSpec, num_layers, resolutions_to
from studio.training.grain import Grain

SLOPE = 0.2
GAIN = math.sqrt(2.0)
DEMOD_EPS = 1e-8
PATCH_RESOLUTION = 16
DEVIATION_GROUP = 4


def activate(x: Tensor) -> Tensor:
    """Gives leaky ReLU; the factor sqrt(2) is folded into what comes before it."""
    return F.leaky_relu(x, SLOPE)


def upsample(x_NCRR: Tensor) -> Tensor:
    """Gives the picture at twice the size, bilinear with half-pixel centres."""
    return F.interpolate(x_NCRR, scale_factor=2, mode="bilinear", align_corners=False)


def make_symmetric(rgb_N3RR: Tensor) -> Tensor:
    """Gives the mean of the picture over the eight turns and mirrors of the square.

    Such a picture also repeats without a seam: what leaves on one side is mirrored there.
    """
    x = (rgb_N3RR + rgb_N3RR.flip(2)) / 2
    x = (x + x.flip(3)) / 2
    return (x + x.transpose(2, 3)) / 2


def conv(x_NIRR: Tensor, weight_OIkk: Tensor, *, bias_O: Tensor | None = None) -> Tensor:
    """Convolves in the input's precision, keeping the size."""
    weight = weight_OIkk.to(x_NIRR.dtype)
    if weight.shape[2] > 1:
        weight = weight.contiguous(memory_format=torch.channels_last)
    bias = None if bias_O is None else bias_O.to(x_NIRR.dtype)
    return F.conv2d(x_NIRR, weight, bias, padding=weight.shape[2] // 2)


class EqualLinear(nn.Module):
    """A linear layer with equalised learning rate: weights near 1, scaled when used."""

    def __init__(
        self, num_in: int, num_out: int, *, bias: float = 0.0, lr_scale: float = 1.0
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(num_out, num_in) / lr_scale)
        self.bias = nn.Parameter(torch.full((num_out,), bias / lr_scale))
        self.weight_gain = lr_scale / math.sqrt(num_in)
        self.bias_gain = lr_scale

    def baked(self) -> tuple[Tensor, Tensor]:
        """Gives weight [O, I] and bias [O] as they act."""
        return self.weight * self.weight_gain, self.bias * self.bias_gain

    def forward(self, x_NI: Tensor) -> Tensor:
        """Gives [N, O], float32."""
        return F.linear(x_NI, *self.baked())


class Mapping(nn.Module):
    """z [N, Z] to w [N, D]: z on the sphere, then two layers that learn slowly."""

    def __init__(self, z_dim: int, w_dim: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [
                EqualLinear(z_dim, w_dim, lr_scale=0.01),
                EqualLinear(w_dim, w_dim, lr_scale=0.01),
            ]
        )

    def forward(self, z_NZ: Tensor) -> Tensor:
        """Gives w [N, D], float32."""
        x = z_NZ * torch.rsqrt(z_NZ.square().mean(dim=1, keepdim=True) + 1e-8)
        for layer in self.layers:
            x = activate(layer(x)) * GAIN
        return x


class StyledConv(nn.Module):
    """A 3×3 convolution steered by w, with demodulated output, bias and activation.

    Equal to StyleGAN2's modulated weights, because the weight is shared by the batch:
    conv(x, s·W) = conv(x·s, W), and the norm of s·W over its inputs is s²·T with
    T[I, O] = Σ_k W². The style is divided by its RMS first, which demodulation undoes
    and half precision needs.
    """

    def __init__(self, num_in: int, num_out: int, *, w_dim: int) -> None:
        super().__init__()
        self.affine = EqualLinear(w_dim, num_in, bias=1.0)
        self.weight = nn.Parameter(torch.randn(num_out, num_in, 3, 3))
        self.bias = nn.Parameter(torch.zeros(num_out))
        self.grain = nn.Parameter(torch.zeros(num_out))
        self.gain = 1.0 / math.sqrt(num_in * 9)

    def baked(self) -> tuple[Tensor, Tensor]:
        """Gives weight [O, I, 3, 3] and T [I, O], as they act."""
        weight = self.weight * self.gain
        return weight, weight.square().sum(dim=(2, 3)).t()

    def forward(
        self,
        x_NIRR: Tensor,
        w_ND: Tensor,
        *,
        noise_N1RR: Tensor | None = None,
        is_grown: bool = False,
    ) -> Tensor:
        """Gives [N, O, R, R], or twice that size when `is_grown`, with noise of that size."""
        weight, energy_IO = self.baked()
        style = self.affine(w_ND)
        style = style * torch.rsqrt(style.square().mean(dim=1, keepdim=True) + DEMOD_EPS)
        demod = torch.rsqrt(style.square() @ energy_IO + DEMOD_EPS) * GAIN
        x = x_NIRR * style.to(x_NIRR.dtype)[:, :, None, None]
        x = conv(x, weight)
        if is_grown:
            x = upsample(x)
        bias = (self.bias * GAIN).to(x.dtype)[None, :, None, None]
        x = torch.addcmul(bias, x, demod.to(x.dtype)[:, :, None, None])
        if noise_N1RR is not None:
            x = torch.addcmul(x, noise_N1RR.to(x.dtype), self.grain.to(x.dtype)[:, None, None])
        return activate(x)


class ToRGB(nn.Module):
    """A 1×1 convolution to colour, steered by w, without demodulation."""

    def __init__(self, num_in: int, w_dim: int, *, is_zero: bool) -> None:
        super().__init__()
        self.affine = EqualLinear(w_dim, num_in, bias=1.0)
        start = torch.zeros if is_zero else torch.randn
        self.weight = nn.Parameter(start(3, num_in, 1, 1))
        self.bias = nn.Parameter(torch.zeros(3))
        self.gain = 1.0 / math.sqrt(num_in)

    def forward(self, x_NIRR: Tensor, w_ND: Tensor) -> Tensor:
        """Gives colour [N, 3, R, R], float32."""
        style = self.affine(w_ND)
        x = x_NIRR * style.to(x_NIRR.dtype)[:, :, None, None]
        return conv(x, self.weight * self.gain).float() + self.bias[None, :, None, None]


class Synthesis(nn.Module):
    """w [N, L, D] to a picture, each layer steered by its own w."""

    def __init__(self, spec: TrainingSpec) -> None:
        super().__init__()
        self.resolutions = resolutions_to(spec.resolution)
        self.is_symmetric = spec.symmetry == "square"
        first = spec.stages[0].resolution
        channels, w_dim = spec.channels, spec.w_dim
        # StyleGAN2 starts from a constant. With so few images seen, that constant grew
        # one pattern that every picture shared; a start drawn from w cannot.
        self.start = EqualLinear(w_dim, channels[4] * 16)
        self.convs = nn.ModuleList([StyledConv(channels[4], channels[4], w_dim=w_dim)])
        self.colours = nn.ModuleList([ToRGB(channels[4], w_dim, is_zero=False)])
        for size in self.resolutions[1:]:
            self.convs.append(StyledConv(channels[size // 2], channels[size], w_dim=w_dim))
            self.convs.append(StyledConv(channels[size], channels[size], w_dim=w_dim))
            self.colours.append(ToRGB(channels[size], w_dim, is_zero=size > first))

    def forward(
        self,
        w_NLD: Tensor,
        resolution: int,
        *,
        dtype: torch.dtype = torch.float32,
        grain: Grain | None = None,
    ) -> dict[int, Tensor]:
        """Gives the picture at every size up to `resolution`: [N, 3, R, R], float32."""

        def noise(layer: int, size: int) -> Tensor | None:
            return None if grain is None else grain(w_NLD[:, layer], layer=layer, size=size)

        x = self.start(w_NLD[:, 0]).to(dtype).unflatten(1, (-1, 4, 4))
        x = x.contiguous(memory_format=torch.channels_last)
        x = self.convs[0](x, w_NLD[:, 0], noise_N1RR=noise(0, 4))
        rgb = self.colours[0](x, w_NLD[:, 1])
        pictures = {4: rgb}
        for index, size in enumerate(self.resolutions[1:], start=1):
            if size > resolution:
                break
            for layer in (2 * index - 1, 2 * index):
                is_grown = layer % 2 == 1
                grained = noise(layer, size)
                x = self.convs[layer](x, w_NLD[:, layer], noise_N1RR=grained, is_grown=is_grown)
            rgb = upsample(rgb) + self.colours[index](x, w_NLD[:, 2 * index + 1])
            pictures[size] = rgb
        if self.is_symmetric:
            return {size: make_symmetric(picture) for size, picture in pictures.items()}
        return pictures


class Generator(nn.Module):
    """Mapping and synthesis together."""

    def __init__(self, spec: TrainingSpec) -> None:
        super().__init__()
        self.mapping = Mapping(spec.z_dim, spec.w_dim)
        self.synthesis = Synthesis(spec)

    def forward(
        self,
        z_NZ: Tensor,
        resolution: int,
        *,
        dtype: torch.dtype = torch.float32,
        mixed: tuple[Tensor, Tensor] | None = None,
        grain: Grain | None = None,
    ) -> Tensor:
        """Gives pictures [N, 3, R, R], float32, about −1…1.

        Args:
            z_NZ: latents.
            resolution: size in px.
            dtype: precision of the large layers.
            mixed: second latents [N, Z] and, per sample, the first layer they rule [N].
            grain: where the noise of the layers comes from; None leaves it out.
        """
        layers = num_layers(resolution)
        if mixed is None:
            w_NLD = self.mapping(z_NZ)[:, None].expand(-1, layers, -1)
        else:
            other_NZ, cut_N = mixed
            w_first, w_second = self.mapping(torch.cat([z_NZ, other_NZ])).chunk(2)
            is_second = torch.arange(layers, device=z_NZ.device)[None] >= cut_N[:, None]
            w_NLD = torch.where(is_second[:, :, None], w_second[:, None], w_first[:, None])
        pictures: dict[int, Tensor] = self.synthesis(w_NLD, resolution, dtype=dtype, grain=grain)
        return pictures[resolution]


class EqualConv(nn.Module):
    """A plain convolution with equalised learning rate and sqrt(2) folded in."""

    def __init__(
        self, num_in: int, num_out: int, *, size: int, gain: float = GAIN, is_zero: bool = False
    ) -> None:
        super().__init__()
        start = torch.zeros if is_zero else torch.randn
        self.weight = nn.Parameter(start(num_out, num_in, size, size))
        self.bias = nn.Parameter(torch.zeros(num_out))
        self.gain = gain / math.sqrt(num_in * size * size)

    def forward(self, x_NIRR: Tensor) -> Tensor:
        """Gives [N, O, R, R] in the input's precision."""
        return conv(x_NIRR, self.weight * self.gain, bias_O=self.bias * GAIN)


class CriticBlock(nn.Module):
    """One halving of the critic: two convolutions beside a 1×1 skip.

    With `is_zero` the whole block gives 0 until it has learned, so that a critic grows
    without a jump; its own 1/sqrt(2) is in the gains.
    """

    def __init__(self, num_in: int, num_out: int, *, is_zero: bool) -> None:
        super().__init__()
        half = 1 / GAIN
        self.first = EqualConv(num_in, num_in, size=3)
        self.second = EqualConv(num_in, num_out, size=3, gain=GAIN * half, is_zero=is_zero)
        self.skip = EqualConv(num_in, num_out, size=1, gain=half, is_zero=is_zero)

    def forward(self, x_NCRR: Tensor) -> Tensor:
        """Gives [N, O, R/2, R/2]."""
        x = F.avg_pool2d(activate(self.first(x_NCRR)), 2)
        skipped = self.skip(F.avg_pool2d(x_NCRR, 2))
        summed: Tensor = activate(self.second(x)) + skipped
        return summed


class Critic(nn.Module):
    """Says how real a picture looks: a global score plus the mean of 16×16 patch scores."""

    def __init__(self, spec: TrainingSpec) -> None:
        super().__init__()
        channels = spec.critic_channels
        first = spec.stages[0].resolution
        sizes = resolutions_to(spec.resolution)[1:]
        self.from_rgb = nn.ModuleDict(
            {str(size): EqualConv(3, channels[size], size=1) for size in sizes if size >= first}
        )
        self.blocks = nn.ModuleDict(
            {
                str(size): CriticBlock(channels[size], channels[size // 2], is_zero=size > first)
                for size in sizes
            }
        )
        patch = channels.get(PATCH_RESOLUTION, 0) if spec.resolution > PATCH_RESOLUTION else 0
        self.patch = (
            nn.ModuleList([EqualConv(patch, patch, size=3), EqualConv(patch, 1, size=1, gain=1.0)])
            if patch
            else None
        )
        self.last = EqualConv(channels[4] + 1, channels[4], size=3)
        self.dense = EqualLinear(channels[4] * 16, channels[4])
        self.score = EqualLinear(channels[4], 1)

    def forward(self, rgb_N3RR: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """Gives a score [N], float32, higher for what looks real."""
        size = rgb_N3RR.shape[2]
        colour = rgb_N3RR.to(dtype).contiguous(memory_format=torch.channels_last)
        x = activate(self.from_rgb[str(size)](colour))
        patch_N = torch.zeros(rgb_N3RR.shape[0], device=rgb_N3RR.device)
        while size > 4:
            if size == PATCH_RESOLUTION and self.patch is not None:
                marks = self.patch[1](activate(self.patch[0](x)))
                patch_N = marks.float().mean(dim=(1, 2, 3))
            x = self.blocks[str(size)](x)
            size //= 2
            if size > 4 and str(size) in self.from_rgb:
                colour = F.avg_pool2d(colour, 2)
                x = x + activate(self.from_rgb[str(size)](colour))
        x = self.last(append_deviation(x.float()).to(dtype))
        x = activate(x).float().flatten(1)
        global_N1: Tensor = self.score(activate(self.dense(x)) * GAIN)
        return global_N1[:, 0] + patch_N


def append_deviation(x_NCRR: Tensor, group: int = DEVIATION_GROUP) -> Tensor:
    """Adds one channel with the spread inside groups of up to `group` neighbours.

    Neighbours, because the critic sees real and made pictures in one batch, first the
    one kind, then the other: a group that mixed them would hide that all made pictures
    are alike (measured: the generator then drew one set of lines under every sky).

    Source: Karras et al., "Progressive Growing of GANs", §3.
    """
    count, _, height, width = x_NCRR.shape
    group = math.gcd(count, group)
    grouped = x_NCRR.reshape(count // group, group, -1)
    centred = grouped - grouped.mean(dim=1, keepdim=True)
    spread_M = torch.sqrt(centred.square().mean(dim=1) + 1e-8).mean(dim=1)
    plane = spread_M.repeat_interleave(group)[:, None, None, None].expand(count, 1, height, width)
    return torch.cat([x_NCRR, plane], dim=1)
