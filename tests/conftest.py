"""What every test stands on: a home of its own, no window system, nothing left behind."""

import atexit
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

# Before any import that reads the environment: no test may touch the home of the person who runs it.
_SESSION_HOME = Path(tempfile.mkdtemp(prefix="studio-tests-"))
atexit.register(shutil.rmtree, _SESSION_HOME, ignore_errors=True)


def _set_environment(home: Path) -> None:
    """Point every place that a program may write to into `home`."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    os.environ["HOME"] = os.environ["USERPROFILE"] = str(home)
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = str(home / name.lower())
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    os.environ["STUDIO_HOME"] = str(home / "studio")
    # Children find this tree from any folder, and never take a folder of the test for it.
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    os.environ["PYTHONSAFEPATH"] = "1"


_set_environment(_SESSION_HOME)
# Started in the background, a shell hands down an ignored SIGINT; the children of tests need Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402
from pytestqt.qtbot import QtBot  # noqa: E402

import studio.app  # noqa: E402, F401 - PySide6 6.12.0 would end the process after some hundred signals
from tests.leaks import Snapshot  # noqa: E402

IS_FULL = os.environ.get("STUDIO_TEST_ALL") == "1"

# What must happen is waited for as long as a busy machine needs; pytest-qt gives it five seconds.
for _wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals):
    (_wait.__kwdefaults__ or {})["timeout"] = 90_000

settings.register_profile("here", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("full", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile("full" if IS_FULL else "ci" if os.environ.get("CI") else "here")


def _has_cuda() -> bool:
    """Ask the driver, without importing anything large."""
    import ctypes

    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    count = ctypes.c_int(0)
    return (
        driver.cuInit(0) == 0
        and driver.cuDeviceGetCount(ctypes.byref(count)) == 0
        and count.value > 0
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what this machine cannot run."""
    has_x11 = os.environ.get("STUDIO_TEST_X11") == "1"
    has_cuda = _has_cuda() if any(item.get_closest_marker("gpu") for item in items) else False
    for item in items:
        if item.get_closest_marker("x11") and not has_x11:
            item.add_marker(pytest.mark.skip(reason="runs under Xvfb, from packaging/test.sh"))
        if item.get_closest_marker("gpu") and not has_cuda:
            item.add_marker(pytest.mark.skip(reason="no CUDA device here"))


_home_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def studio_home(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test its own STUDIO_HOME (not made yet: the program makes it)."""
    home = _SESSION_HOME / "homes" / str(next(_home_numbers))
    monkeypatch.setenv("STUDIO_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a child process or a running timer behind."""
    uses_qt = bool({"qapp", "qtbot"} & set(request.fixturenames))
    before = Snapshot.take(has_qt=uses_qt)
    yield
    left = before.find_leftovers()
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)


@pytest.fixture(scope="session")
def rounds() -> Callable[[int], int]:
    """Scale the rounds of a long trial: all of them with --all, else a hundredth and at least two."""

    def scale(full: int) -> int:
        return full if IS_FULL else max(2, full // 100)

    return scale
