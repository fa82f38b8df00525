"""One window for each home, and never a stale lock."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.core.errors import StorageError
from studio.files.home_lock import HomeLock, is_writable

HOLD = """
import sys
from pathlib import Path
from studio.files.home_lock import HomeLock
lock = HomeLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_window_is_told_so_and_may_come_after_the_first(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with HomeLock(home):
        with pytest.raises(StorageError, match="open already"):
            HomeLock(home)
        with HomeLock(tmp_path / "other"):
            pass
    with HomeLock(home):
        pass


def test_a_killed_window_leaves_no_lock(tmp_path: Path) -> None:
    for _ in range(2):
        child = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(StorageError, match="open already"):
            HomeLock(tmp_path)
        child.kill()
        child.communicate()
        with HomeLock(tmp_path):
            pass


def test_a_home_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        HomeLock(tmp_path / "file" / "home")
    assert not is_writable(tmp_path / "file" / "home")


def test_asking_whether_a_folder_can_be_written_to_leaves_nothing(tmp_path: Path) -> None:
    assert is_writable(tmp_path / "new")
    assert os.listdir(tmp_path / "new") == []  # noqa: PTH208
