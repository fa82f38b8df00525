"""The last step of a picture made in blocks of channels: to a picture, or to a tensor image."""

from collections.abc import Iterable
from typing import Final, Literal

import numpy as np

from studio.engine.blocked_graph import DOMAIN, DOMAIN_FIELD
from studio.engine.graph_writer import UINT8, GraphWriter
from studio.engine.variants import write_levels

Form = Literal["picture", "image"]
_END: Final = -(2**62)  # before the first, for a slice that runs backwards


def write_tail(
    model_fields: Iterable[bytes | memoryview], form: Form, *, block: int, is_symmetric: bool
) -> bytes:
    """Give the ONNX file of the last step. Its input is `rgb` [1, B, H, W] in blocks.

    Args:
        model_fields: The fields of the exported file besides its graph.
        form: "image" gives float32 [1, 3, H, W]. "picture" gives uint8 [1, H, W, 3] with the levels
            of `core.arrays.picture_from_tensor`, and a float32 [] that is finite when every number
            was, because a level of what is not finite means nothing.
        block: B.
        is_symmetric: Whether the picture is made equal to its turns and mirrors.
    """
    out = GraphWriter()
    rgb = out.take("rgb", 1, block, None, None)
    is_picture = form == "picture"
    rgb = out.node_of(DOMAIN, "ReorderOutput", rgb, channels=3, channels_last=int(is_picture))
    high = 1 if is_picture else 2
    if is_symmetric:
        rgb = _symmetric(out, rgb, high=high)
    fields = [*model_fields, DOMAIN_FIELD]
    if not is_picture:
        return out.file(fields, {rgb: (1, 3, None, None)})
    total = out.node("ReduceSum", rgb, keepdims=0)
    levels = write_levels(out, rgb)
    return out.file(fields, {levels: (1, None, None, 3), total: ()}, kinds={levels: UINT8})


def _symmetric(out: GraphWriter, rgb: str, *, high: int) -> str:
    """Give the mean over the mirrors and turns; `high` is the axis of the rows."""
    half = out.table("half", np.array(0.5, dtype=np.float32))

    def mean(one: str, other: str) -> str:
        return out.node("Mul", out.node("Add", one, other), half)

    for axis in (high, high + 1):
        back = out.numbers(-1)
        turned = out.node("Slice", rgb, back, out.numbers(_END), out.numbers(axis), back)
        rgb = mean(rgb, turned)
    order = [0, 1, 2, 3]
    order[high], order[high + 1] = high + 1, high
    return mean(rgb, out.node("Transpose", rgb, perm=tuple(order)))
