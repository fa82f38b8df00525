"""What one picture of a graph costs, from its shapes alone, before anything runs.

Source: reliability.md §2.2 I1; the counts are those of the plain algorithms.
"""

import math
from collections.abc import Mapping
from typing import Final

import onnx
from onnx import shape_inference

from studio.core.errors import ModelError

MAX_FLOP: Final = 2e12
# Of one table between two operations; a picture of 4096 px with 64 channels has 4 GB.
MAX_TABLE_BYTES: Final = 4 * 1024**3
_SMALLER: Final = "Choose a smaller model."
Shape = tuple[int, ...]


def check_cost(raw: bytes) -> float:
    """Give how many floating point operations one picture takes, as far as shapes are known.

    Args:
        raw: A model whose inputs have fixed sides but for the first, which counts pictures.

    Raises:
        ModelError: It would take too much work, or too much memory.
    """
    model = onnx.load_model_from_string(raw)
    for value in model.graph.input:
        if value.type.tensor_type.shape.dim:
            value.type.tensor_type.shape.dim[0].dim_value = 1
    for value in model.graph.output:  # what it says itself is not to be believed
        value.type.tensor_type.ClearField("shape")
    try:
        model = shape_inference.infer_shapes(model, data_prop=True)
    except Exception as error:
        raise ModelError(
            "The graph contradicts itself: its sizes do not fit together.",
            "Ask its maker for another export.",
        ) from error
    shapes = _shapes(model.graph)
    largest = max((math.prod(shape) * 4 for shape in shapes.values()), default=0)
    if largest > MAX_TABLE_BYTES:
        raise asked_for(largest)
    flop = 2 * sum(_products(node, shapes) for node in model.graph.node)
    if flop > MAX_FLOP:
        raise ModelError(
            f"One picture of this graph would take {flop / 1e12:,.0f} million million operations; "
            f"up to {MAX_FLOP / 1e12:.0f} are allowed.",
            _SMALLER,
        )
    return float(flop)


def asked_for(num_bytes: float) -> ModelError:
    """Give the sentence for a graph that asks for too much memory."""
    return ModelError(f"The graph asked for {num_bytes / 1e9:,.0f} GB of memory.", _SMALLER)


def _shapes(graph: onnx.GraphProto) -> dict[str, Shape]:
    found = {table.name: tuple(table.dims) for table in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        kind = value.type.tensor_type
        if kind.HasField("shape"):
            sides = [side.dim_value for side in kind.shape.dim if side.HasField("dim_value")]
            if len(sides) == len(kind.shape.dim):
                found[value.name] = tuple(sides)
    return found


def _products(node: onnx.NodeProto, shapes: Mapping[str, Shape]) -> float:
    """Give the multiplications of one operation; 0 where a shape is not known."""
    taken = [shapes.get(name) for name in node.input]
    made = shapes.get(node.output[0]) if node.output else None
    weight = taken[1] if len(taken) > 1 else None
    if node.op_type == "Conv" and made and weight:
        return math.prod(made) * math.prod(weight[1:])
    if node.op_type == "ConvTranspose" and taken[0] and weight:
        return math.prod(taken[0]) * math.prod(weight[1:])
    if node.op_type in ("MatMul", "Gemm") and made and taken[0]:
        is_turned = any(a.name == "transA" and a.i for a in node.attribute)
        return math.prod(made) * taken[0][0 if is_turned else -1]
    if node.op_type == "Einsum" and all(taken):
        # At the most: every letter runs over its side once.
        return math.prod(math.prod(shape) for shape in taken if shape) if made else 0.0
    return float(math.prod(made)) if made else 0.0
