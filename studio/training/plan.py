"""Fits a growth plan to the time there is.

The clock is asked once, before the first step; what comes out is counted in images and
written into the spec, so that the run itself never depends on the clock.
"""

import time

import msgspec
import numpy as np

from studio.core.training_spec import Stage, TrainingSpec
from studio.training.batches import Batches, Pictures
from studio.training.loop import Loop
from studio.training.state import TrainingState

MEASURED_STEPS = 3
# The first size finds the composition and gets most; the last one only adds detail.
FIRST_SHARE = 0.4
MIN_KIMG = 0.1


def measure_speeds(spec: TrainingSpec, pictures_NHWC: Pictures) -> dict[int, float]:
    """Gives images per second at each stage's resolution, on networks made for this."""
    sizes = sorted({stage.resolution for stage in spec.stages})
    return {size: _measure(spec, pictures_NHWC, size=size) for size in sizes}


def _measure(spec: TrainingSpec, pictures_NHWC: Pictures, *, size: int) -> float:
    gamma = spec.stages[-1].gamma
    channels = {key: count for key, count in spec.channels.items() if key <= size}
    critic = {key: count for key, count in spec.critic_channels.items() if key <= size}
    trial = msgspec.structs.replace(
        spec,
        resolution=size,
        channels=channels,
        critic_channels=critic,
        stages=(Stage(0.0, size, gamma),),
    )
    few = np.array(pictures_NHWC[: spec.batch])
    loop = Loop(TrainingState(trial), Batches(few, seed=spec.seed))
    loop.step()
    begin = time.monotonic()
    for _ in range(MEASURED_STEPS):
        loop.step()
    return MEASURED_STEPS * spec.batch / max(time.monotonic() - begin, 1e-6)


def fit_to_clock(spec: TrainingSpec, speeds: dict[int, float], *, seconds: float) -> TrainingSpec:
    """Gives the spec with stages and end that fill about `seconds`.

    Args:
        spec: the wish; its stages' sizes and gammas stay.
        speeds: images per second at each size.
        seconds: time for training.
    """
    count = len(spec.stages)
    rest = (1 - FIRST_SHARE) / max(1, count - 1)
    shares = [1.0] if count == 1 else [FIRST_SHARE, *[rest] * (count - 1)]
    begin, stages = 0.0, []
    for stage, share in zip(spec.stages, shares, strict=True):
        stages.append(Stage(round(begin, 3), stage.resolution, stage.gamma))
        begin += max(MIN_KIMG, seconds * share * speeds[stage.resolution] / 1000)
    return msgspec.structs.replace(spec, stages=tuple(stages), kimg=round(begin, 3))
