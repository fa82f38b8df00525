"""Directions of the latent space, and their layout in `directions.safetensors`.

Shape legend: M directions, K principal axes, D width of w.

The file holds the tensors `mean` [D], `axes` [K, D] (unit vectors), `sigmas` [K] and `steps`
[M, D], all float32, and in its metadata under `directions` a JSON list with an entry
{"id", "name", "zones", "source", "scale"} per row of `steps`, most visible first.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
METADATA_KEY: Final = "directions"


class DirectionEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One direction without its vector.

    Attributes:
        id: First 16 hex digits of the SHA-256 of the float32 vector.
        name: What the slider says, for example "dawn ↔ dusk".
        zones: The zones it acts on by default, a subset of "coarse", "medium", "fine".
        source: "sefa" or "pca".
        scale: How many σ one slider unit is; already multiplied into the vector.
    """

    id: str
    name: str
    zones: tuple[str, ...]
    source: str
    scale: float = 1.0


class DirectionSet(msgspec.Struct, frozen=True):
    """All that `directions.safetensors` holds. The arrays are read-only by agreement.

    Attributes:
        mean_D: Mean of w, float32 [D].
        axes_KD: Principal axes of w, unit vectors.
        sigmas_K: Standard deviation of w along each axis.
        entries: M entries.
        steps_MD: One slider unit along each direction.
    """

    mean_D: FloatArray
    axes_KD: FloatArray
    sigmas_K: FloatArray
    entries: tuple[DirectionEntry, ...]
    steps_MD: FloatArray

    def vectors(self) -> dict[str, FloatArray]:
        """Give direction id → one-unit step [D], views into `steps_MD`."""
        pairs = zip(self.entries, self.steps_MD, strict=True)
        return {entry.id: step_D for entry, step_D in pairs}


def direction_id(step_D: FloatArray) -> str:
    """Give the id of a direction: the same vector has the same id on every machine."""
    return hashlib.sha256(np.ascontiguousarray(step_D, dtype="<f4").tobytes()).hexdigest()[:16]


def to_tensors(directions: DirectionSet) -> tuple[dict[str, FloatArray], dict[str, str]]:
    """Give the tensors and the metadata to be written as `directions.safetensors`."""
    tensors = {
        "mean": directions.mean_D,
        "axes": directions.axes_KD,
        "sigmas": directions.sigmas_K,
        "steps": directions.steps_MD,
    }
    return tensors, {METADATA_KEY: msgspec.json.encode(directions.entries).decode()}


def from_tensors(tensors: Mapping[str, FloatArray], metadata: Mapping[str, str]) -> DirectionSet:
    """Give the checked set for what a file held.

    Raises:
        ValueError: A tensor is missing, has another shape, holds values that are not finite, or
            does not belong to its id.
    """
    try:
        mean, axes, sigmas, steps = (tensors[k] for k in ("mean", "axes", "sigmas", "steps"))
        entries = msgspec.json.decode(metadata[METADATA_KEY], type=tuple[DirectionEntry, ...])
    except (KeyError, msgspec.DecodeError) as error:
        raise ValueError(f"the directions are incomplete: {error}") from error
    arrays = (mean, axes, sigmas, steps)
    if any(array.dtype != np.float32 or not np.isfinite(array).all() for array in arrays):
        raise ValueError("the directions hold values that are not finite float32")
    if mean.ndim != 1 or axes.shape != (sigmas.size, mean.size):
        raise ValueError("the principal axes have another shape than the mean")
    if steps.shape != (len(entries), mean.size):
        raise ValueError("the number of directions differs from their vectors")
    if any(direction_id(step) != entry.id for entry, step in zip(entries, steps, strict=True)):
        raise ValueError("a direction does not belong to its id")
    return DirectionSet(mean, axes, sigmas, entries, steps)
