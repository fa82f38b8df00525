"""The look-out for leftovers is seen to find each kind, and to be quiet about what ends by itself."""

import subprocess
import sys
import threading
import time

from PySide6.QtCore import QThread, QTimer
from pytestqt.qtbot import QtBot

from tests.leaks import Snapshot


def test_thread_is_found() -> None:
    before = Snapshot.take(has_qt=False)
    done = threading.Event()
    thread = threading.Thread(target=done.wait, name="stray")
    thread.start()
    assert before.find_leftovers(0.0) == ["thread 'stray'"]
    done.set()
    thread.join()
    assert before.find_leftovers(0.0) == []


def test_child_process_is_found() -> None:
    before = Snapshot.take(has_qt=False)
    child = subprocess.Popen(
        [sys.executable, "-c", "input('waiting')"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    found = before.find_leftovers(0.0)
    assert len(found) == 1
    assert "waiting" in found[0]
    child.communicate()
    assert before.find_leftovers() == []


def test_timer_and_qt_thread_are_found(qtbot: QtBot) -> None:
    before = Snapshot.take(has_qt=True)
    timer = QTimer()
    timer.setObjectName("stray")
    timer.start(1_000)
    thread = QThread()
    thread.start()
    found = before.find_leftovers(0.0)
    assert sorted(found) == ["active QTimer 'stray' every 1000 ms", "running QThread ''"]
    timer.stop()
    thread.quit()
    thread.wait()
    assert before.find_leftovers(0.0) == []


def test_what_ends_by_itself_is_no_leftover() -> None:
    before = Snapshot.take(has_qt=False)
    threading.Thread(target=time.sleep, args=(0.05,)).start()
    assert before.find_leftovers() == []
