"""Gives way to the programs that the artist works with."""

import contextlib
import os

LESS = 10  # of 19 on the scale of `nice`


def lower_priority(*, is_idle: bool) -> None:
    """Lets this thread, and those it starts later, run behind others.

    Threads that run already keep their priority: the one that reads commands should.

    Args:
        is_idle: only when nothing else wants the processor at all. `nice` alone would not
            do: Linux weighs it within one terminal session only, and the window's is
            another than a detached trainer's.
    """
    if is_idle and hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            return
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(LESS)
