"""Several processes that share each batch and so train one and the same state.

    torchrun --nproc-per-node 2 -m studio trainer RUN

Every process holds all networks, computes its part of each batch and adds its gradients to
those of the others; after that all take the same step. Random numbers depend on a picture's
place in the batch, so the parts are those that one process alone would have computed. The
first process leads: it alone hears commands, tells, saves and scores, and it says before
each step what is done. All of them see the same run folder.
"""

import os
from datetime import timedelta
from typing import Final, Literal

import msgspec
import torch
import torch.distributed as dist
from torch import Tensor, nn

from studio.core.errors import TrainingError
from studio.core.training_spec import BATCH_UNIT
from studio.training.controllers import Controls

LONGEST_S: Final = 24 * 3600  # a pause, in which the others wait for a word


class Order(msgspec.Struct, frozen=True):
    """What all processes do next, and what a step depends on besides the weights."""

    does: Literal["load", "step", "leave"]
    micro_batch: int = 0
    lr_scale: float = 1.0
    num_rollbacks: int = 0
    controls: Controls = Controls()


class Team:
    """The processes of one run; this one alone unless it was told otherwise.

    Attributes:
        rank: which one this is; 0 leads.
        size: how many there are.
    """

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank = rank
        self.size = size

    def share_of(self, batch: int) -> tuple[int, int]:
        """Gives the begin and the end of this process's part of a batch.

        Raises:
            TrainingError: the batch cannot be shared evenly.
        """
        if batch % (BATCH_UNIT * self.size):
            raise TrainingError(
                f"A batch of {batch} pictures cannot be shared by {self.size} processes.",
                f"Take a number of processes that divides {batch // BATCH_UNIT}.",
            )
        part = batch // self.size
        return self.rank * part, (self.rank + 1) * part

    def add_up(
        self, network: nn.Module, *tensors: Tensor, numbers: dict[str, float] | None = None
    ) -> None:
        """Adds the gradients of `network`, the tensors and the numbers over all processes.

        Each holds its own part of a mean, so the sums are the means of the whole batch.
        """
        if self.size == 1:
            return
        numbers = {} if numbers is None else numbers
        targets = [p.grad for p in network.parameters() if p.grad is not None] + list(tensors)
        counted = torch.tensor(list(numbers.values()), dtype=torch.float64)
        # One message in float64: the order in which the parts are added does not matter then.
        together = torch.cat([*(target.flatten().double() for target in targets), counted])
        dist.all_reduce(together)
        parts = torch.split(together, [*(target.numel() for target in targets), len(counted)])
        for target, part in zip(targets, parts[:-1], strict=True):
            target.copy_(part.reshape(target.shape))
        numbers.update(zip(numbers, parts[-1].tolist(), strict=True))

    def say(self, order: Order) -> None:
        """Tells the others what comes next; only the leading process calls this."""
        if self.size > 1:
            content = torch.frombuffer(bytearray(msgspec.json.encode(order)), dtype=torch.uint8)
            dist.broadcast(torch.tensor([len(content)]), src=0)
            dist.broadcast(content, src=0)

    def hear(self) -> Order:
        """Waits for what comes next; only the others call this."""
        length = torch.zeros(1, dtype=torch.int64)
        dist.broadcast(length, src=0)
        content = torch.zeros(int(length), dtype=torch.uint8)
        dist.broadcast(content, src=0)
        return msgspec.json.decode(content.numpy().tobytes(), type=Order)


ALONE = Team()


def join_team() -> Team:
    """Gives the team that `torchrun` started, once all of it are there; else this one alone."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return ALONE
    dist.init_process_group("gloo", timeout=timedelta(seconds=LONGEST_S))
    return Team(dist.get_rank(), size)


def leave_team(team: Team) -> None:
    """Ends what `join_team` began."""
    if team.size > 1:
        dist.destroy_process_group()
