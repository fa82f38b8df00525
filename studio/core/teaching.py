"""Teaching a direction from two piles of pictures: its values, and the mathematics.

Shapes: N pictures of the pile "more like this", M of "less like this", S samples, P numbers of a
picture, K directions to stay apart from, D width of w.
"""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.directions import FloatArray
from studio.core.recipe import ZONES, Recipe

MAX_PILE: Final = 64
FEW: Final = 4  # a smaller pile is a guess, and it is said
_RIDGE: Final = 0.3  # of the samples' mean variance; 200 pictures do not settle 256 numbers
Array = NDArray[np.float64]


class Lesson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a direction is taught from.

    Attributes:
        more: Recipes of the pile "more like this".
        less: And of "less like this". One pile may be empty: the model's mean takes its place.
        zones: The zones it shall act on.
        apart: Directions that it shall leave alone: the id of one of the model's own, or a vector
            in base64.
    """

    more: tuple[Recipe, ...]
    less: tuple[Recipe, ...] = ()
    zones: tuple[str, ...] = ZONES
    apart: tuple[str, ...] = ()


class Learned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A direction that was made from two piles.

    Attributes:
        vector: One σ along it, float32 [D] in base64.
        unit: How many σ one unit of its slider is.
        hits: How many pictures lie on the right side when each is judged by the others alone; None
            with fewer than two on a pile.
    """

    vector: str
    unit: float
    hits: int | None = None


class Surroundings:
    """What is usual in a model, against which two piles are seen.

    Attributes:
        covariance_DD: Of w.
        prior_DD: Where a wish is likely to point: usual differences, weighted by how much they are
            seen; scaled to the trace of the covariance.
    """

    def __init__(self, w_SD: FloatArray, pictures_SP: FloatArray) -> None:
        """Take samples.

        Args:
            w_SD: Latents less their mean; S of them, of which the first have a picture.
            pictures_SP: Small pictures of the first of them, 0…1.
        """
        exact_SD: Array = w_SD.astype(np.float64)
        self.covariance_DD: Array = exact_SD.T @ exact_SD / len(exact_SD)
        seen_DP = _ridge(exact_SD[: len(pictures_SP)], pictures_SP.astype(np.float64))
        prior_DD = self.covariance_DD @ (seen_DP @ seen_DP.T) @ self.covariance_DD
        trace = max(float(np.trace(prior_DD)), 1e-30)
        self.prior_DD: Array = prior_DD * (np.trace(self.covariance_DD) / trace)

    def wish(self, more_ND: FloatArray, less_MD: FloatArray) -> Array:
        """Give the direction that two piles most likely mean, [D] of any length.

        The mean difference of few pictures is mostly chance: pictures differ in everything else,
        too. With a prior over wishes and chance as the covariance allows, the likeliest wish is
        prior · (prior + (1/N + 1/M) · covariance)⁻¹ · (mean of more − mean of less).

        Source: the linear minimum mean square error (Wiener) estimate; as a shrunken mean
        difference it is a kin of regularised discriminant analysis (Friedman 1989).
        """
        chance = sum(1 / len(pile) for pile in (more_ND, less_MD) if len(pile))
        difference_D = _mean(more_ND) - _mean(less_MD)
        mixed_DD = self.prior_DD + chance * self.covariance_DD
        ridge = 1e-6 * float(np.trace(mixed_DD)) / len(mixed_DD)
        found: Array = self.prior_DD @ np.linalg.solve(
            mixed_DD + ridge * np.eye(len(mixed_DD)), difference_D
        )
        return found

    def one_sigma(self, direction_D: Array) -> FloatArray:
        """Give a direction as long as w usually spreads along it, float32.

        Raises:
            ValueError: It has no length: both piles say the same.
        """
        length = float(np.linalg.norm(direction_D))
        if length < 1e-9:
            raise ValueError("the direction has no length")
        unit_D = direction_D / length
        sigma = float(np.sqrt(unit_D @ self.covariance_DD @ unit_D))
        return np.ascontiguousarray(unit_D * sigma, np.float32)

    def hits(self, more_ND: FloatArray, less_MD: FloatArray) -> int | None:
        """Give how many pictures the others put on the right side; None for less than two each."""
        if min(len(more_ND), len(less_MD)) < 2:
            return None
        found = 0
        for place in range(len(more_ND)):
            rest_ND = np.delete(more_ND, place, axis=0)
            found += self._is_more(more_ND[place], rest_ND, less_MD=less_MD)
        for place in range(len(less_MD)):
            rest_MD = np.delete(less_MD, place, axis=0)
            found += not self._is_more(less_MD[place], more_ND, less_MD=rest_MD)
        return int(found)

    def _is_more(self, w_D: FloatArray, more_ND: FloatArray, *, less_MD: FloatArray) -> bool:
        middle_D = (_mean(more_ND) + _mean(less_MD)) / 2
        return bool((w_D - middle_D) @ self.wish(more_ND, less_MD) > 0)


def kept_apart(direction_D: Array, others_KD: FloatArray) -> Array:
    """Give a direction without what it shares with others, so that it leaves them alone."""
    if not len(others_KD):
        return direction_D
    basis_DK, _ = np.linalg.qr(others_KD.T.astype(np.float64))
    rest: Array = direction_D - basis_DK @ (basis_DK.T @ direction_D)
    return rest


def _mean(pile_ND: FloatArray) -> Array:
    """Give the mean of a pile; that of an empty one is the model's, which is 0 here."""
    if not len(pile_ND):
        return np.zeros(1)
    exact_ND: Array = pile_ND.astype(np.float64)
    mean: Array = exact_ND.mean(axis=0)
    return mean


def _ridge(w_SD: Array, pictures_SP: Array) -> Array:
    """Give how each number of w changes a picture, [D, P], by ridge regression."""
    centred_SD: Array = w_SD - w_SD.mean(axis=0)
    gram_DD: Array = centred_SD.T @ centred_SD
    gram_DD += np.eye(len(gram_DD)) * (_RIDGE * float(np.trace(gram_DD)) / len(gram_DD))
    found: Array = np.linalg.solve(gram_DD, centred_SD.T @ (pictures_SP - pictures_SP.mean(axis=0)))
    return found
