"""How good a generator is while it trains, and whether it copies: measured in φ.

Made pictures are the ones that the finished model would make of seeds 0, 1, 2, … at psi 1.
Nothing here reads or changes a run's random states, and everything can be ended between
portions of work of less than half a second.

Shapes: N pictures, F features, R resolution.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.arrays import picture_from_tensor
from studio.core.latent import z_from_seeds
from studio.core.scores import (
    binomial_interval,
    density_and_coverage,
    kernel_distance,
    mean_distance,
)
from studio.core.similarity import THUMBNAIL_PX
from studio.core.snapshot import SHEET_SEEDS, NearCopy, SnapshotScores
from studio.core.training_spec import TrainingSpec
from studio.engine.closeness import measure_closeness, nothing
from studio.engine.features import FeatureNetwork
from studio.files.source_pictures import resize_picture
from studio.training.networks import Generator
from studio.training.to_onnx import bake

NUM_MADE: Final = 400
NUM_SPREAD: Final = 64
# With fewer held-out squares a distance to them is mostly noise (at 24: ±60, where a blur is 1,280
# away), and squares of one picture are alike besides; then all real ones are the measure.
MIN_HELD_OUT: Final = 40
_PORTION: Final = 4
_NUM_COMPARED: Final = 2_000  # squares that stand for all of them where every pair counts

Pictures = NDArray[np.uint8]
Features = NDArray[np.float32]
Between = Callable[[], None]


class Judge:
    """The pictures of a run, embedded once, and what generators are measured by.

    Attributes:
        closeness: The training squares, for telling copies.
        real_spread: Mean distance between training pictures.
        is_held_out: Whether likeness is to pictures that were never trained on.
    """

    def __init__(
        self,
        pictures_NRR3: Pictures,
        held_out_NRR3: Pictures | None,
        *,
        files: Sequence[str],
        between: Between = nothing,
        threads: int = 1,
    ) -> None:
        """Embed the pictures: some 5 ms each on one thread.

        Args:
            pictures_NRR3: the squares that are trained on.
            held_out_NRR3: squares of other pictures, None when there are none.
            files: name of the picture of each training square.
            between: called between portions of work; what it raises ends the work.
            threads: processor threads that φ may use.

        Raises:
            ValueError: fewer than three pictures.
            EngineError: φ cannot be opened.
        """
        self._network = FeatureNetwork(threads=threads)
        self.closeness = measure_closeness(
            pictures_NRR3, files, network=self._network, between=between
        )
        self.is_held_out = held_out_NRR3 is not None and len(held_out_NRR3) >= MIN_HELD_OUT
        self._real_NF = self.features
        if held_out_NRR3 is not None and len(held_out_NRR3) > 0:
            held_out_NF = self._network.embed(held_out_NRR3, between=between)
            parts = [held_out_NF] if self.is_held_out else [self.features, held_out_NF]
            self._real_NF = np.concatenate(parts)
        self._floor = self._measure_floor()
        self.real_spread = mean_distance(_sample(self.features, NUM_SPREAD))

    @property
    def features(self) -> Features:
        """φ of the training squares."""
        return self.closeness.features_NF

    def judge(
        self,
        average: Generator,
        spec: TrainingSpec,
        *,
        between: Between = nothing,
        num_made: int = NUM_MADE,
    ) -> tuple[SnapshotScores, tuple[NearCopy, ...]]:
        """Gives the scores of a generator and up to 20 made pictures nearest to training pictures.

        Args:
            average: the averaged generator, of the run's full size.
            spec: of the run.
            between: called between portions of work; what it raises ends the work.
            num_made: how many pictures to make.
        """
        rows, copies = [], []
        for seed, features_KF, picture in self._made(
            average, spec, seeds=range(num_made), between=between
        ):
            rows.append(features_KF[0])
            near = self.closeness.nearest(features_KF, resize_picture(picture, THUMBNAIL_PX))
            copies.append(
                NearCopy(
                    seed=seed,
                    file=near.file,
                    square=near.square,
                    distance=near.distance,
                    is_copy=near.is_copy,
                )
            )
        num_copies = sum(copy.is_copy for copy in copies)
        made_NF = np.stack(rows)
        density, variety = density_and_coverage(_sample(self.features, num_made), made_NF)
        scores = SnapshotScores(
            likeness=self.kernel_distance_to(made_NF),
            likeness_floor=self._floor,
            variety=variety,
            density=density,
            distance=float(np.median([copy.distance for copy in copies])),
            copies=num_copies / num_made,
            copies_high=binomial_interval(num_copies, num_made)[1],
            num_made=num_made,
            is_held_out=self.is_held_out,
        )
        nearest = sorted(copies, key=lambda copy: (not copy.is_copy, copy.distance))
        return scores, tuple(nearest[:SHEET_SEEDS])

    def spread(
        self, average: Generator, spec: TrainingSpec, *, between: Between = nothing
    ) -> float:
        """Gives the mean distance between the pictures of seeds 0…63; compare `real_spread`."""
        made = self._made(average, spec, seeds=range(NUM_SPREAD), between=between)
        return mean_distance(np.stack([features_KF[0] for _, features_KF, _ in made]))

    def kernel_distance_to(self, features_NF: Features) -> float:
        """Gives the distance ×10³ of other pictures to the held-out ones (or all, without)."""
        return kernel_distance(
            _sample(self._real_NF, _NUM_COMPARED), _sample(features_NF, _NUM_COMPARED)
        )

    def _measure_floor(self) -> float:
        """Gives the distance of real pictures to real ones of other files."""
        if self.is_held_out:
            return self.kernel_distance_to(self.features)
        number_by_file = {file: n for n, file in enumerate(dict.fromkeys(self.closeness.files))}
        is_even = np.array([number_by_file[file] % 2 == 0 for file in self.closeness.files])
        halves = self.features[is_even], self.features[~is_even]
        if min(map(len, halves)) < 2:
            return 0.0
        return kernel_distance(*(_sample(half, _NUM_COMPARED) for half in halves))

    def _made(
        self, average: Generator, spec: TrainingSpec, *, seeds: Sequence[int], between: Between
    ) -> Iterator[tuple[int, Features, Pictures]]:
        """Gives seed, features of the picture and of it mirrored [K, F], and the picture."""
        mapping, synthesis = bake(average, spec)
        for begin in range(0, len(seeds), _PORTION):
            part = seeds[begin : begin + _PORTION]
            with torch.no_grad():
                w_NLD = mapping(torch.from_numpy(z_from_seeds(part, spec.z_dim)))
                image: Tensor = synthesis(w_NLD)[0]
            pictures = picture_from_tensor(torch.nan_to_num(image).numpy())
            both = np.concatenate([pictures, pictures[:, :, ::-1]])
            features = self._network.embed(both)
            between()
            for place, seed in enumerate(part):
                yield seed, features[[place, place + len(part)]], pictures[place]


def _sample(features_NF: Features, count: int) -> Features:
    """Gives at most `count` rows, evenly spread, so that all files are seen."""
    if len(features_NF) <= count:
        return features_NF
    rows = np.linspace(0, len(features_NF) - 1, count).astype(int)
    return np.ascontiguousarray(features_NF[rows])
