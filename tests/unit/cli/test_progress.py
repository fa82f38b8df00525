"""The progress writer: a bar on a terminal, plain lines elsewhere, silence on request."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.cli.progress import Progress, bar, progress_text, time_text


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Closed(io.StringIO):
    """A stream whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


class Clock:
    """A clock that goes on by one second each time it is read."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 1.0
        return self.now_s


def _run(stream: io.StringIO, total: int = 10, *, is_silent: bool = False) -> str:
    with Progress("pictures", total, is_silent=is_silent, stream=stream, clock=Clock()) as progress:
        for _ in range(total):
            progress.advance()
    return stream.getvalue()


def test_a_terminal_sees_a_bar_that_is_gone_at_the_end() -> None:
    text = _run(Terminal())
    assert "\n" not in text
    assert "50 %  5 of 10 pictures" in text
    assert text.rpartition("\r")[2] == ""
    assert text.split("\r")[-2].strip() == ""


def test_elsewhere_each_line_stands_alone_and_the_last_one_says_all_is_done() -> None:
    text = _run(io.StringIO())
    assert "\r" not in text
    assert text.endswith("100 %  10 of 10 pictures\n")


def test_elsewhere_ten_thousand_things_are_not_ten_thousand_lines() -> None:
    assert len(_run(io.StringIO(), 10_000).splitlines()) <= 11


def test_silent_says_nothing() -> None:
    assert _run(Terminal(), is_silent=True) == ""


def test_a_reader_that_has_gone_does_not_stop_the_work() -> None:
    with Progress("pictures", 3, stream=Closed()) as progress:
        for _ in range(3):
            progress.advance()
    assert progress.num_done == 3


def test_no_stderr_at_all_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    with Progress("pictures", 2) as progress:
        progress.advance(2)
    assert progress.num_done == 2


def test_time_left_is_the_time_so_far_per_thing_done() -> None:
    text = progress_text("pictures", 2, total=8, elapsed_s=10)
    assert text == " 25 %  2 of 8 pictures  30 s left"


def test_nothing_done_promises_no_time() -> None:
    assert "left" not in progress_text("pictures", 0, total=8, elapsed_s=10)


@given(st.floats(-1, 2))
def test_the_bar_keeps_its_width(share: float) -> None:
    assert len(bar(share)) == len(bar(0))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (-3, "0 s")],
)
def test_times_read_as_people_say_them(seconds: float, text: str) -> None:
    assert time_text(seconds) == text
