"""Smaller graphs cut from the whole one: only what a chosen output needs.

ONNX Runtime computes the whole graph whatever output is asked for, so a preview needs a graph of
its own. The cut copies the file's own bytes for every node and table that is kept; it takes some
milliseconds and no library, so nothing is cached on disk for it.
"""

import numpy as np

from studio.engine.graph_writer import UINT8, GraphWriter
from studio.opener.onnx_walk import GraphNode, GraphTable, WalkedGraph
from studio.opener.protobuf_wire import write_bytes_field


def cut_graph(graph: WalkedGraph, output: str) -> bytes:
    """Give the ONNX file of the part of a graph that one output needs.

    Args:
        graph: The walked graph.
        output: Name of one of its outputs.

    Raises:
        ValueError: The graph has no such output.
    """
    nodes, tables = _needed(graph, output)
    parts = [bytes(node.raw) for node in nodes]
    parts.append(write_bytes_field(2, output.encode()))
    parts += [bytes(table.raw) for table in tables]
    parts += [bytes(value.raw) for value in graph.inputs]
    parts += [bytes(value.raw) for value in graph.outputs if value.name == output]
    model = [bytes(field) for field in graph.model_fields]
    return b"".join([*model, write_bytes_field(7, b"".join(parts))])


def picture_graph(graph: WalkedGraph, output: str) -> bytes:
    """Give the ONNX file of the part that one output needs, ending in pictures.

    Its outputs are uint8 [N, H, W, 3] with the levels of `core.arrays.picture_from_tensor`, a quarter
    of the bytes to bring back from a card, and a float32 [] that is finite when every number was.

    Args:
        graph: The walked graph; it has one input, `w`.
        output: Name of one of its outputs, a tensor image.

    Raises:
        ValueError: The graph has no such output.
    """
    nodes, tables = _needed(graph, output)
    out = GraphWriter()
    for node in nodes:
        out.keep_node(node.raw)
    for table in tables:
        out.keep_table(table.raw)
    for value in graph.inputs:
        out.take(value.name, *value.shape)
    levels = out.node("Transpose", write_levels(out, output), perm=(0, 2, 3, 1))
    total = out.node("ReduceSum", output, keepdims=0)
    sides = next(value.shape for value in graph.outputs if value.name == output)
    results = {levels: (None, *sides[2:], 3), total: ()}
    return out.file(graph.model_fields, results, kinds={levels: UINT8})


def write_levels(out: GraphWriter, image: str) -> str:
    """Add nodes that give -1…1 as 0…255, ties to even: the arithmetic of `picture_from_tensor`."""
    one, half = (
        out.table(name, np.array(value, dtype=np.float32))
        for name, value in (("one", 1.0), ("half_range", 127.5))
    )
    clipped = out.node("Clip", image, out.node("Neg", one), one)
    scaled = out.node("Mul", out.node("Add", clipped, one), half)
    return out.node("Cast", out.node("Round", scaled), to=UINT8)


def _needed(graph: WalkedGraph, output: str) -> tuple[list[GraphNode], list[GraphTable]]:
    if all(value.name != output for value in graph.outputs):
        raise ValueError(f"the graph has no output {output!r}")
    needed = {output}
    nodes = []
    # The file's order is the order of execution, so one pass backwards finds all that is needed.
    for node in reversed(graph.nodes):
        if not needed.isdisjoint(node.outputs):
            needed.update(node.inputs)
            nodes.append(node)
    return nodes[::-1], [table for table in graph.tables if table.name in needed]
