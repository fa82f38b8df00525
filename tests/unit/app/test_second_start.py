"""A second start hands its files to the open window; nothing else gets through."""

import json
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from studio.app.second_start import MAX_MESSAGE_BYTES, SOCKET_FILE, SecondStarts, hand_over


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:  # short: a socket's path may have 108 bytes
        yield Path(name)


@pytest.fixture
def starts(qtbot: QtBot, home: Path) -> Iterator[SecondStarts]:
    found = SecondStarts(home)
    assert found.is_listening
    yield found
    found.close()


def test_files_reach_the_open_window(qtbot: QtBot, home: Path, starts: SecondStarts) -> None:
    with qtbot.waitSignal(starts.files_handed) as handed:
        assert hand_over(home, ["/a/model.studio.zip", "picture.png"])
    assert handed.args == [(Path("/a/model.studio.zip"), Path("picture.png").absolute())]


def test_only_its_owner_may_speak_and_a_dead_socket_is_no_hindrance(
    qtbot: QtBot, home: Path, starts: SecondStarts
) -> None:
    assert stat.S_IMODE((home / SOCKET_FILE).stat().st_mode) & 0o077 == 0
    assert not hand_over(home / "elsewhere", ["x"])
    again = SecondStarts(home)  # the first was killed, and its file lies there
    assert again.is_listening
    again.close()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"[",
        b'{"open": "/a"}\n',
        b'["relative"]\n',
        b'["/a", 1]\n',
        b'["/a\\u0000b"]\n',
        json.dumps(["/a"] * 65).encode() + b"\n",
        b"[" * 5000 + b"\n",
        b'["/' + b"a" * MAX_MESSAGE_BYTES + b'"]\n',
        b"\xff\xfe\n",
    ],
)
def test_anything_else_is_left_unheard(
    qtbot: QtBot, home: Path, starts: SecondStarts, message: bytes
) -> None:
    heard: list[object] = []
    starts.files_handed.connect(heard.append)
    socket = QLocalSocket()
    socket.connectToServer(str(home / SOCKET_FILE))
    assert socket.waitForConnected(2000)
    socket.write(message)
    socket.waitForBytesWritten(2000)
    with qtbot.waitSignal(starts.files_handed):
        assert hand_over(home, ["/good"])
    assert heard == [(Path("/good"),)]
    socket.abort()
