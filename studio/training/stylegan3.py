"""The synthesis network of StyleGAN3 (T and R), for making pictures only.

Every layer's numbers are samples of a smooth signal on a grid. Its bend (leaky ReLU) happens on a
finer grid, between two low-pass filters, so that nothing folds back; the filters come from the file.

Shapes: N batch, L layers of w, D width of w, I and O channels, R size in px, T filter taps.

Source: Karras et al. 2021, "Alias-Free Generative Adversarial Networks", §3.2 (the layers), §3.1 and
appendix C (how cutoffs and sizes follow from the picture's size), appendix E.1 (Fourier features).
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.errors import ModelError
from studio.training.foreign_mapping import GAIN, SLOPE
from studio.training.foreign_weights import OTHER, ForeignWeights
from studio.training.stylegan2 import DEMOD_EPS, Style, clamped

# What the paper's trained networks use; a file of whole objects says its own.
MARGIN = 10.0
NUM_CRITICAL = 2.0
FIRST_CUTOFF = 2.0
FIRST_STOPBAND = 2**2.1
LAST_STOPBAND = 2**0.3
OVERSAMPLING = 2
CLAMP = 256.0
OUTPUT_SCALE = 0.25
MAX_SIDE = 2048
_TOP = "synthesis"


@dataclass(frozen=True)
class Place:
    """Where a layer stands: its cutoff (cycles over the picture), sampling rate and grid side."""

    cutoff: float
    rate: int
    side: int


def places(weights: ForeignWeights, *, count: int) -> list[Place]:
    """Gives the places of the layers 0 to `count` - 1; the last one gives colour.

    Cutoffs and stopbands rise geometrically from the first layer to the first critically sampled
    one; each layer's rate is the power of two above twice its stopband, at most the picture's side.
    """
    side = weights.facts.resolution
    last = count - 1
    critical = weights.number(_TOP, "num_critical", default=NUM_CRITICAL)
    margin = weights.number(_TOP, "margin_size", default=MARGIN)
    first_cutoff = weights.number(_TOP, "first_cutoff", default=FIRST_CUTOFF)
    first_stop = weights.number(_TOP, "first_stopband", default=FIRST_STOPBAND)
    last_cutoff = side / 2
    last_stop = last_cutoff * weights.number(_TOP, "last_stopband_rel", default=LAST_STOPBAND)
    if not (first_cutoff > 0 and first_stop > 0 and last_stop > 0 and critical < last):
        raise ModelError("The file's filters cannot be what it says.", OTHER)
    found: list[Place] = []
    for index in range(count):
        share = min(index / (last - critical), 1.0)
        cutoff = first_cutoff * (last_cutoff / first_cutoff) ** share
        stop = first_stop * (last_stop / first_stop) ** share
        rate = 2 ** math.ceil(math.log2(min(2 * stop, side)))
        is_at_end = index >= last - 1
        found.append(Place(cutoff, rate, side if is_at_end else int(rate + 2 * margin)))
    return found


def zones_by_cutoff(weights: ForeignWeights, *, count: int) -> tuple[int, int]:
    """Gives the first layer of w of the medium and of the fine zone.

    A signal below 4 cycles fits a picture of 8 px, one below 16 a picture of 32 px: the same
    bounds as for networks that double. The first layer of w steers the start.
    """
    cutoffs = [place.cutoff for place in places(weights, count=count)]
    num_coarse = sum(cutoff <= 4 for cutoff in cutoffs)
    num_medium = sum(cutoff <= 16 for cutoff in cutoffs)
    return 1 + num_coarse, 1 + num_medium


class FourierStart(nn.Module):
    """The first signal: waves whose phases w turns and moves, mixed by one matrix."""

    freqs: Tensor
    phases: Tensor
    mixer: Tensor
    transform: Tensor
    grid: Tensor

    def __init__(self, weights: ForeignWeights, *, first: Place) -> None:
        super().__init__()
        name = f"{_TOP}.input"
        freqs = weights.take(f"{name}.freqs", None, 2)
        channels = len(freqs)
        self.cutoff, self.rate, self.side = first.cutoff, first.rate, first.side
        self.style = Style(weights, name, channels=4)
        self.register_buffer("freqs", freqs)
        self.register_buffer("phases", weights.take(f"{name}.phases", channels))
        self.register_buffer("transform", weights.take(f"{name}.transform", 3, 3))
        mixer = weights.take(f"{name}.weight", channels, channels) / math.sqrt(channels)
        self.register_buffer("mixer", mixer)
        # Centres of the grid's cells, in units of the picture's side, 0 in the middle.
        steps = (torch.arange(self.side) - (self.side - 1) / 2) / self.rate
        rows, columns = torch.meshgrid(steps, steps, indexing="ij")
        self.register_buffer("grid", torch.stack([columns, rows], dim=-1).reshape(-1, 2))

    def forward(self, w: Tensor) -> Tensor:
        """Gives [N, C, R, R]."""
        turn = self.style(w)
        turn = turn / turn[:, :2].square().sum(dim=1, keepdim=True).sqrt()
        cos, sin, right, down = turn.unbind(dim=1)
        one, zero = torch.ones_like(cos), torch.zeros_like(cos)
        turned = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1)
        moved = torch.stack([one, zero, -right, zero, one, -down, zero, zero, one], dim=1)
        whole = turned.reshape(-1, 3, 3) @ moved.reshape(-1, 3, 3) @ self.transform
        phases = self.phases + (self.freqs @ whole[:, :2, 2:])[:, :, 0]
        freqs = self.freqs @ whole[:, :2, :2]
        # Waves that are turned beyond the grid's band fade out.
        length = freqs.square().sum(dim=2).sqrt()
        fade = (1 - (length - self.cutoff) / (self.rate / 2 - self.cutoff)).clamp(0, 1)
        waves = self.grid @ freqs.transpose(1, 2) + phases[:, None]
        signal = torch.sin(waves * (2 * math.pi)) * fade[:, None]
        mixed = signal @ self.mixer.t()
        return mixed.transpose(1, 2).reshape(-1, self.mixer.shape[0], self.side, self.side)


class FilteredLayer(nn.Module):
    """A convolution steered by w, then leaky ReLU between two filters; the last gives colour."""

    weight: Tensor
    energy: Tensor
    bias: Tensor

    def __init__(
        self,
        weights: ForeignWeights,
        name: str,
        *,
        num_in: int,
        came: Place,
        goes: Place,
        is_last: bool,
    ) -> None:
        super().__init__()
        weights.check_activation(name)
        self.is_last = is_last
        self.limit = weights.number(name, "conv_clamp", default=CLAMP)
        self.style = Style(weights, name, channels=num_in)
        weight = weights.take(f"{name}.weight", None, num_in, None, None)
        kernel = weight.shape[2]
        if weight.shape[3] != kernel or kernel not in (1, 3):
            raise ModelError(f"The convolution “{name}” is of an unknown kind.", OTHER)
        self.padding = kernel - 1
        magnitude = weights.take(f"{name}.magnitude_ema")
        scale = torch.rsqrt(magnitude)
        if is_last:
            weight = weight * (scale / math.sqrt(num_in * kernel * kernel))
        else:
            weight = weight * torch.rsqrt(weight.square().mean(dim=(1, 2, 3), keepdim=True))
            self.register_buffer("energy", weight.square().sum(dim=(2, 3)).t().contiguous())
            weight = weight * scale
        self.num_out = len(weight)
        self.register_buffer("weight", weight)
        bias = weights.take(f"{name}.bias", self.num_out)[None, :, None, None]
        self.register_buffer("bias", bias)
        fine = max(came.rate, goes.rate) * (1 if is_last else OVERSAMPLING)
        up, down = fine // came.rate, fine // goes.rate
        self.up = _FilterUp(weights, name, factor=up, channels=self.num_out)
        self.down = _FilterDown(weights, name, factor=down, channels=self.num_out)
        self.margins = self._margins(came, goes, kernel=kernel)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Gives [N, O, R, R] on the layer's own grid."""
        style = self.style(w)
        if not self.is_last:
            style = style * torch.rsqrt(style.square().mean(dim=1, keepdim=True))
        x = F.conv2d(x * style[:, :, None, None], self.weight, padding=self.padding)
        if not self.is_last:
            x = x * torch.rsqrt(style.square() @ self.energy + DEMOD_EPS)[:, :, None, None]
        x = self.up(x + self.bias, self.margins)
        if not self.is_last:
            x = F.leaky_relu(x, SLOPE) * GAIN
        result: Tensor = self.down(clamped(x, self.limit))
        return result

    def _margins(self, came: Place, goes: Place, *, kernel: int) -> tuple[int, int]:
        """Gives how many samples to add to the fine grid before and after (negative: to cut).

        The result is then as large as the layer's own grid.
        """
        up, down = self.up.factor, self.down.factor
        wished = (goes.side - 1) * down + 1
        there = (came.side + kernel - 1) * up
        total = wished - there + self.up.taps + self.down.taps - 2
        before = (total + up) // 2
        return before, total - before


class _FilterUp(nn.Module):
    """Zeros between the samples, padding, and a filter along both axes."""

    def __init__(self, weights: ForeignWeights, name: str, *, factor: int, channels: int) -> None:
        super().__init__()
        self.factor, self.channels = factor, channels
        self.taps = 1
        if weights.has(f"{name}.up_filter"):
            filter_T = weights.take(f"{name}.up_filter", None)
            self.taps = len(filter_T)
            # The zeros between take the factor away along each axis.
            column = (filter_T * factor)[None, None, :, None].repeat(channels, 1, 1, 1)
            self.register_buffer("column", column)
            self.register_buffer("row", column.transpose(2, 3).contiguous())
        if self.taps == 1 and factor != 1:
            raise ModelError(f"The layer “{name}” lacks its filter.", OTHER)

    def forward(self, x: Tensor, margins: tuple[int, int]) -> Tensor:
        """Gives the signal on the fine grid, padded as asked."""
        before, after = margins
        if self.taps > 1:
            # A transposed convolution is as if it were padded by taps - 1 before, and by
            # taps - factor after, where the zeros behind the last sample are not there.
            x = F.conv_transpose2d(x, self.column, stride=(self.factor, 1), groups=self.channels)  # type: ignore[arg-type]
            x = F.conv_transpose2d(x, self.row, stride=(1, self.factor), groups=self.channels)  # type: ignore[arg-type]
            before, after = before - (self.taps - 1), after - (self.taps - self.factor)
        return F.pad(x, (before, after, before, after))


class _FilterDown(nn.Module):
    """A filter along both axes, or one for both (radial), then every n-th sample."""

    def __init__(self, weights: ForeignWeights, name: str, *, factor: int, channels: int) -> None:
        super().__init__()
        self.factor, self.channels = factor, channels
        self.taps, self.is_radial = 1, False
        if weights.has(f"{name}.down_filter"):
            # A filter convolves: it is turned round for torch, which correlates.
            found = _down_filter(weights, name)
            self.is_radial = found.ndim == 2
            self.taps = len(found)
            kernel = found if self.is_radial else found[:, None]
            kernel = kernel.flip(0, 1)[None, None].repeat(channels, 1, 1, 1)
            self.register_buffer("kernel", kernel)
            self.register_buffer("row", kernel.transpose(2, 3).contiguous())
        if self.taps == 1 and factor != 1:
            raise ModelError(f"The layer “{name}” lacks its filter.", OTHER)

    def forward(self, x: Tensor) -> Tensor:
        """Gives the signal on the coarser grid."""
        if self.taps == 1:
            return x
        if self.is_radial:
            return F.conv2d(x, self.kernel, stride=self.factor, groups=self.channels)  # type: ignore[arg-type]
        x = F.conv2d(x, self.kernel, stride=(self.factor, 1), groups=self.channels)  # type: ignore[arg-type]
        return F.conv2d(x, self.row, stride=(1, self.factor), groups=self.channels)  # type: ignore[arg-type]


def _down_filter(weights: ForeignWeights, name: str) -> Tensor:
    path = f"{name}.down_filter"
    if weights.rank(path) == 1:
        return weights.take(path, None)
    found = weights.take(path, None, None)
    if found.shape[0] != found.shape[1]:
        raise ModelError(f"The filter of “{name}” is of an unknown kind.", OTHER)
    return found


class StyleGAN3Synthesis(nn.Module):
    """w [N, L, D] to the picture; there are no smaller ones on the way."""

    def __init__(self, weights: ForeignWeights) -> None:
        """Takes the weights of the synthesis.

        Raises:
            ModelError: a tensor is missing or does not fit, or the layers are not where the
                paper's rules put them.
        """
        super().__init__()
        self.previews: tuple[int, ...] = ()
        count = weights.facts.layers - 1
        if not 16 <= weights.facts.resolution <= MAX_SIDE or count < 4:
            raise ModelError("A picture of this size is not one that StyleGAN3 makes.", OTHER)
        where = places(weights, count=count)
        self.scale = weights.number(_TOP, "output_scale", default=OUTPUT_SCALE)
        self.start = FourierStart(weights, first=where[0])
        self.layers = nn.ModuleList()
        channels = self.start.mixer.shape[0]
        for index, goes in enumerate(where):
            name = weights.layer_name(index)
            if f"_{goes.side}_" not in name:
                raise ModelError(f"The layer “{name}” is not where the paper puts it.", OTHER)
            layer = FilteredLayer(
                weights,
                name,
                num_in=channels,
                came=where[max(index - 1, 0)],
                goes=goes,
                is_last=index == count - 1,
            )
            channels = layer.num_out
            self.layers.append(layer)
        if channels != 3:
            raise ModelError("The file's last layer gives no colour.", OTHER)

    def styles(self) -> list[Tensor]:
        """Gives, by layer of w, the weights from w to what it steers."""
        layers = [layer for layer in self.layers if isinstance(layer, FilteredLayer)]
        return [self.start.style.weight, *(layer.style.weight for layer in layers)]

    def forward(self, w: Tensor) -> tuple[Tensor, ...]:
        """Gives one picture [N, 3, R, R], about −1…1."""
        x = self.start(w[:, 0])
        for index, layer in enumerate(self.layers):
            x = layer(x, w[:, index + 1])
        return (x * self.scale,)
