"""Chooses the numbers of a fine-tuning from how many pictures there are.

Few pictures are learned by heart within minutes, so the fewer there are, the shorter the
run, the smaller the steps, and the more of both networks stays as it was. The table is
that of reference/generators.md §4c, with what training our own starters taught.
"""

from dataclasses import dataclass

import msgspec

from studio.core.training_spec import (
    AugmentSpec,
    ControlSpec,
    CropSpec,
    Stage,
    TrainingSpec,
    TuneSpec,
    check_spec,
)

FEW, MANY = 50, 500
# The starters were trained with this gamma; a critic that meets a new folder is held back
# twice as much, for safety first.
GAMMA_FACTOR = 2.0
# On a slow machine the run is planned for this long, but never for less than MIN_KIMG.
LONGEST_S = 2700.0
MIN_KIMG = 10.0
# The first preview that differs from the start has to come within a minute.
CRITIC_FIRST_S = 15.0
EVALUATE_S = 120.0


@dataclass(frozen=True)
class _Row:
    """One row of the table; step sizes are for generator and critic alike."""

    kimg: tuple[float, float]
    lr: float
    frozen_blocks: int
    mapping_share: float
    early_lr: float
    ema_half_life_kimg: float


def _row(num_pictures: int) -> _Row:
    if num_pictures < FEW:
        return _Row((10, 30), 5e-4, 2, 1.0, 0.1, 2.0)
    if num_pictures < MANY:
        return _Row((50, 200), 1e-3, 1, 0.3, 1.0, 3.0)
    return _Row((200, 800), 2e-3, 0, 0.0, 1.0, 5.0)


def make_tune_spec(
    start_spec: TrainingSpec,
    origin: TuneSpec,
    *,
    num_pictures: int,
    images_per_s: float | None = None,
    kimg: float | None = None,
    micro_batch: int = 0,
    seed: int = 1,
) -> TrainingSpec:
    """Gives the spec of a fine-tuning; the crops are the usual ones, not the start's.

    Args:
        start_spec: of the model it starts from; shapes and size are kept.
        origin: what is known beforehand: start, start_id, lineage, and may_colour (not in a
            folder that is nearly grey or of few colours: the generator would learn the
            changes); the rest is chosen here.
        num_pictures: pictures (not squares) that are learned from.
        images_per_s: measured speed; a slow machine gets a shorter run. None takes a fast one.
        kimg: the artist's own wish for the end, in place of the table's.
        micro_batch: pictures computed at once, 0 for the whole batch.
        seed: of the run.

    Raises:
        ValueError: the numbers do not go together.
    """
    row = _row(num_pictures)
    length = kimg or _length(row, num_pictures, images_per_s=images_per_s)
    speed = images_per_s or 1000.0
    final = start_spec.stages[-1]
    # All sizes from the start: the networks keep the layers of every stage they grew through.
    stages = tuple(
        Stage(0.0, stage.resolution, stage.gamma * GAMMA_FACTOR) for stage in start_spec.stages
    )
    critic_first = min(0.5, length / 20, CRITIC_FIRST_S * speed / 1000)
    spec = msgspec.structs.replace(
        start_spec,
        seed=seed,
        stages=stages,
        kimg=round(length, 3),
        critic_lr=row.lr,
        generator_lr=row.lr,
        ema_half_life_kimg=row.ema_half_life_kimg,
        ema_ramp=0.5,
        crops=CropSpec(),
        augment=AugmentSpec(colour=False, translation=0.125, cutout=0.5),
        micro_batch=micro_batch,
        tune=msgspec.structs.replace(
            origin,
            frozen_blocks=min(row.frozen_blocks, max(0, _num_blocks(final.resolution) - 2)),
            mapping_from_kimg=round(row.mapping_share * length, 3),
            early_lr=row.early_lr,
            critic_first_kimg=round(critic_first, 3),
            warm_up_kimg=round(min(0.3, length / 20), 3),
            controls=_controls(length, speed),
        ),
    )
    check_spec(spec)
    return spec


def _controls(length: float, speed: float) -> ControlSpec:
    return ControlSpec(
        gauge_kimg=round(min(1.0, length / 20), 3),
        evaluate_kimg=round(min(5.0, max(length / 8, EVALUATE_S * speed / 1000)), 3),
    )


def _length(row: _Row, num_pictures: int, *, images_per_s: float | None) -> float:
    """Gives kimg: the row's range, by the number of pictures within the row."""
    low, high = row.kimg
    begin, end = {10: (20, FEW), 50: (FEW, MANY)}.get(int(low), (MANY, 5000))
    share = min(1.0, max(0.0, (num_pictures - begin) / (end - begin)))
    length = low + share * (high - low)
    if images_per_s is None:
        return length
    return min(length, max(MIN_KIMG, LONGEST_S * images_per_s / 1000))


def _num_blocks(resolution: int) -> int:
    return resolution.bit_length() - 3  # 8 px has one block, 128 px five
