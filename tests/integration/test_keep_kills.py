"""Killed at any moment while keeping: nothing corrupt, nothing lost that was shown as kept."""

import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from studio.core.arrays import pixel_hash
from studio.files.images import decode_picture
from studio.library.gallery import Gallery, Kept
from studio.library.gallery_index import INDEX_FILE
from studio.opener.recipe_reader import read_recipe_text
from tests.integration.keeping_child import PURGE_AT, do_deed, keep_until_killed, run_one_deed

pytestmark = pytest.mark.slow

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.integration.keeping_child"])
# A home gets a new one after so many kills, or reading everything after each would take longest.
KILLS_PER_HOME = 20


@dataclass
class Told:
    """What the child said: the state of each picture, and the one deed it was at."""

    deed_by_id: dict[str, set[str]] = field(default_factory=dict)
    pending: tuple[str, str] = ("none", "")
    failures: list[str] = field(default_factory=list)

    def take(self, message: str) -> None:
        """Take one message."""
        when, deed, item_id = message.split("\t")
        if when == "failed":
            self.failures.append(item_id)
        elif when == "try":
            self.pending = (deed, item_id)
        else:
            self.pending = ("none", "")
            deeds = self.deed_by_id.setdefault(item_id, set())
            if deed in ("trash", "restore"):
                deeds -= {"trash", "restore"}
            deeds.add(deed)

    def forget_pending(self) -> None:
        """Take the pending deed as possible for good: the next child does not know of it."""
        deed, item_id = self.pending
        if deed in ("trash", "restore"):
            self.deed_by_id[item_id] -= {"trash", "restore"}
            self.deed_by_id[item_id].add("unsure")
        self.pending = ("none", "")


def kill_one(home: Path, told: Told, *, source: random.Random, is_naive: bool) -> None:
    """Let a child keep some pictures and kill it a moment after that."""
    ours, theirs = FORKS.Pipe(duplex=False)
    seed, num_keeps = source.randrange(2**31), source.randrange(25)
    moment_s = source.choice([0.0, source.uniform(0, 0.005), source.uniform(0, 0.05)])
    child = FORKS.Process(target=keep_until_killed, args=(str(home), theirs, seed, is_naive))
    child.start()
    theirs.close()
    while num_keeps >= 0:
        assert ours.poll(60), "the child stands still"
        message = ours.recv_bytes().decode()
        told.take(message)
        num_keeps -= message.startswith(("try\tkeep", "failed"))
    time.sleep(moment_s)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join(10)
    assert child.exitcode == -signal.SIGKILL, "the child ended by itself"
    child.close()
    told_all(ours, told)


def told_all(ours: Connection, told: Told) -> None:
    """Read what is in the pipe after the child is gone."""
    with ours:
        while True:
            try:
                told.take(ours.recv_bytes().decode())
            except EOFError:
                return


def problems_in(home: Path, told: Told) -> list[str]:
    """Give everything that is corrupt or lost, as words."""
    found: list[str] = list(told.failures)
    with Gallery(home) as gallery:
        found += [f"corrupt: {kept.id}" for kept in gallery.verify().damaged]
        states = _states(gallery)
        for item_id, deeds in told.deed_by_id.items():
            if item_id not in states:
                found.append(f"lost: {item_id}")
            else:
                kept, in_trash = states[item_id]
                found += _wrong_states(kept, in_trash, deeds, told.pending)
                found += _wrong_pixels(gallery, kept)
        report = gallery.rebuild_index()
        if report.num_damaged or _states(gallery) != states:
            found.append("the index made anew is another")
    return found


def _states(gallery: Gallery) -> dict[str, tuple[Kept, bool]]:
    kept = {item.id: (item, False) for item in gallery.items()}
    return kept | {item.id: (item, True) for item in gallery.items(in_trash=True)}


def _wrong_states(
    kept: Kept, in_trash: bool, deeds: set[str], pending: tuple[str, str]
) -> Iterator[str]:
    moves = {("trash", kept.id), ("restore", kept.id)}
    is_sure = "unsure" not in deeds and pending not in moves
    if is_sure and in_trash != ("trash" in deeds):
        yield f"bin: {kept.id}"
    if "star" in deeds and not kept.starred:
        yield f"star lost: {kept.id}"
    if "tag" in deeds and kept.tags != ("tagged",):
        yield f"tag lost: {kept.id}"
    if "rename" in deeds and kept.name != "renamed":
        yield f"name lost: {kept.id}"


def _wrong_pixels(gallery: Gallery, kept: Kept) -> Iterator[str]:
    path = gallery.picture_path(kept)
    if not path.is_file():
        yield f"lost picture: {kept.id}"
    elif not kept.is_damaged and pixel_hash(decode_picture(path.read_bytes())) != kept.pixel_hash:
        yield f"other pixels: {kept.id}"


def kill_many(folder: Path, *, num_kills: int, is_naive: bool) -> tuple[list[str], int]:
    """Kill that often; give the problems and how many pictures were shown as kept."""
    source = random.Random(20261124)
    problems: list[str] = []
    num_kept = 0
    home, told = folder / "0", Told()
    for number in range(num_kills):
        if number % KILLS_PER_HOME == 0:
            shutil.rmtree(home, ignore_errors=True)
            num_kept += len(told.deed_by_id)
            home, told = folder / str(number), Told()
        kill_one(home, told, source=source, is_naive=is_naive)
        problems += problems_in(home, told)
        told.forget_pending()
        if is_naive and problems:
            break
    return problems, num_kept + len(told.deed_by_id)


def test_nothing_is_corrupt_or_lost_after_kills_while_keeping(
    tmp_path: Path, rounds: Callable[[int], int], record_property: Callable[[str, object], None]
) -> None:
    num_kills = rounds(200)
    problems, num_kept = kill_many(tmp_path, num_kills=num_kills, is_naive=False)
    record_property("kills", num_kills)
    record_property("kept", num_kept)
    print(f"{num_kills} kills, {num_kept} pictures shown as kept")
    assert problems == []


def test_the_same_harness_finds_a_naive_writer(tmp_path: Path) -> None:
    problems, _ = kill_many(tmp_path, num_kills=60, is_naive=True)
    assert any(problem.startswith("corrupt") for problem in problems)


@pytest.mark.parametrize("deed", ["keep", "star", "trash", "restore", "purge", "export"])
def test_a_kill_at_every_step_of_a_deed_leaves_before_or_after(deed: str, tmp_path: Path) -> None:
    from tests.fakes.galleries import keep_one

    before = tmp_path / "before"
    with Gallery(before) as gallery:
        item_id = keep_one(gallery, 1).id
        other_id = keep_one(gallery, 2).id
        if deed in ("restore", "purge"):
            gallery.move_to_trash(item_id)
        for looks_before in range(10, 0, -1) if deed == "purge" else ():
            assert gallery.purge_old(now=PURGE_AT - looks_before * 3 * 86_400) == 0
    (before / INDEX_FILE).stat()
    for step in range(1, 1000):
        home = tmp_path / str(step)
        shutil.copytree(before, home)
        child = FORKS.Process(target=run_one_deed, args=(str(home), deed, item_id, step))
        child.start()
        child.join(30)
        exitcode = child.exitcode
        child.close()
        with Gallery(home) as gallery:
            states = _states(gallery)
            assert gallery.verify().damaged == (), (deed, step)
            assert other_id in states
            assert item_id in states or deed == "purge"
            # The same deed goes through afterwards.
            if item_id in states and deed != "purge":
                do_deed(gallery, deed, item_id)
            for exported in (home / "out").glob("*.png"):
                assert read_recipe_text(exported.read_bytes()).recipe is not None
                decode_picture(exported.read_bytes())
            rebuilt = gallery.rebuild_index()
            assert rebuilt.num_damaged == 0
        shutil.rmtree(home)
        if exitcode == 0:
            assert step > 8  # every deed has at least one file to write, sync and rename
            return
        assert exitcode == -signal.SIGKILL
    pytest.fail("the deed never ended")
