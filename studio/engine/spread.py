"""Pictures whose latent changes from place to place, wide ones and tiles: what a graph is fed.

Shapes: G groups, S latents, L layers, D width of w, A cells across, B cells down, H rows,
W columns. A *station* is one square's worth of a wide picture with a latent of its own.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np

from studio.core.latent import FloatArray
from studio.core.mask import alpha_of
from studio.core.model_card import ModelCard
from studio.core.recipe import BASE_CELLS, Frame
from studio.engine.spread_graph import Parts, Shape, recognise, write_spread
from studio.engine.synthesis import Runnable
from studio.opener.onnx_walk import WalkedGraph

# Regions become one picture at this size: above it they are seamless but weak in small spots,
# below it strong but cut out (compared by eye on the three starters at 4, 8, 16 and 32).
MEET_PX: Final = 16
# One size of canvas with its preview, before and after a change of frame.
_MAX_OPEN: Final = 4
# The rewritten graph only sums in another order; a graph of another kind is off by far more.
_MAX_DIFFERENCE: Final = 1e-3
_SINGLE_PLACING: Final = np.eye(16, dtype=np.float32)[None]

Feeds = dict[str, FloatArray]


class Layer(msgspec.Struct, frozen=True):
    """A painted region: its latent [L, D], its mask as text and its strength 0…1."""

    w_LD: FloatArray
    mask: str
    strength: float


class Spread(msgspec.Struct, frozen=True):
    """What to paint in one pass.

    Attributes:
        stations: Latents [L, D] of the stations, row by row; a single one for all of them when
            the whole picture has one latent.
        layers: Painted regions, the lowest first.
        frame: Tiling and size.
    """

    stations: tuple[FloatArray, ...]
    layers: tuple[Layer, ...]
    frame: Frame


class SpreadGraphs:
    """The rewritten graphs of one model, opened when first used; one thread at a time."""

    def __init__(
        self, graph: WalkedGraph, card: ModelCard, *, open_graph: Callable[[bytes], Runnable]
    ) -> None:
        """Take a model's synthesis graph.

        Args:
            graph: The walked graph.
            card: Its card.
            open_graph: Opens a session on the model's hardware.
        """
        self._graph = graph
        self._parts: Parts | None = recognise(graph, resolution=card.resolution, width=card.w)
        self._open_graph = open_graph
        self._open: OrderedDict[Shape, Runnable] = OrderedDict()

    @property
    def is_possible(self) -> bool:
        """Whether the graph is of our kind, so that the latent may change across its picture."""
        return self._parts is not None

    def session(self, spread: Spread, side: int) -> tuple[Runnable, Feeds]:
        """Give the session for a picture and what to feed it.

        Args:
            spread: What to paint.
            side: Side in px of the square picture at this size.
        """
        assert self._parts is not None, "ask is_possible first"
        shape = shape_of(spread, side)
        if shape not in self._open:
            graph = write_spread(self._graph, self._parts, shape=shape)
            self._open[shape] = self._open_graph(graph)
        self._open.move_to_end(shape)
        while len(self._open) > _MAX_OPEN:
            self._open.popitem(last=False)
        return self._open[shape], feeds_of(spread, shape, is_symmetric=self._parts.symmetric)

    def give_up(self) -> None:
        """Say that the rewritten graph gives other numbers: it is not of our kind after all."""
        self._parts = None
        self._open.clear()


def is_same_picture(one: FloatArray, other: FloatArray) -> bool:
    """Say whether two tensor images of one latent are equal but for rounding."""
    return one.shape == other.shape and bool(np.abs(one - other).max() <= _MAX_DIFFERENCE)


def shape_of(spread: Spread, side: int) -> Shape:
    """Give the graph that a picture needs."""
    num_latents = len(spread.stations) + len(spread.layers)
    return Shape(
        side=side,
        cells=spread.frame.size or (BASE_CELLS, BASE_CELLS),
        tile=spread.frame.tile,
        is_spread=num_latents > 1,
        meet=min(MEET_PX, side) if spread.layers else BASE_CELLS,
    )


def feeds_of(spread: Spread, shape: Shape, *, is_symmetric: bool) -> Feeds:
    """Give the inputs of `write_spread`'s graph."""
    layers_w = [layer.w_LD for layer in spread.layers]
    w_SLD = np.stack([*spread.stations, *layers_w]).astype(np.float32)
    placing = _station_placing(shape)
    if not shape.is_spread:
        return {"w": w_SLD, "placing": placing.sum(axis=0, keepdims=True)}
    num_base, num_layers = len(spread.stations), len(spread.layers)
    if num_base == 1:
        placing = placing.sum(axis=0, keepdims=True)
    whole = placing.sum(axis=0) if num_base == 1 else _reflected(shape)
    feeds: Feeds = {"w": w_SLD, "placing": _group_placing(placing, whole, num_layers=num_layers)}

    def groups(size: int) -> FloatArray:
        return _group_weights(spread.layers, shape, size=size, is_symmetric=is_symmetric)

    def shares(size: int) -> FloatArray:
        base = _station_shares(shape, size) if num_base > 1 else np.ones((1, _area(shape, size)))
        share_GSP = np.zeros((num_layers + 1, num_base + num_layers, base.shape[1]))
        share_GSP[0, :num_base] = base
        for i in range(num_layers):
            share_GSP[i + 1, num_base + i] = 1.0
        return share_GSP.astype(np.float32)

    def met(size: int) -> FloatArray:
        merged: FloatArray = np.einsum("gp,gsp->sp", groups(size), shares(size))[None]
        return merged

    for size in shape.sizes:
        feeds[f"share_{size}"] = met(size) if size > shape.meet else shares(size)
    rows, columns = shape.area(shape.meet)
    feeds["meeting"] = groups(shape.meet).reshape(-1, 1, rows, columns)
    feeds["share_met"] = met(shape.meet)
    return feeds


def num_stations(cells: tuple[int, int]) -> tuple[int, int]:
    """Give how many stations a picture has across and down."""
    return -(-cells[0] // BASE_CELLS), -(-cells[1] // BASE_CELLS)


def own_station(cells: tuple[int, int]) -> int:
    """Give the place of the station that is the square picture: in the middle."""
    across, down = num_stations(cells)
    return (down - 1) // 2 * across + (across - 1) // 2


# ----------------------------------------------------------------------------------- regions


def _group_weights(
    layers: Sequence[Layer], shape: Shape, *, size: int, is_symmetric: bool
) -> FloatArray:
    """Give how much of each group is seen at each place, [G, H·W]; the base is the first."""
    rows, columns = shape.area(size)
    weights = [np.ones((rows, columns), dtype=np.float32)]
    for layer in layers:
        alpha = alpha_of(layer.mask, width=columns, height=rows) * np.float32(layer.strength)
        if is_symmetric:
            alpha = _symmetric(alpha)
        weights = [weight * (1 - alpha) for weight in weights]
        weights.append(alpha)
    return np.stack(weights).reshape(len(weights), -1)


def _symmetric(alpha_HW: FloatArray) -> FloatArray:
    """Give what is painted in any of the mirrored places: the picture is the mean of them all."""
    alpha = np.maximum(alpha_HW, alpha_HW[::-1])
    alpha = np.maximum(alpha, alpha[:, ::-1])
    return np.maximum(alpha, alpha.T) if alpha.shape[0] == alpha.shape[1] else alpha


def _group_placing(placing: FloatArray, whole: FloatArray, *, num_layers: int) -> FloatArray:
    """Give the placing [G, S·16, cells]: the base's stations, then a group for each region."""
    num_base, _, num_cells = placing.shape
    groups = np.zeros((num_layers + 1, num_base + num_layers, 16, num_cells), dtype=np.float32)
    groups[0, :num_base] = placing
    for i in range(num_layers):
        groups[i + 1, num_base + i] = whole
    return groups.reshape(num_layers + 1, -1, num_cells)


# ----------------------------------------------------------------------------------- stations


def _station_placing(shape: Shape) -> FloatArray:
    """Give how the 4 × 4 start of each station is laid on the cells, [stations, 16, B·A]."""
    if shape.cells == (BASE_CELLS, BASE_CELLS):
        return _SINGLE_PLACING
    across, down = (_axis_placing(shape, axis) for axis in (0, 1))
    laid = [
        np.einsum("ab,cd->acbd", rows, columns).reshape(16, -1)
        for rows in down
        for columns in across
    ]
    return np.stack(laid).astype(np.float32)


def _reflected(shape: Shape) -> FloatArray:
    """Give the placing [16, B·A] of a latent that goes on over the whole picture."""
    placing: FloatArray = _station_placing(shape).sum(axis=0)
    return placing


def _axis_placing(shape: Shape, axis: int) -> list[FloatArray]:
    """Give, for each station along an axis, how its four cells go into the picture's [4, cells].

    Beyond its own cells a station is mirrored on and on.
    """
    cells = shape.cells[axis]
    shares = _axis_shares(shape, axis, size=BASE_CELLS)
    laid = []
    for number, centre in enumerate(_centres(shape, axis)):
        placing = np.zeros((BASE_CELLS, cells), dtype=np.float32)
        for cell in range(cells):
            away = cell + 0.5 - centre
            if _wraps(shape, axis):
                away = (away + cells / 2) % cells - cells / 2
            place = _mirrored(away + 1.5)
            low = int(np.floor(place))
            part = place - low
            placing[low, cell] += (1 - part) * shares[number, cell]
            if part > 0:
                placing[low + 1, cell] += part * shares[number, cell]
        laid.append(placing)
    return laid


def _mirrored(place: float) -> float:
    """Give a place among the four cells 0…3, mirrored at their edges until it lies within."""
    while place < -0.5 or place > 3.5:
        place = -1 - place if place < 0 else 7 - place
    return min(max(place, 0.0), 3.0)


def _station_shares(shape: Shape, size: int) -> FloatArray:
    """Give how much of each station is seen at each place of a size, [stations, H·W]."""
    across, down = (_axis_shares(shape, axis, size=size) for axis in (0, 1))
    shares: FloatArray = np.einsum("ab,cd->acbd", down, across)
    return shares.reshape(len(down) * len(across), -1)


def _axis_shares(shape: Shape, axis: int, *, size: int) -> FloatArray:
    """Give the stations' shares along an axis, [stations, px]: smooth between their centres."""
    cells = shape.cells[axis]
    centres = _centres(shape, axis)
    num_px = cells * size // BASE_CELLS
    if len(centres) == 1:
        return np.ones((1, num_px), dtype=np.float32)
    place = (np.arange(num_px) + 0.5) * BASE_CELLS / size
    away = np.abs(place[None] - centres[:, None])
    if _wraps(shape, axis):
        away = np.minimum(away, cells - away)
    else:
        inside = np.clip(place, centres[0], centres[-1])
        away = np.abs(inside[None] - centres[:, None])
    near = np.clip(1 - away / (centres[1] - centres[0]), 0, 1)
    smooth = near * near * (3 - 2 * near)
    return np.asarray(smooth / smooth.sum(axis=0), dtype=np.float32)


def _centres(shape: Shape, axis: int) -> FloatArray:
    """Give where the stations' centres lie, in cells: evenly, round or from end to end."""
    cells = shape.cells[axis]
    count = -(-cells // BASE_CELLS)
    if count == 1:
        return np.array([cells / 2], dtype=np.float32)
    gap = cells / count if _wraps(shape, axis) else (cells - BASE_CELLS) / (count - 1)
    return (BASE_CELLS / 2 + np.arange(count) * gap).astype(np.float32)


def _wraps(shape: Shape, axis: int) -> bool:
    return shape.tile in (("x", "both"), ("y", "both"))[axis]


def _area(shape: Shape, size: int) -> int:
    rows, columns = shape.area(size)
    return rows * columns
