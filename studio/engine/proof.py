"""Proves a fresh model: the graphs are run and compared with what their network gave.

Shape legend: N latents, Z width of z, L layers, D width of w, H rows, W columns.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from safetensors import SafetensorError
from safetensors.numpy import load

from studio.core.errors import EngineError
from studio.core.model_card import MAPPING_FILE, SYNTHESIS_FILE
from studio.engine.providers import CPU_PROVIDER, session_options


def largest_difference(folder: Path, reference: bytes) -> float:
    """Give the largest difference of any output of the two graphs from the reference.

    Args:
        folder: The model's folder.
        reference: A safetensors file with `z` [N, Z], `w` [N, L, D] and, by the names of the
            synthesis graph's outputs, tensor images [N, 3, H, W].

    Raises:
        EngineError: A graph cannot be run, or the reference does not fit it.
    """
    try:
        expected = load(reference)
        mapping = _session(folder / MAPPING_FILE)
        synthesis = _session(folder / SYNTHESIS_FILE)
        found = {"w": mapping.run(["w"], {"z": expected["z"]})[0]}
        names = [output.name for output in synthesis.get_outputs()]
        pictures = synthesis.run(names, {"w": expected["w"]})
        found |= dict(zip(names, pictures, strict=True))
        differences = [np.abs(found[name] - expected[name]).max() for name in found]
    except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
        raise EngineError(
            f"The new model cannot be run ({type(error).__name__}).", "Export the run again."
        ) from error
    return float(np.max(differences))


def _session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(
        path.read_bytes(), session_options(), providers=[CPU_PROVIDER]
    )
