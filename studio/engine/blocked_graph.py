"""The synthesis graph written anew for a processor's own way to convolve, in stages.

The runtime convolves in blocks of channels (NCHWc) and leaves that order whenever something between
two convolutions multiplies a channel, which ours do twice for each. Here the whole picture is made
in blocks. What is one number for each channel (style, demodulation, bias, grain) goes into the
weights where the picture is large, and into a pass over the picture where it is small;
demodulation is above 0, so it may come after the activation. The sums are the exported graph's, in
another order: `engine.staged` compares the two before the first picture.

A stage is a part of the layers with a session of its own. Its outputs are what the next one takes,
so that nothing is computed twice: not for the full picture after its preview, and not the large
forms when only the details change.

Shapes: B channels of a block, L layers, D width of w, I and O channels in and out.

Source: the operators of the domain com.microsoft.nchwc, onnxruntime 1.31.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec

from studio.engine.blocked_styles import StyleWriter, size_of
from studio.engine.blocked_tables import BlockedTables, in_blocks
from studio.engine.graph_writer import Attribute, GraphWriter
from studio.opener.protobuf_wire import write_bytes_field, write_number_field

DOMAIN: Final = "com.microsoft.nchwc"
DOMAIN_FIELD: Final = write_bytes_field(
    8, write_bytes_field(1, DOMAIN.encode()) + write_number_field(2, 1)
)
# Where what w says to the next layer belongs to another zone (core/model_card.py).
_ZONE_ENDS: Final = (32,)
_SLOPE: Final = 0.2


class Stage(msgspec.Struct, frozen=True):
    """Some levels of the network, computed in one go.

    Attributes:
        levels: Indices of the sizes whose features it makes.
        colours: Indices of the sizes whose colour it adds; the last one's is left to the next stage
            where no picture ends, because it is ruled by the next zone.
        rows: How many of the L layers of w it and the stages before it read.
        ends_picture: Whether a picture ends here.
    """

    levels: tuple[int, ...]
    colours: tuple[int, ...]
    rows: int
    ends_picture: bool


def stages_of(sizes: Sequence[int], previews: Collection[int]) -> tuple[Stage, ...]:
    """Give the stages: they end at the borders of zones and where a picture ends.

    Args:
        sizes: Sides in px of the levels, from 4 on.
        previews: Those at which a smaller picture ends.
    """
    stages: list[Stage] = []
    levels: list[int] = []
    num_coloured = 0
    for level, size in enumerate(sizes):
        levels.append(level)
        ends_picture = size in previews or size == sizes[-1]
        if not ends_picture and size not in _ZONE_ENDS:
            continue
        coloured = level + 1 if ends_picture else level
        colours = tuple(range(num_coloured, coloured))
        rows = max(2 * level, 2 * coloured - 1) + 1
        stages.append(Stage(tuple(levels), colours, rows, ends_picture))
        levels, num_coloured = [], coloured
    return tuple(stages)


def write_stage(
    tables: BlockedTables, stage: Stage, *, model_fields: Iterable[bytes | memoryview]
) -> bytes:
    """Give the ONNX file of a stage.

    Its inputs: `w` [1, L, D], and after the first stage what the one before gave, as `x`, `rgb` and
    (if that gave it) `pending`. Its outputs in this order: features x [1, C, H, W] and colour
    [1, B, H, W], both in blocks; then, where a pass over the picture is still due, what to multiply
    its channels by, [C]. The last stage gives the colour alone.

    Args:
        tables: The model's.
        stage: One of `stages_of`.
        model_fields: The fields of the exported file besides its graph.
    """
    return _Writing(tables, stage).file(model_fields)


class _Writing:
    """The writing of one stage. Most methods give the names of values."""

    def __init__(self, tables: BlockedTables, stage: Stage) -> None:
        self._tables = tables
        self._stage = stage
        self._sizes = tables.sizes
        self._out = GraphWriter()
        self._is_first = stage.levels[0] == 0
        last = 2 * stage.levels[-1]
        self._places = range(0 if self._is_first else 2 * stage.levels[0] - 1, last + 1)
        self._out.take("w", 1, 2 * len(self._sizes), len(tables.mean))
        self._styles = StyleWriter(
            self._out, tables, places=self._places, levels=self._stage.colours
        )

    def file(self, model_fields: Iterable[bytes | memoryview]) -> bytes:
        x, rgb, pending = self._begin()
        colours = set(self._stage.colours)
        first = self._stage.levels[0]
        if first - 1 in colours:
            rgb = self._colour(x, pending, level=first - 1, rgb=rgb)
        for place in self._places:
            x, pending = self._conv(x, pending, place=place)
            if place % 2 == 0 and place // 2 in colours:
                rgb = self._colour(x, pending, level=place // 2, rgb=rgb)
        size = self._sizes[self._stage.levels[-1]]
        rgb_px = self._sizes[self._stage.colours[-1]]
        results: dict[str, tuple[int, ...]] = {rgb: (1, self._tables.block, rgb_px, rgb_px)}
        if size != self._sizes[-1]:
            channels = len(self._tables.convs[self._places[-1]].bias)
            results = {x: (1, channels, size, size), **results}
            if pending:
                results[pending] = (channels,)
        return self._out.file([*model_fields, DOMAIN_FIELD], results)

    def _begin(self) -> tuple[str, str, str]:
        """Give features, colour and what is pending ("": nothing) of the stage before."""
        out, tables = self._out, self._tables
        if self._is_first:
            own = out.node("Gather", "w", out.numbers(0), axis=1)
            flat = out.node("Reshape", own, out.numbers(1, -1))
            start = out.table("start", tables.start), out.table("start_bias", tables.start_bias)
            laid = out.node("Gemm", flat, *start, transB=1)
            square = out.node("Reshape", laid, out.numbers(1, -1, 4, 4))
            return self._blocked("ReorderInput", square), "", ""
        before = self._stage.levels[0] - 1
        size = self._sizes[before]
        channels = len(tables.convs[2 * before].bias)
        x = out.take("x", 1, channels, size, size)
        rgb_px = size // 2 if before in self._stage.colours else size
        rgb = out.take("rgb", 1, tables.block, rgb_px, rgb_px)
        is_pending = not self._is_in_weights(2 * before)
        return x, rgb, out.take("pending", channels) if is_pending else ""

    def _is_in_weights(self, place: int) -> bool:
        """Whether a convolution's weights are multiplied, because they are less than its picture."""
        num_out = len(self._tables.convs[place].bias)
        size = size_of(place, self._sizes) // (2 if place % 2 else 1)
        return 2 * 9 * num_out < size * size

    def _conv(self, x: str, pending: str, *, place: int) -> tuple[str, str]:
        """Give a styled convolution's features, and what its channels are still to be multiplied by."""
        out, tables = self._out, self._tables.convs[place]
        style = self._styles.convs[place]
        num_out, num_in = tables.weight.shape[:2]
        weight = out.table(f"weight_{place}", in_blocks(tables.weight, self._tables.block))
        scale = out.node("Mul", style.style, pending) if pending else style.style
        if self._is_in_weights(place):
            weight = self._scaled(weight, num_in, by=scale)
            rows = out.numbers(num_out // self._tables.block, 1, 1, 1, 1, self._tables.block)
            weight = out.node("Mul", weight, out.node("Reshape", style.demod, rows))
            grain = out.table(f"grain_{place}", tables.grain)
            bias = out.table(f"bias_{place}", tables.bias)
            left = ""
        else:
            each = out.node("Reshape", scale, out.numbers(num_in, 1, 1, 1))
            x = self._blocked("Conv", x, each, group=num_in, kernel_shape=(1, 1))
            grain, bias, left = style.grain, style.bias, style.demod
        weight = out.node("Reshape", weight, out.numbers(num_out, num_in, 3, 3))
        x = self._blocked("Conv", x, weight, kernel_shape=(3, 3), pads=(1, 1, 1, 1))
        if place % 2:
            x = self._doubled(x)
        grain = out.node("Reshape", grain, out.numbers(num_out, 1, 1, 1))
        return self._grained(x, style.noise, grain=grain, bias=bias), left

    def _grained(self, x: str, noise: str, *, grain: str, bias: str) -> str:
        """Give leaky ReLU of x + grain · noise + bias: a convolution of the noise, x added to it."""
        return self._blocked(
            "Conv",
            noise,
            grain,
            bias,
            x,
            kernel_shape=(1, 1),
            activation="LeakyRelu",
            activation_params=(_SLOPE,),
        )

    def _colour(self, x: str, pending: str, *, level: int, rgb: str) -> str:
        """Give the colour of a level, with that of the levels below it (none: "")."""
        out, tables = self._out, self._tables.colours[level]
        num_in = tables.weight.shape[1]
        style = self._styles.colours[level]
        scale = out.node("Mul", style, pending) if pending else style
        weight = out.table(f"colour_{level}", in_blocks(tables.weight, self._tables.block))
        weight = self._scaled(weight, num_in, by=scale)
        weight = out.node("Reshape", weight, out.numbers(self._tables.block, num_in, 1, 1))
        given = [x, weight, out.table(f"colour_bias_{level}", tables.bias)]
        if rgb:
            given.append(self._doubled(rgb))
        return self._blocked("Conv", *given, kernel_shape=(1, 1))

    def _scaled(self, weight: str, num_in: int, *, by: str) -> str:
        """Give a weight in blocks times a number for each channel that goes in."""
        block = self._tables.block
        shape = self._out.numbers(1, num_in // block, 1, 1, block, 1)
        return self._out.node("Mul", weight, self._out.node("Reshape", by, shape))

    def _doubled(self, x: str) -> str:
        return self._blocked(
            "Upsample",
            x,
            scales=(1, 1, 2, 2),
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )

    def _blocked(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        return self._out.node_of(DOMAIN, operator, *inputs, **attributes)
