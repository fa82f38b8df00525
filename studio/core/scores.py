"""How good made pictures are beside real ones: measures without anybody else's network.

Every distance depends on how many pictures it was measured with, so each is given beside its
real-against-real floor at the same number (`studio score`), and is never called FID.

Shape legend: N and M pictures, F features, H rows, W columns, P patches, T steps of a path.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32]
Pictures = NDArray[np.uint8]

# Source: Karras et al., "Progressive Growing of GANs" (2018), section 5: 7 × 7 patches, 128 of a
# picture, 512 projections. Half of the projections: the figure moves by less than its floor.
PATCH_PX: Final = 7
MIN_LEVEL_PX: Final = 16
_NUM_PATCHES: Final = 128
_MAX_PATCHES: Final = 1 << 15
_NUM_PROJECTIONS: Final = 256
# The 5-tap binomial filter of the Laplacian pyramid. Source: Burt and Adelson (1983).
_TAPS: Final = np.array([1, 4, 6, 4, 1], dtype=np.float32) / np.float32(16)
# Where interpolation runs in stairs. Source: Kong et al., "MixDL" (2022), as a Gini of step lengths.
STAIRS_GINI: Final = 0.5
NEIGHBOURS: Final = 5
_BLOCK: Final = 512


def sliced_wasserstein(
    real_NHWC: Pictures, made_NHWC: Pictures, *, seed: int = 0
) -> dict[int, float]:
    """Give the sliced Wasserstein distance ×10³ of patches, per level of a Laplacian pyramid.

    Args:
        real_NHWC: Square pictures, uint8.
        made_NHWC: As many and as large (unequal numbers are cut to the smaller).
        seed: Of the patches' places and the projections.

    Returns:
        Side of the level in px (from the pictures' own down to 16) → distance.
    """
    num, side = min(len(real_NHWC), len(made_NHWC)), real_NHWC.shape[1]
    if made_NHWC.shape[1:] != real_NHWC.shape[1:] or num == 0 or side < MIN_LEVEL_PX:
        raise ValueError("sliced_wasserstein compares square pictures of one size, at least 16 px")
    random = np.random.Generator(np.random.PCG64(seed))
    per_picture = max(1, min(_NUM_PATCHES, _MAX_PATCHES // num))
    places = {
        level: random.integers(0, level - PATCH_PX + 1, size=(num, per_picture, 2))
        for level in _levels(side)
    }
    real = _patches_by_level(real_NHWC[:num], places)
    made = _patches_by_level(made_NHWC[:num], places)
    return {level: _sliced(real[level], made[level], random=random) for level in places}


def _levels(side: int) -> list[int]:
    levels = [side]
    while levels[-1] // 2 >= MIN_LEVEL_PX:
        levels.append(levels[-1] // 2)
    return levels


def _patches_by_level(
    rgb8_NHWC: Pictures, places: dict[int, NDArray[np.int64]]
) -> dict[int, NDArray[np.float32]]:
    """Give normalised patches [P, 147] of each level."""
    rows: dict[int, list[NDArray[np.float32]]] = {level: [] for level in places}
    window = np.arange(PATCH_PX)
    for number, picture in enumerate(rgb8_NHWC):
        for level, layer_HWC in zip(places, _laplacian(picture), strict=True):
            top, left = places[level][number].T
            taken = layer_HWC[(top[:, None, None] + window[:, None]), left[:, None, None] + window]
            rows[level].append(taken)
    return {level: _normalised(np.concatenate(parts)) for level, parts in rows.items()}


def _normalised(patch_PHWC: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give patches with each channel at mean 0 and deviation 1 over all patches."""
    mean = patch_PHWC.mean(axis=(0, 1, 2))
    deviation = patch_PHWC.std(axis=(0, 1, 2)) + 1e-6
    flat: NDArray[np.float32] = ((patch_PHWC - mean) / deviation).reshape(len(patch_PHWC), -1)
    return flat


def _laplacian(rgb8_HWC: Pictures) -> Iterator[NDArray[np.float32]]:
    """Give what each level adds, finest first; the last is the small picture itself."""
    level = rgb8_HWC.astype(np.float32)
    for _ in _levels(len(level))[1:]:
        smaller = _smooth(level)[::2, ::2]
        yield level - _smooth(smaller.repeat(2, axis=0).repeat(2, axis=1))
        level = smaller
    yield level


def _smooth(image_HWC: NDArray[np.float32]) -> NDArray[np.float32]:
    return _filtered(image_HWC, _TAPS)


def _filtered(image_HWC: NDArray[np.float32], taps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the picture filtered along both axes, reflected at its edges."""
    half = len(taps) // 2
    for axis in (0, 1):
        widths = [(half, half) if place == axis else (0, 0) for place in range(3)]
        lines = np.moveaxis(np.pad(image_HWC, widths, mode="reflect"), axis, 0)
        size = image_HWC.shape[axis]
        total = np.zeros_like(lines[:size])
        for shift, tap in enumerate(taps):
            total += tap * lines[shift : shift + size]
        image_HWC = np.moveaxis(total, 0, axis)
    return image_HWC


def _sliced(
    real_PK: NDArray[np.float32], made_PK: NDArray[np.float32], *, random: np.random.Generator
) -> float:
    total, done = 0.0, 0
    while done < _NUM_PROJECTIONS:
        count = min(64, _NUM_PROJECTIONS - done)
        direction = random.standard_normal((real_PK.shape[1], count)).astype(np.float32)
        direction /= np.linalg.norm(direction, axis=0)
        real = np.sort(np.ascontiguousarray((real_PK @ direction).T), axis=1)
        made = np.sort(np.ascontiguousarray((made_PK @ direction).T), axis=1)
        total += float(np.abs(real - made).mean()) * count
        done += count
    return 1000 * total / _NUM_PROJECTIONS


def kernel_distance(a_NF: Features, b_MF: Features) -> float:
    """Give the kernel distance ×10³ between two sets of features; 0 ± noise for equal ones.

    The unbiased squared maximum mean discrepancy with the kernel (a·b / F + 1)³; it can be below
    zero. Source: Bińkowski et al., "Demystifying MMD GANs" (2018).

    Raises:
        ValueError: Fewer than two rows on a side.
    """
    num_a, num_b = len(a_NF), len(b_MF)
    if min(num_a, num_b) < 2:
        raise ValueError("a kernel distance needs at least two pictures on each side")
    own_a = (_kernel_sum(a_NF, a_NF) - _kernel_diagonal(a_NF)) / (num_a * (num_a - 1))
    own_b = (_kernel_sum(b_MF, b_MF) - _kernel_diagonal(b_MF)) / (num_b * (num_b - 1))
    return 1000 * (own_a + own_b - 2 * _kernel_sum(a_NF, b_MF) / (num_a * num_b))


def _kernel_sum(a_NF: Features, b_MF: Features) -> float:
    total = 0.0
    for begin in range(0, len(a_NF), _BLOCK):
        product = (a_NF[begin : begin + _BLOCK] @ b_MF.T).astype(np.float64)
        total += float(np.sum((product / a_NF.shape[1] + 1) ** 3))
    return total


def _kernel_diagonal(a_NF: Features) -> float:
    squares = np.square(a_NF, dtype=np.float64).sum(axis=1)
    return float(np.sum((squares / a_NF.shape[1] + 1) ** 3))


def distances(a_NF: Features, b_MF: Features) -> NDArray[np.float32]:
    """Give Euclidean distances [N, M] between features, divided by √F."""
    squares = (
        np.square(a_NF).sum(axis=1)[:, None] + np.square(b_MF).sum(axis=1) - 2 * (a_NF @ b_MF.T)
    )
    result: NDArray[np.float32] = np.sqrt(np.maximum(squares, 0) / a_NF.shape[1])
    return result


def density_and_coverage(
    real_NF: Features, made_MF: Features, *, neighbours: int = NEIGHBOURS
) -> tuple[float, float]:
    """Give density (about 1 for real pictures) and coverage (0…1).

    Density: how many real pictures' neighbourhoods a made picture falls into, by the number
    expected. Coverage: share of real pictures with a made one in their neighbourhood.
    Source: Naeem et al., "Reliable Fidelity and Diversity Metrics" (2020), k = 5.
    """
    if len(real_NF) < 2 or len(made_MF) == 0:
        raise ValueError("density and coverage need two real pictures and a made one")
    nearest = min(neighbours, len(real_NF) - 1)
    own = distances(real_NF, real_NF)
    np.fill_diagonal(own, np.inf)
    radius_N = np.partition(own, nearest - 1, axis=1)[:, nearest - 1]
    between = distances(real_NF, made_MF)
    is_inside = between < radius_N[:, None]
    density = float(is_inside.sum()) / (nearest * len(made_MF))
    return density, float((between.min(axis=1) < radius_N).mean())


def mean_distance(features_NF: Features) -> float:
    """Give the mean distance between two different rows: how far a set is spread."""
    count = len(features_NF)
    if count < 2:
        raise ValueError("a spread needs at least two pictures")
    return float(distances(features_NF, features_NF).sum()) / (count * (count - 1))


def step_gini(features_TF: Features) -> float:
    """Give the Gini coefficient of the steps along a path, 0 (even) … 1 (one jump)."""
    steps = np.sort(np.linalg.norm(np.diff(features_TF, axis=0), axis=1).astype(np.float64))
    count = len(steps)
    total = float(steps.sum())
    if count == 0 or total == 0:
        return 0.0
    ranks = np.arange(1, count + 1)
    return float((2 * ranks - count - 1) @ steps / (count * total))


def binomial_interval(hits: int, total: int) -> tuple[float, float]:
    """Give the 95 % interval of a share; source: Wilson (1927)."""
    if total < 1:
        raise ValueError("a share of nothing")
    z = 1.959964
    share = hits / total
    middle = share + z * z / (2 * total)
    half = z * float(np.sqrt(share * (1 - share) / total + z * z / (4 * total * total)))
    scale = 1 + z * z / total
    low = 0.0 if hits == 0 else (middle - half) / scale
    return low, 1.0 if hits == total else (middle + half) / scale


def human_scale(value: float, floor: float, *, blurred: float) -> float:
    """Give 0…100: 100 at the real-against-real floor, 0 at what blurred real pictures score."""
    if blurred <= floor:
        raise ValueError("the blurred anchor is not above the floor")
    return float(np.clip(100 * (1 - (value - floor) / (blurred - floor)), 0, 100))


def blur(rgb8_NHWC: Pictures, *, sigma_px: float) -> Pictures:
    """Give the pictures under a Gaussian blur."""
    half = min(max(1, round(3 * sigma_px)), rgb8_NHWC.shape[1] - 1)
    offsets = np.arange(-half, half + 1)
    taps = np.exp(-0.5 * np.square(offsets / sigma_px)).astype(np.float32)
    taps /= taps.sum()
    return _each(rgb8_NHWC, lambda image: _filtered(image, taps))


def add_noise(rgb8_NHWC: Pictures, *, deviation: float, seed: int = 0) -> Pictures:
    """Give the pictures with Gaussian noise of this deviation in levels."""
    random = np.random.Generator(np.random.PCG64(seed))
    return _each(
        rgb8_NHWC,
        lambda image: image + random.standard_normal(image.shape, dtype=np.float32) * deviation,
    )


def _each(
    rgb8_NHWC: Pictures, change: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> Pictures:
    rows = [
        np.clip(np.rint(change(picture.astype(np.float32))), 0, 255).astype(np.uint8)
        for picture in rgb8_NHWC
    ]
    return np.stack(rows)
