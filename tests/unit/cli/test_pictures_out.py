"""Where pictures go: nothing is overwritten by mistake, and a bad place is said before the work."""

import os
from pathlib import Path

import pytest

from studio.cli.pictures_out import plan_file, plan_folder
from studio.core.errors import StorageError


def test_an_existing_picture_is_never_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(StorageError, match="already there"):
        plan_file(path, force=False)
    assert plan_file(path, force=True) == path


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        plan_file(tmp_path / "missing" / "a.png", force=False)


def test_a_folder_is_no_file_name(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is a folder"):
        plan_file(tmp_path, force=True)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="is a file"):
        plan_folder(tmp_path / "file", ["a"], suffix=".png", force=False)


def test_a_new_folder_needs_the_one_above_it(tmp_path: Path) -> None:
    assert plan_folder(tmp_path / "new", ["a"], suffix=".png", force=False) == [
        tmp_path / "new" / "a.png"
    ]
    with pytest.raises(StorageError, match="does not exist"):
        plan_folder(tmp_path / "new" / "newer", ["a"], suffix=".png", force=False)


def test_taken_names_get_a_number_and_no_two_pictures_one_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    paths = plan_folder(tmp_path, ["a", "b", "a"], suffix=".png", force=False)
    assert [path.name for path in paths] == ["a-2.png", "b.png", "a-3.png"]


def test_force_replaces_old_pictures_but_not_those_of_the_same_call(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    paths = plan_folder(tmp_path, ["a", "a"], suffix=".png", force=True)
    assert [path.name for path in paths] == ["a.png", "a-2.png"]


def test_a_read_only_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A test may run as root, who may write anywhere: ask the system as somebody else would.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(StorageError, match="cannot be written"):
        plan_file(tmp_path / "a.png", force=False)
