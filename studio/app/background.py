"""One worker thread for work that waits for the disk; answers come back where they were asked."""

import contextlib
import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from studio.core.errors import StudioError

_log: Final = logging.getLogger(__name__)


class _Outcome(msgspec.Struct, frozen=True):
    number: int
    result: Any = None
    error: StudioError | None = None


class _Task(QRunnable):
    def __init__(self, number: int, work: Callable[[], Any], *, relay: "Background") -> None:
        super().__init__()
        self._number = number
        self._work = work
        self._relay = relay

    def run(self) -> None:
        try:
            outcome = _Outcome(self._number, self._work())
        except StudioError as error:
            outcome = _Outcome(self._number, error=error)
        except Exception:  # noqa: BLE001 - the thread's border: who waits must get an answer
            _log.exception("work on the background thread failed")
            outcome = _Outcome(
                self._number,
                error=StudioError(
                    "This did not work, because of a fault in the program.",
                    "Try again; if it happens again, restart the program.",
                ),
            )
        with contextlib.suppress(RuntimeError):  # the asker has gone: nobody waits for it
            self._relay.finished.emit(outcome)


class Background(QObject):
    """Runs work in the order it was asked for, one at a time, on a thread of its own.

    Signals:
        finished: For inside use.
    """

    finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._next = 0
        self._answers: dict[int, tuple[Callable[[Any], None], Callable[[StudioError], None]]] = {}
        self.finished.connect(self._take)

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        *,
        failed: Callable[[StudioError], None],
    ) -> None:
        """Do `work` on the worker; then `done(result)` or `failed(error)` here, from the event loop.

        Args:
            work: Must not touch QObjects of this thread; may raise `StudioError`.
            done: Called with what `work` gave.
            failed: Called with the error it raised.
        """
        self._next += 1
        self._answers[self._next] = (done, failed)
        self._pool.start(_Task(self._next, work, relay=self))

    @property
    def num_waiting(self) -> int:
        """How many works have not been answered."""
        return len(self._answers)

    def finish(self) -> None:
        """Wait until all that was asked is done; its answers still come by the event loop."""
        self._pool.waitForDone()

    @Slot(object)
    def _take(self, outcome: _Outcome) -> None:
        done, failed = self._answers.pop(outcome.number)
        if outcome.error is None:
            done(outcome.result)
        else:
            failed(outcome.error)
