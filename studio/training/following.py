"""A process that trains along in a run which another process leads."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from studio.core.training_spec import TrainingSpec
from studio.protocol.training_messages import CHECKPOINTS_FOLDER
from studio.training.batches import Batches, Pictures
from studio.training.checkpoint import load_checkpoint
from studio.training.distributed import Team
from studio.training.loop import Loop, UnstableRunError
from studio.training.state import TrainingState


def follow(
    run: Path, team: Team, *, read: Callable[[], tuple[TrainingSpec, Pictures]]
) -> TrainingState:
    """Does what the leading process says until it leaves; gives the state then.

    Args:
        run: the run folder, which all processes see.
        team: the processes.
        read: gives the spec and the squares; called once the leading process has them.

    Raises:
        StudioError: the run cannot be read.
    """
    order = team.hear()
    spec, pictures = read()
    state = TrainingState(spec)
    batches = Batches(pictures, seed=spec.seed)
    loop = Loop(state, batches, team=team)
    while order.does != "leave":
        if order.does == "load":
            state = TrainingState(spec)
            load_checkpoint(run / CHECKPOINTS_FOLDER, state)
            loop = Loop(state, batches, team=team)
        else:
            state.micro_batch = order.micro_batch
            state.lr_scale = order.lr_scale
            state.num_rollbacks = order.num_rollbacks
            state.controls = order.controls
            # The leading process sees the same numbers and goes back; then it says so.
            with contextlib.suppress(UnstableRunError):
                loop.step()
        order = team.hear()
    return state
