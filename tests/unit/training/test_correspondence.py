import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.core.errors import DiskFullError
from studio.files.appended import AppendedFile
from studio.protocol.codec import encode_line
from studio.protocol.training_messages import (
    Continue,
    Pause,
    Saved,
    Stop,
    TakeSnapshot,
    TrainerCommand,
    Yield,
)
from studio.training.correspondence import EventLog, Inbox


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    log = EventLog(tmp_path, has_mirror=False)
    inbox = Inbox(tmp_path, log)
    inbox.open(follows_stdin=False)
    yield inbox
    inbox.close()
    log.close()


def put(run: Path, number: int, command: TrainerCommand) -> None:
    part = run / "commands" / ".part"
    part.write_bytes(encode_line(command))
    part.rename(run / "commands" / f"{number}.json")


def told(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]


def wait_until_taken(run: Path, number: int) -> None:
    while (run / "commands" / f"{number}.json").exists():
        time.sleep(0.005)


def test_a_moving_hand_is_given_way_without_a_word(tmp_path: Path, inbox: Inbox) -> None:
    put(tmp_path, 1, Yield(seconds=0.3))
    wait_until_taken(tmp_path, 1)
    assert inbox.between() is False
    assert 0.05 < inbox.yielded_s < 5
    assert inbox.between() is False  # the hand rests again
    put(tmp_path, 2, TakeSnapshot())
    wait_until_taken(tmp_path, 2)
    assert [event["number"] for event in told(tmp_path)] == [2]
    assert inbox.has_snapshot_wish.is_set()


@pytest.mark.parametrize("command", [Pause(), Stop()])
def test_giving_way_ends_when_something_is_wanted(
    tmp_path: Path, inbox: Inbox, command: TrainerCommand
) -> None:
    put(tmp_path, 1, Yield(seconds=1e9))
    wait_until_taken(tmp_path, 1)
    answers: list[bool] = []
    resting = threading.Thread(target=lambda: answers.append(inbox.between()))
    resting.start()
    put(tmp_path, 2, command)
    resting.join(10)
    assert answers == [True]


def test_a_hand_that_moved_before_a_pause_holds_nothing_up_after_it(
    tmp_path: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: tuple[TrainerCommand, ...] = (Yield(seconds=1e9), Pause(), Continue())
    for number, command in enumerate(commands, start=1):
        put(tmp_path, number, command)
        wait_until_taken(tmp_path, number)
    monkeypatch.setattr(inbox.is_stopping, "wait", lambda _: pytest.fail("it waits"))
    assert inbox.between() is False


def test_what_a_full_disk_refuses_is_written_later_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = EventLog(tmp_path, has_mirror=False)
    log.tell(Saved(kimg=1.0))

    def full(self: AppendedFile, content: bytes) -> None:
        raise DiskFullError("The disk is full.", "Free some space.")

    with monkeypatch.context() as planted:
        planted.setattr(AppendedFile, "append_whole", full)
        log.tell(Saved(kimg=2.0))
        log.tell(Saved(kimg=3.0))
    log.tell(Saved(kimg=4.0))
    log.close()
    assert [event["kimg"] for event in told(tmp_path)] == [1.0, 2.0, 3.0, 4.0]
