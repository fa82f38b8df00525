"""Looks at many pictures with a few threads, so that whoever waits can leave at any moment."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from studio.dataset.looks import Look, look_at
from studio.files.source_pictures import UnusableError

NUM_THREADS: Final = 2
# Looks that wait to be taken: each holds a small picture, some 100 KB to 1 MB.
_MAX_WAITING: Final = 16
_TURN_S: Final = 0.05
_LEAVE_S: Final = 0.2

Outcome = tuple[int, Look | UnusableError]


class PictureReader:
    """Reads files in the order in which they are asked for, and gives them as they are done.

    The threads are daemons: a decoder that is busy with a huge picture holds up nobody.
    """

    def __init__(self, *, min_side_px: int) -> None:
        self._min_side_px = min_side_px
        self._wanted: queue.SimpleQueue[tuple[int, Path] | None] = queue.SimpleQueue()
        self._done: queue.Queue[Outcome] = queue.Queue(_MAX_WAITING)
        self._is_closed = threading.Event()
        self._threads = [
            threading.Thread(target=self._read, name=f"pictures-{number}", daemon=True)
            for number in range(NUM_THREADS)
        ]
        self.num_open = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed.set()
        for _thread in self._threads:
            self._wanted.put(None)
        for thread in self._threads:
            thread.join(_LEAVE_S / NUM_THREADS)

    def ask(self, number: int, path: Path) -> None:
        """Ask for a file; it is told with this number."""
        self.num_open += 1
        self._wanted.put((number, path))

    def take(self) -> Iterator[Outcome]:
        """Give what is done; waits a moment when nothing is."""
        wait_s = _TURN_S
        try:
            for _ in range(_MAX_WAITING):
                outcome = self._done.get(timeout=wait_s) if wait_s else self._done.get_nowait()
                wait_s = 0.0
                self.num_open -= 1
                yield outcome
        except queue.Empty:
            return

    def _read(self) -> None:
        while (wanted := self._wanted.get()) is not None and not self._is_closed.is_set():
            number, path = wanted
            try:
                outcome: Look | UnusableError = look_at(path, min_side_px=self._min_side_px)
            except UnusableError as error:
                outcome = error
            self._give((number, outcome))

    def _give(self, outcome: Outcome) -> None:
        while not self._is_closed.is_set():
            try:
                self._done.put(outcome, timeout=_TURN_S)
            except queue.Full:
                continue
            return
