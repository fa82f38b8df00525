"""ONNX files that try something: loops, other files, own code, lies about sizes, work without end."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from studio.opener.protobuf_wire import write_bytes_field, write_number_field
from tests.fakes.foreign_graphs import Wanted, foreign_graph

Change = Callable[[onnx.ModelProto], None]

FOREIGN_OPERATORS = (
    *("If", "Loop", "Scan", "SequenceMap", "SequenceConstruct", "Optional", "RandomNormal"),
    *("RandomUniformLike", "Multinomial", "Bernoulli", "Range", "NonZero", "Unique", "TopK"),
    *(
        "StringNormalizer",
        "TfIdfVectorizer",
        "ImageDecoder",
        "QuantizeLinear",
        "GridSample",
        "LSTM",
    ),
    *("EPContext", "TreeEnsemble", "Compress", "NonMaxSuppression", "Evil", "", "x" * 100_000),
)
FOREIGN_DOMAINS = ("com.microsoft", "ai.onnx.ml", "evil.example", "ai.onnx.training", "pkg.own")
LOCATIONS = ("weights.bin", "../../secret", "/etc/passwd", "C:\\secret", "\\\\host\\share\\x", "")


def hostile_graphs() -> Iterator[tuple[str, bytes]]:
    """Give each file with a name for it."""
    yield from _structure()
    yield from _operators()
    yield from _tables()
    yield from _wire()
    yield from _costs()
    yield from _broken()
    yield from _not_pictures()


def changed(change: Change, wanted: Wanted = Wanted()) -> bytes:  # noqa: B008
    """Give a harmless graph after something was done to it."""
    model = onnx.load_model_from_string(foreign_graph(wanted))
    change(model)
    raw: bytes = model.SerializeToString()
    return raw


def node(operator: str, *inputs: str, output: str = "extra", **attributes: Any) -> Change:
    """Give what adds a node."""

    def change(model: onnx.ModelProto) -> None:
        model.graph.node.append(helper.make_node(operator, inputs, [output], **attributes))

    return change


def _inner() -> onnx.GraphProto:
    value = helper.make_tensor_value_info("i", TensorProto.FLOAT, [1])
    return helper.make_graph([helper.make_node("Identity", ["z"], ["i"])], "inner", [], [value])


def _structure() -> Iterator[tuple[str, bytes]]:
    yield "subgraph", changed(node("Identity", "z", body=_inner()))
    yield "subgraphs", changed(node("Identity", "z", bodies=[_inner(), _inner()]))
    yield "loop of a billion turns", changed(node("Loop", "z", body=_inner()))
    function = helper.make_function(
        "own", "f", ["a"], ["b"], [helper.make_node("Identity", ["a"], ["b"])],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    yield "local function", changed(lambda model: model.functions.append(function))
    yield "training code", changed(lambda model: model.training_info.add())
    for number in (6, 11, 25, 20):
        raw = foreign_graph() + write_bytes_field(number, b"")
        if number in (20, 25):
            yield f"empty field {number}", raw
    yield "two graphs", foreign_graph() + write_bytes_field(7, b"")
    yield "no graph", write_number_field(1, 8) + write_bytes_field(2, b"maker")
    yield (
        "metadata flood",
        changed(lambda model: model.metadata_props.add(key="k", value="x" * 70_000)),
    )
    yield (
        "metadata in crumbs",
        changed(
            lambda model: model.metadata_props.extend(
                onnx.StringStringEntryProto(key=f"k{i}", value="y" * 20) for i in range(5000)
            )
        ),
    )
    yield (
        "node flood",
        changed(
            lambda model: model.graph.node.extend(
                [helper.make_node("Identity", ["z"], [f"n{i}"]) for i in range(20_001)]
            )
        ),
    )
    sparse = onnx.SparseTensorProto()
    yield "sparse table", changed(lambda model: model.graph.sparse_initializer.append(sparse))
    yield "sparse attribute", changed(node("Identity", "z", value=sparse))

    def sequence(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.sequence_type.elem_type.tensor_type.elem_type = 1

    def mapped(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.map_type.key_type = 7

    yield "sequence input", changed(sequence)
    yield "map input", changed(mapped)


def _operators() -> Iterator[tuple[str, bytes]]:
    for operator in FOREIGN_OPERATORS:
        yield f"operator {operator[:20]}", changed(node(operator, "z"))
    for domain in FOREIGN_DOMAINS:
        yield f"node of {domain}", changed(node("Relu", "z", domain=domain))
        yield (
            f"opset of {domain}",
            changed(_more_opsets(domain)),
        )


def _tables() -> Iterator[tuple[str, bytes]]:
    for location in LOCATIONS:

        def outside(model: onnx.ModelProto, location: str = location) -> None:
            table = model.graph.initializer[0]
            table.ClearField("raw_data")
            table.data_location = TensorProto.EXTERNAL
            table.external_data.add(key="location", value=location)

        yield f"external data at {location!r}", changed(outside)
    only_flag = helper.make_tensor("t", TensorProto.FLOAT, [1], [1.0])
    only_flag.data_location = TensorProto.EXTERNAL
    yield (
        "external data without a place",
        changed(_more(only_flag)),
    )
    constant = helper.make_tensor("t", TensorProto.FLOAT, [1], [1.0])
    constant.external_data.add(key="location", value="x")
    yield "external data in a constant", changed(node("Constant", value=constant))
    for sides in ((2**31, 2**31), (2**62, 4), (-1, 2), (1,) * 9, (2**30, 2), (0, -5)):
        yield (
            f"table of {sides}",
            changed(_more(TensorProto(name="t", data_type=1, dims=sides))),
        )
    flood = TensorProto(name="t", data_type=1, dims=[1] * 1_000_000)
    yield "a million sides", changed(_more(flood))
    for kind in (8, 14, 15, 17, 99, 0):
        yield (
            f"table of type {kind}",
            changed(_more(TensorProto(name="t", data_type=kind, dims=[1], raw_data=bytes(4)))),
        )
    short = TensorProto(name="t", data_type=1, dims=[1000], raw_data=b"\0" * 8)
    yield (
        "table shorter than its shape",
        changed(_more(short)),
    )
    for word, value in (("NaN", np.nan), ("infinity", np.inf)):

        def poison(model: onnx.ModelProto, value: float = value) -> None:
            for table in model.graph.initializer:
                if table.name == "weight":
                    values = np.full(table.dims, value, dtype=np.float32)
                    table.CopyFrom(numpy_helper.from_array(values, "weight"))

        yield f"weights of {word}", changed(poison, Wanted(is_bare=True))


def _wire() -> Iterator[tuple[str, bytes]]:
    whole = foreign_graph()
    for share in (1, 3, 20, 50, 80, 97, 99):
        yield f"cut off at {share} %", whole[: len(whole) * share // 100]
    yield "group", b"\x08\x08\x3b\x3c" + whole
    yield "field 0", b"\x08\x08\x02\x01x" + whole
    yield "endless number", b"\x08" + b"\x08" + b"\x10" + b"\xff" * 50
    yield "length over the end", b"\x08\x08\x3a\xff\xff\xff\xff\x0f" + whole
    yield (
        "name that is no text",
        write_number_field(1, 8)
        + write_bytes_field(7, write_bytes_field(1, write_bytes_field(4, b"\xff\xfe"))),
    )
    yield "crumbs", write_number_field(1, 8) + write_number_field(3, 1) * 300_000
    yield (
        "crumbs inside",
        write_number_field(1, 8) + write_bytes_field(7, write_number_field(3, 1) * 300_000),
    )
    yield "empty graph", write_number_field(1, 8) + write_bytes_field(7, b"")


def _costs() -> Iterator[tuple[str, bytes]]:
    def wide(model: onnx.ModelProto) -> None:
        _table(model, "huge", np.array([1, 65536, 65536], dtype=np.int64))
        model.graph.node.append(helper.make_node("ReduceMean", ["z"], ["one"], keepdims=0))
        model.graph.node.append(helper.make_node("Expand", ["one", "huge"], ["extra"]))
        model.graph.output.append(helper.make_tensor_value_info("extra", 1, None))

    yield "asks for 17 GB", changed(wide, Wanted(batch=1))

    def constant(model: onnx.ModelProto) -> None:
        _table(model, "huge", np.array([2**20, 2**14], dtype=np.int64))
        model.graph.node.append(helper.make_node("ConstantOfShape", ["huge"], ["extra"]))
        model.graph.output.append(helper.make_tensor_value_info("extra", 1, None))

    yield "a constant of 69 GB", changed(constant)

    def heavy(model: onnx.ModelProto) -> None:
        _table(model, "k", np.zeros((64, 3, 1, 1), dtype=np.float32))
        _table(model, "kk", np.zeros((64, 64, 31, 31), dtype=np.float16).astype(np.float32))
        _table(model, "up", np.array([1, 1, 64, 64], dtype=np.float32))
        model.graph.node.extend(
            [
                helper.make_node("Resize", ["image", "", "up"], ["big"], mode="nearest"),
                helper.make_node("Conv", ["big", "k"], ["c0"]),
                helper.make_node("Conv", ["c0", "kk"], ["c1"], pads=[15] * 4),
                helper.make_node("ReduceMean", ["c1"], ["extra"], keepdims=1),
            ]
        )
        model.graph.output.append(helper.make_tensor_value_info("extra", 1, None))

    yield "a picture of 8 TFLOP", changed(heavy)

    def product(model: onnx.ModelProto) -> None:
        _table(model, "shape_a", np.array([1, 20_000, 4], dtype=np.int64))
        model.graph.node.extend(
            [
                helper.make_node("ReduceMean", ["z"], ["one"], keepdims=0),
                helper.make_node("Expand", ["one", "shape_a"], ["a"]),
                helper.make_node("Transpose", ["a"], ["b"], perm=[0, 2, 1]),
                helper.make_node("MatMul", ["a", "b"], ["c"]),
                helper.make_node("MatMul", ["c", "c"], ["extra"]),
            ]
        )
        model.graph.output.append(helper.make_tensor_value_info("extra", 1, None))

    yield "a product of 16 TFLOP", changed(product)

    def cell(model: onnx.ModelProto) -> None:
        _table(model, "up2", np.array([1, 1, 30_000, 30_000], dtype=np.float32))
        model.graph.node.append(
            helper.make_node("Resize", ["image", "", "up2"], ["extra"], mode="nearest")
        )
        model.graph.output.append(helper.make_tensor_value_info("extra", 1, None))

    yield "a picture of 480,000 px", changed(cell)


def _broken() -> Iterator[tuple[str, bytes]]:
    def cycle(model: onnx.ModelProto) -> None:
        model.graph.node[0].input[0] = "image"

    def no_output(model: onnx.ModelProto) -> None:
        model.graph.ClearField("output")

    def missing_output(model: onnx.ModelProto) -> None:
        model.graph.output[0].name = "nowhere"

    def no_input(model: onnx.ModelProto) -> None:
        model.graph.ClearField("input")

    def twice(model: onnx.ModelProto) -> None:
        model.graph.node.append(model.graph.node[0])

    yield "ring", changed(cycle)
    yield "without an output", changed(no_output)
    yield "output from nowhere", changed(missing_output)
    yield "without an input", changed(no_input)
    yield "two nodes of one name", changed(twice)
    for opset in (1, 5, 99):
        yield (
            f"opset {opset}",
            changed(_opset(opset)),
        )
    yield "without an opset", changed(lambda model: model.ClearField("opset_import"))


def _not_pictures() -> Iterator[tuple[str, bytes]]:
    def flat(model: onnx.ModelProto) -> None:
        model.graph.output[0].name = "made"

    def texts(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.elem_type = TensorProto.STRING

    def unsaid(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "any"

    def liar(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 9

    def zeroed(model: onnx.ModelProto) -> None:
        for table in model.graph.initializer:
            if table.name == "weight":
                zeros = np.zeros(table.dims, dtype=np.float32)
                table.CopyFrom(numpy_helper.from_array(zeros, "weight"))

    yield "gives a row of numbers", changed(flat)
    yield "takes texts", changed(texts)
    yield "latent of any width", changed(unsaid)
    yield "latent of another width", changed(liar)
    yield "always the same picture", changed(zeroed)
    yield "pictures that are not square", foreign_graph(Wanted(rows=32))


def _table(model: onnx.ModelProto, name: str, values: NDArray[np.generic]) -> None:
    model.graph.initializer.append(numpy_helper.from_array(values, name))


def _more(table: TensorProto) -> Change:
    def change(model: onnx.ModelProto) -> None:
        model.graph.initializer.append(table)

    return change


def _more_opsets(domain: str) -> Change:
    def change(model: onnx.ModelProto) -> None:
        model.opset_import.append(helper.make_opsetid(domain, 1))

    return change


def _opset(version: int) -> Change:
    def change(model: onnx.ModelProto) -> None:
        model.opset_import[0].version = version

    return change
