"""Comes nearer to a picture than the encoder did: the latent itself is improved, for some seconds.

Every layer has a w of its own. What is made smaller is the distance in pixels, in a pyramid of
smaller pictures and in what the critic sees, each as a share of the mean picture's; and a pull
towards the mean, so that sliders still do what they do elsewhere. φ, which says afterwards how
near it came, has no part in it.

Shapes: L layers, D width of w, R 128 px.

Sources: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", §5.2 (the latent
as what is learned); Tov et al., "Designing an Encoder for StyleGAN Image Manipulation" (near to
one w for all layers, so that edits keep working).
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.core.arrays import tensor_from_picture
from studio.core.errors import TrainingError
from studio.core.inversion import look_from_text
from studio.core.recipe import floats_from_text, floats_to_text
from studio.protocol.refine_messages import Refined, RefineJob
from studio.training.encoder import Eyes, at_side
from studio.training.encoder_fit import small_synthesis
from studio.training.model_weights import load_model_weights
from studio.training.networks import Critic, Generator
from studio.training.to_onnx import BakedSynthesis, bake

LEARNING_RATE: Final = 0.04
LAST_RATE: Final = 0.1  # of the first one, at the end of the time
PULL: Final = 0.03
ONE_W: Final = 0.03
TELL_S: Final = 0.5
NUM_SPREAD: Final = 1000  # latents that say how far w usually lies from its mean
_TINY: Final = 1e-8


class Goal:
    """What is made smaller: 0 for the wanted picture, about 3 for the mean one."""

    def __init__(self, synthesis: BakedSynthesis, eyes: Eyes, *, wanted: Tensor) -> None:
        self._eyes, self._wanted = eyes, wanted
        self._seen_F = eyes(wanted)
        layers = len(synthesis.convs) + 1
        mean = at_side(synthesis(synthesis.mean.expand(1, layers, -1))[0])
        self._of_mean = [max(float(part), _TINY) for part in self._parts(mean)]

    def of(self, made: Tensor) -> Tensor:
        """Gives the distance of a picture of 128 px."""
        parts = zip(self._parts(made), self._of_mean, strict=True)
        total: Tensor = torch.stack([part / whole for part, whole in parts]).sum()
        return total

    def _parts(self, made: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        difference = made - self._wanted
        pyramid, x = difference.new_zeros(()), difference
        while x.shape[2] > 8:
            x = F.avg_pool2d(x, 2)
            pyramid = pyramid + x.abs().mean()
        return difference.abs().mean(), pyramid, F.mse_loss(self._eyes(made), self._seen_F)


def refine(
    job: RefineJob,
    *,
    tell: Callable[[Refined], None],
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Improves a latent until the job's time is over; tells the best so far twice a second.

    Args:
        job: what to do.
        tell: called with the best latent so far; what it raises ends the work.
        clock: gives seconds.

    Raises:
        ModelError: the model cannot be read, or brings no critic.
        TrainingError: the latent or the picture is not what the model takes.
    """
    average, weights, spec = load_model_weights(Path(job.model))
    generator, critic = Generator(spec).requires_grad_(False), Critic(spec).requires_grad_(False)
    generator.load_state_dict(average)
    critic.load_state_dict(weights)
    mapping, whole = bake(generator, spec)
    synthesis = small_synthesis(whole)
    start_LD, wanted = _read(job, shape=(spec.num_layers, spec.w_dim))
    with torch.no_grad():
        goal = Goal(synthesis, Eyes(critic, spec).requires_grad_(False), wanted=wanted)
        z = torch.randn(NUM_SPREAD, spec.z_dim, generator=torch.Generator().manual_seed(1))
        spread = float((mapping(z)[:, 0] - whole.mean).square().mean()) + _TINY
    w_LD = start_LD.clone().requires_grad_(True)
    steps = torch.optim.Adam([w_LD], lr=LEARNING_RATE, betas=(0.9, 0.99))
    best, best_w = float("inf"), start_LD
    begin_s = told_s = clock()
    while True:
        past_s = clock() - begin_s
        share = min(1.0, past_s / job.seconds)
        with torch.enable_grad():
            distance = goal.of(at_side(synthesis(w_LD[None])[0]))
            away = w_LD - whole.mean
            apart = w_LD - w_LD.mean(dim=0)
            loss = distance + (PULL * away.square().mean() + ONE_W * apart.square().mean()) / spread
        now = float(loss.detach())
        if now < best:
            best, best_w = now, w_LD.detach().clone()
        is_over = share >= 1
        if is_over or clock() - told_s >= TELL_S:
            told_s = clock()
            w = floats_to_text(best_w.numpy())
            tell(Refined(w=w, share=round(share, 3), is_last=is_over))
        if is_over:
            return
        steps.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        for group in steps.param_groups:
            group["lr"] = LEARNING_RATE * (1 - share * (1 - LAST_RATE))
        steps.step()


def _read(job: RefineJob, *, shape: tuple[int, int]) -> tuple[Tensor, Tensor]:
    try:
        w_LD = floats_from_text(job.w).reshape(shape)
        look = look_from_text(job.look)
    except ValueError as error:
        raise TrainingError(
            "This picture and this model do not fit together.", "Bring the picture in once more."
        ) from error
    if not job.seconds > 0:
        raise TrainingError("There is no time to refine in.", "Give it some seconds.")
    return torch.from_numpy(w_LD.copy()), torch.from_numpy(tensor_from_picture(look[None]))
