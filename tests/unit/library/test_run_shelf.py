"""Runs as they are found on the disk, whoever started them."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.core.errors import TrainingError
from studio.files.run_lock import RunLock
from studio.library.run_shelf import find_run, list_runs, read_run, remove, send
from studio.protocol.codec import Message, encode_line
from studio.protocol.training_messages import (
    Acknowledged,
    Exported,
    Failed,
    Finished,
    ModelWish,
    Pause,
    Paused,
    Progress,
    RunJob,
    Started,
    Waiting,
)

STARTED = Started(kimg=0, total_kimg=20, num_pictures=30, threads=1)
PROGRESS = Progress(
    kimg=2.5,
    total_kimg=20,
    resolution=16,
    images_per_s=9,
    seconds=300,
    seconds_left=2000,
    critic_loss=None,
    generator_loss=None,
    real_score=0,
    fake_score=0,
)


def make_run(home: Path, key: str, *events: Message, name: str = "Mine") -> Path:
    folder = home / "runs" / key
    folder.mkdir(parents=True)
    (folder / "job.json").write_bytes(encode_line(RunJob(wish=ModelWish(name=name))))
    (folder / "events.jsonl").write_bytes(b"".join(map(encode_line, events)))
    return folder


@pytest.mark.parametrize(
    ("events", "alive", "dead"),
    [
        ([], "running", "prepared"),
        ([STARTED, PROGRESS], "running", "broken"),
        ([STARTED, Paused(kimg=1)], "paused", "broken"),
        ([STARTED, Paused(kimg=1), PROGRESS], "running", "broken"),
        ([STARTED, Waiting(why="disk", need_bytes=9)], "waiting", "broken"),
        ([STARTED, Finished(kimg=9, reason="stopped")], "making", "stopped"),
        ([STARTED, Finished(kimg=9, reason="best")], "making", "finished"),
        ([Finished(kimg=9, reason="done"), Exported("m", "r")], "running", "finished"),
        ([STARTED, Failed(what="No.", way_out="Yes.")], "running", "failed"),
        ([Failed(what="No.", way_out="Yes."), STARTED], "running", "broken"),
    ],
)
def test_a_run_stands_as_its_events_and_its_lock_say(
    tmp_path: Path, events: list[Message], alive: str, dead: str
) -> None:
    folder = make_run(tmp_path, "a1", *events)
    assert read_run(folder).standing == dead
    with RunLock(folder / "lock"):
        assert read_run(folder).standing == alive


def test_the_newest_run_comes_first_and_other_folders_are_no_runs(tmp_path: Path) -> None:
    import os

    for place, key in enumerate(("old", "new")):
        folder = make_run(tmp_path, key, STARTED, PROGRESS)
        os.utime(folder / "job.json", (1000 + place, 1000 + place))
    (tmp_path / "runs" / "other").mkdir()
    (tmp_path / "runs" / ".gone-x").mkdir()
    (tmp_path / "runs" / "file").write_bytes(b"")
    found = list_runs(tmp_path)
    assert [run.id for run in found] == ["new", "old"]
    assert (found[0].name, found[0].state.kimg, found[0].state.seconds) == ("Mine", 2.5, 300)
    assert list_runs(tmp_path / "nowhere") == ()


def test_lines_that_a_kill_cut_are_passed_over(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a1", STARTED, PROGRESS)
    with (folder / "events.jsonl").open("ab") as file:
        file.write(b'{"type":"progress","kim\n' + encode_line(Finished(kimg=3, reason="done")))
        file.write(b'{"type":"fin')
    assert read_run(folder).state.kimg == 3


@pytest.mark.parametrize("wish", ["", ".", "..", "zz", "../runs/abc1", "ab", "a/b"])
def test_an_unknown_or_unclear_run_is_said_so(tmp_path: Path, wish: str) -> None:
    make_run(tmp_path, "abc1")
    make_run(tmp_path, "abd2")
    with pytest.raises(TrainingError, match=r"no run called|Several runs"):
        find_run(tmp_path, wish)


def test_a_run_is_found_by_id_beginning_or_folder(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "abc1")
    make_run(tmp_path, "abc12")
    assert find_run(tmp_path, "abc1").folder == folder
    assert find_run(tmp_path, "abc12").id == "abc12"
    assert find_run(tmp_path, str(folder)).id == "abc1"


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Path]:
    """A run whose trainer acknowledges every command."""
    folder = make_run(tmp_path, "a1", STARTED)
    is_over = threading.Event()

    def obey() -> None:
        with RunLock(folder / "lock"):
            while not is_over.wait(0.01):
                for path in (folder / "commands").glob("[0-9]*.json"):
                    with (folder / "events.jsonl").open("ab") as file:
                        file.write(encode_line(Acknowledged(number=int(path.stem))))
                    path.unlink()

    thread = threading.Thread(target=obey)
    thread.start()
    while not read_run(folder).is_alive:
        time.sleep(0.01)
    yield folder
    is_over.set()
    thread.join()


def test_a_command_is_sent_until_it_was_read(listener: Path) -> None:
    send(read_run(listener), Pause(), patience_s=30)
    assert '"acknowledged"' in (listener / "events.jsonl").read_text()


def test_nobody_there_and_nobody_answering_are_said(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a1", STARTED)
    with pytest.raises(TrainingError, match="No trainer is at work"):
        send(read_run(folder), Pause(), patience_s=1)
    with RunLock(folder / "lock"), pytest.raises(TrainingError, match="does not answer"):
        send(read_run(folder), Pause(), patience_s=0.1)


def test_a_run_at_work_is_not_removed(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a1", STARTED)
    with RunLock(folder / "lock"), pytest.raises(TrainingError, match="Stop it first"):
        remove(read_run(folder))
    assert folder.is_dir()
    remove(read_run(folder))
    assert list((tmp_path / "runs").iterdir()) == []
