"""Listens for live messages on a thread of its own; the window takes the newest of each address.

It listens on 127.0.0.1 only: no other machine can reach it.
"""

import contextlib
import logging
import socket
import threading
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.core.live import LiveWish, read_wish
from studio.core.osc import MAX_DATAGRAM, read_packet

HOST: Final = "127.0.0.1"
# Different addresses that can wait for the window; there are fewer sliders than that.
MAX_WAITING: Final = 512
_BUFFER_BYTES: Final = 1024 * 1024
_STOP_S: Final = 0.5
_log = logging.getLogger(__name__)


class LiveError(StudioError):
    """Messages cannot be received or sent."""


class Taken(msgspec.Struct, frozen=True):
    """What came since the last time, the newest of each address, and counts since the start."""

    wishes: tuple[LiveWish, ...] = ()
    num_taken: int = 0
    num_refused: int = 0


class LiveReceiver(QObject):
    """A socket and its thread.

    Signals:
        arrived: Something came; not emitted again before `take`. From the thread: connect slots.
    """

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._newest: dict[str, LiveWish] = {}
        self._num_taken = self._num_refused = 0
        self._is_told = False
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """Where it listens, 0 when it does not."""
        return self._socket.getsockname()[1] if self._socket is not None else 0

    def start(self, port: int) -> None:
        """Listen on a port of this computer; 0 takes a free one.

        Raises:
            LiveError: Another program listens there, or it is not allowed.
        """
        self.stop()
        found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            found.bind((HOST, port))
        except OSError as error:
            found.close()
            raise LiveError(
                f"Port {port} cannot be listened on ({error.strerror}).", "Choose another port."
            ) from error
        with contextlib.suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        found.settimeout(_STOP_S)
        self._num_taken = self._num_refused = 0
        self._newest.clear()
        self._is_told = False
        self._socket = found
        self._thread = threading.Thread(target=self._run, args=(found,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; what has come and was not taken is forgotten."""
        found, thread = self._socket, self._thread
        self._socket = self._thread = None
        if found is None or thread is None:
            return
        with contextlib.suppress(OSError):  # wakes the thread at once
            found.sendto(b"", found.getsockname())
        thread.join()
        found.close()

    def take(self) -> Taken:
        """Give what came."""
        with self._lock:
            taken = Taken(tuple(self._newest.values()), self._num_taken, self._num_refused)
            self._newest.clear()
            self._is_told = False
        return taken

    def _run(self, found: socket.socket) -> None:
        while self._socket is found:
            try:
                datagram = found.recv(MAX_DATAGRAM + 1)
            except TimeoutError:
                continue
            except OSError as error:
                if self._socket is found:
                    _log.warning("live messages ended: %s", error.strerror)
                return
            if datagram:
                self._put(datagram)

    def _put(self, datagram: bytes) -> None:
        packet = read_packet(datagram)
        wishes = [read_wish(message) for message in packet.messages]
        with self._lock:
            self._num_refused += packet.num_refused
            for wish in wishes:
                if wish is None or (
                    wish.key not in self._newest and len(self._newest) >= MAX_WAITING
                ):
                    self._num_refused += 1
                    continue
                self._num_taken += 1
                self._newest.pop(wish.key, None)  # the order is that of the newest
                self._newest[wish.key] = wish
            is_news = not self._is_told
            self._is_told = True
        if is_news:
            with contextlib.suppress(RuntimeError):  # the window has gone meanwhile
                self.arrived.emit()
