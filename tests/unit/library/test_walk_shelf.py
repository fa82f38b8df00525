"""Walks on disk: whole or as before, and one broken file never hides the others."""

import errno
import uuid
from pathlib import Path

import pytest
from msgspec.structs import replace

from studio.core.errors import DiskFullError
from studio.library.walk_shelf import FOLDER, SavedWalk, WalkShelf
from tests.fakes.disks import FaultyDisk, raise_error
from tests.fakes.walks import seeds_walk


def saved_walk(*seeds: int, at: float = 1.0) -> SavedWalk:
    return SavedWalk(uuid.uuid4().hex, seeds_walk(*seeds), "/music/song.wav", at)


def test_walks_come_back_with_the_last_one_first(tmp_path: Path) -> None:
    one, two = saved_walk(1, 2), saved_walk(3, at=2.0)
    for saved in (two, one):
        WalkShelf(tmp_path).save(saved)
    assert WalkShelf(tmp_path).read_all() == (two, one)
    WalkShelf(tmp_path).remove(two.id)
    assert WalkShelf(tmp_path).read_all() == (one,)


def test_a_broken_walk_is_left_alone_and_hides_no_other(tmp_path: Path) -> None:
    one = saved_walk(1)
    WalkShelf(tmp_path).save(one)
    for name, content in (("ab" * 16, b"{"), ("cd" * 16, b'{"walk":{}}'), ("notes", b"x")):
        (tmp_path / FOLDER / f"{name}.json").write_bytes(content)
    assert WalkShelf(tmp_path).read_all() == (one,)
    assert len(list((tmp_path / FOLDER).iterdir())) == 4


def test_a_full_disk_leaves_the_old_walk(tmp_path: Path) -> None:
    one = saved_walk(1)
    WalkShelf(tmp_path).save(one)
    disk = FaultyDisk(2, raise_error(errno.ENOSPC))
    with pytest.raises(DiskFullError, match="full"):
        WalkShelf(tmp_path, disk=disk).save(replace(one, walk=seeds_walk(1, 2)))
    assert WalkShelf(tmp_path).read_all() == (one,)


def test_an_id_is_never_a_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no id"):
        WalkShelf(tmp_path).save(SavedWalk("../x", seeds_walk(1)))
