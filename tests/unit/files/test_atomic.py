"""A name holds the old or the new bytes, whole, whatever happens on the way."""

import errno
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StorageError
from studio.files.atomic import (
    TEMP_PREFIX,
    remove_parts,
    storage_error,
    write_atomic,
    write_bytes_atomic,
)
from tests.fakes.disks import FaultyDisk, raise_error


@pytest.mark.parametrize("has_old", [True, False])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_fault_at_any_step_leaves_old_or_new_and_no_scraps(
    tmp_path: Path, has_old: bool, number: int
) -> None:
    path = tmp_path / "a" / "b" / "file"
    new = b"new" * 1000
    for step in range(1, 50):
        if has_old:
            write_bytes_atomic(path, b"old")
        disk = FaultyDisk(step, raise_error(number))
        try:
            write_bytes_atomic(path, new, disk=disk)
        except StorageError:
            found = path.read_bytes() if path.exists() else None
            assert found in ((b"old", new) if has_old else (None, new))
            assert not list(tmp_path.rglob(f"{TEMP_PREFIX}*"))
        else:
            assert path.read_bytes() == new
            assert step > 6
            return
        path.unlink(missing_ok=True)
    pytest.fail("the write never ended")


def test_a_writer_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_bytes_atomic(path, b"old")

    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_atomic(path, fail)
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


@given(content=st.binary(max_size=3000))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "file"
    write_bytes_atomic(path, content)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "full"),
        (errno.EACCES, "cannot be written to"),
        (errno.EROFS, "cannot be written to"),
        (errno.EIO, "could not be saved"),
    ],
)
def test_each_error_of_the_disk_is_one_sentence(number: int, word: str) -> None:
    error = storage_error(OSError(number, "text"), Path("/srv/somebody/pictures/x.png"))
    assert word in error.what
    assert error.what.endswith(".")
    assert "somebody" not in error.what


def test_a_folder_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "inside").touch()
    with pytest.raises(StorageError):
        write_bytes_atomic(tmp_path / "file", b"x")
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def test_scraps_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / f"{TEMP_PREFIX}x").touch()
    (tmp_path / "mine").touch()
    assert remove_parts(tmp_path) == 1
    assert remove_parts(tmp_path / "missing") == 0
    assert [item.name for item in tmp_path.iterdir()] == ["mine"]
