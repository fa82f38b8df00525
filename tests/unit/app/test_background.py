"""Work goes in order on a thread of its own, and every asker gets an answer here."""

import logging
import threading
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from studio.app.background import Background
from studio.core.errors import StorageError, StudioError


def test_work_is_done_in_order_elsewhere_and_answered_here(qtbot: QtBot) -> None:
    background = Background()
    here = threading.current_thread()
    worked: list[threading.Thread] = []
    answered: list[tuple[int, threading.Thread]] = []

    def work_for(number: int) -> Callable[[], int]:
        def work() -> int:
            worked.append(threading.current_thread())
            return number

        return work

    for number in range(20):
        background.run(
            work_for(number),
            lambda found: answered.append((found, threading.current_thread())),
            failed=lambda error: pytest.fail(str(error)),
        )
    assert background.num_waiting == 20
    qtbot.waitUntil(lambda: background.num_waiting == 0)
    assert [number for number, _ in answered] == list(range(20))
    assert {thread for _, thread in answered} == {here}
    assert here not in worked
    background.finish()


def test_every_failure_is_answered(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    background = Background()
    errors: list[StudioError] = []

    def refuse() -> None:
        raise StorageError("The disk is full.", "Free some space.")

    def fault() -> None:
        raise ZeroDivisionError

    with caplog.at_level(logging.CRITICAL):
        for work in (refuse, fault, refuse):
            background.run(work, pytest.fail, failed=errors.append)
        qtbot.waitUntil(lambda: len(errors) == 3)
    assert [error.what for error in errors] == [
        "The disk is full.",
        "This did not work, because of a fault in the program.",
        "The disk is full.",
    ]
    background.finish()
