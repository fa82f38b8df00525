"""Reads a finished model back, so that training can go on from it.

The graphs hold the generator with its gains multiplied in; here they are divided out
again. What was rounded to fp16 stays as it was rounded, so a model that is written from
what was read has the same tables.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper
from safetensors import SafetensorError
from safetensors.numpy import load
from torch import Tensor

from studio.core.errors import ModelError
from studio.core.model_card import (
    DISCRIMINATOR_FILE,
    MAPPING_FILE,
    SPEC_FILE,
    SYNTHESIS_FILE,
)
from studio.core.training_spec import TrainingSpec, check_spec
from studio.files.model_folder import read_card, read_model_file
from studio.training.networks import GAIN, Critic, EqualLinear, Generator, StyledConv, ToRGB
from studio.training.to_onnx import HALVED

MAX_SPEC_BYTES: Final = 1 << 20

Weights = dict[str, Tensor]
Tables = Mapping[str, NDArray[np.float32]]


def load_model_weights(folder: Path) -> tuple[Weights, Weights, TrainingSpec]:
    """Gives the averaged generator, the critic and the spec of a model of ours.

    Args:
        folder: the model's folder.

    Returns:
        Two state dicts, float32, as `Generator(spec)` and `Critic(spec)` take them.

    Raises:
        ModelError: a file is missing, damaged or not the card's; the model has no spec or no
            critic; the graph holds another network than the spec says.
    """
    card = read_card(folder)
    spec = read_model_spec(folder)
    critic_file = read_model_file(folder, card, name=DISCRIMINATOR_FILE)
    try:
        mapping = tables_of(read_model_file(folder, card, name=MAPPING_FILE))
        synthesis = tables_of(read_model_file(folder, card, name=SYNTHESIS_FILE))
        generator = unbake(spec, mapping=mapping, synthesis=synthesis)
        critic = _critic(spec, critic_file)
    except (ValueError, KeyError, SafetensorError) as error:
        raise ModelError(
            f"The model “{card.name}” cannot be trained further: its files hold another network "
            "than its recipe says.",
            "Install the model again or begin with another one.",
        ) from error
    return generator, critic, spec


def read_model_spec(folder: Path) -> TrainingSpec:
    """Gives the checked spec of a model.

    Raises:
        ModelError: there is none, or it cannot be used.
    """
    try:
        with (folder / SPEC_FILE).open("rb") as file:
            spec = msgspec.json.decode(file.read(MAX_SPEC_BYTES), type=TrainingSpec)
        check_spec(spec)
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise ModelError(
            f"The model “{folder.name}” cannot be trained further: it has no usable recipe "
            f"({SPEC_FILE}).",
            "Begin with another model.",
        ) from error
    return spec


def tables_of(graph: bytes) -> dict[str, NDArray[np.float32]]:
    """Gives the floating-point tables of one of our graphs by name, as float32.

    Raises:
        ValueError: it is no ONNX graph, or one whose tables lie in other files.
    """
    try:
        model = onnx.load_model_from_string(graph)
    except DecodeError as error:
        raise ValueError("no ONNX graph") from error
    found: dict[str, NDArray[np.float32]] = {}
    for table in model.graph.initializer:
        if table.data_location == TensorProto.EXTERNAL:
            raise ValueError("a table lies in another file")
        if table.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16):
            name = table.name.removesuffix(HALVED)
            found[name] = numpy_helper.to_array(table).astype(np.float32)
    return found


def unbake(spec: TrainingSpec, *, mapping: Tables, synthesis: Tables) -> Weights:
    """Gives the generator whose baked form has these tables.

    Raises:
        KeyError: a table is missing.
        ValueError: a table has another shape or holds what is not finite.
    """
    generator = Generator(spec)
    with torch.no_grad():
        for index, layer in enumerate(generator.mapping.layers):
            _set_linear(
                layer,  # type: ignore[arg-type]
                mapping[f"weight_{index}"] / GAIN,
                bias=mapping[f"bias_{index}"] / GAIN,
            )
        start = generator.synthesis.start
        _set_linear(start, synthesis["start"], bias=synthesis["start_bias"])
        for place, conv in enumerate(generator.synthesis.convs):
            _set_conv(conv, synthesis, prefix=f"convs.{place}.")  # type: ignore[arg-type]
        for place, colour in enumerate(generator.synthesis.colours):
            _set_colour(colour, synthesis, prefix=f"colours.{place}.")  # type: ignore[arg-type]
    return generator.state_dict()


def _set_conv(layer: StyledConv, tables: Tables, *, prefix: str) -> None:
    _set_linear(layer.affine, tables[prefix + "affine"], bias=tables[prefix + "offset"])
    _set(layer.weight, tables[prefix + "weight"] / layer.gain)
    _set(layer.bias, tables[prefix + "bias"].reshape(-1) / GAIN)
    _set(layer.grain, tables[prefix + "grain"].reshape(-1))


def _set_colour(layer: ToRGB, tables: Tables, *, prefix: str) -> None:
    _set_linear(layer.affine, tables[prefix + "affine"], bias=tables[prefix + "offset"])
    _set(layer.weight, tables[prefix + "weight"] / layer.gain)
    _set(layer.bias, tables[prefix + "bias"])


def _set_linear(
    layer: EqualLinear, weight_OI: NDArray[np.float32], *, bias: NDArray[np.float32]
) -> None:
    _set(layer.weight, weight_OI / layer.weight_gain)
    _set(layer.bias, bias / layer.bias_gain)


def _set(parameter: Tensor, values: NDArray[np.float32]) -> None:
    if tuple(parameter.shape) != values.shape or not np.isfinite(values).all():
        raise ValueError("a table has another shape or holds what is not finite")
    parameter.copy_(torch.from_numpy(values))


def _critic(spec: TrainingSpec, content: bytes) -> Weights:
    given = load(content)
    weights = Critic(spec).state_dict()
    if given.keys() != weights.keys():
        raise ValueError("the critic has other layers")
    for name, value in weights.items():
        _set(value, given[name].astype(np.float32))
    return weights
