"""Smaller graphs cut from the whole one: only what a chosen output needs.

ONNX Runtime computes the whole graph whatever output is asked for, so a preview needs a graph of
its own. The cut copies the file's own bytes for every node and table that is kept; it takes some
milliseconds and no library, so nothing is cached on disk for it.
"""

from studio.opener.onnx_walk import WalkedGraph
from studio.opener.protobuf_wire import write_bytes_field


def cut_graph(graph: WalkedGraph, output: str) -> bytes:
    """Give the ONNX file of the part of a graph that one output needs.

    Args:
        graph: The walked graph.
        output: Name of one of its outputs.

    Raises:
        ValueError: The graph has no such output.
    """
    kept = [value for value in graph.outputs if value.name == output]
    if not kept:
        raise ValueError(f"the graph has no output {output!r}")
    needed = {output}
    nodes = []
    # The file's order is the order of execution, so one pass backwards finds all that is needed.
    for node in reversed(graph.nodes):
        if not needed.isdisjoint(node.outputs):
            needed.update(node.inputs)
            nodes.append(node)
    parts = [bytes(node.raw) for node in reversed(nodes)]
    parts.append(write_bytes_field(2, output.encode()))
    parts += [bytes(table.raw) for table in graph.tables if table.name in needed]
    parts += [bytes(value.raw) for value in graph.inputs]
    parts += [bytes(value.raw) for value in kept]
    model = [bytes(field) for field in graph.model_fields]
    return b"".join([*model, write_bytes_field(7, b"".join(parts))])
