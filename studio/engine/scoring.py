"""Made pictures measured against real ones, every figure beside its real-against-real floor.

The real squares are split in two halves by picture, several times. A figure compares made
pictures with one half, its floor the other half with the same one, always as many of each:
distances depend on how many pictures they were measured with.

Shape legend: N pictures, R their side in px, F features.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from studio.core.scores import (
    Features,
    Pictures,
    binomial_interval,
    blur,
    density_and_coverage,
    human_scale,
    kernel_distance,
    sliced_wasserstein,
)
from studio.core.similarity import THUMBNAIL_PX
from studio.engine.closeness import measure_closeness, nothing
from studio.engine.features import FeatureNetwork
from studio.files.source_pictures import resize_picture

NUM_DRAWS: Final = 4
_NUM_SLICED: Final = 2  # of the draws; they differ little, and each takes seconds
MAX_POOL: Final = 2_000  # squares that stand for a larger folder in distances
MIN_HALF: Final = 8
# Blurred by 1/64 of the side a picture looks out of focus: the 0 of the scale for people.
BLUR_SHARE: Final = 1 / 64

Between = Callable[[], None]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure.

    Attributes:
        value: Mean over the draws.
        spread: Standard deviation between the draws.
        floor: The same between real pictures and real pictures; None where there is none.
        floor_spread: Its standard deviation.
        n: How many pictures on each side.
        phi: The feature network, "" for plain pixels.
    """

    value: float
    spread: float = 0.0
    floor: float | None = None
    floor_spread: float = 0.0
    n: int
    phi: str = ""


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """0…100 for people, and what its ends are: kernel distances in φ.

    Attributes:
        value: The place of the made pictures on it.
        at_100: Real pictures against real ones.
        at_0: Real pictures, blurred by 1/64 of their side.
    """

    value: float
    at_100: float
    at_0: float


class Scoring(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured.

    Attributes:
        figures: By name: likeness, likeness_random, density, variety, sliced_<px>, copies, …
        scale: For people; None when blurred pictures cannot be told from the floor, with so few.
        copies: Near copies among how many made pictures.
        copies_interval: 95 % interval of their share.
    """

    figures: dict[str, Figure]
    scale: Scale | None
    copies: tuple[int, int]
    copies_interval: tuple[float, float]


class RealPictures:
    """The squares of a folder, embedded once and split into halves.

    Attributes:
        num_each: How many pictures every distance is measured with on each side, at most.
    """

    def __init__(
        self,
        pictures_NRR3: Pictures,
        files: Sequence[str],
        *,
        num_most: int,
        has_closeness: bool = True,
        between: Between = nothing,
    ) -> None:
        """Embed the squares.

        Args:
            pictures_NRR3: The squares.
            files: Name of the picture of each.
            num_most: How many pictures a distance shall be measured with at most.
            has_closeness: Whether copies of these squares will be looked for.
            between: Called between portions of work; what it raises ends the work.

        Raises:
            ValueError: A half has fewer than eight squares.
        """
        self.networks = (FeatureNetwork("phi-1"), FeatureNetwork("random-1"))
        self._between = between
        self.closeness = (
            measure_closeness(pictures_NRR3, files, network=self.networks[0], between=between)
            if has_closeness
            else None
        )
        rows = np.unique(np.linspace(0, len(files) - 1, MAX_POOL).astype(int))
        self.pictures = pictures_NRR3[rows]
        self.features = {
            network.version: network.embed(self.pictures, between=between)
            for network in self.networks
        }
        self.halves = _halves([files[row] for row in rows])
        self.num_each = min(num_most, *(min(len(a), len(b)) for a, b in self.halves))
        if self.num_each < MIN_HALF:
            raise ValueError("too few pictures for two halves")

    def score(self, made_NRR3: Pictures) -> Scoring:
        """Give the figures of made pictures of the same side."""
        num = min(self.num_each, len(made_NRR3))
        figures: dict[str, Figure] = {}
        for network in self.networks:
            made = network.embed(made_NRR3, between=self._between)
            figures |= self._in_features(network.version, made, num=num)
        figures |= self._in_pixels(made_NRR3, num)
        hits, total = self._count_copies(made_NRR3)
        if total:
            figures["copies"] = Figure(value=hits / total, n=total, phi=self.networks[0].version)
        return Scoring(
            figures=figures,
            scale=self._scale(figures["likeness"], num),
            copies=(hits, total),
            copies_interval=binomial_interval(hits, total) if total else (0.0, 1.0),
        )

    def _in_features(self, version: str, made_NF: Features, *, num: int) -> dict[str, Figure]:
        real = self.features[version]
        rows = []
        for draw, (half, other) in enumerate(self.halves):
            chosen, others = real[half[:num]], real[other[:num]]
            made = made_NF[_draw(len(made_NF), num, draw=draw)]
            row = [kernel_distance(chosen, made), kernel_distance(chosen, others)]
            if version == "phi-1":
                row += [
                    *density_and_coverage(chosen, made),
                    *density_and_coverage(chosen, others),
                ]
            rows.append(row)
        table = np.array(rows)
        if version != "phi-1":
            return {"likeness_random": _figure(table, value=0, floor=1, n=num, phi=version)}
        return {
            "likeness": _figure(table, value=0, floor=1, n=num, phi=version),
            "density": _figure(table, value=2, floor=4, n=num, phi=version),
            "variety": _figure(table, value=3, floor=5, n=num, phi=version),
        }

    def _in_pixels(self, made_NRR3: Pictures, num: int) -> dict[str, Figure]:
        rows = []
        for draw, (half, other) in enumerate(self.halves[:_NUM_SLICED]):
            chosen = self.pictures[half[:num]]
            made = made_NRR3[_draw(len(made_NRR3), num, draw=draw)]
            levels = sliced_wasserstein(chosen, made, seed=draw)
            self._between()
            floors = sliced_wasserstein(chosen, self.pictures[other[:num]], seed=draw)
            self._between()
            rows.append([*levels.values(), *floors.values()])
        table, count = np.array(rows), len(levels)
        return {
            f"sliced_{level}": _figure(table, value=place, floor=place + count, n=num)
            for place, level in enumerate(levels)
        }

    def _scale(self, likeness: Figure, num: int) -> Scale | None:
        network, sigma = self.networks[0], self.pictures.shape[1] * BLUR_SHARE
        real, found = self.features[network.version], []
        for half, other in self.halves[:_NUM_SLICED]:
            blurred = blur(self.pictures[other[:num]], sigma_px=sigma)
            features = network.embed(blurred, between=self._between)
            found.append(kernel_distance(real[half[:num]], features))
        at_0 = float(np.mean(found))
        assert likeness.floor is not None
        if at_0 <= likeness.floor + 2 * likeness.floor_spread:
            return None
        value = human_scale(likeness.value, likeness.floor, blurred=at_0)
        return Scale(value=value, at_100=likeness.floor, at_0=at_0)

    def _count_copies(self, made_NRR3: Pictures) -> tuple[int, int]:
        if self.closeness is None:
            return 0, 0
        hits = 0
        for picture in made_NRR3:
            both = np.stack([picture, picture[:, ::-1]])
            thumbnail = resize_picture(picture, THUMBNAIL_PX)
            near = self.closeness.nearest(self.networks[0].embed(both), thumbnail)
            hits += near.is_copy
            self._between()
        return hits, len(made_NRR3)


def _halves(files: Sequence[str]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Give rows of two halves that share no picture, in random order, once for each draw."""
    names = list(dict.fromkeys(files))
    number_by_name = {name: number for number, name in enumerate(names)}
    owner = np.array([number_by_name[file] for file in files])
    found = []
    for draw in range(NUM_DRAWS):
        random = np.random.Generator(np.random.PCG64(draw))
        is_first = np.isin(owner, random.permutation(len(names))[: len(names) // 2])
        rows = random.permutation(len(files))
        found.append((rows[is_first[rows]], rows[~is_first[rows]]))
    return found


def _draw(count: int, num: int, *, draw: int) -> NDArray[np.intp]:
    random = np.random.Generator(np.random.PCG64(100 + draw))
    return random.permutation(count)[:num]


def _figure(table: NDArray[np.float64], *, value: int, floor: int, n: int, phi: str = "") -> Figure:
    mean, spread = table.mean(axis=0), table.std(axis=0)
    return Figure(
        value=float(mean[value]),
        spread=float(spread[value]),
        floor=float(mean[floor]),
        floor_spread=float(spread[floor]),
        n=n,
        phi=phi,
    )
