"""StyleGAN files with fixed random weights, in exactly the published layouts.

The streams are written by `pickle` and `torch.save` themselves, from stand-ins that carry the names
of the real classes: a persistence record with its source text, class name, arguments and state,
`EasyDict`s, parameters, buffers. Nobody's weights and nobody's code are in them.
"""

import contextlib
import math
import pickle  # noqa: TID251 - written here, to be refused or read as data
import sys
import types
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.float32]]
# What a file of NVIDIA's carries as a text; reading it as a program would leave a trace.
SOURCE = "import pathlib\npathlib.Path('executed').touch()\n"


# ------------------------------------------------------------------------------- random tensors


def stylegan2_arrays(
    *,
    resolution: int = 32,
    channels: int = 8,
    width: int = 12,
    classes: int = 0,
    depth: int = 2,
    architecture: str = "skip",
    seed: int = 1,
) -> Arrays:
    """Give the tensors of a StyleGAN2-ADA generator by their names."""
    draw = _Draw(seed)
    found = _mapping(draw, width=width, classes=classes, depth=depth)
    kernel = np.asarray(np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64, np.float32)
    sizes = [4 << level for level in range(int(math.log2(resolution)) - 1)]
    num_in = channels
    found["synthesis.b4.const"] = draw(channels, 4, 4)
    for size in sizes:
        block = f"synthesis.b{size}"
        num_out = max(4, channels - 2 * sizes.index(size))
        found[f"{block}.resample_filter"] = kernel
        before = num_in
        for layer in ("conv0", "conv1")[size == 4 :]:
            name = f"{block}.{layer}"
            found |= _styled(draw, name, num_in=num_in, num_out=num_out, width=width, kernel=3)
            found[f"{name}.noise_const"] = draw(size, size)
            found[f"{name}.noise_strength"] = np.asarray(draw() * 0.3, np.float32)
            found[f"{name}.resample_filter"] = kernel
            num_in = num_out
        if architecture == "skip" or size == resolution:
            name = f"{block}.torgb"
            found |= _styled(draw, name, num_in=num_in, num_out=3, width=width, kernel=1)
        if architecture == "resnet" and size > 4:
            found[f"{block}.skip.weight"] = draw(num_out, before, 1, 1)
            found[f"{block}.skip.resample_filter"] = kernel
    return found


def stylegan3_arrays(
    *,
    resolution: int = 32,
    channels: int = 8,
    width: int = 12,
    is_radial: bool = False,
    seed: int = 1,
) -> Arrays:
    """Give the tensors of a StyleGAN3 generator: configuration T, or R when `is_radial`."""
    draw = _Draw(seed)
    found = _mapping(draw, width=width, classes=0, depth=2)
    where = layer_places(resolution)
    angles = draw.rng.rand(channels) * 2 * np.pi
    reach = np.sqrt(draw.rng.rand(channels)) * where[0][0]
    found["synthesis.input.freqs"] = np.stack(
        [np.cos(angles) * reach, np.sin(angles) * reach], axis=1
    ).astype(np.float32)
    found["synthesis.input.phases"] = (draw.rng.rand(channels) - 0.5).astype(np.float32)
    found["synthesis.input.transform"] = np.eye(3, dtype=np.float32)
    found["synthesis.input.weight"] = draw(channels, channels)
    found["synthesis.input.affine.weight"] = draw(4, width) * np.float32(0.3)
    found["synthesis.input.affine.bias"] = np.array([1, 0.1, 0.05, -0.02], np.float32)
    num_in = channels
    for index, (_, _, rate, side) in enumerate(where):
        is_last = index == len(where) - 1
        num_out = 3 if is_last else max(4, channels - index // 3)
        name = f"synthesis.L{index}_{side}_{num_out}"
        kernel = 1 if is_radial or is_last else 3
        found |= _styled(draw, name, num_in=num_in, num_out=num_out, width=width, kernel=kernel)
        # What all channels share cancels: else fifteen random layers give a flat field.
        found[f"{name}.weight"] -= found[f"{name}.weight"].mean(1, keepdims=True)
        found[f"{name}.magnitude_ema"] = np.array(0.4 + 0.02 * index, np.float32)
        came = where[max(index - 1, 0)]
        fine = max(came[2], rate) * (1 if is_last else 2)
        if not is_last:
            up, down = fine // came[2], fine // rate
            if up > 1:
                found[f"{name}.up_filter"] = low_pass(6 * up, came[0] / fine)
            if down > 1:
                line = low_pass(6 * down, where[index][0] / fine)
                radial = is_radial and index < len(where) - 3
                disc = np.outer(line, line).astype(np.float32)
                found[f"{name}.down_filter"] = disc if radial else line
        num_in = num_out
    return found


def layer_places(resolution: int) -> list[tuple[float, float, int, int]]:
    """Give cutoff, stopband, rate and side of the 15 layers, by the paper's appendix C."""
    found = []
    for index in range(15):
        share = min(index / 12, 1)
        cutoff = 2 * (resolution / 4) ** share
        stop = 2**2.1 * (resolution / 2 * 2**0.3 / 2**2.1) ** share
        rate = 2 ** math.ceil(math.log2(min(2 * stop, resolution)))
        found.append((cutoff, stop, rate, resolution if index >= 13 else rate + 20))
    return found


def low_pass(taps: int, cutoff: float) -> NDArray[np.float32]:
    """Give some low-pass filter that sums to 1 and, unlike the real ones, is not symmetric."""
    place = np.arange(taps) - (taps - 1) / 2
    line = np.sinc(2 * cutoff * place) * np.hanning(taps + 2)[1:-1] * (1 + 0.02 * place)
    return np.asarray(line / line.sum(), np.float32)


class _Draw:
    """Random numbers by shape."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.RandomState(seed)

    def __call__(self, *shape: int) -> NDArray[np.float32]:
        return np.asarray(self.rng.randn(*shape), np.float32)


def _mapping(draw: _Draw, *, width: int, classes: int, depth: int) -> Arrays:
    found = {"mapping.w_avg": draw(width) * np.float32(0.1)}
    if classes:
        found["mapping.embed.weight"] = draw(width, classes)
        found["mapping.embed.bias"] = draw(width)
    for place in range(depth):
        num_in = width * 2 if classes and place == 0 else width
        found[f"mapping.fc{place}.weight"] = draw(width, num_in) * np.float32(100)
        found[f"mapping.fc{place}.bias"] = draw(width) * np.float32(10)
    return found


def _styled(
    draw: _Draw, name: str, *, num_in: int, num_out: int, width: int, kernel: int
) -> Arrays:
    return {
        f"{name}.affine.weight": draw(num_in, width) * np.float32(0.5),
        f"{name}.affine.bias": np.ones(num_in, np.float32),
        f"{name}.weight": draw(num_out, num_in, kernel, kernel),
        f"{name}.bias": draw(num_out) * np.float32(0.2),
    }


# ------------------------------------------------------------------------------------ the files

_BUFFERS = frozenset(
    [
        "resample_filter",
        "noise_const",
        "w_avg",
        "transform",
        "freqs",
        "phases",
        "magnitude_ema",
        "up_filter",
        "down_filter",
    ]
)


class _Module:
    """A stand-in for a persistent torch module; pickles as one."""

    def __init__(self, kind: str, init: Mapping[str, Any]) -> None:
        self.kind = kind
        self.state: dict[str, Any] = {
            "_init_args": (),
            "_init_kwargs": _easy(init),
            "training": False,
            "_parameters": OrderedDict(),
            "_buffers": OrderedDict(),
            "_non_persistent_buffers_set": set(),
            "_backward_hooks": OrderedDict(),
            "_modules": OrderedDict(),
        }

    def __reduce__(self) -> tuple[Any, ...]:
        meta = {
            "type": "class",
            "version": 6,
            "module_src": SOURCE,
            "class_name": self.kind,
            "state": self.state,
        }
        return sys.modules["torch_utils.persistence"]._reconstruct_persistent_obj, (meta,), None


def _easy(values: Mapping[str, Any]) -> object:
    made = sys.modules["dnnlib.util"].EasyDict()
    for key, value in values.items():
        made[key] = _easy(value) if isinstance(value, Mapping) else value
    return made


def write_pickle(
    path: Path,
    arrays: Arrays,
    *,
    init: Mapping[str, Any] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    protocol: int = 4,
) -> Path:
    """Write what NVIDIA's training writes: generator, critic, average, augmentation.

    Args:
        path: The file.
        arrays: The average's tensors; the generator's own are others.
        init: What the generator was called with.
        settings: By module's name, further attributes of it.
        protocol: Of the pickle.
    """
    with _their_names():
        average = _generator(arrays, init or {}, settings or {})
        other = {name: values * 0 for name, values in arrays.items()}
        snapshot = {
            "training_set_kwargs": _easy({"class_name": "training.dataset.ImageFolderDataset"}),
            "G": _generator(other, init or {}, settings or {}),
            "D": _Module("Discriminator", {}),
            "G_ema": average,
            "augment_pipe": _Module("AugmentPipe", {"xflip": 1, "np": np.arange(3.0)}),
        }
        path.write_bytes(pickle.dumps(snapshot, protocol=protocol))
    return path


def write_port(path: Path, arrays: Arrays, *, is_legacy: bool = False) -> Path:
    """Write a `.pt` as the common PyTorch port of StyleGAN2 does, from NVIDIA's tensors."""
    state = OrderedDict(
        (name, torch.from_numpy(np.array(values))) for name, values in port_arrays(arrays)
    )
    mean = torch.from_numpy(np.array(arrays["mapping.w_avg"]))
    content = {"g_ema": state, "latent_avg": mean, "g_optim": {"state": {0: {"step": 1}}}}
    torch.save(content, path, _use_new_zipfile_serialization=not is_legacy)
    return path


def port_arrays(arrays: Arrays) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Give the port's names and shapes of tensors with NVIDIA's names."""
    for name, values in arrays.items():
        parts = name.split(".")
        if parts[0] == "mapping":
            if parts[1].startswith("fc"):
                yield f"style.{int(parts[1][2:]) + 1}.{parts[2]}", values
            continue
        level = int(math.log2(int(parts[1][1:]))) - 2
        if parts[2] == "const":
            yield "input.input", values[None]
        elif parts[2] == "resample_filter":
            if level:
                yield f"to_rgbs.{level - 1}.upsample.kernel", values * 4
        elif parts[2] == "torgb":
            root = f"to_rgbs.{level - 1}" if level else "to_rgb1"
            yield from _port_part(root, parts[3:], values, is_colour=True)
        else:
            place = 2 * level - (2 if parts[2] == "conv0" else 1)
            root = f"convs.{place}" if level else "conv1"
            if parts[3] == "noise_const":
                yield f"noises.noise_{place + 1}", values[None, None]
            elif parts[3] != "resample_filter":
                yield from _port_part(root, parts[3:], values, is_colour=False)
            elif parts[2] == "conv0":
                yield f"{root}.conv.blur.kernel", values * 4


def _port_part(
    root: str, part: list[str], values: NDArray[np.float32], *, is_colour: bool
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    match part:
        case ["affine", kind]:
            yield f"{root}.conv.modulation.{kind}", values
        case ["weight"]:
            yield f"{root}.conv.weight", values[None]
        case ["noise_strength"]:
            yield f"{root}.noise.weight", values.reshape(1)
        case ["bias"] if is_colour:
            yield f"{root}.bias", values.reshape(1, 3, 1, 1)
        case ["bias"]:
            yield f"{root}.activate.bias", values


def _generator(
    arrays: Arrays, init: Mapping[str, Any], settings: Mapping[str, Mapping[str, Any]]
) -> _Module:
    whole = _Module("Generator", init)
    for name, values in arrays.items():
        *path, last = name.split(".")
        module = whole
        for depth, part in enumerate(path):
            modules = module.state["_modules"]
            if part not in modules:
                own = settings.get(".".join(path[: depth + 1]), {})
                modules[part] = _Module(_kind(part), own)
                modules[part].state |= dict(own)
            module = modules[part]
        tensor = torch.from_numpy(np.array(values))
        if last in _BUFFERS:
            module.state["_buffers"][last] = tensor
        else:
            module.state["_parameters"][last] = torch.nn.Parameter(tensor, requires_grad=False)
    return whole


def _kind(part: str) -> str:
    kinds = {"mapping": "MappingNetwork", "synthesis": "SynthesisNetwork", "torgb": "ToRGBLayer"}
    return kinds.get(part, "SynthesisLayer" if part.startswith("conv") else "SynthesisBlock")


@contextlib.contextmanager
def _their_names() -> Iterator[None]:
    """Let classes of ours be found under the names that the files carry, while they are written."""

    def _reconstruct_persistent_obj(meta: object) -> None:
        """Only named."""

    class EasyDict(dict[str, Any]):
        """Only named."""

    homes: dict[str, dict[str, Any]] = {
        "torch_utils": {},
        "torch_utils.persistence": {"_reconstruct_persistent_obj": _reconstruct_persistent_obj},
        "dnnlib": {},
        "dnnlib.util": {"EasyDict": EasyDict},
    }
    for name, content in homes.items():
        module = types.ModuleType(name)
        for key, value in content.items():
            value.__module__, value.__qualname__ = name, key
            setattr(module, key, value)
        sys.modules[name] = module
    try:
        yield
    finally:
        for name in homes:
            del sys.modules[name]
