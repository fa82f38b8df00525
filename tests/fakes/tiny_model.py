"""A small but whole model folder with fixed random weights, made without torch.

The network has the shape of ours: modulated convolutions, one doubling per level, colour summed
over the levels, `rgb64` and `rgb128` besides `image` where they are smaller. Tables are float32.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

from studio.core.arrays import Picture
from studio.core.directions import DirectionEntry, DirectionSet, direction_id, to_tensors
from studio.core.model_card import (
    CARD_FILE,
    CLOSENESS_FILE,
    DIRECTIONS_FILE,
    MAPPING_FILE,
    SYNTHESIS_FILE,
    ModelCard,
    Right,
    model_hash,
)

Z = 32
W = 16
_OPSET = 20
_PREVIEWS = (64, 128)
NAMES = ("dawn ↔ dusk", "calm ↔ storm", "far ↔ near")


def make_tiny_model(
    parent: Path,
    *,
    name: str = "Tiny",
    resolution: int = 64,
    channels: int = 8,
    weight_seed: int = 1,
) -> Path:
    """Make a model folder below `parent` and give it.

    Args:
        parent: Where to make it; the folder is named after the model.
        name: The model's name.
        resolution: Power of two from 16 on; a picture takes some ms at 64, some 10 ms at 256.
        channels: Of every layer; more makes a slower model.
        weight_seed: Another seed makes another model.
    """
    rng = np.random.RandomState(weight_seed)
    layers = 2 * (int(np.log2(resolution)) - 1)
    mapping = _mapping(rng, layers).SerializeToString()
    synthesis = _synthesis(rng, resolution, channels=channels).SerializeToString()
    directions, metadata = to_tensors(_directions(rng))
    files = {
        MAPPING_FILE: mapping,
        SYNTHESIS_FILE: synthesis,
        DIRECTIONS_FILE: save(dict(directions), metadata=dict(metadata)),
    }
    hashes = {file: hashlib.sha256(raw).hexdigest() for file, raw in files.items()}
    card = ModelCard(
        id=name.lower(),
        name=name,
        family="gan",
        model=model_hash(hashes[MAPPING_FILE], hashes[SYNTHESIS_FILE], mean_D=directions["mean"]),
        resolution=resolution,
        previews=tuple(size for size in _PREVIEWS if size < resolution),
        z=Z,
        w=W,
        layers=layers,
        zones=(min(4, layers), min(8, layers)),
        sketch=True,
        graphs=hashes,
        rights=(Right("fixed random weights", "CC0-1.0", "nobody"),),
        credit="Made with fixed random weights.",
    )
    folder = parent / card.id
    folder.mkdir(parents=True)
    for file, raw in files.items():
        (folder / file).write_bytes(raw)
    write_card(folder, card)
    return folder


def write_card(folder: Path, card: ModelCard) -> None:
    """Write a card, for example one that lies."""
    (folder / CARD_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(card)))


def replace_graph(folder: Path, model: onnx.ModelProto, *, file: str = SYNTHESIS_FILE) -> None:
    """Put another graph into a model folder, with a card that says so."""
    raw = model.SerializeToString()
    (folder / file).write_bytes(raw)
    card = msgspec.json.decode((folder / CARD_FILE).read_bytes(), type=ModelCard)
    graphs = {**card.graphs, file: hashlib.sha256(raw).hexdigest()}
    mean = _read_mean(folder)
    model_id = model_hash(graphs[MAPPING_FILE], graphs[SYNTHESIS_FILE], mean_D=mean)
    write_card(folder, msgspec.structs.replace(card, graphs=graphs, model=model_id))


def add_closeness(folder: Path, pictures: Sequence[Picture], *, files: Sequence[str]) -> None:
    """Put what a model "learned from" into its folder, in the random feature network."""
    from studio.core.similarity import THUMBNAIL_PX, Closeness
    from studio.engine.features import FeatureNetwork
    from studio.files.source_pictures import resize_picture

    network = FeatureNetwork("random-1")
    closeness = Closeness(
        network.embed(np.stack(pictures)),
        np.stack([resize_picture(picture, THUMBNAIL_PX) for picture in pictures]),
        files=files,
        phi=network.version,
    )
    tensors, texts = closeness.to_tensors()
    raw = save(dict(tensors), metadata=dict(texts))
    (folder / CLOSENESS_FILE).write_bytes(raw)
    card = msgspec.json.decode((folder / CARD_FILE).read_bytes(), type=ModelCard)
    graphs = {**card.graphs, CLOSENESS_FILE: hashlib.sha256(raw).hexdigest()}
    write_card(folder, msgspec.structs.replace(card, graphs=graphs))


def _read_mean(folder: Path) -> NDArray[np.float32]:
    from safetensors.numpy import load

    mean: NDArray[np.float32] = load((folder / DIRECTIONS_FILE).read_bytes())["mean"]
    return mean


def _directions(rng: np.random.RandomState) -> DirectionSet:
    axes = np.linalg.qr(rng.randn(W, W))[0][: len(NAMES)].astype(np.float32)
    sigmas = np.linspace(1.0, 0.3, len(NAMES), dtype=np.float32)
    steps = axes * sigmas[:, None]
    entries = tuple(
        DirectionEntry(direction_id(step), name, ("coarse", "medium", "fine"), "pca")
        for step, name in zip(steps, NAMES, strict=True)
    )
    mean = (rng.randn(W) * 0.1).astype(np.float32)
    return DirectionSet(mean, axes, sigmas, entries, steps)


class _Builder:
    """Collects nodes and tables."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tables: list[onnx.TensorProto] = []

    def table(self, name: str, values: NDArray[np.generic]) -> str:
        self.tables.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def model(
        self, given: onnx.ValueInfoProto, outputs: list[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, "tiny", [given], outputs, self.tables)
        opset = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=10)
        onnx.checker.check_model(model, full_check=True)
        return model


def _value(name: str, *sides: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *sides])


def _mapping(rng: np.random.RandomState, layers: int) -> onnx.ModelProto:
    build = _Builder()
    weight = (rng.randn(Z, W) / np.sqrt(Z)).astype(np.float32)
    hidden = build.node("MatMul", ["z", build.table("weight", weight)], "hidden")
    bent = build.node("LeakyRelu", [hidden], "bent", alpha=0.2)
    axis = build.table("axis", np.array([1], dtype=np.int64))
    single = build.node("Unsqueeze", [bent, axis], "single")
    repeats = build.table("repeats", np.array([1, layers, 1], dtype=np.int64))
    build.node("Tile", [single, repeats], "w")
    return build.model(_value("z", Z), [_value("w", layers, W)])


def _synthesis(rng: np.random.RandomState, resolution: int, *, channels: int) -> onnx.ModelProto:
    build = _Builder()
    scales = build.table("scales", np.array([1, 1, 2, 2], dtype=np.float32))
    x = build.table("const", rng.randn(1, channels, 4, 4).astype(np.float32))
    rgb, size, layer = "", 4, 0
    outputs: list[onnx.ValueInfoProto] = []
    while True:
        if size > 4:
            x = build.node("Resize", [x, "", scales], f"up{size}", mode="linear")
        for _ in range(2):
            x = _styled(build, rng, x, layer=layer)
            layer += 1
        weight = (rng.randn(3, channels, 1, 1) * 0.12).astype(np.float32)
        is_named = size in _PREVIEWS or size == resolution
        name = "image" if size == resolution else f"rgb{size}" if is_named else f"c{size}"
        colour = build.node("Conv", [x, build.table(f"rgbw{size}", weight)], f"colour{size}")
        if rgb:
            larger = build.node("Resize", [rgb, "", scales], f"rgbup{size}", mode="linear")
            rgb = build.node("Add", [larger, colour], name)
        else:
            rgb = build.node("Identity", [colour], name)
        if is_named:
            outputs.insert(0 if name == "image" else len(outputs), _value(name, 3, size, size))
        if size == resolution:
            return build.model(_value("w", layer, W), outputs)
        size *= 2


def _styled(build: _Builder, rng: np.random.RandomState, x: str, *, layer: int) -> str:
    """Give a 3 × 3 convolution whose inputs are scaled by this layer's w."""
    channels = build.tables[1].dims[1]
    name = f"l{layer}"
    index = build.table(f"{name}i", np.array(layer, dtype=np.int64))
    w = build.node("Gather", ["w", index], f"{name}w", axis=1)
    affine = (rng.randn(W, channels) / np.sqrt(W)).astype(np.float32)
    bias = build.table(f"{name}b", np.ones(channels, dtype=np.float32))
    style = build.node("Gemm", [w, build.table(f"{name}a", affine), bias], f"{name}s")
    axes = build.table(f"{name}x", np.array([2, 3], dtype=np.int64))
    scale = build.node("Unsqueeze", [style, axes], f"{name}u")
    scaled = build.node("Mul", [x, scale], f"{name}m")
    weight = rng.randn(channels, channels, 3, 3) / np.sqrt(channels * 9) * 1.2
    table = build.table(f"{name}k", weight.astype(np.float32))
    done = build.node("Conv", [scaled, table], f"{name}c", pads=[1, 1, 1, 1])
    return build.node("LeakyRelu", [done], f"{name}r", alpha=0.2)
