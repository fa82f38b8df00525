"""encoder.onnx: an encoder's layers written down as a graph, without torch's exporter.

The exporter takes many seconds for what is a dozen plain nodes here. The picture and the present
one pass the eyes as one batch of twice the size.
"""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from studio.training.encoder import CELLS, COLOUR_CELLS, SIDE, Encoder, Eyes, Look
from studio.training.networks import SLOPE
from studio.training.to_onnx import OPSET, halve_weights

IR_VERSION = 10  # of opset 20's time; what every runtime of ours reads


def encoder_graph(encoder: Encoder) -> bytes:
    """Gives encoder.onnx: `pair` [N, 6, 128, 128] → `change` [N, L, D]; large tables as fp16."""
    build = _Builder()
    build.node("Split", ["pair"], made=["picture", "present"], axis=1, num_outputs=2)
    both = build.node("Concat", ["picture", "present"], axis=0)
    seen = _add_eyes(build, encoder.eyes, both=both)
    build.node("Split", [seen], made=["seen", "seen_now"], axis=0, num_outputs=2)
    difference = build.node("Sub", ["seen", "seen_now"])
    build.table("narrow", encoder.narrow)
    build.table("wide", encoder.wide)
    narrowed = build.node("Gemm", [difference, "narrow"], transB=1)
    widened = build.node("Gemm", [narrowed, "wide"], transB=1)
    layers, width = encoder.shape
    build.numbers("shape", [-1, layers, width])
    build.node("Reshape", [widened, "shape"], made=["change"])
    return build.file((6, SIDE, SIDE), (layers, width))


def _add_eyes(build: "_Builder", eyes: Eyes, *, both: str) -> str:
    size = eyes.side
    colour = build.mean(both, SIDE // size)
    seen = [build.flat(build.mean(colour, size // COLOUR_CELLS))]
    x = build.bent(build.look(eyes.from_rgb[str(size)], colour))  # type: ignore[arg-type]
    for name, block in eyes.blocks.items():
        if size != eyes.side and name in eyes.from_rgb:
            colour = build.mean(colour, 2)
            added = build.bent(build.look(eyes.from_rgb[name], colour))  # type: ignore[arg-type]
            x = build.node("Add", [x, added])
        skipped = build.look(block["skip"], build.mean(x, 2))  # type: ignore[index]
        x = build.mean(build.bent(build.look(block["first"], x)), 2)  # type: ignore[index]
        x = build.node("Add", [build.bent(build.look(block["second"], x)), skipped])  # type: ignore[index]
        size //= 2
        seen.append(build.flat(build.mean(x, size // CELLS[size])))
    return build.node("Concat", seen, axis=1)


class _Builder:
    """Collects nodes and tables; what has no name gets a number."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._tables: list[onnx.TensorProto] = []

    def node(
        self, operator: str, given: list[str], *, made: list[str] | None = None, **attributes: Any
    ) -> str:
        made = made or [f"x{len(self._nodes)}"]
        self._nodes.append(helper.make_node(operator, given, made, **attributes))
        return made[0]

    def table(self, name: str, values: Tensor) -> str:
        self._tables.append(numpy_helper.from_array(values.detach().numpy(), name))
        return name

    def numbers(self, name: str, values: list[int]) -> None:
        self._tables.append(numpy_helper.from_array(np.array(values, np.int64), name))

    def look(self, look: Look, x: str) -> str:
        place, pad = len(self._tables), look.weight.shape[2] // 2
        weight = self.table(f"weight{place}", look.weight)
        bias = self.table(f"bias{place}", look.bias)
        return self.node("Conv", [x, weight, bias], pads=[pad] * 4)

    def bent(self, x: str) -> str:
        return self.node("LeakyRelu", [x], alpha=SLOPE)

    def mean(self, x: str, cell: int) -> str:
        if cell == 1:
            return x
        return self.node("AveragePool", [x], kernel_shape=[cell, cell], strides=[cell, cell])

    def flat(self, x: str) -> str:
        return self.node("Flatten", [x], axis=1)

    def file(self, pair: tuple[int, ...], change: tuple[int, ...]) -> bytes:
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [value("pair", TensorProto.FLOAT, ["batch", *pair])],
            [value("change", TensorProto.FLOAT, ["batch", *change])],
            self._tables,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="latent-studio",
        )
        halve_weights(model)
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))
