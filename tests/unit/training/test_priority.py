import os
import subprocess
import sys

import pytest

from studio.training.priority import LESS


def ask(is_idle: bool, look: str) -> str:
    """Lower the priority in a process of its own, which cannot raise it again."""
    code = f"import os; from studio.training.priority import lower_priority as l; l(is_idle={is_idle}); print({look})"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="there is no `nice` there")
def test_a_trainer_of_an_open_window_is_nicer_than_its_starter() -> None:
    expected = min(19, os.getpriority(os.PRIO_PROCESS, 0) + LESS)
    assert ask(False, "os.getpriority(os.PRIO_PROCESS, 0)") == str(expected)


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="Linux alone has this")
def test_a_trainer_left_alone_takes_only_what_nobody_wants() -> None:
    assert ask(True, "os.sched_getscheduler(0) == os.SCHED_IDLE") == "True"
