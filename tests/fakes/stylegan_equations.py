"""The published networks once more, from the papers' equations, in numpy and float64.

Written to check the studio's own networks and without any part of them: weights are modulated as
the papers say (not activations), filters are convolved sample by sample, and doubling is done by
zeros and a filter. One picture at a time; slow.

Sources: Karras et al. 2019 (mapping), 2020 (StyleGAN2, eq. 1 to 3), 2021 (StyleGAN3, §3 and
appendices C and E).
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.fakes.stylegan_files import layer_places

Array = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]


def z_of_seed(seed: int, width: int) -> Array:
    """Give the z that StyleGAN's own programs draw for a seed."""
    return np.asarray(np.random.RandomState(seed).randn(1, width)[0], np.float64)


def map_z(a: Arrays, z: Array, *, class_index: int | None = None) -> Array:
    """Give w [D]: normalise, (join the class,) layers with the learning rate 0.01."""
    x = z / math.sqrt(float(np.mean(z**2)) + 1e-8)
    if class_index is not None:
        weight = _f(a, "mapping.embed.weight")
        chosen = np.zeros(weight.shape[1])
        chosen[class_index] = 1
        y = weight @ chosen / math.sqrt(weight.shape[1]) + _f(a, "mapping.embed.bias")
        x = np.concatenate([x, y / math.sqrt(float(np.mean(y**2)) + 1e-8)])
    place = 0
    while f"mapping.fc{place}.weight" in a:
        weight = _f(a, f"mapping.fc{place}.weight")
        x = weight @ x * 0.01 / math.sqrt(weight.shape[1]) + 0.01 * _f(a, f"mapping.fc{place}.bias")
        x = _bend(x)
        place += 1
    return x


def draw_stylegan2(
    a: Arrays, w_LD: Array, *, resolution: int, clamp: float = math.inf
) -> dict[int, Array]:
    """Give the pictures [3, R, R] of a StyleGAN2 by size: all that its colour layers sum up to."""
    x = _f(a, "synthesis.b4.const")
    pictures: dict[int, Array] = {}
    picture: Array | None = None
    layer = 0
    for size in [4 << i for i in range(int(math.log2(resolution)) - 1)]:
        block = f"synthesis.b{size}"
        before, is_residual = x, f"{block}.skip.weight" in a
        names = ["conv1"] if size == 4 else ["conv0", "conv1"]
        for name in names:
            gain = math.sqrt(0.5) if is_residual and name == "conv1" else 1.0
            x = _styled2(a, f"{block}.{name}", x, w_LD[layer], is_up=name == "conv0", gain=gain)
            x = np.clip(x, -clamp * gain, clamp * gain)
            layer += 1
        if is_residual:
            weight = _f(a, f"{block}.skip.weight")
            y = correlate(before, weight / math.sqrt(weight.shape[1]), pad=0)
            y = double(y, _f(a, f"{block}.skip.resample_filter")) * math.sqrt(0.5)
            x = x + np.clip(y, -clamp * math.sqrt(0.5), clamp * math.sqrt(0.5))
        if picture is not None:
            picture = double(picture, _f(a, f"{block}.resample_filter"))
        if f"{block}.torgb.weight" in a:
            weight = _f(a, f"{block}.torgb.weight")
            style = _affine(a, f"{block}.torgb", w_LD[layer]) / math.sqrt(weight.shape[1])
            colour = correlate(x, weight * style[None, :, None, None], pad=0)
            colour = colour + _f(a, f"{block}.torgb.bias")[:, None, None]
            colour = np.clip(colour, -clamp, clamp)
            picture = colour if picture is None else picture + colour
        if picture is not None:
            pictures[size] = picture
    return pictures


def _styled2(a: Arrays, name: str, x: Array, w: Array, *, is_up: bool, gain: float) -> Array:
    weight = _f(a, f"{name}.weight") * _affine(a, name, w)[None, :, None, None]  # eq. 1
    weight = weight / np.sqrt((weight**2).sum(axis=(1, 2, 3), keepdims=True) + 1e-8)  # eq. 3
    if is_up:
        # Zeros between, a true convolution with the 3 × 3 weights, then the 4 × 4 filter.
        x = correlate(_with_zeros(x, 2), weight[:, :, ::-1, ::-1], pad=2)[:, :-1, :-1]
        x = filtered(np.pad(x, ((0, 0), (1, 1), (1, 1))), 4 * _f(a, f"{name}.resample_filter"))
    else:
        x = correlate(x, weight, pad=1)
    x = x + _f(a, f"{name}.noise_const") * _f(a, f"{name}.noise_strength")
    return _bend(x + _f(a, f"{name}.bias")[:, None, None]) * gain


def draw_stylegan3(a: Arrays, w_LD: Array, *, resolution: int) -> Array:
    """Give the picture [3, R, R] of a StyleGAN3."""
    where = layer_places(resolution)
    x = _waves(a, w_LD[0], cutoff=where[0][0], rate=where[0][2], side=where[0][3])
    for index in range(15):
        name = next(key for key in a if key.startswith(f"synthesis.L{index}_"))
        name = name.rsplit(".affine", 1)[0].removesuffix(".weight")
        x = _layer3(a, name, x, w_LD[index + 1], where=where, index=index)
    return x * 0.25


def _waves(a: Arrays, w: Array, *, cutoff: float, rate: int, side: int) -> Array:
    """Give the first signal: each channel is a wave of the plane that w has turned and moved."""
    cos, sin, right, down = (t := _affine(a, "synthesis.input", w)) / math.hypot(t[0], t[1])
    freqs = _f(a, "synthesis.input.freqs")
    found = np.zeros((len(freqs), side, side))
    for channel, (fx, fy) in enumerate(freqs):
        gx, gy = fx * cos + fy * sin, -fx * sin + fy * cos
        phase = _f(a, "synthesis.input.phases")[channel] - gx * right - gy * down
        fade = 1 - (math.hypot(gx, gy) - cutoff) / (rate / 2 - cutoff)
        for row in range(side):
            y = (row + 0.5 - side / 2) / rate
            xs = (np.arange(side) + 0.5 - side / 2) / rate
            wave = np.sin(2 * math.pi * (gx * xs + gy * y + phase))
            found[channel, row] = wave * min(max(fade, 0.0), 1.0)
    mixer = _f(a, "synthesis.input.weight") / math.sqrt(len(freqs))
    return np.asarray(np.einsum("oc,chw->ohw", mixer, found))


def _layer3(
    a: Arrays,
    name: str,
    x: Array,
    w: Array,
    *,
    where: list[tuple[float, float, int, int]],
    index: int,
) -> Array:
    is_last = index == len(where) - 1
    weight, style = _f(a, f"{name}.weight"), _affine(a, name, w)
    if is_last:
        weight = weight * style[None, :, None, None] / math.sqrt(weight[0].size)
    else:
        weight = weight * style[None, :, None, None]
        weight = weight / np.sqrt((weight**2).sum(axis=(1, 2, 3), keepdims=True) + 1e-12)
    x = correlate(x, weight, pad=weight.shape[2] - 1) / math.sqrt(_f(a, f"{name}.magnitude_ema"))
    x = x + _f(a, f"{name}.bias")[:, None, None]
    came, goes = where[max(index - 1, 0)], where[index]
    fine = max(came[2], goes[2]) * (1 if is_last else 2)
    up, down = fine // came[2], fine // goes[2]
    rising = [line * up for line in _filters(a, f"{name}.up_filter")]
    falling = _filters(a, f"{name}.down_filter")
    total = (goes[3] - 1) * down + 1 - x.shape[1] * up + _reach(rising) + _reach(falling)
    before = (total + up) // 2
    x = _padded(_with_zeros(x, up), before, total - before)
    for line in rising:
        x = filtered(x, line)
    x = np.clip(x if is_last else _bend(x), -256, 256)
    for line in falling:
        x = filtered(x, line)
    return x[:, ::down, ::down]


def _filters(a: Arrays, name: str) -> list[Array]:
    """Give what to filter with, one after the other: down, then across, or both at once."""
    if name not in a:
        return []
    found = _f(a, name)
    return [found] if found.ndim == 2 else [found[:, None], found[None]]


def _reach(filters: list[Array]) -> int:
    """Give how many rows filters take away."""
    return sum(len(one) - 1 for one in filters)


def _padded(x: Array, before: int, after: int) -> Array:
    x = np.pad(x, ((0, 0), (max(before, 0), max(after, 0)), (max(before, 0), max(after, 0))))
    cut = slice(max(-before, 0), x.shape[1] - max(-after, 0))
    return x[:, cut, cut]


def _with_zeros(x: Array, factor: int) -> Array:
    """Give a signal with zeros behind every sample."""
    found = np.zeros((x.shape[0], x.shape[1] * factor, x.shape[2] * factor))
    found[:, ::factor, ::factor] = x
    return found


def double(x: Array, kernel: Array) -> Array:
    """Give an image at twice the size: zeros between, then the filter, whose sum becomes 4."""
    return filtered(np.pad(_with_zeros(x, 2), ((0, 0), (2, 1), (2, 1))), 4 * kernel)


def filtered(x: Array, kernel: Array) -> Array:
    """Give each channel convolved with a filter, only where they overlap whole."""
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape, axis=(1, 2))
    return np.asarray(np.einsum("chwij,ij->chw", windows, kernel[::-1, ::-1], optimize=True))


def correlate(x: Array, weight: Array, *, pad: int) -> Array:
    """Give [O, R, R] of a layer's weights [O, I, k, k] slid over x, with zeros around it."""
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
    return np.asarray(np.einsum("chwij,ocij->ohw", windows, weight, optimize=True))


def _bend(x: Array) -> Array:
    return np.where(x > 0, x, 0.2 * x) * math.sqrt(2)


def _affine(a: Arrays, name: str, w: Array) -> Array:
    weight = _f(a, f"{name}.affine.weight")
    return weight @ w / math.sqrt(len(w)) + _f(a, f"{name}.affine.bias")


def _f(a: Arrays, name: str) -> Array:
    return np.asarray(a[name], np.float64)
