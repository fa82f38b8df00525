"""Progress of long work on stderr: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TextIO

_BAR_CELLS: Final = 24
# Fast enough to look alive, slow enough to cost nothing.
_MIN_INTERVAL_S: Final = 0.1
_LINE_EVERY: Final = 0.1  # share of the work between two lines when stderr is no terminal
_LINE_INTERVAL_S: Final = 2.0


class Progress:
    """Counts finished things and says so.

    Args:
        label: What is counted, for example "pictures".
        total: How many there will be, at least 1.
        is_silent: Say nothing at all.
        stream: Where to write; None takes stderr as it is now.
        clock: Gives seconds, rising.
    """

    def __init__(
        self,
        label: str,
        total: int,
        *,
        is_silent: bool = False,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._label = label
        self._total = max(1, total)
        self._stream = stream if stream is not None else sys.stderr
        self._is_silent = is_silent or self._stream is None
        self._is_terminal = not self._is_silent and self._stream.isatty()
        self._clock = clock
        self._begin_s = clock()
        self._said_s = self._begin_s if not self._is_terminal else float("-inf")
        self._said_share = 0.0
        self._said_columns = 0
        self.num_done = 0

    def __enter__(self) -> Self:
        self._say()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def advance(self, count: int = 1) -> None:
        """Count `count` more things as done."""
        self.num_done = min(self._total, self.num_done + count)
        self._say()

    def close(self) -> None:
        """Take the bar away, so that the next line starts at the margin."""
        if self._is_terminal and self._said_columns:
            self._write("\r" + " " * self._said_columns + "\r")
            self._said_columns = 0

    def _say(self) -> None:
        if self._is_silent:
            return
        now_s = self._clock()
        share = self.num_done / self._total
        is_last = self.num_done >= self._total
        text = progress_text(
            self._label, self.num_done, total=self._total, elapsed_s=now_s - self._begin_s
        )
        if self._is_terminal:
            if is_last or now_s - self._said_s >= _MIN_INTERVAL_S:
                self._said_s = now_s
                line = f"{bar(share)}  {text}"
                self._write("\r" + line.ljust(self._said_columns))
                self._said_columns = len(line)
        elif self.num_done and (
            is_last
            or (
                share - self._said_share >= _LINE_EVERY and now_s - self._said_s >= _LINE_INTERVAL_S
            )
        ):
            self._said_s, self._said_share = now_s, share
            self._write(text + "\n")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # nobody listens any more; the work goes on
            self._is_silent = True


def bar(share: float, cells: int = _BAR_CELLS) -> str:
    """Give a bar for a share 0…1, in letters that every terminal has."""
    filled = int(min(1.0, max(0.0, share)) * cells)
    return "[" + "#" * filled + "-" * (cells - filled) + "]"


def progress_text(label: str, num_done: int, *, total: int, elapsed_s: float) -> str:
    """Give percent, count and the time left, which is a guess only once something is done."""
    text = f"{100 * num_done // total:3d} %  {num_done} of {total} {label}"
    if 0 < num_done < total:
        text += f"  {time_text(elapsed_s / num_done * (total - num_done))} left"
    return text


def time_text(seconds: float) -> str:
    """Give a time as people say it: 8 s, 3 min 20 s, 2 h 5 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
