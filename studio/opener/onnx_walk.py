"""An ONNX graph is walked before any runtime sees it: only what is on the list may be inside.

The walk reads the file's bytes itself, so that neither onnx nor onnxruntime is needed for it, and
keeps views of every node and table, from which `engine/variants.py` cuts smaller graphs.

Source: onnx.proto (field numbers), onnx 1.22.
"""

import itertools
import math
from collections.abc import Iterable
from typing import Final

import msgspec

from studio.core.errors import ModelError
from studio.opener.protobuf_wire import Field, read_fields, read_numbers, read_text

MAX_NODES: Final = 20_000
MAX_TENSOR_BYTES: Final = 1024 * 1024 * 1024
MAX_RANK: Final = 8
MAX_REMARK_BYTES: Final = 64 * 1024

# Plain arithmetic only. Nothing that loops or branches (If, Loop, Scan, SequenceMap), nothing
# random (all randomness enters through inputs), no strings, no own functions, no other domains.
_OPERATORS: Final = """
Abs Add And ArgMax AveragePool BatchNormalization Cast CastLike Ceil Celu Clip Concat Constant
ConstantOfShape Conv ConvTranspose Cos DepthToSpace Div Einsum Elu Equal Erf Exp Expand Flatten
Floor Gather GatherElements GatherND Gelu Gemm GlobalAveragePool Greater GreaterOrEqual
GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization LayerNormalization
LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization MatMul Max MaxPool MeanVarianceNormalization Min Mish Mod Mul Neg Not Or PRelu Pad Pow
RMSNormalization Reciprocal ReduceL2 ReduceMax ReduceMean ReduceMin ReduceSum ReduceSumSquare Relu Reshape Resize
Round Selu Shape Sigmoid Sign Sin Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh
ThresholdedRelu Tile Transpose Unsqueeze Where
"""
ALLOWED_OPERATORS: Final = frozenset(_OPERATORS.split())

# TensorProto.DataType → bytes per value, for the types that a table may have.
TENSOR_BYTES: Final = {1: 4, 2: 1, 3: 1, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 16: 2}
FLOAT: Final = 1

_WAY_OUT: Final = "Install the model again, or choose another one."
_ASK: Final = "Ask its maker for a plain export, or choose another model."

Shape = tuple[int | None, ...]


class GraphValue(msgspec.Struct, frozen=True):
    """An input or output. A side of `shape` is None when it may vary."""

    name: str
    element_type: int
    shape: Shape
    raw: memoryview


class GraphNode(msgspec.Struct, frozen=True):
    """One operation, with the names of what it takes and gives."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    raw: memoryview


class GraphTable(msgspec.Struct, frozen=True):
    """One stored table of numbers."""

    name: str
    shape: tuple[int, ...]
    raw: memoryview


class WalkedGraph(msgspec.Struct, frozen=True):
    """A graph in which nothing was found that is not allowed. All `raw` are views of the file.

    Attributes:
        model_fields: The file's fields besides the graph.
        nodes: In the file's order, which is the order of execution.
        tables: Stored tables.
        inputs: Without those that are tables.
        outputs: In the file's order.
    """

    model_fields: tuple[memoryview, ...]
    nodes: tuple[GraphNode, ...]
    tables: tuple[GraphTable, ...]
    inputs: tuple[GraphValue, ...]
    outputs: tuple[GraphValue, ...]


def walk_graph(raw: bytes, *, file_name: str) -> WalkedGraph:
    """Give the parts of an ONNX file after checking each of them.

    Args:
        raw: The file.
        file_name: What the sentence calls it; "" for a file that is only coming in.

    Raises:
        ModelError: Not ONNX, cut off, or something inside is not on the list.
    """
    try:
        return _walk_model(raw)
    except ValueError as error:
        why = "its names are no text" if isinstance(error, UnicodeDecodeError) else str(error)
        if not file_name:
            raise ModelError(f"This graph cannot be used: {why}.", _ASK) from error
        raise ModelError(f"“{file_name}” cannot be used: {why}.", _WAY_OUT) from error


def _walk_model(raw: bytes) -> WalkedGraph:
    graphs: list[memoryview] = []
    others: list[memoryview] = []
    num_remarks = 0
    for field in read_fields(memoryview(raw)):
        if field.number == 7:
            graphs.append(field.content)
            continue
        if field.number == 20:
            raise ValueError("it holds training code")
        if field.number == 25:
            raise ValueError("it defines functions of its own")
        if field.number == 8:
            _check_domain(_text_of(field.content, 1))
        if field.number == 14:
            num_remarks += len(field.content)
        others.append(field.raw)
    if num_remarks > MAX_REMARK_BYTES:
        raise ValueError("it holds more remarks than a graph needs")
    if len(graphs) != 1:
        raise ValueError("it is not a graph file")
    return _walk_graph(graphs[0], others)


def _walk_graph(graph: memoryview, model_fields: Iterable[memoryview]) -> WalkedGraph:
    nodes: list[GraphNode] = []
    tables: list[GraphTable] = []
    inputs: list[GraphValue] = []
    outputs: list[GraphValue] = []
    for field in read_fields(graph):
        if field.number == 1:
            nodes.append(_walk_node(field))
            if len(nodes) > MAX_NODES:
                raise ValueError(f"it has more than {MAX_NODES} nodes")
        elif field.number == 5:
            tables.append(GraphTable(*_walk_tensor(field.content), field.raw))
        elif field.number == 11:
            inputs.append(_walk_value(field))
        elif field.number == 12:
            outputs.append(_walk_value(field))
        elif field.number == 15:
            raise ValueError("it holds sparse tables")
    stored = {table.name for table in tables}
    return WalkedGraph(
        tuple(model_fields),
        tuple(nodes),
        tuple(tables),
        tuple(value for value in inputs if value.name not in stored),
        tuple(outputs),
    )


def _walk_node(node: Field) -> GraphNode:
    operator = ""
    inputs: list[str] = []
    outputs: list[str] = []
    for field in read_fields(node.content):
        if field.number == 1:
            inputs.append(read_text(field))
        elif field.number == 2:
            outputs.append(read_text(field))
        elif field.number == 4:
            operator = read_text(field)
        elif field.number == 5:
            _walk_attribute(field.content)
        elif field.number == 7:
            _check_domain(read_text(field))
    if operator not in ALLOWED_OPERATORS:
        raise ValueError(f"it uses the operation “{operator[:40]}”, which is not allowed")
    return GraphNode(operator, tuple(inputs), tuple(outputs), node.raw)


def _walk_attribute(attribute: memoryview) -> None:
    for field in read_fields(attribute):
        if field.number in (6, 11):
            raise ValueError("it contains a loop or a branch")
        if field.number in (22, 23):
            raise ValueError("it holds sparse tables")
        if field.number in (5, 10):
            _walk_tensor(field.content)


def _walk_tensor(tensor: memoryview) -> tuple[str, tuple[int, ...]]:
    """Check a stored table and give its name and shape."""
    name, element_type, shape = "", 0, []
    num_raw: int | None = None
    for field in read_fields(tensor):
        if field.number == 1:
            shape += list(itertools.islice(read_numbers(field), MAX_RANK + 1))
            if len(shape) > MAX_RANK:
                raise ValueError("a table has an impossible shape")
        elif field.number == 2:
            element_type = field.value
        elif field.number == 8:
            name = read_text(field)
        elif field.number == 9:
            num_raw = len(field.content)
        elif field.number == 13 or (field.number == 14 and field.value):
            raise ValueError("it keeps its numbers in another file")
    if element_type not in TENSOR_BYTES:
        raise ValueError("a table holds something other than numbers")
    if any(side < 0 for side in shape):
        raise ValueError("a table has an impossible shape")
    num_bytes = math.prod(shape) * TENSOR_BYTES[element_type]
    if num_bytes > MAX_TENSOR_BYTES:
        raise ValueError("a table is larger than 1 GiB")
    if num_raw is not None and num_raw != num_bytes:
        raise ValueError("a table is shorter or longer than its shape")
    return name, tuple(shape)


def _walk_value(value: Field) -> GraphValue:
    name, element_type = "", 0
    shape: Shape = ()
    for field in read_fields(value.content):
        if field.number == 1:
            name = read_text(field)
        elif field.number == 2:
            element_type, shape = _read_type(field.content)
    return GraphValue(name, element_type, shape, value.raw)


def _read_type(type_proto: memoryview) -> tuple[int, Shape]:
    element_type = 0
    shape: list[int | None] = []
    for kind in read_fields(type_proto):
        if kind.number == 6:  # denotation: a remark
            continue
        if kind.number != 1:
            raise ValueError("it takes or gives something that is not a table of numbers")
        for field in read_fields(kind.content):
            if field.number == 1:
                element_type = field.value
            elif field.number == 2:
                shape = [_read_side(side.content) for side in read_fields(field.content)]
    return element_type, tuple(shape)


def _read_side(side: memoryview) -> int | None:
    for field in read_fields(side):
        if field.number == 1:
            return field.value
    return None


def _text_of(message: memoryview, number: int) -> str:
    return "".join(read_text(field) for field in read_fields(message) if field.number == number)


def _check_domain(domain: str) -> None:
    if domain not in ("", "ai.onnx"):
        raise ValueError(f"it uses operations of “{domain[:40]}”, which are not allowed")
