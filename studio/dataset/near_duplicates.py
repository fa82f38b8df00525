"""Finds pictures that are nearly the same: saved again, made smaller, a little cut.

Two steps. Every picture has 80 numbers, the coarse content of its 32 × 32 grey picture; pairs
whose numbers point the same way are candidates. A candidate is checked by laying each picture
over windows of the other and comparing their detail, so that two plain skies, which agree in
everything coarse, are not taken for one picture.

Shape legend: N pictures, G side of the grey picture (32), F numbers (80), P a pair or
the pixels of one picture, K windows.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.dataset.looks import GREY_PX

# Measured: pictures of one painter reach 0.76 and 0.52, planted copies cut by up to 12 % begin
# at 0.5 (most at 0.65) and 0.82.
CANDIDATE_COSINE: Final = 0.6
SAME_DETAIL: Final = 0.8
# Standard deviation of detail in levels below which a picture says nothing.
MIN_DETAIL: Final = 2.0
# Each picture is checked against so many candidates, the likeliest first.
NUM_CHECKED: Final = 6
# Windows: share of the side that is left, and where it begins (share of what was cut).
_WINDOWS: Final = (
    (1.0, (0.0,)),
    (0.97, (0.0, 1.0)),
    (0.94, (0.0, 0.5, 1.0)),
    (0.91, (0.0, 0.33, 0.67, 1.0)),
    (0.88, (0.0, 0.25, 0.5, 0.75, 1.0)),
)
_BLOCK: Final = 256

Floats = NDArray[np.float32]


def find_near_duplicates(
    greys_NGG: NDArray[np.uint8], *, between: Callable[[], None] | None = None
) -> dict[int, int]:
    """Give for each near-duplicate the first picture that it resembles (an earlier row).

    Args:
        greys_NGG: uint8 [N, 32, 32], each picture stretched to a square (`Look.grey_GG`).
        between: Called every few milliseconds; what it raises ends the work.
    """
    codes_NF = _codes(greys_NGG)
    windows_KGG = _windows()
    like: dict[int, int] = {}
    for begin in range(0, len(codes_NF), _BLOCK):
        end = min(begin + _BLOCK, len(codes_NF))
        for row, earlier in _candidates(codes_NF, begin, end=end, between=between):
            if row in like:
                continue
            if between is not None:
                between()
            if likeness(greys_NGG[[row, earlier]], windows_KGG) > SAME_DETAIL:
                like[row] = like.get(earlier, earlier)
    return like


def _candidates(
    codes_NF: Floats, begin: int, *, end: int, between: Callable[[], None] | None
) -> list[tuple[int, int]]:
    """Give pairs (row, earlier row) for the rows of a block, the likeliest first."""
    best: list[tuple[float, int, int]] = []
    rows = np.arange(begin, end)
    for first in range(0, end, 16 * _BLOCK):
        last = min(first + 16 * _BLOCK, end)
        cosines = codes_NF[begin:end] @ codes_NF[first:last].T
        columns = np.arange(first, last)
        cosines[columns[None, :] >= rows[:, None]] = -1.0
        for _ in range(NUM_CHECKED):
            places = np.argmax(cosines, axis=1)
            values = cosines[np.arange(len(rows)), places]
            hits = np.flatnonzero(values > CANDIDATE_COSINE)
            if not len(hits):
                break
            best += [(-float(values[i]), begin + int(i), first + int(places[i])) for i in hits]
            cosines[hits, places[hits]] = -1.0
        if between is not None:
            between()
    best.sort()
    num_checked = [0] * (end - begin)
    chosen = []
    for _, row, earlier in best:
        if num_checked[row - begin] < NUM_CHECKED:
            num_checked[row - begin] += 1
            chosen.append((row, earlier))
    return chosen


def _codes(greys_NGG: NDArray[np.uint8]) -> Floats:
    """Give the 80 lowest frequencies without the mean, of length 1; zeros for plain pictures."""
    basis_FG = _cosines(GREY_PX)[:9]
    codes = np.zeros((len(greys_NGG), 80), np.float32)
    for begin in range(0, len(greys_NGG), 4 * _BLOCK):
        part = greys_NGG[begin : begin + 4 * _BLOCK].astype(np.float32)
        waves = basis_FG @ part @ basis_FG.T
        # Higher frequencies are weaker in every picture; all shall count alike.
        steps = np.hypot(*np.meshgrid(np.arange(9), np.arange(9))).astype(np.float32)
        flat = (waves * steps).reshape(len(part), 81)[:, 1:]
        is_plain = _detail(part).std(axis=(1, 2)) < MIN_DETAIL
        lengths = np.linalg.norm(flat, axis=1, keepdims=True)
        codes[begin : begin + len(part)] = np.where(
            is_plain[:, None] | (lengths < 1e-3), 0.0, flat / np.maximum(lengths, 1e-3)
        )
    return codes


def _cosines(size: int) -> Floats:
    """Give the DCT-II basis [size, size]."""
    places = (np.arange(size) + 0.5) * math.pi / size
    return np.cos(np.arange(size)[:, None] * places).astype(np.float32) / math.sqrt(size / 2)


def _windows() -> Floats:
    """Give what cuts a window out of a line and stretches it to the line's length [K, G, G]."""
    found = []
    for share, begins in _WINDOWS:
        for begin in begins:
            places = (np.arange(GREY_PX) + 0.5) * share + begin * (1 - share) * GREY_PX - 0.5
            places = np.clip(places, 0, GREY_PX - 1)
            low = np.minimum(places.astype(int), GREY_PX - 2)
            window = np.zeros((GREY_PX, GREY_PX), np.float32)
            window[np.arange(GREY_PX), low] = 1 - (places - low)
            window[np.arange(GREY_PX), low + 1] = places - low
            found.append(window)
    return np.stack(found)


def _detail(greys_NGG: Floats) -> Floats:
    """Give the pictures without their coarse light: each pixel less the mean around it."""
    padded = np.pad(greys_NGG, ((0, 0), (3, 3), (3, 3)), mode="edge")
    sums = np.cumsum(np.cumsum(padded, axis=1), axis=2)
    sums = np.pad(sums, ((0, 0), (1, 0), (1, 0)))
    boxes = sums[:, 7:, 7:] - sums[:, :-7, 7:] - sums[:, 7:, :-7] + sums[:, :-7, :-7]
    return np.asarray(greys_NGG - boxes / 49, np.float32)


def likeness(pair_PGG: NDArray[np.uint8], windows_KGG: Floats) -> float:
    """Give the best correlation, −1…1, of the detail of one with a window of the other."""
    pair = pair_PGG.astype(np.float32)
    return max(_likeness(pair, windows_KGG), _likeness(pair[::-1], windows_KGG))


def _likeness(pair_PGG: Floats, windows_KGG: Floats) -> float:
    """Give how much the second picture is like the window of the first that fits it best."""
    rows, columns = _best_window(_detail(pair_PGG), windows_KGG)
    cut_GG = windows_KGG[rows] @ pair_PGG[0] @ windows_KGG[columns].T
    one, other = _detail(np.stack((cut_GG, pair_PGG[1])))
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    return float(np.vdot(one, other) / max(float(lengths), 1e-3))


def _best_window(details_PGG: Floats, windows_KGG: Floats) -> tuple[int, int]:
    """Give which rows and which columns of the whole's detail fit the part's best.

    ⟨RᵢA·Cⱼᵀ, B⟩ = ⟨RᵢA, B·Cⱼ⟩, so all K² windows cost two products of K matrices.
    """
    whole_GG, part_GG = details_PGG
    num = len(windows_KGG)
    tall_KP = (windows_KGG @ whole_GG).reshape(num, -1)
    wide_KP = (part_GG @ windows_KGG).reshape(num, -1)
    weights_KG = windows_KGG.sum(axis=1)
    energy_KK = weights_KG @ (whole_GG * whole_GG) @ weights_KG.T
    fits_KK = tall_KP @ wide_KP.T / np.sqrt(np.maximum(energy_KK, 1e-3))
    rows, columns = np.unravel_index(int(np.argmax(fits_KK)), fits_KK.shape)
    return int(rows), int(columns)
