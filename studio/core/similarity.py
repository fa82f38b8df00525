"""Whether a picture is a copy of one that its model learned from, calibrated for each set.

Two spaces must agree: the frozen feature network, and plain colour at 32 × 32 px. What counts as
near follows from how near the set's own pictures are to one another: a folder of studies of one
tree is not full of copies. Either space may find the square that a picture is compared with.

Source: reference/generators.md section 5 (5th percentile of the nearest neighbours that training
pictures have among themselves, or a first neighbour much nearer than the second). Ours: slightly
changed copies are planted, and move the limits: features may be as far apart as these are, so that
no copy is missed; colour must be nearer than two thirds of the way from these to the percentile.

Shape legend: N training squares, F features, T side of a thumbnail (64 px), S side of a small
picture (32 px), K small pictures, C channels (Y, Cb, Cr).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.nearness import Nearness

THUMBNAIL_PX: Final = 64
SCHEMA: Final = "1"
RATIO: Final = 0.6
PERCENTILE: Final = 5.0
# Of how far slightly changed copies lie from their squares in features.
COPIES_PERCENTILE: Final = 99.0
# By so much a copy may be further away than planted ones (measured: four of 200 were).
COPIES_MARGIN: Final = 1.25
# Small sets have few neighbours to learn a percentile from; these rows are enough for a large one.
_MAX_ROWS: Final = 300
_CANDIDATES: Final = 5
_SMALL_PX: Final = 32
_COARSE_PX: Final = 8
_SSIM_PX: Final = 7
# A copy may be cut a little: windows of 64, 60 and 56 px of the thumbnail, at their ends and middle.
# Each is side and begin along an axis; those of one row are combined.
_WINDOWS: Final = (((64, 0),), ((60, 0), (60, 2), (60, 4)), ((56, 0), (56, 4), (56, 8)))
_TO_YCBCR: Final = np.array(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32
)
_CHANNEL_SHARE: Final = np.array([0.6, 0.2, 0.2], np.float32)
# Of structural similarity. Source: Wang et al. (2004), K1 = 0.01, K2 = 0.03, levels 0…255.
_C1: Final = np.float32((0.01 * 255) ** 2)
_C2: Final = np.float32((0.03 * 255) ** 2)

Array = NDArray[np.float32]
Thumbnail = NDArray[np.uint8]


class Limits(msgspec.Struct, frozen=True):
    """What counts as near in one set.

    Attributes:
        unit: Median distance between two training pictures in features; distances are given in it.
        features: Limit of the distance in features, in units.
        colour: Limit of the distance at 32 × 32 px.
    """

    unit: float
    features: float
    colour: float


class Planted(msgspec.Struct, frozen=True):
    """Slightly changed copies of squares, for seeing where copies lie.

    Attributes:
        rows: Which squares.
        features: φ of the copies, not mirrored.
        thumbnails: The copies at 64 px.
    """

    rows: NDArray[np.intp]
    features: Array
    thumbnails: Thumbnail


class Closeness:
    """The squares that a model learned from, ready to be compared with what it makes.

    Attributes:
        features_NF: φ of each square, float32.
        thumbnails_NTT3: The squares at 64 px, uint8.
        files: File of each square, by its name in the artist's folder.
        limits: What counts as near.
        phi: Version of φ.
    """

    def __init__(
        self,
        features_NF: Array,
        thumbnails_NTT3: Thumbnail,
        *,
        files: Sequence[str],
        phi: str,
        limits: Limits | None = None,
        copies: Planted | None = None,
    ) -> None:
        """Take the squares.

        Args:
            features_NF: φ of each.
            thumbnails_NTT3: Each at 64 px, uint8.
            files: File of each.
            phi: Version of φ.
            limits: As measured before; None measures them now.
            copies: For measuring: slightly changed copies of some squares.

        Raises:
            ValueError: The parts do not belong together, or come from fewer than three files.
        """
        count = len(features_NF)
        if thumbnails_NTT3.shape != (count, THUMBNAIL_PX, THUMBNAIL_PX, 3) or len(files) != count:
            raise ValueError("features, thumbnails and files are not of the same squares")
        self.features_NF = features_NF.astype(np.float32, copy=False)
        self.thumbnails_NTT3 = thumbnails_NTT3
        self.files = tuple(files)
        self.phi = phi
        numbers = {file: number for number, file in enumerate(dict.fromkeys(self.files))}
        if len(numbers) < 3:
            raise ValueError("closeness needs squares of at least three pictures")
        self._owner_N = np.array([numbers[file] for file in self.files])
        self._coarse_NF = np.stack([_coarse(square) for square in thumbnails_NTT3])
        self.limits = self._measure(copies) if limits is None else limits

    def nearest(self, features_KF: Array, thumbnail_TT3: Thumbnail) -> Nearness:
        """Give what a picture is nearest to.

        Args:
            features_KF: φ of the picture and of the picture mirrored.
            thumbnail_TT3: The picture at 64 px.

        Returns:
            Of a near copy, the square that it copies; else the nearest in features.
        """
        distance_N = _distances(features_KF, self.features_NF).min(axis=0) / self.limits.unit
        first = int(distance_N.argmin())
        second = float(distance_N[self._owner_N != self._owner_N[first]].min())
        limit = max(self.limits.features, RATIO * second)
        colour_by_row = {
            row: colour_distance(thumbnail_TT3, self.thumbnails_NTT3[row])
            for row in self._candidates(distance_N, self._coarse_distances(thumbnail_TT3))
            if distance_N[row] <= limit
        }
        closest = min(colour_by_row, key=colour_by_row.__getitem__, default=first)
        is_copy = colour_by_row.get(closest, np.inf) <= self.limits.colour
        chosen = closest if is_copy else first
        return Nearness(
            distance=float(distance_N[chosen]),
            limit=limit,
            is_copy=bool(is_copy),
            file=self.files[chosen],
            square=chosen,
        )

    def to_tensors(self) -> tuple[dict[str, NDArray[np.generic]], dict[str, str]]:
        """Give what closeness.safetensors holds: tensors, and texts for its header."""
        tensors: dict[str, NDArray[np.generic]] = {
            "features": self.features_NF.astype(np.float16),
            "thumbnails": self.thumbnails_NTT3,
        }
        texts = {
            "schema": SCHEMA,
            "phi": self.phi,
            "files": msgspec.json.encode(self.files).decode(),
            "limits": msgspec.json.encode(self.limits).decode(),
        }
        return tensors, texts

    @classmethod
    def from_tensors(
        cls, tensors: Mapping[str, NDArray[np.generic]], texts: Mapping[str, str]
    ) -> "Closeness":
        """Give what `to_tensors` gave.

        Raises:
            ValueError: It is not that, or from a newer program.
        """
        if texts.get("schema") != SCHEMA:
            raise ValueError("it was made by a newer version of the program")
        features, thumbnails = tensors.get("features"), tensors.get("thumbnails")
        if features is None or thumbnails is None or features.ndim != 2:
            raise ValueError("features or thumbnails are missing")
        if features.dtype not in (np.float16, np.float32) or thumbnails.dtype != np.uint8:
            raise ValueError("features or thumbnails are of another type")
        try:
            files = msgspec.json.decode(texts.get("files", ""), type=tuple[str, ...])
            limits = msgspec.json.decode(texts.get("limits", ""), type=Limits)
        except msgspec.DecodeError as error:
            raise ValueError("its header is damaged") from error
        numbers = (limits.unit, limits.features, limits.colour)
        if not np.isfinite(features).all() or not np.isfinite(numbers).all() or limits.unit <= 0:
            raise ValueError("it holds values that are not finite")
        return cls(
            features.astype(np.float32),
            thumbnails.astype(np.uint8, copy=False),
            files=files,
            phi=texts.get("phi", ""),
            limits=limits,
        )

    def _coarse_distances(self, thumbnail_TT3: Thumbnail) -> Array:
        both = np.stack([_coarse(thumbnail_TT3), _coarse(thumbnail_TT3[:, ::-1])])
        result: Array = _distances(both, self._coarse_NF).min(axis=0)
        return result

    @staticmethod
    def _candidates(distance_N: Array, coarse_N: Array) -> list[int]:
        """Give the squares that either space holds for the nearest."""
        count = min(_CANDIDATES, int(np.isfinite(distance_N).sum()))
        rows = [np.argpartition(values, count - 1)[:count] for values in (distance_N, coarse_N)]
        return [int(row) for row in np.unique(np.concatenate(rows))]

    def _measure(self, copies: Planted | None) -> Limits:
        """Give the limits: how near squares are to those of other pictures."""
        rows = np.unique(np.linspace(0, len(self.files) - 1, _MAX_ROWS).astype(int))
        nearest, colours, medians = [], [], []
        for row in rows:
            is_own = self._owner_N == self._owner_N[row]
            distance_N = _distances(self.features_NF[row : row + 1], self.features_NF)[0]
            coarse_N = self._coarse_distances(self.thumbnails_NTT3[row])
            medians.append(np.median(distance_N[~is_own]))
            distance_N[is_own] = coarse_N[is_own] = np.inf
            nearest.append(distance_N.min())
            thumbnail = self.thumbnails_NTT3[row]
            others = self._candidates(distance_N, coarse_N)
            colours.append(
                min(colour_distance(thumbnail, self.thumbnails_NTT3[other]) for other in others)
            )
        unit = max(float(np.median(medians)), 1e-6)
        limit, colour = (float(np.percentile(x, PERCENTILE)) for x in (nearest, colours))
        if copies is not None:
            copied, copied_colour = self._measure_copies(copies)
            limit = max(limit, COPIES_MARGIN * copied)
            colour = min(colour, (2 * colour + copied_colour) / 3)
        return Limits(unit=unit, features=limit / unit, colour=colour)

    def _measure_copies(self, copies: Planted) -> tuple[float, float]:
        """Give how far copies lie from their squares: in features and in colour."""
        apart_KF = copies.features - self.features_NF[copies.rows]
        colours = [
            colour_distance(thumbnail, self.thumbnails_NTT3[row])
            for row, thumbnail in zip(copies.rows, copies.thumbnails, strict=True)
        ]
        both = np.sqrt(np.square(apart_KF).mean(axis=1)), colours
        features, colour = (float(np.percentile(x, COPIES_PERCENTILE)) for x in both)
        return features, colour


def _distances(a_KF: Array, b_NF: Array) -> Array:
    """Give Euclidean distances [K, N] by √F, without the threads of a matrix product."""
    products = np.einsum("kf,nf->kn", a_KF, b_NF)
    squares = np.square(a_KF).sum(axis=1)[:, None] + np.square(b_NF).sum(axis=1) - 2 * products
    result: Array = np.sqrt(np.maximum(squares, 0) / a_KF.shape[1])
    return result


def _coarse(thumbnail_TT3: Thumbnail) -> Array:
    """Give a square at 8 × 8 px, less its mean colour and of length 1: for finding copies."""
    cell = THUMBNAIL_PX // _COARSE_PX
    cells = thumbnail_TT3.reshape(_COARSE_PX, cell, _COARSE_PX, cell, 3)
    means = cells.mean(axis=(1, 3), dtype=np.float32)
    flat = (means - means.mean(axis=(0, 1))).ravel()
    result: Array = flat / (np.sqrt(np.square(flat).sum()) + 1e-3)
    return result


def colour_distance(picture_TT3: Thumbnail, square_TT3: Thumbnail) -> float:
    """Give 1 less the structural similarity in Y, Cb and Cr at 32 × 32 px, 0…2.

    The best is taken of: the square as it is, cut by up to 12 % at its sides, and mirrored.
    """
    picture_CSS = _windows(picture_TT3, _WINDOWS[:1])[0]
    windows_KCSS = _windows(square_TT3, _WINDOWS)
    return 1 - max(
        _best_similarity(picture_CSS, windows_KCSS),
        _best_similarity(picture_CSS[:, :, ::-1], windows_KCSS),
    )


# No matrix products from here on: on arrays as small as these the threads of the linear algebra
# library cost twenty times the work itself on a busy machine (measured).


def _windows(thumbnail_TT3: Thumbnail, sizes: Sequence[Sequence[tuple[int, int]]]) -> Array:
    """Give windows of a thumbnail as small pictures [K, C, S, S]; the first is all of it."""
    level = thumbnail_TT3.astype(np.float32)
    ycbcr = np.stack([(level * weights).sum(axis=2) for weights in _TO_YCBCR])
    parts = []
    for windows in sizes:
        rows = np.stack([_resized(ycbcr, window, axis=1) for window in windows])
        both = np.stack([_resized(rows, window, axis=3) for window in windows], axis=1)
        parts.append(both.reshape(-1, 3, _SMALL_PX, _SMALL_PX))
    return np.concatenate(parts)


def _resized(values: Array, window: tuple[int, int], *, axis: int) -> Array:
    """Give S means of about two pixels each along an axis of T, over a window of it."""
    side, begin = window
    place = begin + (np.arange(_SMALL_PX) + 0.5) * side / _SMALL_PX - 1
    whole = np.minimum(place.astype(int), THUMBNAIL_PX - 2)
    shape = [1] * values.ndim
    shape[axis] = _SMALL_PX
    share = (place - whole).astype(np.float32).reshape(shape)
    low, middle, high = (
        values.take(np.minimum(whole + step, THUMBNAIL_PX - 1), axis=axis) for step in (0, 1, 2)
    )
    # Between the mean of two neighbours and the mean of the next two.
    result: Array = (low * (1 - share) + middle + high * share) / 2
    return result


def _best_similarity(picture_CSS: Array, windows_KCSS: Array) -> float:
    """Give the structural similarity to the window that fits best by correlation in Y."""
    own = picture_CSS[0] - picture_CSS[0].mean()
    light = windows_KCSS[:, 0] - windows_KCSS[:, 0].mean(axis=(1, 2), keepdims=True)
    fits_K = (light * own).sum(axis=(1, 2)) / (np.sqrt((light**2).sum(axis=(1, 2))) + 1e-3)
    return _similarity(picture_CSS, windows_KCSS[int(fits_K.argmax())])


def _similarity(a_CSS: Array, b_CSS: Array) -> float:
    mean_a, mean_b, square_a, square_b, product = _averaged(
        np.stack([a_CSS, b_CSS, a_CSS * a_CSS, b_CSS * b_CSS, a_CSS * b_CSS])
    )
    var_a, var_b = square_a - mean_a**2, square_b - mean_b**2
    both = product - mean_a * mean_b
    similarity = ((2 * mean_a * mean_b + _C1) * (2 * both + _C2)) / (
        (mean_a**2 + mean_b**2 + _C1) * (var_a + var_b + _C2)
    )
    return float((similarity.mean(axis=(1, 2)) * _CHANNEL_SHARE).sum())


def _averaged(values: Array) -> NDArray[np.float64]:
    """Give means over 7 × 7 neighbours, in float64: sums along an axis lose digits."""
    total = np.zeros((*values.shape[:-2], _SMALL_PX + 1, _SMALL_PX + 1), np.float64)
    total[..., 1:, 1:] = values.astype(np.float64).cumsum(axis=-1).cumsum(axis=-2)
    n = _SSIM_PX
    sums = total[..., n:, n:] - total[..., :-n, n:] - total[..., n:, :-n] + total[..., :-n, :-n]
    result: NDArray[np.float64] = sums / n**2
    return result
