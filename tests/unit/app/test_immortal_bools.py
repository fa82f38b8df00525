"""PySide6 6.12.0 on Python 3.11 ended the program after some hundred signals."""

import subprocess
import sys

import pytest

MANY_SIGNALS = """
from PySide6.QtCore import QObject, Signal

class Bell(QObject):
    rung = Signal(object)

bell = Bell()
for _ in range(20_000):
    bell.rung.emit(1)
print("alive")
"""


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


def test_twenty_thousand_signals_do_not_end_the_program() -> None:
    done = _run("import studio.app\n" + MANY_SIGNALS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "alive"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True is immortal from Python 3.12")
def test_without_the_reserve_it_does() -> None:
    """When this fails, PySide6 is mended and the reserve can go."""
    assert _run(MANY_SIGNALS).returncode != 0
