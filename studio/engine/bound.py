"""Runs a model on a graphics card with inputs and outputs that stay there, as one captured piece.

For each side and batch in use there is one place for w and one for the pictures on the card; a run only
brings w there and uint8 back. The runtime repeats it as a CUDA graph, without asking the processor for
each node. Before the first picture two latents are compared with the exported graph at each
side, the second of them with the captured run; where anything fails or differs, first the captured run is
given up and then the bound one, and the exported graph is used.

Shapes: N pictures, L layers, D width of w.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from studio.core.latent import FloatArray
from studio.core.model_card import ModelCard
from studio.engine.synthesis import NotFiniteError, Synthesis
from studio.engine.variants import picture_graph
from studio.opener.onnx_walk import WalkedGraph

# Opens a graph on the card, captured or not.
OpenGraph = Callable[[bytes, bool], Any]

MAX_LEVELS: Final = 1  # of 255: another order of summing may round the other way
_GRAPH_ID: Final = "gpu_graph_id"
_logger = logging.getLogger(__name__)


def open_bound(
    graph: WalkedGraph,
    card: ModelCard,
    *,
    exported: Synthesis,
    open_graph: OpenGraph,
    device: str = "cuda",
) -> "BoundSynthesis | None":
    """Give a model's graph bound to a card; None where that does not work.

    Args:
        graph: The walked synthesis graph.
        card: The model's card.
        exported: What it is compared with; it goes on giving tensor images.
        open_graph: Opens a session on the card.
        device: Where inputs and outputs lie, in the runtime's word.
    """
    for captures in (True, False):
        bound = BoundSynthesis(
            graph,
            card,
            exported=exported,
            open_graph=functools.partial(_opened, open_graph, captures=captures),
            device=device,
        )
        try:
            if bound.is_like(exported):
                return bound
        except Exception as error:  # noqa: BLE001 - the runtime raises classes of its own
            _logger.warning("bound to the card, captured %s: %s", captures, error)
    return None


class BoundSynthesis:
    """A `Synthesis` whose pictures are made in one piece on a card."""

    def __init__(
        self,
        graph: WalkedGraph,
        card: ModelCard,
        *,
        exported: Synthesis,
        open_graph: Callable[[bytes], Any],
        device: str,
    ) -> None:
        """Take a graph; see `open_bound`."""
        self._graph = graph
        self._card = card
        self._exported = exported
        self._open_graph = open_graph
        self._device = device
        self._session_by_side: dict[int, Any] = {}
        self._run_by_shape: dict[tuple[int, int], _BoundRun] = {}

    def images(self, w_NLD: FloatArray, side: int, *, options: Any) -> FloatArray:  # noqa: ANN401
        """See `Synthesis`."""
        return self._exported.images(w_NLD, side, options=options)

    def pictures(self, w_NLD: FloatArray, side: int, *, options: Any) -> NDArray[np.uint8]:  # noqa: ANN401
        """See `Synthesis`."""
        key = (side, len(w_NLD))
        if key not in self._run_by_shape:
            self._run_by_shape[key] = _BoundRun(
                self._session(side), w_NLD.shape, side=side, device=self._device
            )
        levels_NHWC, total = self._run_by_shape[key].run(w_NLD, options)
        if not np.isfinite(total):
            raise NotFiniteError
        return levels_NHWC

    def is_like(self, exported: Synthesis) -> bool:
        """Whether two latents give the exported graph's pictures at every side."""
        drawn = np.random.RandomState(1).randn(2, self._card.layers, self._card.w)
        for side in (*self._card.previews, self._card.resolution):
            for w_LD in drawn.astype(np.float32):
                found = self.pictures(w_LD[None], side, options=None).astype(np.int16)
                expected = exported.pictures(w_LD[None], side, options=None)
                if np.abs(found - expected).max() > MAX_LEVELS:
                    _logger.warning("bound to the card, %d px: another picture", side)
                    return False
        return True

    def _session(self, side: int) -> Any:  # noqa: ANN401
        if side not in self._session_by_side:
            output = "image" if side == self._card.resolution else f"rgb{side}"
            self._session_by_side[side] = self._open_graph(picture_graph(self._graph, output))
        return self._session_by_side[side]


class _BoundRun:
    """One session with fixed places for one batch."""

    def __init__(
        self,
        session: Any,  # noqa: ANN401
        shape: tuple[int, ...],
        *,
        side: int,
        device: str,
    ) -> None:
        value = onnxruntime.OrtValue
        self._session = session
        self._graph_id = str(shape[0])
        self._w = value.ortvalue_from_numpy(np.zeros(shape, dtype=np.float32), device, 0)
        places = [((shape[0], side, side, 3), np.uint8), ((), np.float32)]
        self._results = [
            value.ortvalue_from_shape_and_type(sides, kind, device, 0) for sides, kind in places
        ]
        self._binding = session.io_binding()
        self._binding.bind_ortvalue_input("w", self._w)
        for output, place in zip(session.get_outputs(), self._results, strict=True):
            self._binding.bind_ortvalue_output(output.name, place)

    def run(self, w_NLD: FloatArray, options: Any) -> tuple[NDArray[np.uint8], float]:  # noqa: ANN401
        """Give pictures [N, H, W, 3], owned by the caller, and what is finite when they are pictures."""
        own = options or onnxruntime.RunOptions()
        own.add_run_config_entry(_GRAPH_ID, self._graph_id)  # a captured run for each batch
        self._w.update_inplace(np.ascontiguousarray(w_NLD, dtype=np.float32))
        self._session.run_with_iobinding(self._binding, own)
        levels, total = (place.numpy() for place in self._results)
        return np.array(levels), float(total)


def _opened(open_graph: OpenGraph, file: bytes, *, captures: bool) -> Any:  # noqa: ANN401
    return open_graph(file, captures)
