"""What a picture cannot cost less than: its graph's multiply-adds at the speed of matrix products.

Shapes: O and I channels out and in, K fields of grain, D width of w.
"""

import time
from typing import Final

import numpy as np
import onnxruntime

from studio.core.model_card import ModelCard
from studio.engine.graph_writer import GraphWriter
from studio.engine.providers import CPU_PROVIDER, session_options
from studio.engine.spread_graph import recognise
from studio.opener.onnx_walk import GraphTable, WalkedGraph
from studio.opener.protobuf_wire import (
    read_fields,
    read_numbers,
    write_bytes_field,
    write_number_field,
)

_SIDE: Final = 1024  # large enough for the full rate, small enough for the second-level cache
_HALVED: Final = "_fp16"


def multiply_adds(graph: WalkedGraph, card: ModelCard) -> int | None:
    """Give the multiply-adds of one full picture; None for a graph that is not of our kind.

    A convolution whose picture is doubled afterwards counts before it is doubled.
    """
    if recognise(graph, resolution=card.resolution, width=card.w) is None:
        return None
    total = 0
    sizes = [4 << level for level in range((card.resolution // 4).bit_length())]
    for table in graph.tables:
        name, sides = table.name.removesuffix(_HALVED), _sides(table)
        layer, _, part = name.rpartition(".")
        if part == "weight":
            kind, _, number = layer.partition(".")
            place = int(number)
            # A convolution that doubles computes at the size of the level before.
            size = sizes[place if kind == "colours" else place // 2]
            total += int(np.prod(sides)) * size * size
        elif part in ("affine", "energy", "mixer") or name == "start":
            total += int(np.prod(sides))
        elif name.startswith("fields_"):
            total += int(np.prod(sides)) * (1 if name == "fields_4" else 2)
    return total


def _sides(table: GraphTable) -> list[int]:
    (field,) = read_fields(table.raw)
    parts = read_fields(field.content)
    return [side for part in parts if part.number == 1 for side in read_numbers(part)]


class MatrixRate:
    """Times the product of two square matrices in the runtime, on as many threads as the engine."""

    def __init__(self, num_threads: int) -> None:
        rng = np.random.default_rng(1)
        self._left, right = (rng.random((_SIDE, _SIDE), dtype=np.float32) for _ in range(2))
        out = GraphWriter()
        left = out.take("left", _SIDE, _SIDE)
        product = out.node("MatMul", left, out.table("right", right))
        fields = [write_number_field(1, 10), write_bytes_field(8, write_number_field(2, 20))]
        file = out.file(fields, {product: (_SIDE, _SIDE)})
        options = session_options(num_threads)
        self._session = onnxruntime.InferenceSession(file, options, providers=[CPU_PROVIDER])

    def floor_ms(self, num_multiply_adds: int, count: int) -> list[float]:
        """Give `count` times how long so many multiply-adds take at the rate of this moment."""
        times = []
        for _ in range(count):
            begin_s = time.perf_counter()
            self._session.run(None, {"left": self._left})
            took_s = time.perf_counter() - begin_s
            times.append(took_s * 1000 * num_multiply_adds / _SIDE**3)
        return times
