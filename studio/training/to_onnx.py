"""From a trained generator to the two graphs that the studio runs.

The graphs hold static weights only: gains are multiplied in, the demodulation table
T[I, O] = Σ_k W² is stored beside each weight, and every large table is kept as fp16
with a Cast to float32, which the runtime folds when it opens the graph.

Shapes: N batch, Z and D latent sizes, L layers of w, R resolution.
"""

import copy
import hashlib
import io
import warnings

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from studio.core.training_spec import TrainingSpec, num_layers
from studio.training.grain import fields, grain_field, mixer
from studio.training.latents import mean_of, sample_w
from studio.training.networks import (
    DEMOD_EPS,
    GAIN,
    Generator,
    Mapping,
    StyledConv,
    Synthesis,
    ToRGB,
    activate,
    make_symmetric,
    upsample,
)

OPSET = 20
PREVIEW_SIZES = (64, 128)
MIN_HALVED = 64  # smaller tables (biases, shapes) stay float32
HALVED = "_fp16"  # ending of a table that the graph keeps as fp16
WHOLE = ("bias", "offset", "grain", "mean")  # words of the tables that are never halved


def halved(value: Tensor) -> Tensor:
    """Gives the values as fp16 will store them, in float32."""
    return value.detach().float().half().float()


class BakedMapping(nn.Module):
    """z [N, Z] to w [N, L, D], the same w for every layer."""

    def __init__(self, mapping: Mapping, layers: int) -> None:
        super().__init__()
        self.layers = layers
        self.depth = len(mapping.layers)
        for index, layer in enumerate(mapping.layers):
            weight, bias = layer.baked()  # type: ignore[operator]
            self.register_buffer(f"weight_{index}", halved(weight * GAIN))
            self.register_buffer(f"bias_{index}", (bias * GAIN).detach().clone())

    def forward(self, z: Tensor) -> Tensor:
        """Gives w [N, L, D]."""
        x = z * torch.rsqrt(z.square().mean(dim=1, keepdim=True) + 1e-8)
        for index in range(self.depth):
            weight, bias = getattr(self, f"weight_{index}"), getattr(self, f"bias_{index}")
            x = activate(nn.functional.linear(x, weight, bias))
        return x[:, None].expand(-1, self.layers, -1)


class BakedConv(nn.Module):
    """A StyledConv with everything that does not depend on the input worked out."""

    weight: Tensor
    energy: Tensor
    affine: Tensor
    offset: Tensor
    bias: Tensor
    grain: Tensor
    mixer: Tensor

    def __init__(self, layer: StyledConv, *, place: int, size: int) -> None:
        super().__init__()
        self.is_grown = place % 2 == 1
        weight, _ = layer.baked()
        affine, offset = layer.affine.baked()
        weight = halved(weight)
        self.register_buffer("weight", weight)
        # Halved, because sqrt(2) of the activation is in the demodulation.
        self.register_buffer("energy", halved(weight.square().sum(dim=(2, 3)).t() / GAIN**2))
        self.register_buffer("affine", halved(affine))
        self.register_buffer("offset", offset.detach().clone())
        self.register_buffer("bias", (layer.bias * GAIN).detach()[None, :, None, None].clone())
        self.register_buffer("grain", layer.grain.detach()[None, :, None, None].clone())
        self.register_buffer("mixer", halved(mixer(place, affine.shape[1], size=size)))

    def forward(self, x: Tensor, w: Tensor, offset: Tensor, fields: Tensor) -> Tensor:
        """Gives what the trained layer gives, with noise from `offset`, w less its mean."""
        style = nn.functional.linear(w, self.affine, self.offset)
        style = style * torch.rsqrt(style.square().mean(dim=1, keepdim=True) + DEMOD_EPS)
        demod = torch.rsqrt(style.square() @ self.energy + DEMOD_EPS / GAIN**2)
        x = nn.functional.conv2d(x * style[:, :, None, None], self.weight, padding=1)
        if self.is_grown:
            x = upsample(x)
        noise = grain_field(offset, self.mixer, fields_KP=fields)
        return activate(x * demod[:, :, None, None] + self.bias + noise * self.grain)


class BakedRGB(nn.Module):
    """A ToRGB with its gains multiplied in."""

    weight: Tensor
    affine: Tensor
    offset: Tensor
    bias: Tensor

    def __init__(self, layer: ToRGB) -> None:
        super().__init__()
        affine, offset = layer.affine.baked()
        self.register_buffer("weight", halved(layer.weight * layer.gain))
        self.register_buffer("affine", halved(affine))
        self.register_buffer("offset", offset.detach().clone())
        self.register_buffer("bias", layer.bias.detach().clone())

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Gives colour [N, 3, R, R]."""
        style = nn.functional.linear(w, self.affine, self.offset)
        return nn.functional.conv2d(x * style[:, :, None, None], self.weight, self.bias)


class BakedSynthesis(nn.Module):
    """w [N, L, D] to the full picture, then the smaller previews in rising size."""

    start: Tensor
    start_bias: Tensor
    mean: Tensor

    def __init__(self, synthesis: Synthesis, previews: tuple[int, ...], *, mean_D: Tensor) -> None:
        super().__init__()
        self.previews = previews
        self.width = synthesis.start.bias.numel() // 16
        self.resolutions = synthesis.resolutions
        self.is_symmetric = synthesis.is_symmetric
        weight, bias = synthesis.start.baked()
        self.register_buffer("start", halved(weight))
        self.register_buffer("start_bias", bias.detach().clone())
        self.register_buffer("mean", mean_D.clone())
        for size in self.resolutions:
            self.register_buffer(f"fields_{size}", halved(fields(size)))
        self.convs = nn.ModuleList(
            [
                BakedConv(layer, place=place, size=self._size_of(place))  # type: ignore[arg-type]
                for place, layer in enumerate(synthesis.convs)
            ]
        )
        self.colours = nn.ModuleList([BakedRGB(layer) for layer in synthesis.colours])  # type: ignore[arg-type]

    def forward(self, w: Tensor) -> tuple[Tensor, ...]:
        """Gives pictures [N, 3, R, R], about −1…1: the full one first."""
        x = nn.functional.linear(w[:, 0], self.start, self.start_bias).reshape(-1, self.width, 4, 4)
        x = self._grow(x, w, place=0)
        rgb = self.colours[0](x, w[:, 1])
        smaller: list[Tensor] = []
        for index, size in enumerate(self.resolutions[1:], start=1):
            x = self._grow(x, w, place=2 * index - 1)
            x = self._grow(x, w, place=2 * index)
            rgb = upsample(rgb) + self.colours[index](x, w[:, 2 * index + 1])
            if size in self.previews:
                smaller.append(rgb)
        pictures = (rgb, *smaller)
        return tuple(map(make_symmetric, pictures)) if self.is_symmetric else pictures

    def _size_of(self, place: int) -> int:
        return self.resolutions[(place + 1) // 2]

    def _grow(self, x: Tensor, w: Tensor, *, place: int) -> Tensor:
        own = w[:, place]
        shared_fields = getattr(self, f"fields_{self._size_of(place)}")
        grown: Tensor = self.convs[place](x, own, own - self.mean, shared_fields)
        return grown


Baked = tuple[BakedMapping, BakedSynthesis]


def preview_sizes(resolution: int) -> tuple[int, ...]:
    """Gives the sizes of the smaller pictures that a graph of `resolution` gives besides."""
    return tuple(size for size in PREVIEW_SIZES if size < resolution)


def bake(generator: Generator, spec: TrainingSpec) -> Baked:
    """Gives the networks that the graphs are made from: the exact reference for them."""
    mapping = BakedMapping(generator.mapping, num_layers(spec.resolution))
    mean_D = torch.from_numpy(mean_of(sample_w(mapping, spec.z_dim)))
    previews = preview_sizes(spec.resolution)
    synthesis = BakedSynthesis(generator.synthesis, previews, mean_D=mean_D)
    return mapping.eval(), synthesis.eval()


def mapping_graph(mapping: BakedMapping, spec: TrainingSpec) -> bytes:
    """Gives mapping.onnx."""
    return _export(mapping, torch.randn(2, spec.z_dim), inputs=("z",), outputs=("w",))


def synthesis_graph(synthesis: BakedSynthesis, spec: TrainingSpec) -> bytes:
    """Gives synthesis.onnx."""
    example = torch.randn(2, num_layers(spec.resolution), spec.w_dim)
    names = tuple(f"rgb{size}" for size in synthesis.previews)
    return _export(synthesis, example, inputs=("w",), outputs=("image", *names))


def _export(
    network: nn.Module, example: Tensor, *, inputs: tuple[str], outputs: tuple[str, ...]
) -> bytes:
    """Gives the network's graph: that of any network of its sizes, filled with its tables."""
    template = export_graph(_stand_in(network), example, inputs=inputs, outputs=outputs)
    return refill(template, network)


def _stand_in(network: nn.Module) -> nn.Module:
    """Gives a network of the same sizes whose tables all differ, for the exporter.

    It would merge tables that happen to be equal, as all biases of a fresh network are, and
    the graph would look otherwise once they are not.
    """
    stand_in = copy.deepcopy(network)
    random = torch.Generator().manual_seed(1)
    for name, buffer in stand_in.named_buffers():
        drawn = torch.randn(buffer.shape, generator=random)
        buffer.copy_(drawn if is_kept_whole(name) else halved(drawn))
    return stand_in


def is_kept_whole(name: str) -> bool:
    """Tells whether a table stays float32 in the graph, however large it is."""
    return any(word in name.rsplit(".", 1)[-1] for word in WHOLE)


def refill(template: bytes, network: nn.Module) -> bytes:
    """Gives a graph with the tables of `network` in place of its own.

    Args:
        template: a graph that was exported from a network of the same sizes.
        network: the baked network; its buffers have the tables' names.

    Raises:
        ValueError: the template is no graph, or one of another network.
    """
    try:
        model = onnx.load_model_from_string(template)
    except DecodeError as error:
        raise ValueError("no ONNX graph") from error
    buffers = {name: buffer.detach().numpy() for name, buffer in network.named_buffers()}
    for index, table in enumerate(model.graph.initializer):
        values = buffers.pop(table.name.removesuffix(HALVED), None)
        if values is None:
            continue  # a constant of the network's structure
        is_halved = table.data_type == TensorProto.FLOAT16
        filled = values.astype(np.float16 if is_halved else np.float32)
        if tuple(table.dims) != values.shape or not np.array_equal(filled, values):
            raise ValueError(f"the template's table {table.name} is another one")
        model.graph.initializer[index].CopyFrom(numpy_helper.from_array(filled, table.name))
    if buffers:
        raise ValueError(f"the template lacks {next(iter(buffers))}")
    return bytes(model.SerializeToString(deterministic=True))


def export_graph(
    network: nn.Module, example: Tensor, *, inputs: tuple[str], outputs: tuple[str, ...]
) -> bytes:
    """Gives the graph of a network with its own tables, of any batch size.

    Args:
        network: what is exported.
        example: an input of two.
        inputs: name of the input.
        outputs: names of what it gives, in order.
    """
    with warnings.catch_warnings():
        # The exporter warns about its own internals (deprecated tree helpers).
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network,
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            verbose=False,
        )
    assert program is not None
    buffer = io.BytesIO()
    onnx.save_model(program.model_proto, buffer)
    model = onnx.load_model_from_string(buffer.getvalue())
    strip_records(model)
    halve_weights(model)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def strip_records(model: onnx.ModelProto) -> None:
    """Removes all that the exporter notes besides the graph: it names source paths."""
    graph = model.graph
    del model.metadata_props[:], graph.metadata_props[:], graph.value_info[:]
    model.doc_string = graph.doc_string = ""
    model.producer_version = model.domain = ""
    model.producer_name = "latent-studio"
    for node in graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*graph.input, *graph.output, *graph.initializer):
        del value.metadata_props[:]
        value.doc_string = ""


def halve_weights(model: onnx.ModelProto) -> None:
    """Stores every large float32 table as fp16 followed by a Cast to float32."""
    graph = model.graph
    casts = []
    for index, table in enumerate(graph.initializer):
        values = numpy_helper.to_array(table)
        if table.data_type != TensorProto.FLOAT or values.size < MIN_HALVED:
            continue
        rounded = values.astype(np.float16)
        if not np.array_equal(rounded.astype(np.float32), values):
            continue  # biases keep their precision: only what was rounded before is stored so
        name = table.name
        graph.initializer[index].CopyFrom(numpy_helper.from_array(rounded, f"{name}{HALVED}"))
        casts.append(helper.make_node("Cast", [f"{name}{HALVED}"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def sha256(content: bytes) -> str:
    """Gives the SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()
