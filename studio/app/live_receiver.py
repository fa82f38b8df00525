"""Receives live messages without ever waiting; of each address the newest is given.

It listens on 127.0.0.1 only: no other machine can reach it. Reading and checking a message takes
some 5 µs, so a flood of 10,000 a second is 1 ms of each frame; what is too much for a frame stays
in the system's buffer, and what is too much for that is lost.
"""

import contextlib
import socket
import time
from typing import Final

import msgspec

from studio.core.errors import StudioError
from studio.core.live import LiveWish, read_wish
from studio.core.osc import MAX_DATAGRAM, read_packet

HOST: Final = "127.0.0.1"
# Of a frame's 16 ms this much may go into reading.
BUDGET_S: Final = 0.004
_BUFFER_BYTES: Final = 1024 * 1024


class LiveError(StudioError):
    """Messages cannot be received or sent."""


class Taken(msgspec.Struct, frozen=True):
    """What was read: the newest of each address, in order, and counts since the start."""

    wishes: tuple[LiveWish, ...] = ()
    num_taken: int = 0
    num_refused: int = 0


class LiveReceiver:
    """A socket; who owns it asks for what came when there is something to read."""

    def __init__(self, port: int) -> None:
        """Listen on a port of this computer; 0 takes a free one.

        Raises:
            LiveError: Another program listens there, or it is not allowed.
        """
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((HOST, port))
        except (OSError, OverflowError) as error:
            self._socket.close()
            reason = error.strerror if isinstance(error, OSError) else "there is no such port"
            raise LiveError(
                f"Port {port} cannot be listened on ({reason}).", "Choose another port."
            ) from error
        self._socket.setblocking(False)
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._num_taken = self._num_refused = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    @property
    def descriptor(self) -> int:
        """What tells that there is something to read."""
        return self._socket.fileno()

    def read(self) -> Taken:
        """Give what came, as much as fits into the budget of a frame."""
        newest: dict[str, LiveWish] = {}
        end = time.perf_counter() + BUDGET_S
        while time.perf_counter() < end:
            try:
                datagram = self._socket.recv(MAX_DATAGRAM + 1)
            except OSError:  # nothing more; or one that is too large for Windows
                break
            self._put(datagram, newest)
        return Taken(tuple(newest.values()), self._num_taken, self._num_refused)

    def close(self) -> None:
        """Stop listening; what has come and was not read is forgotten."""
        self._socket.close()

    def _put(self, datagram: bytes, newest: dict[str, LiveWish]) -> None:
        packet = read_packet(datagram)
        self._num_refused += packet.num_refused
        for message in packet.messages:
            wish = read_wish(message)
            if wish is None:
                self._num_refused += 1
                continue
            self._num_taken += 1
            newest.pop(wish.key, None)  # the order is that of the newest
            newest[wish.key] = wish
