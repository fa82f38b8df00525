"""A second start hands its files over to the window that is open, through a socket of the owner's.

The message is one line of JSON with absolute paths and nothing else; what they are is found out as
for a drop. Source: reliability.md §2.2 I10.
"""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

SOCKET_FILE: Final = "window.socket"
MAX_MESSAGE_BYTES: Final = 64 * 1024
MAX_PATHS: Final = 64
_WAIT_MS: Final = 2000


class SecondStarts(QObject):
    """Listens in the window that is open. Only for who holds the home's lock.

    Signals:
        files_handed: Tuple of absolute `Path`; empty when the window shall only come to the front.
    """

    files_handed = Signal(object)

    def __init__(self, home: Path, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._messages: dict[QLocalSocket, bytearray] = {}
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connected)
        QLocalServer.removeServer(str(home / SOCKET_FILE))  # of a window that was killed
        # Where no socket can be had (a path that is too long), a second start says so, as before.
        self.is_listening = self._server.listen(str(home / SOCKET_FILE))

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    @Slot()
    def _on_connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._messages[socket] = bytearray()
            socket.readyRead.connect(self._on_bytes)
            socket.disconnected.connect(self._on_gone)
            self._read(socket)

    @Slot()
    def _on_bytes(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        message = self._messages.get(socket)
        if message is None:
            return
        message += bytes(socket.read(MAX_MESSAGE_BYTES + 1).data())
        if len(message) > MAX_MESSAGE_BYTES:
            socket.abort()
        elif message.endswith(b"\n"):
            paths = read_message(bytes(message))
            socket.disconnectFromServer()
            if paths is not None:
                self.files_handed.emit(paths)

    @Slot()
    def _on_gone(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._messages.pop(socket, None)
            socket.deleteLater()


def read_message(raw: bytes) -> tuple[Path, ...] | None:
    """Give the paths of a message, None when it is anything else."""
    with contextlib.suppress(ValueError, RecursionError):
        words = json.loads(raw)
        if isinstance(words, list) and len(words) <= MAX_PATHS:
            paths = tuple(
                Path(word) for word in words if isinstance(word, str) and "\0" not in word
            )
            if len(paths) == len(words) and all(path.is_absolute() for path in paths):
                return paths
    return None


def hand_over(home: Path, files: Sequence[str]) -> bool:
    """Give files to the window that is open; says whether it took them."""
    words = [str(Path(file).absolute()) for file in files[:MAX_PATHS]]
    message = json.dumps(words).encode() + b"\n"
    socket = QLocalSocket()
    socket.connectToServer(str(home / SOCKET_FILE))
    if len(message) > MAX_MESSAGE_BYTES or not socket.waitForConnected(_WAIT_MS):
        return False
    socket.write(message)
    return socket.waitForBytesWritten(_WAIT_MS)
