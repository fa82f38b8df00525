"""A few steps on a state that is thrown away: how long, how much memory, and whether it works."""

import gc
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch

from studio.core.errors import TrainingError
from studio.core.training_spec import BATCH_UNIT, TrainingSpec
from studio.training.batches import Batches, Pictures
from studio.training.loop import Loop, StepMarks, UnstableRunError
from studio.training.state import TrainingState

MAX_MICRO_S: Final = 0.5  # pause and stop are heard between two micro-batches
MAX_STEPS: Final = 20
MAX_S: Final = 20.0
MIN_STEPS: Final = 3  # one that has the penalty, two that have none
MICRO_BATCHES: Final = (4, 8, 16)
_SMALLEST: Final = MICRO_BATCHES[0]
WORTH_A_DOUBLING: Final = 1.15  # twice the threads must be at least so much faster


@dataclass(frozen=True)
class DryRun:
    """What was measured.

    Attributes:
        spec: the spec with the micro-batch that was chosen.
        seconds_per_kimg: for a thousand pictures at the largest size.
        memory_bytes: peak of the process, or of the graphics card when that trains.
        problem: why nothing could be trained, as a phrase; None when all is well.
    """

    spec: TrainingSpec
    seconds_per_kimg: float = 0.0
    memory_bytes: int = 0
    problem: str | None = None


def try_steps(
    spec: TrainingSpec,
    pictures_NHWC: Pictures,
    *,
    begin: Callable[[TrainingSpec], TrainingState],
    progress: Callable[[float], None],
    threads: int | None = None,
) -> DryRun:
    """Gives what some steps cost on this machine; micro-batch and threads are chosen by it.

    Args:
        spec: the run's spec.
        pictures_NHWC: the run's pictures.
        begin: makes the state that is thrown away.
        progress: called with how far it is, 0…1.
        threads: processor threads to use; None finds out how many are worth it.
    """
    few = np.array(pictures_NHWC[:64])
    start_s = time.monotonic()
    try:
        loop = _loop(spec, few, begin=begin, micro_batch=min(_SMALLEST, spec.batch))
        _timed(loop)
        progress(0.2)
        marks = choose_threads(lambda: _timed(loop), most=threads)
        progress(0.4)
        micro_batch = choose_micro_batch(marks.longest_s, spec.batch)
        del loop
        gc.collect()
        chosen = msgspec.structs.replace(spec, micro_batch=micro_batch)
        loop = _loop(spec, few, begin=begin, micro_batch=micro_batch)
        seconds: list[float] = []
        while len(seconds) < MIN_STEPS or (
            len(seconds) < MAX_STEPS - 2 and time.monotonic() - start_s < MAX_S / 2
        ):
            marks, took_s = _timed(loop)
            seconds.append(took_s)
            progress(min(1.0, 0.4 + 0.6 * len(seconds) / MIN_STEPS))
    except (MemoryError, RuntimeError) as error:
        return DryRun(spec, memory_bytes=peak_memory_bytes(), problem=_problem(error))
    except UnstableRunError:
        return DryRun(spec, memory_bytes=peak_memory_bytes(), problem="its numbers are not finite")
    return DryRun(
        chosen,
        seconds_per_kimg=round(_mean_step_s(seconds, spec) * 1000 / spec.batch, 3),
        memory_bytes=peak_memory_bytes(),
    )


def choose_threads(step: Callable[[], tuple[StepMarks, float]], *, most: int | None) -> StepMarks:
    """Sets torch's threads to the number beyond which a step gets no faster; gives its marks.

    Small networks gain little from many threads, and on a busy machine threads that wait for
    one another lose (measured on two cores with other work: two threads 80 times as slow).

    Args:
        step: takes one and gives its marks and its seconds.
        most: exactly so many instead, None to find out.
    """
    if most is not None or torch.cuda.is_available():
        return step()[0]
    all_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    best, best_s = step()
    count = 2
    while count <= all_threads:
        torch.set_num_threads(count)
        marks, took_s = step()
        if took_s > best_s / WORTH_A_DOUBLING:
            torch.set_num_threads(count // 2)
            break
        best, best_s, count = marks, took_s, count * 2
    return best


def choose_micro_batch(longest_s: float, batch: int) -> int:
    """Gives the largest micro-batch that takes no longer than half a second.

    Args:
        longest_s: how long one of four pictures takes at most.
        batch: pictures of one step.
    """
    fitting = [
        size
        for size in MICRO_BATCHES
        if size <= batch and batch % size == 0 and longest_s * size / _SMALLEST <= MAX_MICRO_S
    ]
    return max(fitting, default=BATCH_UNIT)


def peak_memory_bytes() -> int:
    """Gives the most memory used so far: of the graphics card when there is one."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    if sys.platform == "win32":
        return 0  # not told by Python there
    import resource  # noqa: PLC0415  POSIX only

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def free_memory_bytes() -> int | None:
    """Gives the memory that can still be had, None when this system does not say."""
    if torch.cuda.is_available():
        return torch.cuda.mem_get_info()[0]
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def _loop(
    spec: TrainingSpec,
    pictures_NHWC: Pictures,
    *,
    begin: Callable[[TrainingSpec], TrainingState],
    micro_batch: int,
) -> Loop:
    trial = msgspec.structs.replace(spec, micro_batch=micro_batch)
    state = begin(trial)
    if spec.tune is not None:
        # Past the steps in which the critic learns alone: both networks must be measured.
        state.images = int(spec.tune.critic_first_kimg * 1000) // spec.batch * spec.batch
        state.images += spec.batch
    else:
        state.images = int(spec.stages[-1].begin_kimg * 1000) + 1
    return Loop(state, Batches(pictures_NHWC, seed=spec.seed))


def _timed(loop: Loop) -> tuple[StepMarks, float]:
    begin_s = time.monotonic()
    marks = loop.step()
    if marks is None:
        raise TrainingError("The test run was interrupted.", "Try again.")
    return marks, time.monotonic() - begin_s


def _mean_step_s(seconds: list[float], spec: TrainingSpec) -> float:
    """Gives the mean of all steps: two in `penalty_every` have a penalty, as the first has."""
    usual = statistics.median(seconds[1:])
    share = min(1.0, 2 / spec.penalty_every)
    return share * max(seconds[0], usual) + (1 - share) * usual


def _problem(error: Exception) -> str:
    if isinstance(error, MemoryError) or "memory" in str(error).lower():
        return "memory"
    return f"{type(error).__name__}: {error}".splitlines()[0]
