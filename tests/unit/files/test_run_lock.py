"""The lock of a run folder."""

import threading
from pathlib import Path

import pytest

from studio.core.errors import TrainingError
from studio.files.run_lock import RunLock, is_locked


def test_one_trainer_at_a_time_and_free_again_after_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not is_locked(lock)
    with RunLock(lock):
        assert is_locked(lock)
        with pytest.raises(TrainingError, match="Another trainer"), RunLock(lock):
            pass
    assert not is_locked(lock)


def test_asking_whether_it_is_held_does_not_keep_a_trainer_out(tmp_path: Path) -> None:
    asking = RunLock(tmp_path / "lock")
    asking.__enter__()
    answered = threading.Timer(0.1, asking.__exit__, (None, None, None))
    answered.start()
    with RunLock(tmp_path / "lock"):
        answered.join()
