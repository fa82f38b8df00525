"""The trainer with faults in it, at places that no test could meet from outside.

tuning_child.py RUN FAULT…    a FAULT is a name, for some NAME@N: at the n-th moment
"""

import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from studio.engine.closeness import nothing
from studio.files.atomic import write_bytes_atomic
from studio.training import checkpoint, loop, quality, sitting
from studio.training.correspondence import Inbox
from studio.training.objective import critic_loss
from studio.training.worker import run_trainer
from tests.fakes.disks import FaultyDisk, raise_error

NUM_MADE = 8  # pictures that a snapshot is judged by, in place of 400: some seconds
LARGEST = 4  # pictures at once that fit into the memory of `hungry`
FEW = {"between": nothing, "num_made": NUM_MADE}
SLEEP_S = 9 * 3600.0
YEARS_S = 10 * 365 * 86400.0


def plant(place: object, name: str, value: object) -> None:
    """Put something in place of what a module or a class has."""
    setattr(place, name, value)


def judge_few() -> None:
    """Judge by few pictures."""
    plant(quality, "NUM_SPREAD", NUM_MADE)
    assert quality.Judge.judge.__kwdefaults__ is not None
    plant(quality.Judge.judge, "__kwdefaults__", FEW)


def between(moment: int, do: Callable[[], None]) -> None:
    """Do something at the n-th moment between two micro-batches."""
    ask, num_calls = Inbox.between, 0

    def counted(self: Inbox) -> bool:
        nonlocal num_calls
        num_calls += 1
        if num_calls == moment:
            do()
        return ask(self)

    plant(Inbox, "between", counted)


def send(number: int, moment: int) -> None:
    """Send this process a signal."""
    between(moment, lambda: os.kill(os.getpid(), number))


def fill_disk(moment: int) -> None:
    """Let the disk be full in the middle of writing the n-th checkpoint, and have room again."""
    plant(sitting, "SAVE_S", 0.0)
    plant(sitting, "DISK_S", 0.01)
    disk = FaultyDisk(16 * (moment - 1) + 3, raise_error(errno.ENOSPC))
    plant(checkpoint, "write_bytes_atomic", partial(write_bytes_atomic, disk=disk))


def sleep(moment: int) -> None:
    """Let the machine sleep for a night, and wake up with the clock of another decade."""
    slept = [0.0, 0.0]
    steady, wall = time.monotonic, time.time

    def wake() -> None:
        slept[:] = [SLEEP_S, -YEARS_S]

    time.monotonic = lambda: steady() + slept[0]
    time.time = lambda: wall() + slept[1]
    between(moment, wake)


def hungry(_: int) -> None:
    """Let torch ask the system for what it has not got, with more than `LARGEST` pictures."""

    def weigh(real_N: Tensor, fake_N: Tensor) -> Tensor:
        if len(real_N) > LARGEST:
            torch.empty(1 << 60)
        return critic_loss(real_N, fake_N)

    plant(loop, "critic_loss", weigh)


def spoil(moment: int) -> None:
    """Let three turns in a row give no number, once."""
    plant(sitting, "SAVE_S", 0.0)
    critic_loss_as_it_is: Callable[[Tensor, Tensor], Tensor] = vars(loop)["critic_loss"]
    num_calls = 0

    def spoiled(real_N: Tensor, fake_N: Tensor) -> Tensor:
        nonlocal num_calls
        loss = critic_loss_as_it_is(real_N, fake_N)
        num_calls += 1
        return loss * float("nan") if moment <= num_calls < moment + 6 else loss

    plant(loop, "critic_loss", spoiled)


FAULTS: dict[str, Callable[[int], None]] = {
    "terminated": partial(send, signal.SIGTERM),
    "killed": partial(send, signal.SIGKILL),
    "full": fill_disk,
    "asleep": sleep,
    "hungry": hungry,
    "spoiled": spoil,
}


def main(run: Path, faults: list[str]) -> int:
    judge_few()
    for fault in faults:
        name, _, moment = fault.partition("@")
        FAULTS[name](int(moment or 0))
    return run_trainer([str(run)])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
