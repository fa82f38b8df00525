"""A child process that reads a stranger's file: ended when it is silent for too long, or unwanted."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Final, Literal, Self

from studio.files.places import child_command

_TURN_S: Final = 0.05
_BLOCK_BYTES: Final = 256 * 1024
_FEW_THREADS: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

Ending = Literal["late", "stopped", "failed"]


class StoppedError(Exception):
    """Somebody did not want it any more; there is nothing to tell."""


class ChildFailedError(Exception):
    """The child cannot say more.

    Attributes:
        ending: "late" when it was silent for too long, "failed" when it ended by itself.
    """

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending = ending


class LimitedChild:
    """Runs while it is used as a context; whatever happens in it, it is gone afterwards."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        descriptor: int | None,
        silence_s: float,
        is_stopping: Callable[[], bool] | None = None,
    ) -> None:
        """Start a child of ours.

        Args:
            words: Its command line behind `studio`.
            descriptor: The open file that becomes its standard input; None for nothing.
            silence_s: How long it may say nothing before it is ended.
            is_stopping: Asked all the time; once it says yes, the child is ended.
        """
        self._silence_s = silence_s
        self._is_stopping = is_stopping or (lambda: False)
        self._ending: Ending | None = None
        self._heard_s = time.monotonic()
        self._process = subprocess.Popen(
            child_command(*words),
            stdin=subprocess.DEVNULL if descriptor is None else descriptor,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_FEW_THREADS},
        )
        self._is_over = threading.Event()
        self._watch = threading.Thread(target=self._look_after, name="child-watch", daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._watch.join()

    def line(self, max_bytes: int) -> bytes:
        """Give the next line that it says, without its end.

        Raises:
            StoppedError: It is not wanted any more.
            ChildFailedError: It ended, was silent for too long, or says no line.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline(max_bytes + 1)
        if not line.endswith(b"\n"):
            raise self._problem()
        self._heard_s = time.monotonic()
        return line[:-1]

    def blocks(self, num_bytes: int) -> Iterator[bytes]:
        """Give the next so many bytes piece by piece; raises as `line` does."""
        assert self._process.stdout is not None
        while num_bytes > 0:
            block = self._process.stdout.read(min(num_bytes, _BLOCK_BYTES))
            if not block:
                raise self._problem()
            self._heard_s = time.monotonic()
            num_bytes -= len(block)
            yield block

    def _problem(self) -> Exception:
        if self._ending == "stopped":
            return StoppedError()
        return ChildFailedError(self._ending or "failed")

    def _look_after(self) -> None:
        while not self._is_over.wait(_TURN_S):
            if self._is_stopping():
                self._ending = "stopped"
            elif time.monotonic() - self._heard_s > self._silence_s:
                self._ending = "late"
            if self._ending is not None:
                self._process.kill()
                return
