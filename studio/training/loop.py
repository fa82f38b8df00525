"""One step after another.

A step has two turns: the critic learns, then the generator. Each turn goes through its
batch in micro-batches whose gradients add up, and can be dropped between two of them: it
is then done again from the same random numbers, so nothing is lost but its time.

Whatever can change the weights is decided by the images seen; the clock is asked only by
the caller, for when to save, to rest or to stop.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.core.training_spec import AugmentSpec, TrainingSpec, num_layers
from studio.training.augment import augment
from studio.training.batches import Batches
from studio.training.controllers import note_turn
from studio.training.distributed import ALONE, Team
from studio.training.draws import Draws, Purpose
from studio.training.grain import fresh_grain
from studio.training.objective import critic_loss, generator_loss, gradient_penalty, shared_part
from studio.training.state import TrainingState

PREVIEW_SIZES = (64, 128)
BAD_STEPS_IN_A_ROW = 3


class UnstableRunError(Exception):
    """Several steps in a row gave numbers that are not finite."""


class _TurnDroppedError(Exception):
    """The caller wants something else first."""


@dataclass(frozen=True)
class StepMarks:
    """What one step measured; a penalty is None in the steps that skip it.

    Attributes:
        sign: mean sign of D(real) − D(made) over pairs, −1…1: how often the critic is right.
        longest_s: the longest time between two moments at which the step could be dropped.
    """

    resolution: int
    critic_loss: float
    generator_loss: float
    real_score: float
    fake_score: float
    real_penalty: float | None = None
    fake_penalty: float | None = None
    sign: float = 0.0
    is_skipped: bool = False
    longest_s: float = 0.0


@dataclass(frozen=True)
class _Slice:
    """Some neighbouring pictures of the batch, computed at once; `share` of the batch."""

    begin: int
    count: int
    share: float


class Loop:
    """Trains a state on batches, a step at a time."""

    def __init__(
        self,
        state: TrainingState,
        batches: Batches,
        *,
        between: Callable[[], bool] = lambda: False,
        team: Team = ALONE,
    ) -> None:
        """Take up a state where it is.

        Args:
            state: trained in place.
            batches: the pictures.
            between: called before each micro-batch; may wait; True drops the turn.
            team: the processes that share each batch.
        """
        self.state = state
        self._batches = batches
        self._between = between
        self._team = team
        self._spec = state.spec
        self._dtype = torch.bfloat16 if state.spec.precision == "bf16" else torch.float32
        self._bad_in_a_row = 0
        self._marks: dict[str, float | None] = {}
        self._breath = time.monotonic()

    def step(self) -> StepMarks | None:
        """Trains both networks on one batch, or finishes the step that was begun.

        Returns:
            What was measured; None when the caller had a turn dropped: the next call
            does that turn again.

        Raises:
            UnstableRunError: this was the third step in a row with numbers that are
                not finite; the networks are as they were before these steps.
        """
        state = self.state
        resolution = self._choose_resolution()
        state.set_rates()
        self._marks.setdefault("longest_s", 0.0)
        self._breath = time.monotonic()
        try:
            is_sound = state.made_mean is not None or self._train_critic(resolution)
            if is_sound and self._has_generator_turn:
                is_sound = self._train_generator(resolution)
        except _TurnDroppedError:
            clear_gradients(state.generator, state.critic)
            return None
        marks, self._marks = self._marks, {}
        self._count(is_sound)
        nothing = dict.fromkeys(
            ("critic_loss", "generator_loss", "real_score", "fake_score"), float("nan")
        )
        return StepMarks(resolution=resolution, is_skipped=not is_sound, **(nothing | marks))  # type: ignore[arg-type]

    @property
    def _has_generator_turn(self) -> bool:
        tune = self._spec.tune
        return tune is None or self.state.kimg >= tune.critic_first_kimg

    def _count(self, is_sound: bool) -> None:
        state = self.state
        has_learned = is_sound and self._has_generator_turn
        state.made_mean = None
        state.images += self._spec.batch
        state.position += self._spec.batch
        state.num_steps += 1
        if is_sound:
            self._bad_in_a_row = 0
            if has_learned:
                state.update_average()
            return
        state.num_skipped += 1
        self._bad_in_a_row += 1
        if self._bad_in_a_row >= BAD_STEPS_IN_A_ROW:
            raise UnstableRunError

    # ------------------------------------------------------------------ what a step is made of

    def _choose_resolution(self) -> int:
        full = self._spec.stage_at(self.state.kimg).resolution
        draw = float(self._draws(Purpose.PLAN, _Slice(0, 1, 1.0)).uniform())
        first = self._spec.stages[0].resolution  # the critic reads no smaller picture
        smaller = [size for size in PREVIEW_SIZES if first <= size < full]
        for place, size in enumerate(smaller):
            if draw < self._spec.preview_share * (place + 1):
                return size
        return full

    def _draws(self, purpose: Purpose, part: _Slice) -> Draws:
        state = self.state
        key = (self._spec.seed, state.num_rollbacks, state.num_steps, purpose)
        return Draws(*key, begin=part.begin, count=part.count)

    def _slices(self) -> Iterator[_Slice]:
        """Gives this process's share of the batch in micro-batches, asking before each."""
        batch, micro = self._spec.batch, self.state.micro_batch
        begin, end = self._team.share_of(batch)
        for place in range(begin, end, micro):
            self._breathe()
            count = min(micro, end - place)
            yield _Slice(place, count, count / batch)

    def _breathe(self) -> None:
        now = time.monotonic()
        self._marks["longest_s"] = max(self._marks["longest_s"] or 0.0, now - self._breath)
        is_dropped = self._between()
        self._breath = time.monotonic()
        if is_dropped:
            raise _TurnDroppedError

    def _real(self, part: _Slice, resolution: int) -> Tensor:
        place = self.state.position + part.begin
        return self._batches.pick(place, count=part.count, resolution=resolution)

    def _made(self, resolution: int, draws: Draws) -> Tensor:
        spec = self._spec
        z, other = draws.normal(2, spec.z_dim).unbind(dim=1)
        layers = num_layers(resolution)
        cut = draws.whole(1, layers)
        is_mixed = draws.uniform() < spec.mixing
        cut = torch.where(is_mixed, cut, layers)
        picture: Tensor = self.state.generator(
            z, resolution, dtype=self._dtype, mixed=(other, cut), grain=fresh_grain(draws)
        )
        return picture

    @property
    def _augment(self) -> AugmentSpec:
        return self.state.controls.augment or self._spec.augment

    def _gamma(self, resolution: int) -> float:
        spec: TrainingSpec = self._spec
        stage = spec.stage_at(self.state.kimg)
        same = [s.gamma for s in spec.stages if s.resolution == resolution]
        is_own = stage.resolution == resolution or not same
        return (stage.gamma if is_own else same[-1]) * self.state.controls.gamma_scale

    # ------------------------------------------------------------------------------ the turns

    def _train_critic(self, resolution: int) -> bool:
        state, spec = self.state, self._spec
        sums = dict.fromkeys(("critic_loss", "real_score", "fake_score", "sign"), 0.0)
        made_mean = torch.zeros(3, resolution, resolution)
        turn = state.num_steps % spec.penalty_every
        turns = {"real_penalty": 0, "fake_penalty": spec.penalty_every // 2}
        penalised = [name for name, place in turns.items() if place == turn]
        sums |= dict.fromkeys(penalised, 0.0)
        for part in self._slices():
            draws = self._draws(Purpose.CRITIC_MADE, part)
            with torch.no_grad():
                fake = self._made(resolution, draws)
            made_mean += fake.sum(dim=0) / spec.batch
            fake = augment(fake, self._augment, draws=draws)
            draws = self._draws(Purpose.CRITIC_REAL, part)
            real = augment(self._real(part, resolution), self._augment, draws=draws)
            real_N, fake_N = state.critic(torch.cat([real, fake]), self._dtype).chunk(2)
            loss = critic_loss(real_N, fake_N) * part.share
            loss.backward()  # type: ignore[no-untyped-call]
            sums["critic_loss"] += float(loss.detach())
            sums["real_score"] += float(real_N.detach().mean()) * part.share
            sums["fake_score"] += float(fake_N.detach().mean()) * part.share
            sign = torch.sign(real_N.detach() - fake_N.detach()).mean()
            sums["sign"] += float(sign) * part.share
            for name in penalised:
                pictures = real if name == "real_penalty" else fake
                sums[name] += self._penalise(pictures, part, resolution=resolution)
        self._team.add_up(state.critic, made_mean, numbers=sums)
        is_sound = step_if_finite(state.critic, state.critic_steps)
        self._marks |= sums
        if is_sound:
            state.made_mean = made_mean if self._has_generator_turn else None
            self._note_turn(sums, resolution)
        return is_sound

    def _note_turn(self, sums: dict[str, float], resolution: int) -> None:
        if self._spec.tune is None:
            return
        given = [sums[name] for name in ("real_penalty", "fake_penalty") if name in sums]
        penalty = sum(given) * self._gamma(resolution) / 2
        self.state.controls = note_turn(
            self.state.controls,
            sign=sums["sign"],
            loss=sums["critic_loss"],
            penalty=penalty,
            num_penalties=len(given),
        )

    def _penalise(self, pictures: Tensor, part: _Slice, *, resolution: int) -> float:
        """Adds the gradients of a penalty on the first half of the batch; gives its part."""
        half = max(1, self._spec.batch // 2)
        count = min(part.count, half - part.begin)
        if count <= 0:
            return 0.0
        self._breathe()
        penalty = gradient_penalty(self.state.critic, pictures[:count]) * (count / half)
        weight = self._gamma(resolution) / 2 * self._spec.penalty_every
        (penalty * weight).backward()  # type: ignore[no-untyped-call]
        return float(penalty.detach())

    def _train_generator(self, resolution: int) -> bool:
        state, spec = self.state, self._spec
        assert state.made_mean is not None
        sums = {"generator_loss": 0.0}
        state.critic.requires_grad_(False)
        try:
            for part in self._slices():
                draws = self._draws(Purpose.GENERATOR_REAL, part)
                real = augment(self._real(part, resolution), self._augment, draws=draws)
                with torch.no_grad():
                    real_N = state.critic(real, self._dtype)
                draws = self._draws(Purpose.GENERATOR_MADE, part)
                made = self._made(resolution, draws)
                fake = augment(made, self._augment, draws=draws)
                loss = generator_loss(real_N, state.critic(fake, self._dtype)) * part.share
                mean = self._batches.mean(resolution)
                shared = shared_part(made, state.made_mean, mean_CRR=mean) * part.share
                (loss + spec.shared_weight * shared).backward()  # type: ignore[no-untyped-call]
                sums["generator_loss"] += float(loss.detach())
        finally:
            state.critic.requires_grad_(True)
            state.set_rates()  # which freezes what does not learn
        self._team.add_up(state.generator, numbers=sums)
        self._marks |= sums
        return step_if_finite(state.generator, state.generator_steps)


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
    clear_gradients(network)
    return is_sound


def clear_gradients(*networks: nn.Module) -> None:
    """Forgets all gradients."""
    for network in networks:
        network.zero_grad(set_to_none=True)
