"""What w says to each layer, computed for all layers of a graph at once.

One by one these are a dozen small nodes for each layer, which cost a small picture a quarter of its
time. The names given here are of values in the graph that is being written.

Shapes: N layers together, D width of w, C channels of the widest, K fields of grain.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np

from studio.engine.blocked_tables import BlockedTables, ColourTables, ConvTables, Table, stacked
from studio.engine.graph_writer import GraphWriter

_EPS: Final = 1e-4  # of the grain's mixer: `training.grain.EPS`


class ConvStyle(msgspec.Struct, frozen=True):
    """What a convolution takes from w: names of values [channels].

    Attributes:
        style: For each channel that goes in.
        demod: For each that comes out, above 0.
        grain: Its grain ÷ demodulation.
        bias: Its bias ÷ demodulation.
        noise: [1, 1, H, W].
    """

    style: str
    demod: str
    grain: str
    bias: str
    noise: str


class StyleWriter:
    """Adds the nodes of some layers' styles to a graph.

    Attributes:
        convs: Place → its names.
        colours: Level → the name of its style.
    """

    def __init__(
        self,
        out: GraphWriter,
        tables: BlockedTables,
        *,
        places: Sequence[int],
        levels: Sequence[int],
    ) -> None:
        """Write the nodes.

        Args:
            out: The graph; it has an input `w` [1, L, D].
            tables: The graph's tables.
            places: The convolutions, one at least.
            levels: The colours, one at least.
        """
        self._out = out
        self._tables = tables
        convs = [tables.convs[place] for place in places]
        colours = [tables.colours[level] for level in levels]
        rows = [*places, *(2 * level + 1 for level in levels)]
        self._width = len(tables.mean)
        self._widest = max(
            *(max(len(conv.offset), len(conv.bias)) for conv in convs),
            *(len(colour.offset) for colour in colours),
        )
        flat = out.node("Reshape", "w", out.numbers(-1, 1, self._width))
        own = out.node("Gather", flat, out.numbers(*rows), axis=0)  # [N, 1, D]
        styles = self._affine(own, [*convs, *colours])
        counts = (len(convs), len(colours))
        conv_own, _ = out.split(own, counts, axis=0)
        conv_styles, colour_styles = out.split(styles, counts, axis=0)
        self.colours = dict(
            zip(
                levels,
                self._parts(colour_styles, [len(one.offset) for one in colours]),
                strict=True,
            )
        )
        self.convs = self._write_convs(conv_own, conv_styles, places=places)

    def _affine(self, own: str, layers: Sequence[ConvTables | ColourTables]) -> str:
        out = self._out
        sides = (self._width, self._widest)
        affine = out.table("affine", stacked((one.affine.T for one in layers), *sides))
        offset = self._row("offset", (one.offset for one in layers))
        return out.node("Add", out.node("MatMul", own, affine), offset)

    def _write_convs(self, own: str, raw: str, *, places: Sequence[int]) -> dict[int, ConvStyle]:
        out = self._out
        convs = [self._tables.convs[place] for place in places]
        style = out.node(
            "Div", raw, self._root_mean(raw, [one.num_in for one in convs], name="inputs")
        )
        energy = stacked((one.energy for one in convs), self._widest, self._widest)
        energy[:, 0][energy.sum(axis=1) == 0] = 1.0  # nothing is divided by the root of nothing
        square = out.node("Mul", style, style)
        root = out.node("Sqrt", out.node("MatMul", square, out.table("energy", energy)))
        ins, outs = ([len(one.offset) for one in convs], [len(one.bias) for one in convs])
        grain = self._row("grain", (one.grain for one in convs))
        bias = self._row("bias", (one.bias for one in convs))
        columns = zip(
            self._parts(style, ins),
            self._parts(out.node("Reciprocal", root), outs),
            self._parts(out.node("Mul", root, grain), outs),
            self._parts(out.node("Mul", root, bias), outs),
            self._noises(own, places),
            strict=True,
        )
        return {place: ConvStyle(*names) for place, names in zip(places, columns, strict=True)}

    def _row(self, name: str, values: Iterable[Table]) -> str:
        """Give a table [N, 1, C]."""
        return self._out.table(name, stacked((one[None] for one in values), 1, self._widest))

    def _root_mean(self, values: str, counts: Sequence[int], *, name: str, eps: str = "") -> str:
        """Give the root of the mean square [N, 1, 1] over the first `counts` of each layer."""
        out = self._out
        total = out.node("ReduceSumSquare", values, out.numbers(2), keepdims=1)
        shares = np.array([1 / count for count in counts], dtype=np.float32).reshape(-1, 1, 1)
        mean = out.node("Mul", total, out.table(f"one_of_{name}", shares))
        return out.node("Sqrt", out.node("Add", mean, eps) if eps else mean)

    def _parts(self, values: str, counts: Sequence[int]) -> list[str]:
        """Give the first `counts` of each layer of [N, 1, C], each on its own."""
        out = self._out
        sizes: list[int] = []
        kept = []
        for count in counts:
            kept.append(len(sizes))
            sizes += [count, self._widest - count] if count < self._widest else [count]
        flat = out.node("Reshape", values, out.numbers(-1))
        parts = out.split(flat, sizes, axis=0)
        return [parts[index] for index in kept]

    def _noises(self, own: str, places: Sequence[int]) -> list[str]:
        """Give the grain of each place; those of one size are mixed from its fields together."""
        out, tables = self._out, self._tables
        mixers = [tables.convs[place].mixer for place in places]
        offset = out.node("Sub", own, out.table("mean", tables.mean))
        most = max(mixer.shape[1] for mixer in mixers)
        mixed = out.node("MatMul", offset, out.table("mixer", stacked(mixers, self._width, most)))
        eps = out.table("eps", np.array(_EPS, dtype=np.float32))
        root = self._root_mean(mixed, [mixer.shape[1] for mixer in mixers], name="fields", eps=eps)
        even = out.node("Reshape", out.node("Div", mixed, root), out.numbers(-1, most))
        found: list[str] = []
        for size in sorted({size_of(place, tables.sizes) for place in places}):
            count = sum(size_of(place, tables.sizes) == size for place in places)
            begin, num_fields = len(found), tables.fields[size].shape[0]
            ends = out.numbers(begin + count, num_fields)
            part = out.node("Slice", even, out.numbers(begin, 0), ends, out.numbers(0, 1))
            noise = out.node("MatMul", part, out.table(f"fields_{size}", tables.fields[size]))
            split = out.split(noise, [1] * count, axis=0) if count > 1 else [noise]
            found += [out.node("Reshape", one, out.numbers(1, 1, size, size)) for one in split]
        return found


def size_of(place: int, sizes: Sequence[int]) -> int:
    """Give the size in px that the convolution at a place gives; odd places double it."""
    return sizes[(place + 1) // 2]
