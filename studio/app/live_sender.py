"""Tells other programs of this computer what the picture is: seed, sliders, truncation, time."""

import contextlib
import socket
from collections.abc import Mapping

from studio.app.live_receiver import HOST
from studio.core.osc import write_message


class LiveSender:
    """Sends what changed since the last time. Never waits, and nobody must listen."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._port = 0
        self._sent: dict[str, float] = {}
        self.num_sent = 0

    @property
    def port(self) -> int:
        """Where it sends to, 0 for nowhere."""
        return self._port

    def start(self, port: int) -> None:
        """Send to a port of this computer from now on, beginning with everything."""
        self.stop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._port = port

    def stop(self) -> None:
        """Send nothing more."""
        found, self._socket, self._port = self._socket, None, 0
        self._sent.clear()
        self.num_sent = 0
        if found is not None:
            found.close()

    def send(self, state: Mapping[str, float]) -> None:
        """Send the numbers that are not what was sent last: address → number."""
        if self._socket is None:
            return
        for address, number in state.items():
            if self._sent.get(address) == number:
                continue
            self._sent[address] = number
            with contextlib.suppress(OSError):  # nobody listens, or the buffer is full
                self._socket.sendto(write_message(address, (number,)), (HOST, self._port))
                self.num_sent += 1
