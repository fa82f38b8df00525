"""Disks that fail: at one step, in one way, so that every step can be tried in turn."""

import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from studio.files.atomic import Disk

Fault = Callable[[], None]


def kill_process() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def raise_error(number: int) -> Fault:
    """Give a fault that fails as the file system does, with this errno."""

    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


class _TwoHalves(io.BufferedWriter):
    """A file whose every write reaches the disk in two halves, with a step between them."""

    step: Fault

    def write(self, content: object) -> int:
        raw = bytes(cast(bytes, content))
        half = len(raw) // 2
        super().write(raw[:half])
        self.flush()
        self.step()
        super().write(raw[half:])
        return len(raw)


class FaultyDisk(Disk):
    """A disk on which the n-th step fails (from 1; 0: none does).

    Steps lie before and after each of a disk's methods, and in the middle of every write.

    Attributes:
        num_steps: How many steps were reached.
    """

    def __init__(self, fails_at: int, fault: Fault) -> None:
        self.num_steps = 0
        self._fails_at = fails_at
        self._fault = fault

    def _step(self) -> None:
        self.num_steps += 1
        if self.num_steps == self._fails_at:
            self._fault()

    def make_folder(self, folder: Path) -> None:
        self._step()
        super().make_folder(folder)

    def create(self, path: Path) -> BinaryIO:
        self._step()
        raw = io.FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb")
        file = _TwoHalves(raw)
        file.step = self._step
        return cast(BinaryIO, file)

    def sync(self, file: BinaryIO) -> None:
        self._step()
        super().sync(file)
        self._step()

    def rename(self, old: Path, new: Path) -> None:
        self._step()
        super().rename(old, new)
        self._step()

    def name_first(self, old: Path, new: Path) -> None:
        self._step()
        super().name_first(old, new)
        self._step()

    def remove(self, path: Path) -> None:
        self._step()
        super().remove(path)
        self._step()

    def sync_folder(self, folder: Path) -> None:
        self._step()
        super().sync_folder(folder)
        self._step()
