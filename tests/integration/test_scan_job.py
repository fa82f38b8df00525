"""The trainer's look at a folder, as the window asks for it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.folder_report import REPORT_FILE
from studio.files.atomic import write_bytes_atomic
from studio.protocol.codec import LineDecoder, ProtocolError, encode_line
from studio.protocol.training_messages import (
    COMMANDS_FOLDER,
    Acknowledged,
    Finished,
    ScanJob,
    Scanned,
    Scanning,
    Stop,
    TrainerEvent,
)
from tests.unit.dataset.folders import folder_of, put_bad_files, state_of

pytestmark = [pytest.mark.slow]


def start(run: Path, folder: Path) -> "subprocess.Popen[bytes]":
    write_bytes_atomic(run / "scan.json", encode_line(ScanJob(folder=str(folder), resolution=32)))
    return subprocess.Popen(
        [sys.executable, "-m", "studio", "trainer", str(run / "scan.json")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def events(process: "subprocess.Popen[bytes]") -> Iterator[TrainerEvent]:
    assert process.stdout is not None
    decoder: LineDecoder[TrainerEvent] = LineDecoder(TrainerEvent)
    while chunk := os.read(process.stdout.fileno(), 1 << 16):
        for event in decoder.feed(chunk):
            assert not isinstance(event, ProtocolError)
            yield event


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """Give a folder that takes longer than any test waits."""
    folder = folder_of(tmp_path / "many", 4)
    content = (folder / "000.png").read_bytes()
    for number in range(10_000):
        (folder / f"{number}.png").write_bytes(content)
    return folder


def test_a_scan_tells_how_far_it_is_and_leaves_a_report(tmp_path: Path) -> None:
    folder, run = folder_of(tmp_path / "mine", 9), tmp_path / "run"
    put_bad_files(folder)
    before = state_of(folder)
    with start(run, folder) as process:
        told = list(events(process))
    assert process.returncode == 0
    assert isinstance(told[0], Scanning)
    assert told[-1] == Scanned(file=REPORT_FILE)
    assert (run / REPORT_FILE).is_file()
    assert state_of(folder) == before


def test_it_needs_no_torch(tmp_path: Path) -> None:
    code = "import sys, studio.training.scan_job, studio.training.worker; print('torch' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.stdout == "False\n"


@pytest.mark.parametrize("way", ["command", "stdin"])
def test_a_stop_ends_it_at_once(tmp_path: Path, endless: Path, way: str) -> None:
    run = tmp_path / "run"
    with start(run, endless) as process:
        assert process.stdin is not None
        told = events(process)
        first = next(told)
        if way == "stdin":
            process.stdin.close()
        else:
            write_bytes_atomic(run / COMMANDS_FOLDER / "1.json", encode_line(Stop()))
        rest = list(told)
    assert isinstance(first, Scanning)
    assert not (run / REPORT_FILE).exists()
    if way == "command":
        assert Acknowledged(number=1) in rest
        assert rest[-1] == Finished(kimg=0.0, reason="stopped")
        assert process.returncode == 0


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    with start(tmp_path / "run", tmp_path / "gone") as process:
        told = list(events(process))
    assert process.returncode == 1
    assert "There is no folder called “gone”." in str(told[-1])
