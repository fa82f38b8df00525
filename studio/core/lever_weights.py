"""How unusual a picture becomes when levers are moved: the squared distance of its latent.

A latent's distance from the model's mean is measured in the spread of drawn latents (Mahalanobis),
so that drawn ones lie at about 1. Beyond, a generator has learned nothing and draws noise. Within a
zone the square is a quadratic form of the levers' strengths, so the window can hold a search within
limits without knowing a single latent.

Shape legend: M levers, Z zones that have levers.
"""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.recipe import floats_from_text, floats_to_text

FloatArray = NDArray[np.float64]
USUAL: Final = (
    1.0  # where half of all drawn latents lie; at 1.1 and more some pictures break (README)
)


class LeverWeights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The quadratic forms: distance² of zone z = base[z] + 2 · slope · s + s · gram · s over its levers.

    Attributes:
        zone_of: For each lever the number of its zone in `base`, M.
        base: Distance² before any lever is moved, Z.
        slope: float32 [M] in base64.
        gram: float32 [M, M] in base64; 0 between levers of different zones.
    """

    zone_of: tuple[int, ...]
    base: tuple[float, ...]
    slope: str
    gram: str


class Usual:
    """Keeps strengths where latents are usual, or at least no further out than they began."""

    def __init__(self, weights: LeverWeights) -> None:
        """Take the forms.

        Raises:
            ValueError: They do not fit together.
        """
        num = len(weights.zone_of)
        self._base_Z = np.asarray(weights.base, float)
        self._slope_M = floats_from_text(weights.slope).astype(float)
        self._gram_MM = floats_from_text(weights.gram).astype(float).reshape(num, num)
        if self._slope_M.shape != (num,) or max(weights.zone_of, default=0) >= len(weights.base):
            raise ValueError("the weights of the levers do not fit together")
        self._is_of_ZM = np.arange(len(self._base_Z))[:, None] == np.asarray(weights.zone_of)
        self._limit_Z = np.maximum(USUAL**2, self._base_Z)

    def holds(self, strengths_M: FloatArray) -> bool:
        """Say whether no zone is further out than allowed."""
        linear_M = 2 * self._slope_M * strengths_M
        square_M = strengths_M * (self._gram_MM @ strengths_M)
        out_Z = self._base_Z + self._is_of_ZM @ (linear_M + square_M)
        return bool((out_Z <= self._limit_Z + 1e-6).all())

    def price(self) -> tuple[FloatArray, FloatArray]:
        """Give the forms' matrix [M, M] and slope [M], to be added to a least-squares problem."""
        return self._gram_MM, self._slope_M


def to_weights(
    zone_of: tuple[int, ...], *, base_Z: FloatArray, slope_M: FloatArray, gram_MM: FloatArray
) -> LeverWeights:
    """Give the forms as they travel."""
    return LeverWeights(
        zone_of,
        tuple(float(value) for value in base_Z),
        floats_to_text(slope_M.astype(np.float32)),
        floats_to_text(gram_MM.astype(np.float32)),
    )
