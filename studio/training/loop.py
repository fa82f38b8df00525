"""One step after another.

Whatever can change the weights is decided by the images seen and by the run's own
random states; the clock is asked only by the caller, for when to save or to stop.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.core.training_spec import TrainingSpec, num_layers
from studio.training.augment import augment
from studio.training.batches import Batches
from studio.training.grain import fresh_grain
from studio.training.networks import Critic
from studio.training.objective import critic_loss, generator_loss, gradient_penalty, shared_part
from studio.training.state import TrainingState

PREVIEW_SIZES = (64, 128)
BAD_STEPS_IN_A_ROW = 3


class UnstableRunError(Exception):
    """Several steps in a row gave numbers that are not finite."""


@dataclass(frozen=True)
class StepMarks:
    """What one step measured; a penalty is None in the steps that skip it."""

    resolution: int
    critic_loss: float
    generator_loss: float
    real_score: float
    fake_score: float
    real_penalty: float | None = None
    fake_penalty: float | None = None
    is_skipped: bool = False


class Loop:
    """Trains a state on batches, a step at a time."""

    def __init__(self, state: TrainingState, batches: Batches) -> None:
        self.state = state
        self._batches = batches
        self._batches.position = state.position
        self._spec = state.spec
        self._dtype = torch.bfloat16 if state.spec.precision == "bf16" else torch.float32
        self._bad_in_a_row = 0

    def step(self) -> StepMarks:
        """Trains both networks on one batch.

        Raises:
            UnstableRunError: this was the third step in a row with numbers that are
                not finite; the networks are as they were before these steps.
        """
        state = self.state
        stage = self._spec.stage_at(state.kimg)
        resolution = self._choose_resolution(stage.resolution)
        real = self._batches.next(resolution)
        marks, is_sound = self._train_critic(real, resolution)
        if is_sound:
            loss, is_sound = self._train_generator(real, resolution)
            marks["generator_loss"] = loss
        self._count(is_sound)
        return StepMarks(resolution=resolution, is_skipped=not is_sound, **marks)  # type: ignore[arg-type]

    def _count(self, is_sound: bool) -> None:
        state = self.state
        state.images += self._spec.batch
        state.position = self._batches.position
        state.num_steps += 1
        if is_sound:
            self._bad_in_a_row = 0
            state.update_average()
            return
        state.num_skipped += 1
        self._bad_in_a_row += 1
        if self._bad_in_a_row >= BAD_STEPS_IN_A_ROW:
            raise UnstableRunError

    def _choose_resolution(self, full: int) -> int:
        draw = float(torch.rand((), generator=self.state.randoms["plan"]))
        first = self._spec.stages[0].resolution  # the critic reads no smaller picture
        smaller = [size for size in PREVIEW_SIZES if first <= size < full]
        for place, size in enumerate(smaller):
            if draw < self._spec.preview_share * (place + 1):
                return size
        return full

    def _train_critic(self, real: Tensor, resolution: int) -> tuple[dict[str, float | None], bool]:
        state, spec = self.state, self._spec
        random = state.randoms["augment"]
        with torch.no_grad():
            fake = self._draw(resolution)
        both = augment(torch.cat([real, fake]), spec.augment, random=random)
        real_N, fake_N = state.critic(both, self._dtype).chunk(2)
        loss = critic_loss(real_N, fake_N)
        loss.backward()  # type: ignore[no-untyped-call]
        marks: dict[str, float | None] = {
            "critic_loss": float(loss.detach()),
            "generator_loss": float("nan"),
            "real_score": float(real_N.detach().mean()),
            "fake_score": float(fake_N.detach().mean()),
        }
        seen, made = both.chunk(2)
        gamma = self._gamma(resolution)
        turn = state.num_steps % spec.penalty_every
        if turn == 0:
            marks["real_penalty"] = self._penalise(state.critic, seen, gamma=gamma)
        if turn == spec.penalty_every // 2:
            marks["fake_penalty"] = self._penalise(state.critic, made, gamma=gamma)
        return marks, step_if_finite(state.critic, state.critic_steps)

    def _penalise(self, critic: Critic, pictures: Tensor, *, gamma: float) -> float:
        half = pictures[: max(1, len(pictures) // 2)]
        penalty = gradient_penalty(critic, half)
        weight = gamma / 2 * self._spec.penalty_every
        (penalty * weight).backward()  # type: ignore[no-untyped-call]
        return float(penalty.detach())

    def _train_generator(self, real: Tensor, resolution: int) -> tuple[float, bool]:
        state, spec = self.state, self._spec
        random = state.randoms["augment"]
        with torch.no_grad():
            real_N = state.critic(augment(real, spec.augment, random=random), self._dtype)
        state.critic.requires_grad_(False)
        made = self._draw(resolution)
        fake = augment(made, spec.augment, random=random)
        loss = generator_loss(real_N, state.critic(fake, self._dtype))
        shared = shared_part(made, self._batches.mean(resolution))
        (loss + spec.shared_weight * shared).backward()  # type: ignore[no-untyped-call]
        state.critic.requires_grad_(True)
        return float(loss.detach()), step_if_finite(state.generator, state.generator_steps)

    def _draw(self, resolution: int) -> Tensor:
        spec, random = self._spec, self.state.randoms["latent"]
        z, other = torch.randn(2, spec.batch, spec.z_dim, generator=random)
        layers = num_layers(resolution)
        cut = torch.randint(1, layers, (spec.batch,), generator=random)
        is_mixed = torch.rand(spec.batch, generator=random) < spec.mixing
        cut = torch.where(is_mixed, cut, layers)
        picture: Tensor = self.state.generator(
            z, resolution, dtype=self._dtype, mixed=(other, cut), grain=fresh_grain(random)
        )
        return picture

    def _gamma(self, resolution: int) -> float:
        spec: TrainingSpec = self._spec
        stage = spec.stage_at(self.state.kimg)
        same = [s.gamma for s in spec.stages if s.resolution == resolution]
        return stage.gamma if stage.resolution == resolution or not same else same[-1]


def step_if_finite(network: nn.Module, steps: torch.optim.Adam) -> bool:
    """Takes the optimiser's step unless a gradient is not finite; clears gradients.

    Returns:
        Whether the step was taken.
    """
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    total = torch.stack([gradient.square().sum() for gradient in gradients]).sum()
    is_sound = bool(torch.isfinite(total))
    if is_sound:
        steps.step()
    steps.zero_grad(set_to_none=True)
    return is_sound
