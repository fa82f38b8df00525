"""`studio runs`: a run that nobody waits for is found, steered, reported and removed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.files.run_lock import is_locked
from tests.integration.test_training_process import make_run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.name == "nt", reason="kill -9 and flock are POSIX"),
]
PATIENCE_S = 300


def studio(*words: str) -> "tuple[int, str, str]":
    done = subprocess.run(
        [sys.executable, "-m", "studio", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    return done.returncode, done.stdout, done.stderr


def ask(*words: str) -> "dict[str, Any]":
    status, out, err = studio(*words, "--json")
    assert status == 0, err
    answer: dict[str, Any] = json.loads(out)
    return answer


def wait_for(run: Path, kind: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while f'"{kind}"' not in (run / "events.jsonl").read_text():
        assert time.monotonic() < deadline, f"no {kind}"
        time.sleep(0.05)


def state_of(run: Path) -> str:
    (found,) = ask("runs", "list")["runs"]
    assert found["id"] == run.name
    return str(found["state"])


@pytest.fixture
def run(studio_home: Path) -> Iterator[Path]:
    """A run of half a million pictures; whatever trains it at the end is ended."""
    place = make_run(studio_home / "runs" / "abc123", kimg=500)
    yield place
    if is_locked(place / "lock"):
        studio("runs", "stop", "abc123")


def test_a_detached_run_is_found_steered_reported_and_removed(run: Path) -> None:
    assert state_of(run) == "prepared"
    assert ask("train", "--resume", "abc", "--detach")["run"] == "abc123"
    wait_for(run, "progress")
    assert state_of(run) == "running"

    status, out, err = studio("train", "--resume", "abc123")
    assert (status, out) == (1, "")
    assert "is at work on the run “abc123” already" in err
    # A second trainer says so, too, and the live run's events know nothing of it.
    beside = subprocess.run(
        [sys.executable, "-m", "studio", "trainer", str(run)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert beside.returncode == 1
    assert "Another trainer is at work" in beside.stderr
    assert '"failed"' in beside.stdout
    assert '"failed"' not in (run / "events.jsonl").read_text()

    ask("runs", "pause", "abc123")
    wait_for(run, "paused")
    assert state_of(run) == "paused"
    ask("runs", "continue", "abc123")
    wait_for(run, "continued")
    status, _, err = studio("runs", "remove", "abc123")
    assert status == 1
    assert "Stop it first" in err

    assert ask("runs", "stop", "abc123")["state"] == "stopped"
    assert not is_locked(run / "lock")
    page = Path(ask("runs", "report", "abc123")["file"])
    assert page == run / "report.html"
    assert "It was stopped by hand." in page.read_text()
    status, _, err = studio("runs", "pause", "abc123")
    assert status == 1
    assert "studio train --resume abc123" in err
    ask("runs", "remove", "abc123")
    assert not run.exists()
    assert ask("runs", "list")["runs"] == []


def test_a_run_that_was_killed_is_told_as_broken_off(run: Path) -> None:
    ask("train", "--resume", "abc123", "--detach")
    wait_for(run, "progress")
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if words[-3:-1] == ["trainer", str(run)]:
            os.kill(int(line.parent.name), signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while is_locked(run / "lock"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert state_of(run) == "broken"


@pytest.mark.parametrize("action", ["stop", "model"])
def test_an_unknown_run_is_said_so(action: str, studio_home: Path) -> None:
    status, out, err = studio("runs", action, "nowhere")
    assert (status, out) == (1, "")
    assert "There is no run called “nowhere”" in err
    assert "studio runs list" in err
    assert "Traceback" not in err


def test_a_detached_run_that_cannot_begin_says_why(run: Path) -> None:
    (run / "spec.json").write_bytes(b"{}")
    status, _, err = studio("train", "--resume", "abc123", "--detach")
    assert status == 1
    assert "training recipe cannot be used" in err
