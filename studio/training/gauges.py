"""Readings of a run that change nothing in it."""

import torch
from torch import Tensor

from studio.core.training_spec import BATCH_UNIT, num_layers
from studio.training.augment import augment
from studio.training.batches import Batches
from studio.training.draws import Draws, Purpose
from studio.training.grain import fresh_grain
from studio.training.state import TrainingState

MOST_PICTURES = 64
AT_ONCE = 16
# With less between real and made pictures a share of it says nothing.
MIN_DISTANCE = 0.05


def overfit(state: TrainingState, learned: Batches, *, held_out: Batches | None) -> float | None:
    """Gives (E D(learned) − E D(held out)) / (E D(learned) − E D(made)), cut to −1…2.

    0: the critic finds pictures that it never learned as real as those it did; 1: it
    thinks they are made. All pictures are augmented as in training, with random numbers of
    their own.

    Args:
        state: of the run.
        learned: its pictures.
        held_out: pictures kept apart; None, or fewer than 4, give None.

    Source: Karras et al., "Training Generative Adversarial Networks with Limited Data", §2.3.
    """
    if held_out is None or len(held_out) < BATCH_UNIT:
        return None
    size = state.spec.stage_at(state.kimg).resolution
    count = min(MOST_PICTURES, len(held_out), len(learned)) // BATCH_UNIT * BATCH_UNIT
    means = {
        "learned": _mean_score(state, _spread_rows(learned, count, size=size), key=1),
        "held_out": _mean_score(state, _spread_rows(held_out, count, size=size), key=2),
        "made": _mean_score(state, _made(state, count, size=size), key=3),
    }
    distance = means["learned"] - means["made"]
    if distance < MIN_DISTANCE:
        return 0.0
    return min(max((means["learned"] - means["held_out"]) / distance, -1.0), 2.0)


def _spread_rows(batches: Batches, count: int, *, size: int) -> Tensor:
    rows = [place * len(batches) // count for place in range(count)]
    return batches.rows(rows, resolution=size)


def _made(state: TrainingState, count: int, *, size: int) -> Tensor:
    spec, parts = state.spec, []
    for begin in range(0, count, AT_ONCE):
        draws = _draws(state, 0, begin=begin, count=min(AT_ONCE, count - begin))
        z, other = draws.normal(2, spec.z_dim).unbind(dim=1)
        cut = draws.whole(1, num_layers(size))
        with torch.no_grad():
            parts.append(state.generator(z, size, mixed=(other, cut), grain=fresh_grain(draws)))
    return torch.cat(parts)


def _mean_score(state: TrainingState, pictures: Tensor, *, key: int) -> float:
    how, total = state.controls.augment or state.spec.augment, 0.0
    for begin in range(0, len(pictures), AT_ONCE):
        some = pictures[begin : begin + AT_ONCE]
        draws = _draws(state, key, begin=begin, count=len(some))
        with torch.no_grad():
            total += float(state.critic(augment(some, how, draws=draws)).sum())
    return total / len(pictures)


def _draws(state: TrainingState, key: int, *, begin: int, count: int) -> Draws:
    place = (state.spec.seed, state.num_rollbacks, state.num_steps, Purpose.GAUGE)
    return Draws(*place, key, begin=begin, count=count)
