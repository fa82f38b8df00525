"""A spec and pictures so small that a step takes milliseconds."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from studio.core.training_spec import (
    ControlSpec,
    Stage,
    TrainingSpec,
    TuneSpec,
    resolutions_to,
)
from studio.training.batches import Batches, Pictures
from studio.training.loop import Loop
from studio.training.state import TrainingState


def small_spec(*, resolution: int = 16, first: int | None = None, seed: int = 1) -> TrainingSpec:
    table = dict.fromkeys(resolutions_to(resolution), 8)
    begin = first or resolution
    stages = [Stage(0.0, begin, 1.0)]
    if begin < resolution:
        stages.append(Stage(0.02, resolution, 1.0))
    return TrainingSpec(
        seed=seed,
        resolution=resolution,
        z_dim=8,
        w_dim=8,
        channels=table,
        critic_channels=table,
        stages=tuple(stages),
        kimg=0.1,
        batch=4,
        penalty_every=4,
    )


def small_tune(spec: TrainingSpec | None = None, **changes: Any) -> TrainingSpec:
    """A fine-tuning in which everything happens within some steps of 4 pictures."""
    controls = ControlSpec(gauge_kimg=0.008, penalty_kimg=0.016, evaluate_kimg=0.02)
    tune = TuneSpec(start="0" * 64, critic_first_kimg=0.004, warm_up_kimg=0.008, controls=controls)
    tune = msgspec.structs.replace(tune, **changes)
    return msgspec.structs.replace(spec or small_spec(), tune=tune)


def small_pictures(resolution: int = 16, count: int = 10) -> Pictures:
    random = np.random.default_rng(3)
    shape = (count, resolution, resolution, 3)
    return random.integers(0, 256, shape, dtype=np.uint8)


def small_loop(spec: TrainingSpec) -> Loop:
    state = TrainingState(spec)
    return Loop(state, Batches(small_pictures(spec.resolution), seed=spec.seed))


def save_pictures(path: Path, resolution: int = 16) -> None:
    np.save(path, small_pictures(resolution))
