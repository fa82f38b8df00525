"""Several processes that share each batch and so train one and the same state.

Started by `torchrun`. Every process holds all networks, computes its part of each batch
and adds its gradients to those of the others; after that all take the same step. Random
numbers depend on a picture's place in the batch, so the parts are those that one process
alone would have computed.
"""

import torch
from torch import Tensor, nn

from studio.core.training_spec import BATCH_UNIT


class Team:
    """The processes of one run; this one alone unless it was told otherwise.

    Attributes:
        rank: which one this is; 0 tells, saves and takes snapshots.
        size: how many there are.
    """

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank = rank
        self.size = size

    @property
    def is_leading(self) -> bool:
        """Whether this process tells and saves."""
        return self.rank == 0

    def share_of(self, batch: int) -> tuple[int, int]:
        """Gives the begin and the end of this process's part of a batch."""
        groups = batch // BATCH_UNIT
        begin = groups * self.rank // self.size
        end = groups * (self.rank + 1) // self.size
        return begin * BATCH_UNIT, end * BATCH_UNIT

    def add_up(
        self, network: nn.Module, *tensors: Tensor, numbers: dict[str, float] | None = None
    ) -> None:
        """Adds the gradients of `network`, the tensors and the numbers over all processes.

        Each holds its own part of a mean, so the sums are the means of the whole batch.
        """
        if self.size == 1:
            return
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        counted = torch.tensor(list((numbers or {}).values()), dtype=torch.float64)
        flat = [t.flatten().double() for t in (*gradients, *tensors)]
        together = torch.cat([*flat, counted])
        torch.distributed.all_reduce(together)
        sizes = [t.numel() for t in (*gradients, *tensors)]
        parts = torch.split(together, [*sizes, len(counted)])
        for target, part in zip((*gradients, *tensors), parts[:-1], strict=True):
            target.copy_(part.reshape(target.shape))
        for name, value in zip(numbers or {}, parts[-1].tolist(), strict=True):
            assert numbers is not None
            numbers[name] = value


ALONE = Team()
