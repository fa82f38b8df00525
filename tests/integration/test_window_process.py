"""The window as a process: it opens, is alone, and leaves in good order."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.files.places import child_command
from tests.fakes.tiny_model import make_tiny_model

pytestmark = pytest.mark.slow
PATIENCE_S = 60.0


class Window:
    """A running window on the offscreen platform."""

    def __init__(self, home: Path, log: Path, *words: str) -> None:
        self.home = home
        self._log = log.open("wb")
        self.process = subprocess.Popen(
            child_command("window", *words),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )

    def wait_for_picture(self) -> None:
        """Wait until the model is open: then it is the one used last."""
        settings = self.home / "settings.json"
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            if settings.is_file() and json.loads(settings.read_bytes()).get("model"):
                return
            time.sleep(0.05)
        pytest.fail(f"the window did not open its model; it left with {self.process.poll()}")

    def children(self) -> list[int]:
        """Give the ids of its child processes."""
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in task.read_text().split()]

    def end(self) -> None:
        """Kill what is left of it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._log.close()


@pytest.fixture
def window(studio_home: Path, tmp_path: Path) -> Iterator[Window]:
    make_tiny_model(studio_home / "models")
    found = Window(studio_home, tmp_path / "log.txt")
    yield found
    found.end()


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_it_leaves_in_good_order_when_the_system_asks(window: Window, tmp_path: Path) -> None:
    window.wait_for_picture()
    children = window.children()
    window.process.send_signal(signal.SIGTERM)
    assert window.process.wait(PATIENCE_S) == 0
    assert not any(_is_alive(pid) for pid in children)
    assert list((window.home / "journal").iterdir())
    log = (tmp_path / "log.txt").read_text()
    assert "Traceback" not in log
    assert "Warning" not in log


def test_a_second_window_says_so_and_leaves(window: Window, tmp_path: Path) -> None:
    window.wait_for_picture()
    second = subprocess.run(
        child_command("window"),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert second.returncode == 1
    assert "open already" in second.stderr
    assert "Traceback" not in second.stderr
    assert window.process.poll() is None


def test_without_a_display_it_says_so(studio_home: Path) -> None:
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }
    found = subprocess.run(
        child_command("window"), capture_output=True, text=True, timeout=PATIENCE_S, env=plain
    )
    assert found.returncode == 1
    assert "no display" in found.stderr
    assert "Traceback" not in found.stderr
    assert not studio_home.exists()


def test_the_window_outlives_a_killed_engine(window: Window) -> None:
    window.wait_for_picture()
    first = window.children()
    os.kill(first[0], signal.SIGKILL)
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and set(window.children()) <= set(first):
        time.sleep(0.05)
    assert set(window.children()) - set(first)
    assert window.process.poll() is None


def test_the_window_holds_neither_torch_nor_the_runtime(window: Window) -> None:
    window.wait_for_picture()
    maps = Path(f"/proc/{window.process.pid}/maps").read_text()
    for library in ("libtorch", "onnxruntime"):
        assert library not in maps
