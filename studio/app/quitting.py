"""Leaving in good order when the system asks for it."""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

from PySide6.QtCore import QSocketNotifier


@contextlib.contextmanager
def quit_on_signals(close: Callable[[], object]) -> Iterator[None]:
    """Call `close` on Ctrl C and SIGTERM.

    Python looks at signals only between its own instructions, and Qt's loop has none: the byte that
    the system writes into a socket wakes the loop up.
    """
    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    before = signal.set_wakeup_fd(writer.fileno())
    handlers = {number: signal.signal(number, _note) for number in (signal.SIGINT, signal.SIGTERM)}
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(close)
    try:
        yield
    finally:
        notifier.setEnabled(False)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        reader.close()
        writer.close()


def _note(_number: int, _frame: object) -> None:
    """Let the byte in the socket do the work."""
