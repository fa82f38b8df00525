"""The tables of a synthesis graph of ours, padded to whole blocks of channels.

Shapes: B channels of a block, D width of w, I and O channels in and out, K fields of grain.
"""

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.opener.onnx_walk import GraphTable, WalkedGraph
from studio.opener.protobuf_wire import read_fields, read_numbers

Table = NDArray[np.float32]

_HALVED = "_fp16"
_TYPES = {1: "<f4", 10: "<f2"}  # TensorProto.DataType


class ConvTables(msgspec.Struct, frozen=True):
    """A styled convolution's tables; see `training.to_onnx.BakedConv`.

    Attributes:
        weight: [O, I, 3, 3].
        energy: [I, O].
        affine: [I, D].
        offset: [I].
        bias: [O].
        grain: [O].
        mixer: [D, K].
        num_in: How many of I are no padding.
    """

    weight: Table
    energy: Table
    affine: Table
    offset: Table
    bias: Table
    grain: Table
    mixer: Table
    num_in: int


class ColourTables(msgspec.Struct, frozen=True):
    """A colour's tables: weight [B, I, 1, 1], affine [I, D], offset [I], bias [B]; 3 of B count."""

    weight: Table
    affine: Table
    offset: Table
    bias: Table


class BlockedTables(msgspec.Struct, frozen=True):
    """All tables of a graph.

    Attributes:
        block: B.
        start: [16 · I, D] and `start_bias` [16 · I].
        mean: [D].
        fields: Size in px → [K, H·W].
        convs: By their place.
        colours: By their level.
    """

    block: int
    start: Table
    start_bias: Table
    mean: Table
    fields: Mapping[int, Table]
    convs: tuple[ConvTables, ...]
    colours: tuple[ColourTables, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sides in px of the levels, 4 to the full one."""
        return tuple(sorted(self.fields))


def read_tables(graph: WalkedGraph, sizes: Iterable[int], *, block: int) -> BlockedTables:
    """Give the tables of a graph that `spread_graph.recognise` knows.

    Args:
        graph: The walked graph.
        sizes: Sides in px of its levels.
        block: B.
    """
    tables = {table.name.removesuffix(_HALVED): table for table in graph.tables}

    def read(name: str) -> Table:
        return _values(tables[name])

    fields = {size: read(f"fields_{size}") for size in sizes}
    num_levels = len(fields)
    start, start_bias = read("start"), read("start_bias")
    return BlockedTables(
        block=block,
        start=_up_to(start, (_whole(start.shape[0], 16 * block), start.shape[1])),
        start_bias=_up_to(start_bias, (_whole(start.shape[0], 16 * block),)),
        mean=read("mean"),
        fields=fields,
        convs=tuple(
            _conv({name: read(f"convs.{place}.{name}") for name in _CONV}, block)
            for place in range(2 * num_levels - 1)
        ),
        colours=tuple(
            _colour({name: read(f"colours.{level}.{name}") for name in _COLOUR}, block)
            for level in range(num_levels)
        ),
    )


_CONV = ("weight", "energy", "affine", "offset", "bias", "grain", "mixer")
_COLOUR = ("weight", "affine", "offset", "bias")


def _conv(tables: Mapping[str, Table], block: int) -> ConvTables:
    num_out, num_in = tables["weight"].shape[:2]
    wide_out, wide_in = _whole(num_out, block), _whole(num_in, block)
    return ConvTables(
        weight=_up_to(tables["weight"], (wide_out, wide_in, 3, 3)),
        energy=_up_to(tables["energy"], (wide_in, wide_out)),
        affine=_up_to(tables["affine"], (wide_in, tables["affine"].shape[1])),
        offset=_up_to(tables["offset"], (wide_in,)),
        bias=_up_to(tables["bias"].reshape(-1), (wide_out,)),
        grain=_up_to(tables["grain"].reshape(-1), (wide_out,)),
        mixer=tables["mixer"],
        num_in=num_in,
    )


def _colour(tables: Mapping[str, Table], block: int) -> ColourTables:
    wide_in = _whole(tables["weight"].shape[1], block)
    return ColourTables(
        weight=_up_to(tables["weight"], (block, wide_in, 1, 1)),
        affine=_up_to(tables["affine"], (wide_in, tables["affine"].shape[1])),
        offset=_up_to(tables["offset"], (wide_in,)),
        bias=_up_to(tables["bias"], (block,)),
    )


def stacked(tables: Iterable[Table], *sides: int) -> Table:
    """Give tables as one [N, *sides], each filled up with 0."""
    return np.stack([_up_to(table, sides) for table in tables])


def in_blocks(weight_OIkk: Table, block: int) -> Table:
    """Give a weight in the runtime's order [O/B, I/B, k, k, B of I, B of O].

    Source: `MlasReorderFilterOIHWBiBo`, onnxruntime 1.31.
    """
    num_out, num_in, high, wide = weight_OIkk.shape
    split = weight_OIkk.reshape(num_out // block, block, num_in // block, block, high, wide)
    return np.ascontiguousarray(split.transpose(0, 2, 4, 5, 3, 1))


def _up_to(table: Table, sides: tuple[int, ...]) -> Table:
    """Give a table filled up with 0 to some sides."""
    if table.shape == sides:
        return table
    full = np.zeros(sides, dtype=np.float32)
    full[tuple(slice(side) for side in table.shape)] = table
    return full


def _whole(count: int, block: int) -> int:
    return -(-count // block) * block


def _values(table: GraphTable) -> Table:
    (field,) = read_fields(table.raw)
    sides: list[int] = []
    kind, raw = 0, memoryview(b"")
    for part in read_fields(field.content):
        if part.number == 1:
            sides += read_numbers(part)
        elif part.number == 2:
            kind = part.value
        elif part.number == 9:
            raw = part.content
    return np.frombuffer(raw, _TYPES[kind]).reshape(sides).astype(np.float32)
