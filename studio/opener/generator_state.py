"""The generator in a file of weights: its tensors by name, and what kind of network it is.

Two layouts are known: NVIDIA's (`synthesis.b4.conv1.weight`, in whole objects or as a state dict)
and that of the common PyTorch port (`convs.0.conv.weight`), whose names are changed to NVIDIA's;
`training.foreign_weights` evens out what differs in their numbers.

Source: names and shapes as the files show them (facts about a format, no code of theirs).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from studio.opener.inert import Record, Tensor
from studio.opener.pickle_globals import RefusedError
from studio.opener.weights_answer import Layout, Setting, WeightsFacts

MAX_TENSORS: Final = 5_000
MAX_MODULES: Final = 5_000
MAX_MODULE_DEPTH: Final = 12
MAX_VALUES: Final = 256 * 1024 * 1024
MAX_NAME: Final = 160
_MAX_SETTING: Final = 64  # letters
_MAX_NUMBER: Final = 2**53
# In the order in which they are looked for: the averaged generator first.
_KEYS: Final = ("G_ema", "g_ema", "G", "g", "generator", "state_dict")
_BLOCK: Final = re.compile(r"synthesis\.b(\d{1,5})\.")
_LAYER: Final = re.compile(r"synthesis\.L(\d{1,3})_(\d{1,5})_(\d{1,5})\.weight")


class GeneratorState:
    """What was found.

    Attributes:
        layout: Whose file it is.
        tensors: The generator's tensors by NVIDIA's names.
        settings: By module ("" is the whole), the plain values that it remembers.
        facts: What to tell a person.
    """

    def __init__(
        self, layout: Layout, tensors: dict[str, Tensor], *, settings: dict[str, dict[str, Setting]]
    ) -> None:
        self.layout: Layout = layout
        self.tensors, self.settings = tensors, settings
        self.facts = _facts(layout, tensors)


def find_generator(root: object) -> GeneratorState:
    """Give the generator of a file.

    Raises:
        ValueError: There is none of a known kind, or it is too large.
    """
    found, mean = root, None
    if isinstance(root, dict):
        mean = root.get("latent_avg")
        found = next((root[key] for key in _KEYS if key in root), root)
    settings: dict[str, dict[str, Setting]] = {}
    if isinstance(found, Record):
        tensors = dict(_walk(found, settings))
    elif isinstance(found, dict):
        tensors = _state_dict(found)
    else:
        raise RefusedError("it holds no generator that this program knows")
    layout: Layout = "nvidia"
    if "style.1.weight" in tensors or "input.input" in tensors:
        layout, tensors = "port", dict(_renamed(tensors))
    if isinstance(mean, Tensor) and "mapping.w_avg" not in tensors:
        tensors["mapping.w_avg"] = mean
    if sum(tensor.storage.count for tensor in tensors.values()) > MAX_VALUES:
        raise RefusedError("its generator is larger than 1 GiB")
    return GeneratorState(layout, tensors, settings=settings)


def _state_dict(found: Mapping[Any, Any]) -> dict[str, Tensor]:
    tensors = {key: value for key, value in found.items() if isinstance(value, Tensor)}
    if len(tensors) > MAX_TENSORS or not all(
        isinstance(key, str) and len(key) <= MAX_NAME for key in tensors
    ):
        raise RefusedError("it is far more complicated than a picture model")
    return tensors


def _walk(module: Record, settings: dict[str, dict[str, Setting]]) -> Iterator[tuple[str, Tensor]]:
    """Give the tensors of a tree of modules; the same module may be in it more than once."""
    waiting: list[tuple[str, Record, int]] = [("", module, 0)]
    num_tensors = 0
    while waiting:
        path, one, depth = waiting.pop()
        if len(settings) >= MAX_MODULES or depth > MAX_MODULE_DEPTH or len(path) > MAX_NAME:
            raise RefusedError("it is far more complicated than a picture model")
        settings[path] = _plain_values(one.state)
        prefix = f"{path}." if path else ""
        for part in ("_parameters", "_buffers"):
            for name, value in _entries(one.state, part):
                num_tensors += 1
                if num_tensors > MAX_TENSORS:
                    raise RefusedError("it is far more complicated than a picture model")
                if isinstance(value, Tensor):
                    yield f"{prefix}{name}", value
        for name, value in _entries(one.state, "_modules"):
            if isinstance(value, Record):
                waiting.append((f"{prefix}{name}", value, depth + 1))


def _entries(state: Mapping[Any, Any], part: str) -> Iterator[tuple[str, Any]]:
    entries = state.get(part)
    for name, value in (entries if isinstance(entries, dict) else {}).items():
        if not isinstance(name, str):
            raise RefusedError("a part of it has no name")
        yield name, value


def _plain_values(state: Mapping[Any, Any]) -> dict[str, Setting]:
    """Give what a module remembers of how it was made; what it was called with comes first."""
    made_with = state.get("_init_kwargs")
    sources = [made_with if isinstance(made_with, dict) else {}, state]
    found: dict[str, Setting] = {}
    for source in sources:
        for name, value in source.items():
            if not isinstance(name, str) or name.startswith("_") or len(name) > _MAX_SETTING:
                continue
            is_text = isinstance(value, str) and len(value) <= _MAX_SETTING
            is_number = isinstance(value, bool | int | float) and abs(value) < _MAX_NUMBER
            if value is None or is_number or is_text:
                found[name] = value
    return found


# ------------------------------------------------------------------------------ the port's names

_PORT: Final = (
    (re.compile(r"style\.(\d{1,2})\.(weight|bias)"), "mapping.fc{n}.{1}"),
    (re.compile(r"input\.input"), "synthesis.b4.const"),
    (re.compile(r"conv1\.(.+)"), "synthesis.b4.conv1.{0}"),
    (re.compile(r"to_rgb1\.(.+)"), "synthesis.b4.torgb.{0}"),
    (re.compile(r"convs\.(\d{1,2})\.(.+)"), "synthesis.b{size}.conv{odd}.{1}"),
    (re.compile(r"to_rgbs\.(\d{1,2})\.(.+)"), "synthesis.b{size}.torgb.{1}"),
    (re.compile(r"noises\.noise_(\d{1,2})"), "synthesis.b{size}.conv{odd}.noise_const"),
)
_PORT_ENDS: Final = {
    "conv.modulation.weight": "affine.weight",
    "conv.modulation.bias": "affine.bias",
    "conv.weight": "weight",
    "conv.blur.kernel": "resample_filter",
    "upsample.kernel": "resample_filter",
    "noise.weight": "noise_strength",
    "activate.bias": "bias",
}


def _renamed(tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in tensors.items():
        for form, ours in _PORT:
            match = form.fullmatch(name)
            if match is not None:
                yield _port_name(ours, match.groups()), tensor
                break
        else:
            yield name, tensor  # told as unknown later


def _port_name(ours: str, groups: tuple[str, ...]) -> str:
    if "{size}" not in ours and "{n}" not in ours:
        name = ours.format(*groups)
    else:
        place = int(groups[0])
        if "torgb" in ours:
            level, odd = place + 1, 0
        elif "noise" in ours:
            level, odd = (place + 1) // 2, (place + 1) % 2
        else:
            level, odd = place // 2 + 1, place % 2
        name = ours.format(*groups, size=4 << level, odd=odd, n=place - 1)
    if "noise_const" in name:  # the first layer is alone on its level
        return name.replace("b4.conv0", "b4.conv1") if "b4." in name else name
    for theirs, end in _PORT_ENDS.items():
        if name.endswith(f".{theirs}"):
            return f"{name.removesuffix(theirs)}{end}"
    return name


# -------------------------------------------------------------------------------------- the facts


def _facts(layout: Layout, tensors: Mapping[str, Tensor]) -> WeightsFacts:
    """Give what the names and shapes say.

    Raises:
        RefusedError: They are of no generator that is known.
    """
    first = _shape(tensors, "mapping.fc0.weight")
    embed = tensors.get("mapping.embed.weight")
    if len(first) != 2 or (embed is not None and len(embed.shape) != 2):
        raise RefusedError("it holds no generator that this program knows")
    classes = 0 if embed is None else embed.shape[1]
    w = _last_fc(tensors)
    z = first[1] - (0 if embed is None else embed.shape[0])
    layers = [match for match in map(_LAYER.fullmatch, tensors) if match]
    blocks = [int(match[1]) for match in map(_BLOCK.match, tensors) if match]
    if layers and "synthesis.input.freqs" in tensors:
        last = max(layers, key=lambda match: int(match[1]))
        kernel = _shape(tensors, min(layers, key=lambda match: int(match[1]))[0])[-1]
        name = "StyleGAN3-R" if kernel == 1 else "StyleGAN3-T"
        network, resolution, num = "stylegan3", int(last[2]), int(last[1]) + 2
    elif blocks and "synthesis.b4.const" in tensors:
        name = "StyleGAN2-ADA" if layout == "nvidia" else "StyleGAN2"
        resolution = max(blocks)
        network, num = "stylegan2", 2 * resolution.bit_length() - 4
    else:
        raise RefusedError("it holds no generator that this program knows")
    return WeightsFacts(
        network="stylegan3" if network == "stylegan3" else "stylegan2",
        name=name,
        resolution=resolution,
        layers=num,
        classes=classes,
        z=z,
        w=w,
    )


def _shape(tensors: Mapping[str, Tensor], name: str) -> tuple[int, ...]:
    if name not in tensors:
        raise RefusedError("it holds no generator that this program knows")
    return tensors[name].shape


def _last_fc(tensors: Mapping[str, Tensor]) -> int:
    """Give the width of the mapping's last layer."""
    place = 0
    while f"mapping.fc{place + 1}.weight" in tensors and place < MAX_MODULES:
        place += 1
    return (_shape(tensors, f"mapping.fc{place}.weight") or (0,))[0]
