"""The plain runtime call that our engine is measured against: nothing around it, nothing saved.

Shape legend: N latents, L layers, D width of w, H rows, W columns.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from studio.core.model_card import SYNTHESIS_FILE
from studio.engine.providers import CPU_PROVIDER, session_options


class BareRun:
    """One session of a model's whole synthesis graph on the CPU.

    The settings are the engine's own (threads, no spinning), so that a ratio shows what the
    engine adds and not how it sets the runtime.
    """

    def __init__(self, graph: Path, *, num_threads: int | None = None) -> None:
        """Open a graph.

        Args:
            graph: A synthesis graph, or a model folder with one.
            num_threads: None for one thread per physical core.
        """
        options = session_options(num_threads)
        content = (graph / SYNTHESIS_FILE if graph.is_dir() else graph).read_bytes()
        self._session = onnxruntime.InferenceSession(content, options, providers=[CPU_PROVIDER])

    @property
    def latent_shape(self) -> tuple[int, int]:
        """L and D."""
        _, layers, width = self._session.get_inputs()[0].shape
        return int(layers), int(width)

    def run(self, w_NLD: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the full tensor image [N, 3, H, W] of a latent."""
        image_N3HW: NDArray[np.float32] = self._session.run(["image"], {"w": w_NLD})[0]
        return image_N3HW
