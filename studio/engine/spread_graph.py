"""A graph of our own kind written anew so that the latent may change across the picture.

The exported graph steers each convolution by one w for the whole picture. Here every channel's
style and demodulation is a map, Σ share_s · style_s over S latents, so one pass through the same
convolutions paints several latents, and they meet in the features, without a seam. The first 4 × 4
may be placed on a larger start, and sides may wrap around. Painted regions are pictures of their
own (groups) up to the level where they meet; from there on it is one picture. With one latent on
the plain square all of this gives what the exported graph gives; `engine.spread` compares them.

Shapes: G groups, S latents, L layers, D width of w, C channels, K fields of grain, H rows,
W columns.

Source: the modulation is that of `training.networks`; a style per place is Park et al. 2019
(SPADE) and Kim et al. 2021 (StyleMapGAN).
"""

from typing import Final

import msgspec
import numpy as np

from studio.core.recipe import BASE_CELLS, Tile
from studio.engine.graph_writer import GraphWriter
from studio.opener.onnx_walk import WalkedGraph

_SLOPE: Final = 0.2
_EPS: Final = 1e-4  # of the grain's mixer: `training.grain.EPS`
_HALVED: Final = "_fp16"
_CONV_PARTS: Final = ("weight", "energy", "affine", "offset", "bias", "grain", "mixer")
_COLOUR_PARTS: Final = ("weight", "affine", "offset", "bias")


class Shape(msgspec.Struct, frozen=True):
    """What one written graph is for.

    Attributes:
        side: Side in px of the square picture at this size.
        cells: Width and height in cells; the square has 4 × 4.
        tile: Which sides wrap around.
        is_spread: Whether there is more than one latent.
        meet: Size of the level at which the groups become one picture.
    """

    side: int
    cells: tuple[int, int]
    tile: Tile
    is_spread: bool
    meet: int = 4

    @property
    def sizes(self) -> tuple[int, ...]:
        """The square's sides of all levels, 4 to `side`."""
        return tuple(4 << i for i in range((self.side // 4).bit_length()))

    def area(self, size: int) -> tuple[int, int]:
        """Give rows and columns of the level of a size."""
        across, down = self.cells
        return size * down // BASE_CELLS, size * across // BASE_CELLS


class Parts(msgspec.Struct, frozen=True):
    """What was recognised in a graph.

    Attributes:
        resolution: Side of its full picture.
        width: D.
        symmetric: Whether the picture is made equal to its turns and mirrors at the end.
    """

    resolution: int
    width: int
    symmetric: bool


def recognise(graph: WalkedGraph, *, resolution: int, width: int) -> Parts | None:
    """Give what a synthesis graph is made of; None when it is not of our kind."""
    names = {table.name.removesuffix(_HALVED) for table in graph.tables}
    sizes = [4 << i for i in range((resolution // 4).bit_length())]
    needed = {"start", "start_bias", "mean", *(f"fields_{size}" for size in sizes)}
    for place in range(2 * len(sizes) - 1):
        needed |= {f"convs.{place}.{part}" for part in _CONV_PARTS}
    for place in range(len(sizes)):
        needed |= {f"colours.{place}.{part}" for part in _COLOUR_PARTS}
    if not needed <= names:
        return None
    is_symmetric = any(node.operator == "Transpose" for node in graph.nodes)
    return Parts(resolution, width, is_symmetric)


def write_spread(graph: WalkedGraph, parts: Parts, *, shape: Shape) -> bytes:
    """Give the ONNX file of a graph for one shape.

    Its inputs: `w` [S, L, D]; `placing` [G, S·16, cells]: how much of each of the 16 start cells
    of a latent goes into each cell; when `is_spread`, for each size `share_<size>` [G, S, H·W],
    which sums to 1 over S, with a single group above the level where they meet; for that level
    also `meeting` [G, 1, H, W], which sums to 1 over G, and the single group's `share_met`. Its output is the image [1, 3, H, W].
    """
    return _Writing(graph, parts, shape=shape).file()


class _Writing:
    """The writing of one graph, level by level. `_conv` and others give the names of values."""

    def __init__(self, graph: WalkedGraph, parts: Parts, *, shape: Shape) -> None:
        self._graph = graph
        self._parts = parts
        self._shape = shape
        self._out = GraphWriter()
        self._wraps = (shape.tile in ("x", "both"), shape.tile in ("y", "both"))
        layers = 2 * (parts.resolution // 4).bit_length()
        self._out.take("w", None, layers, parts.width)
        self._out.take("placing", None, None, shape.cells[0] * shape.cells[1])
        self._shares: dict[int, str] = {}
        if shape.is_spread:
            self._shares = {
                size: self._out.take(f"share_{size}", None, None, _area(shape, size))
                for size in shape.sizes
            }
            self._out.take("meeting", None, 1, *shape.area(shape.meet))
            self._out.take("share_met", 1, None, _area(shape, shape.meet))
        self._fields_by_size: dict[int, str] = {}
        self._count_by_size: dict[int, str] = {}
        self._eps = self._out.table("eps", np.array(_EPS, dtype=np.float32))
        self._twice = self._out.table("twice", np.array([1, 1, 2, 2], dtype=np.float32))
        self._keep_tables()

    def file(self) -> bytes:
        x = self._start()
        x = self._conv(x, place=0, size=4)
        rgb = self._colour(x, place=0, size=4)
        x, rgb = self._met(x, rgb, size=4)
        for index, size in enumerate(self._shape.sizes[1:], start=1):
            x = self._conv(x, place=2 * index - 1, size=size)
            x = self._conv(x, place=2 * index, size=size)
            larger = self._doubled(self._wrapped(rgb, 1), border=1)
            rgb = self._out.node("Add", larger, self._colour(x, place=index, size=size))
            x, rgb = self._met(x, rgb, size=size)
        if self._parts.symmetric:
            rgb = self._symmetric(rgb)
        rows, columns = self._shape.area(self._shape.side)
        return self._out.file(self._graph.model_fields, {rgb: (1, 3, rows, columns)})

    def _keep_tables(self) -> None:
        """Copy the tables that are used and the casts that widen them."""
        num_levels = len(self._shape.sizes)
        convs = {f"convs.{place}" for place in range(2 * num_levels - 1)}
        colours = {f"colours.{place}" for place in range(num_levels)}
        fields = {f"fields_{size}" for size in self._shape.sizes}
        used = convs | colours | fields | {"start", "start_bias", "mean"}

        def is_used(name: str) -> bool:
            own = name.removesuffix(_HALVED)
            return own in used or own.rpartition(".")[0] in used

        for table in self._graph.tables:
            if is_used(table.name):
                self._out.keep_table(table.raw)
        for node in self._graph.nodes:
            if node.operator == "Cast" and is_used(node.outputs[0]):
                self._out.keep_node(node.raw)

    def _start(self) -> str:
        """Give the first features [G, C, cells down, cells across]."""
        out = self._out
        linear = out.node("Gemm", self._w(0), "start", "start_bias", transB=1)
        split = out.node("Reshape", linear, out.numbers(0, -1, 16))
        beside = out.node("Transpose", split, perm=(1, 0, 2))
        flat = out.node("Flatten", beside, axis=1)
        placed = out.node("MatMul", flat, "placing")
        across, down = self._shape.cells
        return out.node("Reshape", placed, out.numbers(0, 0, down, across))

    def _met(self, x: str, rgb: str, *, size: int) -> tuple[str, str]:
        """Give features and colour as one picture from the level on where the groups meet."""
        if not self._shares or size != self._shape.meet:
            return x, rgb
        out = self._out

        def met(values: str) -> str:
            return out.node(
                "ReduceSum", out.node("Mul", values, "meeting"), out.numbers(0), keepdims=1
            )

        self._shares[size] = "share_met"
        return met(x), met(rgb)

    def _w(self, layer: int) -> str:
        index = self._out.numbers(layer)
        picked = self._out.node("Gather", "w", index, axis=1)
        return self._out.node("Squeeze", picked, self._out.numbers(1))

    def _conv(self, x: str, *, place: int, size: int) -> str:
        """Give a styled convolution's features at `size`; odd places double the size."""
        out, name = self._out, f"convs.{place}"
        is_grown = place % 2 == 1
        own = self._w(place)
        style = out.node("Gemm", own, f"{name}.affine", f"{name}.offset", transB=1)
        style = out.node("Div", style, self._root(style, energy=None))
        demod = out.node("Reciprocal", self._root(style, energy=f"{name}.energy"))
        x = out.node("Mul", x, self._map(style, size // 2 if is_grown else size))
        x = self._wrapped(x, 2 if is_grown else 1)
        x = out.node("Conv", x, f"{name}.weight", pads=self._conv_pads())
        if is_grown:
            x = self._doubled(x, border=1)
        x = out.node("Mul", x, self._map(demod, size))
        x = out.node("Add", x, f"{name}.bias")
        noise = self._grain(own, place=place, size=size)
        x = out.node("Add", x, out.node("Mul", noise, f"{name}.grain"))
        return out.node("LeakyRelu", x, alpha=_SLOPE)

    def _root(self, style: str, *, energy: str | None) -> str:
        """Give sqrt of the mean square [S, 1], or of style² · energy [S, C]."""
        out = self._out
        square = out.node("Mul", style, style)
        if energy is None:
            mean = out.node("ReduceMean", square, out.numbers(1), keepdims=1)
        else:
            mean = out.node("MatMul", square, energy)
        return out.node("Sqrt", mean)

    def _colour(self, x: str, *, place: int, size: int) -> str:
        out, name = self._out, f"colours.{place}"
        own = self._w(2 * place + 1)
        style = out.node("Gemm", own, f"{name}.affine", f"{name}.offset", transB=1)
        x = out.node("Mul", x, self._map(style, size))
        return out.node("Conv", x, f"{name}.weight", f"{name}.bias")

    def _map(self, values: str, size: int) -> str:
        """Give values [S, C] as a map [G, C, H, W], or [1, C, 1, 1] of a single latent."""
        out = self._out
        if not self._shares:
            return out.node("Reshape", values, out.numbers(1, -1, 1, 1))
        turned = out.node("Transpose", values, perm=(1, 0))
        spread = out.node("MatMul", turned, self._shares[size])
        return out.node("Reshape", spread, out.numbers(0, 0, *self._shape.area(size)))

    def _grain(self, own: str, *, place: int, size: int) -> str:
        """Give the layer's noise [G, 1, H, W], of unit variance where latents meet, too."""
        out = self._out
        offset = out.node("Sub", own, "mean")
        weights = out.node("MatMul", offset, f"convs.{place}.mixer")
        square = out.node("Mul", weights, weights)
        mean = out.node("ReduceMean", square, out.numbers(1), keepdims=1)
        root = out.node("Sqrt", out.node("Add", mean, self._eps))
        even = out.node("Div", weights, root)
        fields = self._fields(size)
        noise = out.node("MatMul", even, fields)
        if self._shares:
            share = self._shares[size]
            noise = self._summed(out.node("Mul", noise, share))
            # The variance of Σ share_s · noise_s, from how alike the latents' noises are.
            alike = out.node("MatMul", even, out.node("Transpose", even, perm=(1, 0)))
            alike = out.node("Div", alike, self._num_fields(size))
            spread = self._summed(out.node("Mul", out.node("MatMul", alike, share), share))
            noise = out.node("Div", noise, out.node("Sqrt", out.node("Add", spread, self._eps)))
        return out.node("Reshape", noise, out.numbers(-1, 1, *self._shape.area(size)))

    def _summed(self, values_GSP: str) -> str:
        """Give the sum over the latents, [G, 1, H·W]."""
        return self._out.node("ReduceSum", values_GSP, self._out.numbers(1), keepdims=1)

    def _num_fields(self, size: int) -> str:
        """Give K of a size as a table."""
        if size not in self._count_by_size:
            shape = self._out.node("Shape", f"fields_{size}", start=0, end=1)
            self._count_by_size[size] = self._out.node("Cast", shape, to=1)
        return self._count_by_size[size]

    def _fields(self, size: int) -> str:
        """Give the fixed fields of a size [K, H·W], repeated where the picture is larger."""
        out, (rows, columns) = self._out, self._shape.area(size)
        if size not in self._fields_by_size:
            fields = f"fields_{size}"
            if (rows, columns) != (size, size):
                square = out.node("Reshape", fields, out.numbers(-1, size, size))
                wide = out.node("Concat", *[square] * -(-columns // size), axis=2)
                high = out.node("Concat", *[wide] * -(-rows // size), axis=1)
                ends, axes = out.numbers(rows, columns), out.numbers(1, 2)
                cut = out.node("Slice", high, out.numbers(0, 0), ends, axes)
                fields = out.node("Reshape", cut, out.numbers(-1, rows * columns))
            self._fields_by_size[size] = fields
        return self._fields_by_size[size]

    def _wrapped(self, x: str, border: int) -> str:
        """Give features continued by `border` px from the other side, where the picture wraps."""
        if not any(self._wraps):
            return x
        across, down = (border if wraps else 0 for wraps in self._wraps)
        pads = self._out.numbers(0, 0, down, across, 0, 0, down, across)
        return self._out.node("Pad", x, pads, mode="wrap")

    def _conv_pads(self) -> tuple[int, ...]:
        across, down = (0 if wraps else 1 for wraps in self._wraps)
        return (down, across, down, across)

    def _doubled(self, x: str, *, border: int) -> str:
        """Give features at twice the size, without the `border` px that wrapped around before."""
        out = self._out
        x = out.node("Resize", x, "", self._twice, mode="linear")
        axes = [axis for axis, wraps in zip((3, 2), self._wraps, strict=True) if wraps]
        if not axes:
            return x
        cut = 2 * border
        starts, ends = out.numbers(*[cut] * len(axes)), out.numbers(*[-cut] * len(axes))
        return out.node("Slice", x, starts, ends, out.numbers(*axes))

    def _symmetric(self, rgb: str) -> str:
        """Give the mean over the mirrors, and the turns of a square, as `make_symmetric` does."""
        out = self._out
        half = out.table("half", np.array(0.5, dtype=np.float32))
        for axis in (2, 3):
            ends = out.numbers(-(2**62))
            turned = out.node(
                "Slice", rgb, out.numbers(-1), ends, out.numbers(axis), out.numbers(-1)
            )
            rgb = out.node("Mul", out.node("Add", rgb, turned), half)
        if self._shape.cells[0] == self._shape.cells[1]:
            turned = out.node("Transpose", rgb, perm=(0, 1, 3, 2))
            rgb = out.node("Mul", out.node("Add", rgb, turned), half)
        return rgb


def _area(shape: Shape, size: int) -> int:
    rows, columns = shape.area(size)
    return rows * columns
