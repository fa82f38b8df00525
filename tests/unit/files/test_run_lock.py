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


def test_asking_whether_it_is_held_never_keeps_a_trainer_out(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            is_locked(lock)

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(30):
            with RunLock(lock):
                pass
    finally:
        is_over.set()
        for asker in askers:
            asker.join()
