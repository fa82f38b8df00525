"""Trains 20 steps as one of a team, or alone; the first process writes what it measured.

[torchrun …] team_child.py OUT.safetensors
"""

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from studio.core.training_spec import Stage, TrainingSpec, resolutions_to
from studio.training import loop as loop_module
from studio.training.batches import Batches, Pictures
from studio.training.distributed import join_team, leave_team
from studio.training.loop import Loop, step_if_finite
from studio.training.state import TrainingState

STEPS = 20


def spec_of_trial() -> TrainingSpec:
    table = dict.fromkeys(resolutions_to(16), 8)
    return TrainingSpec(
        resolution=16,
        z_dim=8,
        w_dim=8,
        channels=table,
        critic_channels=table,
        stages=(Stage(0, 16, 1.0),),
        kimg=1.0,
        batch=16,
        penalty_every=4,
    )


def pictures_of_trial() -> Pictures:
    return np.random.default_rng(3).integers(0, 256, (24, 16, 16, 3), dtype=np.uint8)


def train(out: Path) -> None:
    torch.set_num_threads(1)
    team = join_team()
    spec = spec_of_trial()
    state = TrainingState(spec)
    measured: dict[str, torch.Tensor] = {}

    def note(network: torch.nn.Module, steps: torch.optim.Adam) -> bool:
        if state.num_steps == 0:
            kind = type(network).__name__
            for name, parameter in network.named_parameters():
                if parameter.grad is not None:
                    measured[f"{kind}.{name}"] = parameter.grad.clone()
        return step_if_finite(network, steps)

    loop_module.step_if_finite = note
    try:
        loop = Loop(state, Batches(pictures_of_trial(), seed=spec.seed), team=team)
        marks = [loop.step() for _ in range(STEPS)]
    finally:
        loop_module.step_if_finite = step_if_finite
    losses = [[m.critic_loss, m.generator_loss] for m in marks if m is not None]
    measured["losses"] = torch.tensor(losses)
    if team.rank == 0:
        save_file(measured, out)
    leave_team(team)


if __name__ == "__main__":
    train(Path(sys.argv[1]))
