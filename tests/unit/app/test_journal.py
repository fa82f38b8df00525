"""The journal: what was done comes back, whatever happened to the file or the process."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.app.document import Document
from studio.app.journal import KEPT_SESSIONS, Journal, JournalState, restore
from studio.app.journal_records import decode_session, encode_snapshot, list_sessions
from studio.core.history import History
from studio.core.recipe import Recipe, new_recipe
from studio.files.appended import AppendedFile
from studio.files.frames import MAGIC, frame, read_frames

MODEL = "ab" * 32


def _recipe(seed: int) -> Recipe:
    return new_recipe(MODEL, seed)


def _shape(history: History) -> object:
    current = history.current
    return (history.nodes, current, history.visited_children)


def _move(document: Document, chance: random.Random) -> None:
    move = chance.choice(("edit", "edit", "edit", "undo", "redo", "jump", "drag"))
    if move == "edit":
        document.edit(_recipe(chance.randrange(10_000)))
    elif move == "drag":
        document.begin_gesture()
        for _ in range(3):
            document.edit(_recipe(chance.randrange(10_000)))
        document.end_gesture()
    elif move == "jump":
        document.jump(chance.randrange(1 + len(document.history.nodes)))
    else:
        document.undo() if move == "undo" else document.redo()


def _start(folder: Path) -> tuple[Document, Journal]:
    found = restore(folder)
    document = Document(found.history)
    journal = Journal(folder, document)
    journal.start()
    return document, journal


def test_five_hundred_random_moves_come_back(tmp_path: Path, qtbot: QtBot) -> None:
    chance = random.Random(11)
    document, journal = _start(tmp_path)
    for number in range(500):
        _move(document, chance)
        if number % 97 == 0:
            journal.stop()
            before = _shape(document.history)
            document, journal = _start(tmp_path)
            assert _shape(document.history) == before
    # Without stop(): what a killed process leaves.
    found = restore(tmp_path)
    assert _shape(found.history) == _shape(document.history)
    assert found.pending is None
    journal.stop()


def test_the_recipe_of_a_running_drag_comes_back(tmp_path: Path, qtbot: QtBot) -> None:
    document, journal = _start(tmp_path)
    document.edit(_recipe(1))
    document.begin_gesture()
    document.edit(_recipe(2))
    qtbot.waitUntil(lambda: restore(tmp_path).pending == _recipe(2))
    document.end_gesture()
    found = restore(tmp_path)
    assert found.pending is None
    assert found.history.current is not None
    assert found.history.current.recipe == _recipe(2)
    journal.stop()


def test_saved_is_said_only_after_the_disk_has_it(tmp_path: Path, qtbot: QtBot) -> None:
    document, journal = _start(tmp_path)
    states: list[JournalState] = []
    journal.state_changed.connect(states.append)
    document.edit(_recipe(1))
    assert [state.is_saved for state in states] == [False]
    qtbot.waitUntil(lambda: journal.state.is_saved)
    journal.stop()


def test_a_tail_torn_at_any_byte_loses_only_the_torn_step(tmp_path: Path) -> None:
    history = History()
    frames = [frame(f"step {number}".encode()) for number in range(4)]
    content = MAGIC + b"".join(frames)
    ends = [len(MAGIC) + sum(len(one) for one in frames[:count]) for count in range(5)]
    for cut in range(len(MAGIC), len(content) + 1):
        found = read_frames(content[:cut])
        assert found is not None
        assert len(found.payloads) == sum(cut >= end for end in ends[1:])
    for seed in range(3):
        history.add(_recipe(seed), made_at=0.0)
    whole = encode_snapshot(history, None)
    for cut in range(len(whole)):
        found_session = decode_session(whole[:cut])
        if cut < len(MAGIC):
            assert found_session is None
        else:
            assert found_session is not None
            assert len(found_session.history.nodes) <= 3


def test_a_flipped_byte_is_seen() -> None:
    content = bytearray(MAGIC + frame(b"one") + frame(b"two"))
    for place in range(len(MAGIC), len(content)):
        changed = bytearray(content)
        changed[place] ^= 0x10
        found = read_frames(bytes(changed))
        assert found is not None
        assert found.payloads != (b"one", b"two")
        assert found.num_torn_bytes > 0


@pytest.mark.parametrize(
    "content", [b"", b"not a journal", MAGIC, MAGIC + b"\xff" * 40, b"\0" * 4096]
)
def test_an_unreadable_journal_is_set_aside_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    document, journal = _start(tmp_path)
    document.edit(_recipe(4))
    journal.stop()
    bad = tmp_path / "99999999999999999999.journal"
    bad.write_bytes(content)
    found = restore(tmp_path)
    assert found.history.current is not None
    assert found.history.current.recipe == _recipe(4)
    assert [note.what for note in found.notes] == ["The journal of an earlier session is damaged."]
    assert not bad.exists()
    assert bad.with_suffix(".unreadable").read_bytes() == content


def test_the_last_ten_sessions_stay(tmp_path: Path, qtbot: QtBot) -> None:
    for seed in range(KEPT_SESSIONS + 3):
        document, journal = _start(tmp_path)
        document.edit(_recipe(seed))
        journal.stop()
    assert len(list_sessions(tmp_path)) == KEPT_SESSIONS
    assert len(restore(tmp_path).history.nodes) == KEPT_SESSIONS + 3


def test_a_folder_that_cannot_be_written_never_stops_the_start(
    tmp_path: Path, qtbot: QtBot
) -> None:
    blocked = tmp_path / "journal"
    blocked.write_bytes(b"a file where the folder should be")
    document, journal = _start(blocked)
    document.edit(_recipe(1))
    assert journal.state.error is not None
    blocked.unlink()
    journal.save_now()
    assert journal.state == JournalState(is_saved=True)
    assert restore(blocked).history.current is not None
    journal.stop()


def test_a_full_disk_in_the_middle_is_told_and_healed(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, journal = _start(tmp_path)
    document.edit(_recipe(1))

    def fail(file: AppendedFile, content: bytes) -> None:
        from studio.files.atomic import storage_error

        raise storage_error(OSError(28, "No space left on device"), file.path)

    with monkeypatch.context() as patch:
        patch.setattr(AppendedFile, "append", fail)
        document.edit(_recipe(2))
    assert journal.state.error is not None
    assert "disk is full" in journal.state.error.what
    document.edit(_recipe(3))
    journal.save_now()
    assert journal.state.is_saved
    assert len(restore(tmp_path).history.nodes) == 3
    journal.stop()


CHILD = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from studio.app.document import Document
from studio.app.journal import Journal, restore
from studio.core.recipe import new_recipe

app = QCoreApplication([])
folder = Path(sys.argv[1])
document = Document(restore(folder).history)
journal = Journal(folder, document)
if len(sys.argv) > 2:
    journal._append = lambda record: journal._note_change()  # the planted fault: nothing is written
journal.start()
number = 0

def step():
    global number
    number += 1
    document.begin_gesture()
    document.edit(new_recipe("ab" * 32, number))
    if number % 3:
        document.end_gesture()
    print(number, time.time(), flush=True)

timer = QTimer()
timer.timeout.connect(step)
timer.start(20)
app.exec()
"""


def _kill_after(folder: Path, seconds: float, *words: str) -> int:
    """Give how many steps of the last ones before 2 s ago were lost by a kill."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), *words], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            lines.append(child.stdout.readline())
        child.kill()
        killed_at = time.time()
        lines += child.stdout.readlines()
    due = [line.split() for line in lines if line.count(" ") == 1 and line.endswith("\n")]
    told = [int(number) for number, at in due if killed_at - float(at) > 2.0]
    found = restore(folder)
    seeds = {node.recipe.sources[0].seed for node in found.history.nodes}
    if found.pending is not None:
        seeds.add(found.pending.sources[0].seed)
    steps = {number for number in told if number % 3}
    return len(steps - seeds)


@pytest.mark.slow
def test_a_kill_loses_at_most_two_seconds(tmp_path: Path) -> None:
    assert _kill_after(tmp_path / "good", 2.6) == 0
    assert _kill_after(tmp_path / "planted", 2.6, "fault") > 0
