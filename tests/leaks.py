"""What a test may leave behind by mistake: threads, child processes, running Qt timers and threads."""

import gc
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

# How long a leftover may take to go by itself: a joined thread or a killed child needs a moment.
PATIENCE_S = 1.5

# The Python runtime's own child, one per process, which ends with it.
_OWN_CHILDREN = ("resource_tracker", "forkserver")


def list_children() -> dict[int, str]:
    """Give the living child processes of this one, id → command line; nothing where /proc has no list."""
    found: dict[int, str] = {}
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            pids = [int(word) for word in task.read_text().split()]
        except OSError:  # the thread has gone
            continue
        for pid in pids:
            try:
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
                command = (
                    Path(f"/proc/{pid}/cmdline")
                    .read_bytes()
                    .replace(b"\0", b" ")
                    .decode(errors="replace")
                )
            except OSError:  # the child has gone
                continue
            if state != "Z" and not any(word in command for word in _OWN_CHILDREN):
                found[pid] = command.strip()
    return found


def list_qt_activity() -> dict[int, str]:
    """Give the running QThreads and active QTimers that Python knows, id → description."""
    if "PySide6.QtCore" not in sys.modules:
        return {}
    import shiboken6
    from PySide6.QtCore import QEvent, QThread, QTimer

    core = sys.modules["PySide6.QtCore"].QCoreApplication
    if core.instance() is not None:
        core.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    found: dict[int, str] = {}
    for thing in gc.get_objects():
        kind = type(thing)
        if issubclass(kind, QThread) and shiboken6.isValid(thing) and thing.isRunning():
            if thing != QThread.currentThread():
                found[id(thing)] = f"running {kind.__name__} {thing.objectName()!r}"
        elif issubclass(kind, QTimer) and shiboken6.isValid(thing) and thing.isActive():
            found[id(thing)] = (
                f"active {kind.__name__} {thing.objectName()!r} every {thing.interval()} ms"
            )
    return found


def list_threads() -> dict[int, str]:
    """Give the living Python threads, id → name (dummies of foreign threads are left out)."""
    return {
        id(thread): f"thread {thread.name!r}"
        for thread in threading.enumerate()
        if thread.is_alive() and not isinstance(thread, threading._DummyThread)
    }


@dataclass(frozen=True)
class Snapshot:
    """What was running at one moment."""

    threads: dict[int, str]
    children: dict[int, str]
    has_qt: bool
    qt: dict[int, str] = field(default_factory=dict)

    @classmethod
    def take(cls, *, has_qt: bool) -> "Snapshot":
        """Look around now; Qt's objects only on request, since finding them walks the whole heap."""
        return cls(list_threads(), list_children(), has_qt, list_qt_activity() if has_qt else {})

    def _list_new(self) -> list[str]:
        now = Snapshot.take(has_qt=self.has_qt)
        new = [name for key, name in now.threads.items() if key not in self.threads]
        new += [
            f"process {pid}: {name}"
            for pid, name in now.children.items()
            if pid not in self.children
        ]
        new += [name for key, name in now.qt.items() if key not in self.qt]
        return new

    def find_leftovers(self, patience_s: float = PATIENCE_S) -> list[str]:
        """Give what runs now and did not then, after waiting `patience_s` for it to end."""
        end = time.monotonic() + patience_s
        while (left := self._list_new()) and time.monotonic() < end:
            time.sleep(0.02)
        return left
