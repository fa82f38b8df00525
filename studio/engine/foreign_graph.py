"""A stranger's graph is put between two ends of ours, so that it looks like every other model.

In front: w [N, L, D] becomes what the graph takes; classes are the last numbers of w, made to
weights ≥ 0 that sum to 1. Behind: what it gives becomes `image` [N, 3, R, R] in −1…1, and `alpha`
[N, 1, R, R] where there is a fourth channel. Only operations are used that all operator sets from
9 on have in the same form.

Shape legend: N pictures, L layers, D width of w, Z numbers of the latent, K classes with a slider,
C classes of the graph.
"""

import hashlib
import math
from typing import Any, Final

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from studio.core.errors import ModelError
from studio.engine.foreign_inputs import ClassInput, FixedInput, Inputs, LatentInput

_INNER: Final = "graph/"
_FLOATING: Final = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE)
_NUMBERS: Final = (*_FLOATING, TensorProto.UINT8, TensorProto.INT32, TensorProto.INT64)
_OPSETS: Final = range(9, 25)
_IR_VERSION: Final = 10
_MAPPING_OPSET: Final = 20
# The least sum of the class weights: below it no class is left, and the picture is the graph's own.
_LEAST_WEIGHT: Final = 1e-6
_NO_USE: Final = "Ask its maker for a newer export, or choose another model."


class PictureOutput(msgspec.Struct, frozen=True):
    """What a graph gives, as the trial found it.

    Attributes:
        name: Of the output.
        shape: Of one run, without the first side where it counts pictures.
        layout: "NCHW" or "NHWC".
        colours: "-1..1", "0..1" or "0..255".
    """

    name: str
    shape: tuple[int, ...]
    layout: str
    colours: str

    @property
    def side(self) -> int:
        """Side of the picture in px."""
        return self.shape[1]

    @property
    def channels(self) -> int:
        """1, 3 or 4."""
        return self.shape[0] if self.layout == "NCHW" else self.shape[2]


class ForeignModel:
    """A stranger's graph, taken in pieces, from which graphs of ours are built.

    Attributes:
        inputs: What its inputs are for.
        classes: The classes that are numbers of w, the shown one first.
        outputs: Names of outputs that may be the picture.
    """

    def __init__(self, raw: bytes, inputs: Inputs, *, classes: tuple[int, ...]) -> None:
        """Take a walked file.

        Args:
            raw: The file.
            inputs: What its inputs are for.
            classes: See the attribute; empty when it has none.

        Raises:
            ModelError: It uses operator sets that are not known here.
        """
        model = onnx.load_model_from_string(raw)
        self._opset = _opset_of(model)
        self.inputs, self.classes = inputs, classes
        _clear(model)
        self._graph = onnx.compose.add_prefix_graph(model.graph, _INNER)
        self.outputs = tuple(
            value.name
            for value in model.graph.output
            if value.type.tensor_type.elem_type in _NUMBERS
        )

    @property
    def num_z(self) -> int:
        """Z: how many random numbers a picture comes from."""
        latent = self.inputs.latent
        return latent.width * (latent.layers if self.classes else 1)

    @property
    def layers(self) -> int:
        """L of w."""
        return 1 if self.classes else self.inputs.latent.layers

    @property
    def width(self) -> int:
        """D of w."""
        return self.num_z + len(self.classes)

    def raw_model(self, output: str = "") -> bytes:
        """Give the graph behind our front end, with what it gives as it is.

        Args:
            output: One of `outputs`; "" for all of them.
        """
        build = _Builder()
        self._front(build)
        names = [output] if output else list(self.outputs)
        made = [build.float_of(_INNER + name, f"raw_{i}") for i, name in enumerate(names)]
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in made]
        return self._finish(build, outputs)

    def synthesis(self, picture: PictureOutput) -> bytes:
        """Give synthesis.onnx."""
        build = _Builder()
        self._front(build)
        names = build.picture(_INNER + picture.name, picture, is_many=self.inputs.latent.batch > 1)
        sides = {"image": 3, "alpha": 1}
        outputs = [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT, ["batch", sides[name], picture.side, picture.side]
            )
            for name in names
        ]
        return self._finish(build, outputs)

    def mapping(self) -> bytes:
        """Give mapping.onnx: the seeds' numbers are w, repeated for each layer, and the first class."""
        build = _Builder()
        build.node("Reshape", ["z", build.whole("one", [-1, 1, self.num_z])], "single")
        last = "single"
        if self.classes:
            pads = [0, 0, 0, 0, 0, len(self.classes)]
            build.node("Pad", [last, build.whole("room", pads)], "roomy")
            row = np.zeros((1, 1, self.width), dtype=np.float32)
            row[0, 0, self.num_z] = 1
            last = build.node("Add", ["roomy", build.table("class", row)], "classed")
        build.node("Tile", [last, build.whole("repeats", [1, self.layers, 1])], "w")
        graph = helper.make_graph(
            build.nodes,
            "mapping",
            [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", self.num_z])],
            [_w_value(layers=self.layers, width=self.width)],
            build.tables,
        )
        opset = [helper.make_opsetid("", _MAPPING_OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=_IR_VERSION)
        raw: bytes = model.SerializeToString()
        return raw

    def _front(self, build: "_Builder") -> None:
        latent = self.inputs.latent
        source = "w"
        if self.classes:
            flat = build.node("Reshape", ["w", build.whole("flat", [-1, self.width])], "flat_w")
            source = build.columns(flat, range(self.num_z), name="z")
            weights = build.columns(flat, range(self.num_z, self.width), name="class_row")
        build.latent(source, latent, name=_INNER + latent.name)
        classes = self.inputs.classes
        if classes is not None and self.classes:
            build.classes(weights, classes, chosen=self.classes, name=_INNER + classes.name)
        for fixed in self.inputs.fixed:
            build.fixed(fixed, _INNER + fixed.name)

    def _finish(self, build: "_Builder", outputs: list[onnx.ValueInfoProto]) -> bytes:
        head, tail = build.split()
        graph = helper.make_graph(
            [*head, *self._graph.node, *tail],
            "synthesis",
            [_w_value(layers=self.layers, width=self.width)],
            outputs,
            [*self._graph.initializer, *build.tables],
        )
        opset = [helper.make_opsetid("", self._opset)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=_IR_VERSION)
        raw: bytes = model.SerializeToString()
        return raw


class _Builder:
    """Collects nodes and tables; nodes that read the inner graph come behind it."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tables: list[onnx.TensorProto] = []

    def split(self) -> tuple[list[onnx.NodeProto], list[onnx.NodeProto]]:
        """Give the nodes in front of the inner graph and those behind it."""
        first = next(
            (i for i, node in enumerate(self.nodes) if node.name == "behind"), len(self.nodes)
        )
        return self.nodes[:first], self.nodes[first:]

    def table(self, name: str, values: NDArray[np.generic]) -> str:
        self.tables.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def whole(self, name: str, values: list[int]) -> str:
        return self.table(name, np.array(values, dtype=np.int64))

    def node(self, operator: str, inputs: list[str], *outputs: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs[0]

    def columns(self, source: str, chosen: range, *, name: str) -> str:
        index = self.whole(f"{name}_columns", list(chosen))
        return self.node("Gather", [source, index], name, axis=1)

    def latent(self, source: str, latent: LatentInput, *, name: str) -> None:
        shape = [side or 0 for side in latent.shape]
        if len(shape) > 1:
            shape[0] = -1
        shaped = self.node("Reshape", [source, self.whole("latent_shape", shape)], "shaped")
        if latent.batch > 1:
            repeats = self.whole("latent_repeats", [latent.batch] + [1] * (len(shape) - 1))
            shaped = self.node("Tile", [shaped, repeats], "repeated")
        self.node("Cast", [shaped], name, to=latent.element_type)

    def classes(self, row: str, classes: ClassInput, *, chosen: tuple[int, ...], name: str) -> None:
        """Make weights ≥ 0 that sum to 1 of a row [N, K], and of them what the graph takes."""
        positive = self.node("Relu", [row], "class_positive")
        ones = self.table("class_ones", np.ones((len(chosen), 1), dtype=np.float32))
        total = self.node("MatMul", [positive, ones], "class_total")
        least = self.table("class_least", np.array([[_LEAST_WEIGHT]], dtype=np.float32))
        weights = self.node(
            "Div", [positive, self.node("Max", [total, least], "class_sum")], "class_weights"
        )
        if classes.is_weights:
            place = np.zeros((len(chosen), classes.count), dtype=np.float32)
            place[np.arange(len(chosen)), list(chosen)] = 1
            made = self.node("MatMul", [weights, self.table("class_place", place)], "class_all")
            self.node("Cast", [made], name, to=classes.element_type)
            return
        largest = self.node("ArgMax", [weights], "class_largest", axis=1, keepdims=0)
        number = self.node("Gather", [self.whole("class_ids", list(chosen)), largest], "class_id")
        shape = [-1, *(1 for _ in classes.shape[1:])] if classes.shape else []
        shaped = self.node("Reshape", [number, self.whole("class_shape", shape)], "class_shaped")
        self.node("Cast", [shaped], name, to=classes.element_type)

    def fixed(self, fixed: FixedInput, name: str) -> None:
        shape = [side or 1 for side in fixed.shape]
        if fixed.value is None:
            values = np.random.RandomState(0).standard_normal(shape).astype(np.float32)
        else:
            values = np.full(shape, fixed.value, dtype=np.float32)
        table = self.table(f"fixed/{fixed.name}", values)
        self.node("Cast", [table], name, to=fixed.element_type)

    def float_of(self, source: str, name: str) -> str:
        self.nodes.append(
            helper.make_node("Cast", [source], [name], name="behind", to=TensorProto.FLOAT)
        )
        return name

    def picture(self, source: str, picture: PictureOutput, *, is_many: bool) -> list[str]:
        """Make `image`, and `alpha` where there is one, of what the graph gives."""
        last = self.float_of(source, "raw")
        last = self.node(
            "Reshape", [last, self.whole("raw_shape", [-1, *picture.shape])], "batched"
        )
        if is_many:
            last = self.node("Gather", [last, self.whole("first", [0])], "single", axis=0)
        if picture.layout == "NHWC":
            last = self.node("Transpose", [last], "planes", perm=[0, 3, 1, 2])
        scale = {"-1..1": 1.0, "0..1": 2.0, "0..255": 2 / 255}[picture.colours]
        if scale != 1.0:
            factor = self.table("scale", np.array([scale], dtype=np.float32))
            last = self.node("Mul", [last, factor], "scaled")
            last = self.node(
                "Sub", [last, self.table("middle", np.array([1], dtype=np.float32))], "centred"
            )
        if picture.channels == 1:
            self.node("Concat", [last, last, last], "image", axis=1)
        elif picture.channels == 3:
            self.node("Identity", [last], "image")
        else:
            self.columns(last, range(3), name="image")
            self.columns(last, range(3, 4), name="alpha")
            return ["image", "alpha"]
        return ["image"]


def _opset_of(model: onnx.ModelProto) -> int:
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    if not versions or versions[0] not in _OPSETS:
        found = f"{versions[0]}" if versions else "none"
        raise ModelError(
            f"The graph uses version {found} of the operations; "
            f"{_OPSETS[0]} to {_OPSETS[-1]} are known here.",
            _NO_USE,
        )
    return int(versions[0])


def _clear(model: onnx.ModelProto) -> None:
    """Take away what a graph tells besides its work: remarks, places, shapes of its insides."""
    graph = model.graph
    graph.doc_string = ""
    for field in ("value_info", "metadata_props", "quantization_annotation"):
        graph.ClearField(field)
    for part in (*graph.node, *graph.initializer):
        part.doc_string = ""
        part.ClearField("metadata_props")
    stored = {table.name for table in graph.initializer}
    kept = [value for value in graph.input if value.name not in stored]
    graph.ClearField("input")
    graph.input.extend(kept)


def _w_value(*, layers: int, width: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info("w", TensorProto.FLOAT, ["batch", layers, width])


def sha256(content: bytes) -> str:
    """Give the SHA-256 of bytes, hex."""
    return hashlib.sha256(content).hexdigest()


def num_values(shape: tuple[int, ...]) -> int:
    """Give how many numbers a table of this shape has."""
    return math.prod(shape)
