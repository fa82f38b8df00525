"""Finds pictures that are unlike all others of a folder. Conservative: a style is wide.

Shape legend: N pictures, F features.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

# With fewer pictures nobody can say what belongs; more than so many are not compared.
MIN_COMPARED: Final = 16
MAX_COMPARED: Final = 5_000
# How far beyond the upper quarter, in widths of the middle half (Tukey calls 3 "far out").
# Measured: of 17 coherent sets (38 to 1,085 pictures) 16 have at most 3 % beyond it, most none.
FAR_OUT: Final = 2.5
# Some intruders come together: each has the others near it.
_SHARE: Final = 0.05
_BLOCK: Final = 256


def find_outliers(
    features_NF: NDArray[np.float32], *, between: Callable[[], None] | None = None
) -> list[int]:
    """Give the rows that lie far out, the farthest first.

    Args:
        features_NF: One row for each picture (`FeatureNetwork.embed`).
        between: Called every few milliseconds; what it raises ends the work.
    """
    count = len(features_NF)
    if not MIN_COMPARED <= count <= MAX_COMPARED:
        return []
    distances = neighbour_distances(features_NF, between=between)
    low, high = np.quantile(distances, (0.25, 0.75))
    # The logarithm makes the long upper tail of distances even.
    scale = np.log(high / max(low, 1e-6)) if high > 0 else 0.0
    if scale <= 0:
        return []
    far = np.log(np.maximum(distances, 1e-6) / high) / scale
    rows = np.flatnonzero(far > FAR_OUT)
    return [int(row) for row in rows[np.argsort(-far[rows])]]


def neighbour_distances(
    features_NF: NDArray[np.float32], *, between: Callable[[], None] | None = None
) -> NDArray[np.float32]:
    """Give each row's distance to its k-th neighbour, k = 5 % of the rows but at least 5."""
    count = len(features_NF)
    kth = min(count - 1, max(5, round(_SHARE * count)))
    squares = np.einsum("nf,nf->n", features_NF, features_NF)
    found = np.empty(count, np.float32)
    for begin in range(0, count, _BLOCK):
        part = features_NF[begin : begin + _BLOCK]
        distances = squares[begin : begin + _BLOCK, None] + squares - 2 * part @ features_NF.T
        found[begin : begin + len(part)] = np.partition(distances, kth, axis=1)[:, kth]
        if between is not None:
            between()
    return np.sqrt(np.maximum(found, 0))
