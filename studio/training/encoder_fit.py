"""Fits the encoder of a finished generator to pictures that the generator made.

Their w is known and there are as many as one likes. They are looked at from the mean, then from
where the fit so far leads, so that every round learns from its own distances.

Nothing here touches a run: the random numbers are the encoder's own.

Shapes: N pictures, F what the eyes give, V = L · D numbers of w, K the narrow middle, L layers,
D width of w.

Source: Hoerl and Kennard, "Ridge Regression" (in its dual form); Alaluf et al., "ReStyle".
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from studio.core.training_spec import TrainingSpec, num_layers
from studio.training.encoder import SIDE, Encoder, Eyes, at_side
from studio.training.networks import Critic
from studio.training.to_onnx import Baked, BakedSynthesis, halved

SKETCH_TURNS: Final = 3
BATCH: Final = 8
PSI: Final = (0.5, 1.0)  # truncation of made pictures
_TINY: Final = 1e-8


@dataclass(frozen=True)
class EncoderPlan:
    """How an encoder is fitted.

    Attributes:
        pictures: How many made pictures.
        rounds: How often each is looked at, every time from where the last round led.
        ridge: Of the mean square length of a look. At 0.1 and less the rounds diverge.
        seed: Of its random numbers.
    """

    pictures: int = 480
    rounds: int = 3
    ridge: float = 3.0
    seed: int = 1


def nothing(_: float) -> None:
    """Takes no notice."""


def fit_encoder(
    baked: Baked,
    critic: Critic,
    *,
    spec: TrainingSpec,
    plan: EncoderPlan = EncoderPlan(),
    progress: Callable[[float], None] = nothing,
) -> Encoder | None:
    """Gives an encoder of a finished generator, its weights rounded as its graph stores them.

    A generator or critic whose numbers overflow gives None: a model can do without.

    Args:
        baked: the generator.
        critic: its critic.
        spec: its spec.
        plan: how it is fitted.
        progress: called with how far it is, 0…1; what it raises ends the fit.
    """
    encoder = Encoder(Eyes(critic, spec).requires_grad_(False), spec)
    with torch.no_grad():
        try:
            _Fit(baked, encoder, spec=spec, plan=plan, progress=progress).run()
        except torch.linalg.LinAlgError:  # sums that are not finite have no root
            return None
        encoder.narrow.copy_(halved(encoder.narrow))
        encoder.wide.copy_(halved(encoder.wide))
    return encoder.eval()


class _Fit:
    def __init__(
        self,
        baked: Baked,
        encoder: Encoder,
        *,
        spec: TrainingSpec,
        plan: EncoderPlan,
        progress: Callable[[float], None],
    ) -> None:
        self._mapping = baked[0]
        self._synthesis = small_synthesis(baked[1])
        self._mean_D = baked[1].mean
        self._encoder = encoder
        self._z_dim = spec.z_dim
        self._layers = num_layers(spec.resolution)
        self._plan = plan
        self._random = torch.Generator().manual_seed(plan.seed)
        self._progress = progress
        self._num_looks = 0

    def run(self) -> None:
        """Sets `narrow` and `wide` to the best straight answer at what the rounds meet."""
        true_NLD = self._draw_w(self._plan.pictures)
        seen_NF = self._look(true_NLD)
        w_NLD = self._mean_D.expand_as(true_NLD)
        differences, changes = [], []
        for number in range(self._plan.rounds):
            # All start at the mean: one look is enough.
            difference_NF = seen_NF - (self._look(w_NLD) if number else self._look(w_NLD[:1]))
            differences.append(difference_NF)
            changes.append((true_NLD - w_NLD).flatten(1))
            self._solve(torch.cat(differences), torch.cat(changes))
            w_NLD = w_NLD + self._encoder.change(difference_NF)

    def _solve(self, x_NF: Tensor, y_NV: Tensor) -> None:
        """Ridge regression onto the axes that the answers vary along.

        In its dual form: there are fewer looks than numbers in them.
        """
        encoder = self._encoder
        axes_VK = _principal(y_NV, encoder.wide.shape[1], random=self._random)
        y_NK = y_NV @ axes_VK
        scale = float(y_NK.std()) + _TINY
        gram_NN = (x_NF @ x_NF.t()).double()
        gram_NN.diagonal().add_(self._plan.ridge * gram_NN.diagonal().mean() + _TINY)
        answer_NK = torch.cholesky_solve(y_NK.double(), torch.linalg.cholesky(gram_NN)).float()
        encoder.wide.copy_(axes_VK * scale)
        encoder.narrow.copy_((x_NF.t() @ answer_NK).t() / scale)

    def _draw_w(self, count: int) -> Tensor:
        """Gives w [N, L, D], truncated at random, every other one mixed from two."""
        z = torch.randn(2 * count, self._z_dim, generator=self._random)
        first, second = self._mapping(z).chunk(2)
        cut = torch.randint(1, self._layers, (count, 1, 1), generator=self._random)
        is_whole = torch.rand(count, 1, 1, generator=self._random) < 0.5
        is_first = (torch.arange(self._layers)[None, :, None] < cut) | is_whole
        w_NLD = torch.where(is_first, first, second)
        low, high = PSI
        psi = low + (high - low) * torch.rand(count, 1, 1, generator=self._random)
        return self._mean_D + psi * (w_NLD - self._mean_D)

    def _look(self, w_NLD: Tensor) -> Tensor:
        """Gives what the eyes see of the pictures of latents, [N, F]."""
        seen = []
        for part in torch.split(w_NLD, BATCH):
            seen.append(self._encoder.eyes(at_side(self._synthesis(part)[0])))
            self._num_looks += len(part)
            self._progress(min(1.0, self._num_looks / (self._plan.pictures * self._plan.rounds)))
        return torch.cat(seen)


def small_synthesis(synthesis: BakedSynthesis) -> BakedSynthesis:
    """Gives the part of a synthesis network that makes its picture of up to 128 px."""
    small = copy.copy(synthesis)
    small.resolutions = tuple(size for size in synthesis.resolutions if size <= SIDE)
    small.previews = ()
    return small


def _principal(x_NV: Tensor, count: int, *, random: torch.Generator) -> Tensor:
    """Gives about the first axes [V, K] that rows vary along.

    Source: Halko et al., "Finding Structure with Randomness", algorithm 4.4.
    """
    sketch = torch.randn(x_NV.shape[1], count, generator=random)
    for _ in range(SKETCH_TURNS):
        sketch = torch.linalg.qr(x_NV.t() @ (x_NV @ sketch)).Q
    return sketch
