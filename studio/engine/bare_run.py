"""The plain runtime call that our engine is measured against: nothing around it, nothing saved.

Shape legend: N latents, L layers, D width of w, H rows, W columns.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from studio.core.model_card import SYNTHESIS_FILE


class BareRun:
    """One session of a model's synthesis graph on the CPU, with the runtime's best settings.

    The settings are the engine's own (threads, no spinning), so that a ratio shows what the
    engine adds and not how it sets the runtime.
    """

    def __init__(self, folder: Path, *, num_threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = num_threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        content = (folder / SYNTHESIS_FILE).read_bytes()
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )

    def run(self, w_NLD: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the full tensor image [N, 3, H, W] of a latent."""
        image_N3HW: NDArray[np.float32] = self._session.run(["image"], {"w": w_NLD})[0]
        return image_N3HW
