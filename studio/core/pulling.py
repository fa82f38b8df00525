"""Pulling a point of a picture: which strengths bring what lies there to another place.

What lies under the hand is remembered as a *grip*: a patch, seen through soft glasses of two sizes.
From small pictures of each *lever* (one direction in some zones) moved a little, a least-squares
problem says how far to move all levers so that the grip is seen a short step nearer to the target,
while pins and the picture as a whole stay. The next small picture shows where the grip really is, and
the next step begins there; the levers are looked at again only where a step did not bring it nearer.

No gradients and no pictures of its own: whoever holds a `Pull` renders what `probes` names and gives
it to `learn`, and what `next_strengths` names and gives it to `see`. Places are (x, y) in parts of the picture, 0…1 from its upper left corner.

Shape legend: M levers, H rows, W columns, P samples of a patch, N pictures.

Source: Pan et al., "Drag Your GAN" (step by step, tracking between), here without features and
gradients; Lucas and Kanade 1981 for the step.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.lever_weights import Usual

FloatArray = NDArray[np.float64]
Place = tuple[float, float]

SIDE_PX: Final = 64  # of the pictures that are looked at; all lengths below are in their pixels
PROBE: Final = 0.5  # σ by which a lever is moved to see what it does
STEP_PX: Final = 1.25
_GLASSES: Final = ((1.5, 3), (0.75, 4))  # softness in px, samples to each side
_SPREAD: Final = 1.2  # between samples, in softnesses
_SEARCH_PX: Final = 3.0
_LEAST_LIKENESS: Final = 0.6  # below this the grip counts as lost
_RIDGE: Final = 0.003  # price of a σ against the whole contrast of the grip
_WHOLE_WEIGHT: Final = 0.1
_WHOLE_PX: Final = 8.0
_PRICES: Final = (0.0, *(0.003 * 3.0**n for n in range(10)))  # of being unusual, tried in turn
_MOST_PER_STEP: Final = 1.0  # σ: beyond, what the probes saw does not hold
_PATIENCE: Final = 5  # steps without coming nearer
_GAIN_PX: Final = 0.25
_AGREES: Final = 0.8  # of a step that must be seen for the levers not to be looked at again
_MEMORY: Final = 40  # standings, with their pictures some 4 MB
_FLAT: Final = 0.03  # contrast (0…1) below which a patch has nothing to hold on to


class Standing(msgspec.Struct, frozen=True):
    """Where the pull stands.

    Attributes:
        place: Where what was gripped is now.
        likeness: How much it still looks the same there, −1…1.
        strengths: σ by which the levers were moved for it, as tuple of M.
    """

    place: Place
    likeness: float
    strengths: tuple[float, ...]


class Grip:
    """What lay at a place of a picture."""

    def __init__(self, picture_HWC: FloatArray, place: Place) -> None:
        """Look at a place.

        Args:
            picture_HWC: The picture, 0…1.
            place: Where.
        """
        self.place = place
        self._seen_P = _patch(picture_HWC, place)
        self._contrast = float(np.linalg.norm(self._seen_P))

    @property
    def is_flat(self) -> bool:
        """Whether there is nothing to hold on to."""
        return self._contrast < _FLAT

    def miss(self, picture_HWC: FloatArray, place: Place) -> FloatArray:
        """Give what is missing at a place for the grip to be seen there, [P], in its contrast."""
        missing: FloatArray = (self._seen_P - _patch(picture_HWC, place)) / self._unit
        return missing

    def changes(self, changes_MHWC: FloatArray, place: Place) -> FloatArray:
        """Give what levers do at a place, [P, M], in the grip's contrast."""
        seen_MP = _patch(changes_MHWC, place) / self._unit
        return seen_MP.T

    def find(self, picture_HWC: FloatArray, near: Sequence[Place]) -> tuple[Place, float]:
        """Give where the grip is seen best around some places, and its likeness there, −1…1."""
        size = np.asarray(picture_HWC.shape[1::-1])
        around = np.arange(-_SEARCH_PX, _SEARCH_PX + 0.1)
        found: list[tuple[float, Place]] = []
        for place in near:
            xs, ys = (np.clip(place[i] + around / size[i], 0.0, 1.0) for i in range(2))
            seen_YXP = _patches(picture_HWC, xs=xs, ys=ys)
            sizes = np.maximum(np.linalg.norm(seen_YXP, axis=-1), _FLAT) * self._unit
            likeness_YX = seen_YXP @ self._seen_P / sizes
            down, across = np.unravel_index(int(likeness_YX.argmax()), likeness_YX.shape)
            best = (float(xs[across]), float(ys[down]))
            found.append((float(likeness_YX[down, across]), best))
        likeness, best = max(found)
        return best, likeness

    @property
    def _unit(self) -> float:
        return max(self._contrast, _FLAT)


class Pull:
    """One pull: learns what the levers do, says how to move them, and remembers what came of it.

    Attributes:
        grip: What is pulled.
        target: Where it shall go.
    """

    def __init__(
        self,
        picture_HWC: FloatArray,
        place: Place,
        *,
        low_M: Sequence[float],
        high_M: Sequence[float],
        usual: Usual | None = None,
        pins: Sequence[Place] = (),
    ) -> None:
        """Grip a place.

        Args:
            picture_HWC: The picture before the pull, 0…1.
            place: What is gripped.
            low_M: How far each lever can go down from where it is, σ, ≤ 0.
            high_M: How far up, ≥ 0.
            usual: What keeps the picture one that the model can make; None for no limit.
            pins: Places that shall stay as they are.
        """
        self.grip, self.target = Grip(picture_HWC, place), place
        self._low_M, self._high_M = np.asarray(low_M, float), np.asarray(high_M, float)
        self._usual = usual
        self._pins = tuple(Grip(picture_HWC, pin) for pin in pins)
        self._first = self._picture = picture_HWC
        self._changes: FloatArray | None = None
        self._is_fresh = self._is_as_predicted = False
        self._last = Standing(place, 1.0, tuple(0.0 for _ in self._low_M))
        self._seen = [(self._last, picture_HWC)]
        self._num_idle = 0

    # ---------------------------------------------------------------- what is known

    @property
    def standing(self) -> Standing:
        """The standing that is nearest to the target, of those in which the grip is not lost."""
        return self._best[0]

    @property
    def share(self) -> float:
        """How much of the way to the target was made, 0…1."""
        start, end = _px(self.grip.place), _px(self.target)
        way = end - start
        length = float(way @ way)
        if length == 0.0:
            return 1.0
        made = float((_px(self.standing.place) - start) @ way) / length
        return min(max(made, 0.0), 1.0)

    @property
    def wants_probes(self) -> bool:
        """Whether it must be seen again what the levers do, around `present`."""
        return self._changes is None or not (self._is_fresh or self._is_as_predicted)

    @property
    def present(self) -> tuple[float, ...]:
        """The strengths that the next step begins with."""
        return self._last.strengths

    @property
    def is_done(self) -> bool:
        """Whether the grip is at the target, or no step brings it nearer."""
        return self._left_px(self.standing) <= _GAIN_PX or self.is_stuck

    @property
    def is_stuck(self) -> bool:
        """Whether the last steps brought the grip no nearer."""
        return self._num_idle >= _PATIENCE

    # ---------------------------------------------------------------- what is done

    def set_target(self, target: Place) -> None:
        """Pull elsewhere from now on; one that was stuck tries again from its best standing."""
        if target == self.target:
            return
        if self.is_stuck:
            self._last, self._picture = self._best
        self.target, self._num_idle = target, 0

    def probes(self) -> list[tuple[float, ...]]:
        """Give the M strengths whose pictures `learn` takes: each lever moved a little."""
        found = []
        for lever, delta in enumerate(self._deltas()):
            moved = list(self.present)
            moved[lever] += float(delta)
            found.append(tuple(moved))
        return found

    def learn(self, pictures_MHWC: FloatArray) -> None:
        """Take the pictures of `probes`, 0…1."""
        self._changes = (pictures_MHWC - self._picture) / self._deltas()[:, None, None, None]
        self._is_fresh = True

    def next_strengths(self) -> tuple[float, ...]:
        """Give the strengths that should bring the grip a step nearer to the target."""
        start_M = np.asarray(self.present)
        rows_RM, wanted_R = self._equations(self._step_from(self._last.place))
        left_MM = rows_RM.T @ rows_RM + _RIDGE * np.eye(len(start_M))
        right_M = rows_RM.T @ wanted_R - _RIDGE * start_M
        ended_M = self._solved(left_MM, right_M, start_M=start_M)
        return tuple(round(float(value), 4) for value in ended_M)

    def see(self, strengths: tuple[float, ...], picture_HWC: FloatArray) -> None:
        """Take the picture of `next_strengths`, 0…1: where is the grip now?"""
        before, left_px = self._badness(self.standing), self._left_px(self._last)
        near = {self._last.place, self._step_from(self._last.place)}
        place, likeness = self.grip.find(picture_HWC, sorted(near))
        self._last, self._picture = Standing(place, likeness, strengths), picture_HWC
        self._seen = [self._seen[0], *self._seen[1:][-_MEMORY:], (self._last, picture_HWC)]
        is_nearer = self._badness(self.standing) < before - _GAIN_PX
        self._num_idle = 0 if is_nearer else self._num_idle + 1
        gained_px = left_px - self._left_px(self._last)
        self._is_fresh = False
        self._is_as_predicted = is_nearer and gained_px > _AGREES * min(STEP_PX, left_px)

    # ---------------------------------------------------------------- inside

    @property
    def _best(self) -> tuple[Standing, FloatArray]:
        return min(self._seen, key=lambda seen: self._badness(seen[0]))

    def _badness(self, standing: Standing) -> float:
        lost = max(0.0, _LEAST_LIKENESS - standing.likeness)
        return self._left_px(standing) + 100.0 * lost

    def _left_px(self, standing: Standing) -> float:
        return float(np.linalg.norm(_px(self.target) - _px(standing.place)))

    def _step_from(self, place: Place) -> Place:
        way = _px(self.target) - _px(place)
        step_px = STEP_PX * (1 + self._num_idle)  # pulled harder where it does not follow
        share = min(1.0, step_px / max(float(np.linalg.norm(way)), 1e-9))
        x, y = (_px(place) + share * way) / SIDE_PX
        return _clipped((float(x), float(y)))

    def _deltas(self) -> FloatArray:
        """Give by how much each lever is moved to be seen, [M]; down where there is no room up."""
        has_room = np.asarray(self.present) + PROBE <= self._high_M
        deltas_M: FloatArray = np.where(has_room, PROBE, -PROBE)
        return deltas_M

    def _solved(
        self, left_MM: FloatArray, right_M: FloatArray, *, start_M: FloatArray
    ) -> FloatArray:
        """Give the strengths that solve a step, at the lowest price that keeps them usual."""
        for price in _PRICES if self._usual is not None else _PRICES[:1]:
            added_MM, added_M = left_MM, right_M
            if self._usual is not None and price:
                gram_MM, slope_M = self._usual.price()
                added_MM = left_MM + price * gram_MM
                added_M = right_M - price * (slope_M + gram_MM @ start_M)
            moved_M = np.linalg.solve(added_MM, added_M)
            largest = float(np.abs(moved_M).max(initial=0.0))
            moved_M *= min(1.0, _MOST_PER_STEP / max(largest, 1e-9))
            ended_M: FloatArray = np.clip(start_M + moved_M, self._low_M, self._high_M)
            if self._usual is None or self._usual.holds(ended_M):
                return ended_M
        return start_M

    def _equations(self, step: Place) -> tuple[FloatArray, FloatArray]:
        """Give what the levers do, [R, M], and what is wanted of them, [R]."""
        assert self._changes is not None, "learn first"
        rows, wanted = [], []
        goals = [(self.grip, step), *((pin, pin.place) for pin in self._pins)]
        for grip, place in goals:
            rows.append(grip.changes(self._changes, place))
            wanted.append(grip.miss(self._picture, place))
        missing = _masses(self._first) - _masses(self._picture)
        weight = np.sqrt(_WHOLE_WEIGHT / missing.size)
        rows.append(weight * _masses(self._changes).T)
        wanted.append(weight * missing)
        return np.concatenate(rows), np.concatenate(wanted)


def _px(place: Place) -> FloatArray:
    return np.asarray(place) * SIDE_PX


def _clipped(place: Place) -> Place:
    x, y = place
    return (min(max(float(x), 0.0), 1.0), min(max(float(y), 0.0), 1.0))


def _patch(pictures_HWC: FloatArray, place: Place) -> FloatArray:
    """Give what is around one place; see `_patches`. [..., P]."""
    seen: FloatArray = _patches(pictures_HWC, xs=np.array(place[:1]), ys=np.array(place[1:]))[
        ..., 0, 0, :
    ]
    return seen


def _patches(pictures_HWC: FloatArray, *, xs: FloatArray, ys: FloatArray) -> FloatArray:
    """Give what is around places, without its mean, so that a size of 1 is full contrast.

    Args:
        pictures_HWC: One picture or many, [..., H, W, 3].
        xs: Places across, [X].
        ys: Places down, [Y].

    Returns:
        [..., Y, X, P].
    """
    height, width = pictures_HWC.shape[-3:-1]
    seen = []
    for softness, reach in _GLASSES:
        offsets = softness * _SPREAD * np.arange(-reach, reach + 1)
        weights = np.exp(-(offsets**2) / (2 * (offsets[-1] / 1.6) ** 2))
        shares = np.outer(weights, weights)[..., None]
        shares /= shares.sum()
        down = _glass(height, (ys * height - 0.5)[:, None] + offsets, softness=softness)
        across = _glass(width, (xs * width - 0.5)[:, None] + offsets, softness=softness)
        look = _seen(pictures_HWC, down_YAH=down, across_XBW=across)
        look = look - (look * shares).sum((-3, -2), keepdims=True)
        seen.append((look * np.sqrt(shares)).reshape(*look.shape[:-3], -1))
    return np.concatenate(seen, axis=-1)


def _masses(pictures_HWC: FloatArray) -> FloatArray:
    """Give where light and colours lie in the whole picture, a row for each."""
    height, width = pictures_HWC.shape[-3:-1]
    down, across = (
        _glass(count, np.arange(_WHOLE_PX / 2, count, _WHOLE_PX)[None], softness=_WHOLE_PX / 2)
        for count in (height, width)
    )
    return _seen(pictures_HWC, down_YAH=down, across_XBW=across).reshape(
        *pictures_HWC.shape[:-3], -1
    )


def _seen(pictures_HWC: FloatArray, *, down_YAH: FloatArray, across_XBW: FloatArray) -> FloatArray:
    """Give pictures through the weights of some rows and some columns, [..., Y, X, A, B, 3]."""
    *many, height, width, colours = pictures_HWC.shape
    rows = down_YAH @ pictures_HWC.reshape(*many, 1, height, width * colours)
    rows = rows.reshape(*rows.shape[:-1], width, colours)
    seen: FloatArray = across_XBW[:, None] @ rows[..., None, :, :, :]
    return seen


def _glass(count: int, centres: FloatArray, *, softness: float) -> FloatArray:
    """Give the weights with which pixels are seen at places between them, [..., count]."""
    far = np.arange(count) - np.clip(centres, 0, count - 1)[..., None]
    weights = np.exp(-(far**2) / (2 * softness**2))
    shares: FloatArray = weights / weights.sum(axis=-1, keepdims=True)
    return shares
