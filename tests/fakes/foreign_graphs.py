"""Small ONNX generators as other people export them: every shape, range and order of axes.

The network is one matrix from the latent to 4 × 4 × C, upsampled and bent; weights are fixed.
"""

from typing import Any

import msgspec
import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

SIDE = 16
TYPES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What kind of graph.

    Attributes:
        latent: Sides of the latent input behind the batch.
        batch: "batch" for any, or a number.
        channels: 1, 3 or 4.
        layout: "NCHW" or "NHWC".
        colours: "-1..1", "0..1" or "0..255".
        is_bare: Without Tanh or Sigmoid at the end, so that the range has to be seen.
        kind: "float32" or "float16".
        opset: Set of operations.
        latent_name: Of the input.
        classes: Number of classes, 0 for none.
        has_weights: Whether a class comes as weights, not as a number.
        extras: Further inputs: name → sides.
        is_stiff: Whether its insides have room for one picture only, whatever its input says.
        is_shared: Whether pictures that are made together depend on one another.
        is_normed: Whether it makes every latent the same length first.
        rows: Rows of the picture, when they are others than its columns.
    """

    latent: tuple[int, ...] = (8,)
    batch: str | int = "batch"
    channels: int = 3
    layout: str = "NCHW"
    colours: str = "-1..1"
    is_bare: bool = False
    kind: str = "float32"
    opset: int = 17
    latent_name: str = "z"
    classes: int = 0
    has_weights: bool = False
    extras: dict[str, tuple[int, ...]] = {}
    is_stiff: bool = False
    is_shared: bool = False
    is_normed: bool = False
    rows: int = SIDE


def foreign_graph(wanted: Wanted = Wanted(), *, seed: int = 5) -> bytes:  # noqa: B008
    """Give the file."""
    raw: bytes = _Maker(wanted, seed).model().SerializeToString()
    return raw


class _Maker:
    def __init__(self, wanted: Wanted, seed: int) -> None:
        self.wanted = wanted
        self.rng = np.random.RandomState(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.tables: list[onnx.TensorProto] = []
        self.type = TYPES[wanted.kind]
        self.dtype = np.dtype(wanted.kind)

    def table(self, name: str, values: ArrayLike) -> str:
        self.tables.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def floats(self, name: str, values: ArrayLike) -> str:
        return self.table(name, np.asarray(values, dtype=self.dtype))

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def model(self) -> onnx.ModelProto:
        wanted = self.wanted
        size = int(np.prod(wanted.latent))
        inputs = [
            helper.make_tensor_value_info(
                wanted.latent_name, self.type, [wanted.batch, *wanted.latent]
            )
        ]
        flat = self.node(
            "Reshape", [wanted.latent_name, self.table("flat", np.array([-1, size]))], "flat_z"
        )
        if wanted.is_shared:
            shared = self.node("ReduceMean", [flat], "shared", axes=[0], keepdims=1)
            half = self.node("Mul", [shared, self.floats("half", 0.5)], "half_shared")
            flat = self.node("Sub", [flat, half], "together")
        if wanted.is_normed:
            length = self.node("ReduceL2", [flat], "length", axes=[1], keepdims=1)
            flat = self.node("Div", [flat, length], "normed")  # 0 / 0 in the middle
        if wanted.classes:
            flat = self.classed(flat, inputs, size)
        for name, sides in wanted.extras.items():
            inputs.append(helper.make_tensor_value_info(name, self.type, sides))
            used = self.node("ReduceMean", [name], f"{name}_mean", keepdims=0)
            flat = self.node("Mul", [flat, used], f"{name}_used")
        made = self.picture(flat, size)
        outputs = [helper.make_tensor_value_info(made, self.type, None)]
        graph = helper.make_graph(self.nodes, "net", inputs, outputs, self.tables)
        opset = [helper.make_opsetid("", wanted.opset)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8)

    def classed(self, flat: str, inputs: list[onnx.ValueInfoProto], size: int) -> str:
        wanted = self.wanted
        rows = self.floats("classes", self.rng.randn(wanted.classes, size) * 2)
        if wanted.has_weights:
            sides = [wanted.batch, wanted.classes]
            inputs.append(helper.make_tensor_value_info("class", self.type, sides))
            row = self.node("MatMul", ["class", rows], "class_row")
        else:
            inputs.append(helper.make_tensor_value_info("label", TensorProto.INT64, [wanted.batch]))
            row = self.node("Gather", [rows, "label"], "class_row")
        return self.node("Add", [flat, row], "classed")

    def picture(self, flat: str, size: int) -> str:
        wanted = self.wanted
        across, down = SIDE // 4, wanted.rows // 4
        count = wanted.channels * 16
        weight = self.floats("weight", self.rng.randn(size, count) / np.sqrt(size))
        made = self.node("MatMul", [flat, weight], "made")
        shape = np.array([1 if wanted.is_stiff else -1, wanted.channels, 4, 4])
        made = self.node("Reshape", [made, self.table("shape", shape)], "small")
        scales = self.table("scales", np.array([1, 1, down, across], dtype=np.float32))
        roi = self.floats("roi", np.zeros(0))
        made = self.node("Resize", [made, roi, scales], "large", mode="nearest")
        if wanted.colours == "-1..1":
            made = made if wanted.is_bare else self.node("Tanh", [made], "bent")
        elif wanted.is_bare:
            made = self.node("Clip", [made, self.floats("low", 0), self.floats("high", 1)], "bent")
        else:
            made = self.node("Sigmoid", [made], "bent")
        if wanted.colours == "0..255":
            made = self.node("Mul", [made, self.floats("levels", 255)], "levelled")
        if wanted.layout == "NHWC":
            made = self.node("Transpose", [made], "turned", perm=[0, 2, 3, 1])
        return self.node("Identity", [made], "image")
